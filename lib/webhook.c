/* webhook.c - see webhook.h */
#include "webhook.h"

#include <stdlib.h>

int aif_webhook_event(struct aif_text *text, const char *hash, uint64_t seq, bool correction, int64_t at,
                      const struct aif_record *record, struct aif_error *err)
{
    char *canonical;
    int rc;

    if (aif_record_canonical(record, &canonical, err) < 0)
        return -1;
    rc = aif_text_printf(text, "{\"version\":1,\"id\":\"%s\",\"seq\":%llu,\"kind\":\"%s\",\"at\":%lld,\"record\":%s}", hash,
                         (unsigned long long)seq, correction ? "correction" : "job", (long long)at, canonical);
    free(canonical);
    return rc < 0 ? aif_error_set(err, AIF_ENOMEM, "out of memory") : 0;
}
