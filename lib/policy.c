/* policy.c - see policy.h */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "jsonschema.h"
#include "names.h"
#include "policymodes.h"
#include "policyplaces.h"
#include "rules.h"

#define PATH_MAX_TEXT 4095
#define DAY_SECONDS 86400

static int read_tres(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    static const char gpu[] = "gres/gpu";
    char **text = ret_value;
    const char *rest;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    aif_names_lower(*text);
    rest = *text + strlen(gpu);
    if (strncmp(*text, gpu, strlen(gpu)) || (*rest && *rest != ':') || strpbrk(rest, " ,=/"))
        return aif_jsonschema_range(node, "gres/gpu or gres/gpu:<type>", err);
    return 0;
}

static int read_path(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    char **text = ret_value;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    return **text == '/' ? 0 : aif_jsonschema_range(node, "an absolute path", err);
}

static int read_excess(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    static const char *const words[] = {"reject", "cap", NULL};
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, words, &index, err))
        return -1;
    *(enum aif_excess *)ret_value = index ? AIF_EXCESS_CAP : AIF_EXCESS_REJECT;
    return 0;
}

static int read_foreign(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    static const char *const words[] = {"ignore", "reject", NULL};
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, words, &index, err))
        return -1;
    *(bool *)ret_value = index == 1;
    return 0;
}

/* ---- placement and reporting ---- */

static int read_placement(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"enabled", AIF_JSON_BOOL, true, aif_jsonschema_bool,
         offsetof(struct aif_policy, placement), 0, 0},
        {"partitions", AIF_JSON_ARRAY, false, aif_jsonschema_texts,
         offsetof(struct aif_policy, placement_partitions), 1, AIF_PARTITIONS_MAX},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

static int read_url(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                    void *ret_value, struct aif_error *err)
{
    static const char scheme[] = "https://";
    char **text = ret_value;
    char *host, *end;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    if (strchr(*text, '@')) /* not repeated in the message: it may hold a password */
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, "take the name out; the token goes into token_file", err,
            "out of range: a URL with a user name, limit https://<host>[:<port>][/<path>]");
    host = *text + strlen(scheme);
    if (strncmp(*text, scheme, strlen(scheme)) || !*host || *host == '/' ||
        strpbrk(host, " ?#\\\""))
        return aif_jsonschema_range(
            node, "https://<host>[:<port>][/<path>] (the token travels with it)", err);
    for (end = host + strlen(host); end > host && end[-1] == '/'; end--)
        end[-1] = '\0';
    return 0;
}

#define REPORT(member) offsetof(struct aif_policy, report.member)
static int read_waldur(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"url", AIF_JSON_TEXT, true, read_url, REPORT(waldur_url), 1, 1023},
        {"token_file", AIF_JSON_TEXT, true, read_path, REPORT(waldur_token_file), 1, PATH_MAX_TEXT},
        {"ca_file", AIF_JSON_TEXT, false, read_path, REPORT(waldur_ca_file), 1, PATH_MAX_TEXT},
        {"component", AIF_JSON_TEXT, true, aif_jsonschema_text, REPORT(waldur_component), 1, 127},
        {"node_component", AIF_JSON_TEXT, false, aif_jsonschema_text, REPORT(waldur_node_component), 1, 127},
        {"timeout", AIF_JSON_INT, false, aif_jsonschema_u32, REPORT(waldur_timeout), 1, 600},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

static int read_report(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"ledger", AIF_JSON_TEXT, false, read_path, REPORT(ledger), 1, PATH_MAX_TEXT},
        {"interval", AIF_JSON_INT, false, aif_jsonschema_u32, REPORT(interval), 1, DAY_SECONDS},
        {"overlap", AIF_JSON_INT, false, aif_jsonschema_u32, REPORT(overlap), 0, 366 * DAY_SECONDS},
        {"waldur", AIF_JSON_OBJECT, false, read_waldur, 0, 0, 0},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

/* ---- the file ---- */

