/* policyreport.c - see policyreport.h */
#include "policyreport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policysinks.h"

#define PATH_MAX_TEXT 4095
#define DAY_SECONDS 86400

static int read_users(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                      struct aif_error *err)
{
    static const char *const words[] = {"plain", "pseudonym", "none", NULL};

    (void)field;
    return aif_jsonschema_choice(node, words, ret_value, err);
}

#define REPORT(member) offsetof(struct aif_policy, report.member)
int aif_policyreport_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"ledger", AIF_JSON_TEXT, false, aif_policysinks_path, REPORT(ledger), 1, PATH_MAX_TEXT},
        {"balances", AIF_JSON_TEXT, false, aif_policysinks_path, REPORT(balances), 1, PATH_MAX_TEXT},
        {"interval", AIF_JSON_INT, false, aif_jsonschema_u32, REPORT(interval), 1, DAY_SECONDS},
        {"overlap", AIF_JSON_INT, false, aif_jsonschema_u32, REPORT(overlap), 0, 366 * DAY_SECONDS},
        {"key", AIF_JSON_TEXT, false, aif_policysinks_path, REPORT(key), 1, PATH_MAX_TEXT},
        {"users", AIF_JSON_TEXT, false, read_users, REPORT(users), 0, 0},
        {"users_key", AIF_JSON_TEXT, false, aif_policysinks_path, REPORT(users_key), 1, PATH_MAX_TEXT},
        {"checkpoint", AIF_JSON_INT, false, aif_jsonschema_u32, REPORT(checkpoint), 1, 1000000},
        {"reconcile", AIF_JSON_INT, false, aif_jsonschema_u32, REPORT(reconcile), 0, 31 * DAY_SECONDS},
        {"retain_months", AIF_JSON_INT, false, aif_jsonschema_u32, REPORT(retain_months), 0, 1200},
        {"metrics", AIF_JSON_TEXT, false, aif_policysinks_path, REPORT(metrics), 1, PATH_MAX_TEXT},
        {"sinks", AIF_JSON_OBJECT, false, aif_policysinks_read, 0, 0, 0},
        {"waldur", AIF_JSON_OBJECT, false, aif_policysinks_read_waldur, 0, 0, 0},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

int aif_policyreport_init(struct aif_report_conf *report)
{
    report->ledger = strdup("/var/lib/slurm-aif/ledger.db");
    report->interval = 300;
    report->overlap = DAY_SECONDS;
    report->checkpoint = 1000;
    report->reconcile = DAY_SECONDS;
    return report->ledger ? 0 : -1;
}

/* Unless the file was named: it lies beside the ledger. */
static int beside(const struct aif_report_conf *report, const char *name, char **path)
{
    int directory = (int)(strrchr(report->ledger, '/') - report->ledger);

    if (*path || asprintf(path, "%.*s/%s", directory, report->ledger, name) >= 0)
        return 0;
    *path = NULL;
    return -1;
}

int aif_policyreport_finish(struct aif_report_conf *report)
{
    if (beside(report, "balances.json", &report->balances))
        return -1;
    if (beside(report, "users.key", &report->users_key))
        return -1;
    return beside(report, "ledger.key", &report->key);
}

void aif_policyreport_free(struct aif_report_conf *report)
{
    free(report->ledger);
    free(report->balances);
    free(report->key);
    free(report->users_key);
    free(report->metrics);
    aif_policysinks_free(report);
}
