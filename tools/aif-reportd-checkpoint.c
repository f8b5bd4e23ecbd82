/* aif-reportd-checkpoint.c - signing the ledger now and then; see aif-reportd.h */
#include "config.h"

#include <time.h>

#include "aif-reportd.h"

#define LONGEST (24 * 3600) /* seconds that events wait for a signature, however few they are */

static int sign(struct aif_reportd *reportd, const struct aif_signkey *key, struct aif_error *err)
{
    const struct aif_report_conf *conf = &reportd->snapshot->policy->report;
    const int64_t now = time(NULL);
    struct aif_ledger_signing signing;

    if (aif_ledger_signing(reportd->ledger, &signing, err) < 0)
        return -1;
    if (!signing.open || (signing.key[0] && signing.open < conf->checkpoint && now - signing.at < LONGEST))
        return 0;
    return aif_ledger_checkpoint(reportd->ledger, key, now, err);
}

int aif_reportd_checkpoint(struct aif_reportd *reportd)
{
    struct aif_signkey *key;
    struct aif_error err = {0};
    int rc = aif_signkey_load(reportd->snapshot->policy->report.key, &key, &err);

    if (rc == 0) {
        rc = sign(reportd, key, &err);
        aif_signkey_destroy(key);
    } else if (err.code == AIF_ENOENT) {
        rc = 0; /* the site has no key: the chain alone has to do */
    }
    if (rc < 0)
        aif_reportd_log_change(TOPIC_CHECKPOINT, "ledger not signed: %s", err.text);
    else
        aif_reportd_log_fine(TOPIC_CHECKPOINT);
    return rc;
}