/* Residency comes before modes: their expressions may name its groups. */
#define POLICY(member) offsetof(struct aif_policy, member)
static const struct aif_jsonfield policy_fields[] = {
    {"version", AIF_JSON_INT, true, aif_jsonschema_checked, 0, 1, 1},
    {"cluster", AIF_JSON_TEXT, true, aif_jsonschema_slurm_name, POLICY(cluster), 1, 40},
    {"parent_account", AIF_JSON_TEXT, false, aif_jsonschema_slurm_name, POLICY(parent_account), 1,
     AIF_NAMES_LENGTH_MAX},
    {"qos_prefix", AIF_JSON_TEXT, false, aif_jsonschema_slurm_name, POLICY(qos_prefix), 0, 32},
    {"gpu_tres", AIF_JSON_TEXT, false, read_tres, POLICY(gpu_tres), 1, 127},
    {"time_excess", AIF_JSON_TEXT, false, read_excess, POLICY(time_excess), 0, 0},
    {"foreign_jobs", AIF_JSON_TEXT, false, read_foreign, POLICY(foreign_reject), 0, 0},
    {"residency", AIF_JSON_OBJECT, false, aif_policyplaces_read, 0, 0, 0},
    {"modes", AIF_JSON_OBJECT, true, aif_policymodes_read, 0, 0, 0},
    {"placement", AIF_JSON_OBJECT, false, read_placement, 0, 0, 0},
    {"report", AIF_JSON_OBJECT, false, read_report, 0, 0, 0},
    {0},
};

static struct aif_policy *create_defaults(void)
{
    struct aif_policy *policy = calloc(1, sizeof(*policy));

    if (!policy)
        return NULL;
    policy->home_country = -1;
    policy->parent_account = strdup("root");
    policy->qos_prefix = strdup("");
    policy->gpu_tres = strdup("gres/gpu");
    policy->report.ledger = strdup("/var/lib/slurm-aif/ledger.db");
    policy->report.interval = 300;
    policy->report.overlap = DAY_SECONDS;
    policy->report.waldur_timeout = 30;
    if (policy->parent_account && policy->qos_prefix && policy->gpu_tres && policy->report.ledger)
        return policy;
    aif_policy_destroy(policy);
    return NULL;
}

int aif_policy_parse(const char *text, size_t length, const char *name,
                     struct aif_policy **ret_policy, struct aif_error *err)
{
    struct aif_jsonfile *file = NULL;
    struct aif_policy *policy;
    struct aif_jsonnode root;
    int rc;

    if (aif_jsonfile_parse(text, length, name, &file, err))
        return -1;
    policy = create_defaults();
    if (policy) {
        file->context = policy;
        root = aif_jsonschema_root(file);
        rc = aif_jsonschema_object(&root, policy_fields, policy, err);
    } else {
        rc = aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    }
    aif_jsonfile_destroy(file);
    if (rc)
        aif_policy_destroy(policy);
    else
        *ret_policy = policy;
    return rc;
}

int aif_policy_load(const char *path, struct aif_policy **ret_policy, struct aif_error *err)
{
    char *text = NULL;
    size_t length = 0;
    int rc;

    if (aif_jsonfile_read(path, &text, &length, err))
        return -1;
    rc = aif_policy_parse(text, length, path, ret_policy, err);
    free(text);
    return rc;
}

static void free_report(struct aif_report_conf *report)
{
    free(report->ledger);
    free(report->waldur_url);
    free(report->waldur_token_file);
    free(report->waldur_ca_file);
    free(report->waldur_component);
    free(report->waldur_node_component);
}

void aif_policy_destroy(struct aif_policy *policy)
{
    if (!policy)
        return;
    free(policy->cluster);
    free(policy->parent_account);
    free(policy->qos_prefix);
    free(policy->gpu_tres);
    aif_policymodes_free(policy);
    aif_policyplaces_free(policy);
    aif_jsonschema_texts_destroy(policy->placement_partitions);
    free_report(&policy->report);
    free(policy);
}

const struct aif_mode *aif_policy_mode(const struct aif_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->mode_count; i++)
        if (!aif_names_compare(policy->modes[i].name, name))
            return &policy->modes[i];
    return NULL;
}

const struct aif_mode *aif_policy_mode_by_code(const struct aif_policy *policy, const char *code)
{
    for (size_t i = 0; i < policy->mode_count; i++)
        if (policy->modes[i].code && !aif_names_compare(policy->modes[i].code, code))
            return &policy->modes[i];
    return NULL;
}

const char *aif_policy_mode_suggest(const struct aif_policy *policy, const char *name)
{
    const struct aif_mode *mode = aif_policy_mode_by_code(policy, name);
    struct aif_names_search search = {.wanted = name};

    if (mode)
        return mode->name;
    for (size_t i = 0; i < policy->mode_count; i++)
        aif_names_offer(&search, policy->modes[i].name);
    return search.best;
}
