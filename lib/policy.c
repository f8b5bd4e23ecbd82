/* policy.c - see policy.h */
#include "policy.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonschema.h"
#include "names.h"
#include "nametable.h"
#include "policybudget.h"
#include "policycharge.h"
#include "policyenforce.h"
#include "policylane.h"
#include "policymodes.h"
#include "policyplaces.h"
#include "policyreport.h"
#include "policyshares.h"
#include "rules.h"

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

/* ---- the file ---- */

/* Residency comes before modes, whose expressions may name its groups; shares, which name modes,
 * after. */
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
    {"carrier", AIF_JSON_TEXT, false, aif_policybudget_read_carrier, POLICY(carrier), 0, 0},
    {"charge", AIF_JSON_OBJECT, false, aif_policycharge_read_units, 0, 0, 0},
    {"budget", AIF_JSON_OBJECT, false, aif_policybudget_read, 0, 0, 0},
    {"notice_below", AIF_JSON_INT, false, aif_jsonschema_u32, POLICY(notice_below), 0, 100},
    {"hold", AIF_JSON_ARRAY, false, aif_policybudget_read_holds, 0, 0, 0},
    {"enforce", AIF_JSON_ANY, false, aif_policyenforce_read, POLICY(enforce), 0, 0},
    {"residency", AIF_JSON_OBJECT, false, aif_policyplaces_read, 0, 0, 0},
    {"modes", AIF_JSON_OBJECT, true, aif_policymodes_read, 0, 0, 0},
    {"shares", AIF_JSON_ARRAY, false, aif_policyshares_read, 0, 0, 0},
    {"lanes", AIF_JSON_OBJECT, false, aif_policylane_read_all, POLICY(lanes), 0, 0},
    {"placement", AIF_JSON_OBJECT, false, aif_policyplacement_read, POLICY(placement), 0, 0},
    {"report", AIF_JSON_OBJECT, false, aif_policyreport_read, 0, 0, 0},
    {0},
};

static struct aif_policy *create_defaults(void)
{
    struct aif_policy *policy = calloc(1, sizeof(*policy));

    if (!policy)
        return NULL;
    policy->home_country = -1;
    policy->charge[AIF_UNIT_GPU_HOUR] = (struct aif_charge){AIF_CHARGE_GPU, AIF_MILLION};
    policy->charge[AIF_UNIT_NODE_HOUR] = (struct aif_charge){AIF_CHARGE_NODE, AIF_MILLION};
    policy->recheck = 30;
    aif_policylane_init(&policy->lanes);
    aif_policyplacement_init(&policy->placement);
    policy->parent_account = strdup("root");
    policy->qos_prefix = strdup("");
    policy->gpu_tres = strdup("gres/gpu");
    if (!aif_policyreport_init(&policy->report) && policy->parent_account && policy->qos_prefix &&
        policy->gpu_tres)
        return policy;
    aif_policy_destroy(policy);
    return NULL;
}

/* Free what cannot go on. */
static struct aif_policy *create_seeded(const struct aif_membership *membership, time_t when)
{
    struct aif_policy *policy = create_defaults();

    if (!policy || !aif_policyplaces_seed(policy, membership, when))
        return policy;
    aif_policy_destroy(policy);
    return NULL;
}

int aif_policy_parse_dated(const char *text, size_t length, const char *name,
                           const struct aif_membership *membership, time_t when,
                           struct aif_policy **ret_policy, struct aif_error *err)
{
    struct aif_jsonfile *file = NULL;
    struct aif_policy *policy;
    struct aif_jsonnode root;
    int rc;

    if (aif_jsonfile_parse(text, length, name, &file, err))
        return -1;
    policy = create_seeded(membership, when);
    if (policy) {
        file->context = policy;
        root = aif_jsonschema_root(file);
        rc = aif_jsonschema_object(&root, policy_fields, policy, err);
        if (!rc && aif_policyreport_finish(&policy->report))
            rc = aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    } else {
        rc = aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    }
    aif_jsonfile_destroy(file);
    if (rc) {
        aif_policy_destroy(policy);
        return rc;
    }
    aif_policylane_finish(policy);
    *ret_policy = policy;
    return 0;
}

int aif_policy_parse(const char *text, size_t length, const char *name,
                     struct aif_policy **ret_policy, struct aif_error *err)
{
    return aif_policy_parse_dated(text, length, name, NULL, 0, ret_policy, err);
}

/* *ret_membership is NULL where no such file stands beside path. */
static int load_membership(const char *path, struct aif_membership **ret_membership,
                           struct aif_error *err)
{
    const char *slash = strrchr(path, '/');
    char *beside = NULL;
    int rc;

    if (asprintf(&beside, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path,
                 AIF_MEMBERSHIP_FILE) < 0)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", path);
    rc = aif_membership_load(beside, ret_membership, err);
    free(beside);
    return rc;
}

int aif_policy_load(const char *path, struct aif_policy **ret_policy, struct aif_error *err)
{
    struct aif_membership *membership = NULL;
    char *text = NULL;
    size_t length = 0;
    int rc;

    if (aif_jsonfile_read(path, &text, &length, err))
        return -1;
    rc = load_membership(path, &membership, err);
    if (!rc)
        rc = aif_policy_parse_dated(text, length, path, membership, time(NULL), ret_policy, err);
    aif_membership_destroy(membership);
    free(text);
    return rc;
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
    aif_policyshares_free(policy);
    free(policy->holds);
    aif_policyplacement_free(&policy->placement);
    aif_policyreport_free(&policy->report);
    free(policy);
}

const struct aif_mode *aif_policy_mode(const struct aif_policy *policy, const char *name)
{
    return policy->mode_by_name ? aif_nametable_get(policy->mode_by_name, name) : NULL;
}

uint64_t aif_policy_mode_expect(const struct aif_policy *policy, const char *name)
{
    return policy->mode_by_name ? aif_nametable_expect(policy->mode_by_name, name) : 0;
}

void aif_policy_mode_fetch(const struct aif_policy *policy, uint64_t expected)
{
    if (policy->mode_by_name)
        (void)aif_nametable_fetch(policy->mode_by_name, expected, 1, offsetof(struct aif_mode, lane));
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
