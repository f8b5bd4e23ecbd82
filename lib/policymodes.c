/* policymodes.c - see policymodes.h */
#include "policymodes.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "names.h"
#include "nametable.h"
#include "policyaward.h"
#include "policycategory.h"
#include "policyclosures.h"
#include "policylane.h"
#include "policypacing.h"
#include "policyplaces.h"
#include "rules.h"
#include "timetext.h"

#define COUNT_MAX 1000000000 /* of jobs, GPUs, nodes */

int aif_policymodes_read_range(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                               void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"min", AIF_JSON_INT, false, aif_jsonschema_u32, offsetof(struct aif_range, min), 1,
         COUNT_MAX},
        {"max", AIF_JSON_INT, false, aif_jsonschema_u32, offsetof(struct aif_range, max), 1,
         COUNT_MAX},
        {0},
    };
    struct aif_range *range = ret_value;

    (void)field;
    if (aif_jsonschema_object(node, fields, range, err))
        return -1;
    if (range->max && range->min > range->max)
        return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err,
                                   "out of range: min %u, limit max %u", range->min, range->max);
    return 0;
}

static int read_minutes(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    (void)field;
    if (aif_timetext_minutes(json_object_get_string(node->value), ret_value))
        return aif_jsonschema_range(
            node, "a Slurm time, \"HH:MM:SS\" or \"D-HH:MM:SS\", up to 366 days", err);
    return 0;
}

static int read_code(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    char **text = ret_value;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    for (char *c = *text; *c; c++) {
        if (aif_names_fold(*c) < 'a' || aif_names_fold(*c) > 'z')
            return aif_jsonschema_range(node, "one or two letters, as in project IDs", err);
        if (*c >= 'a')
            *c = (char)(*c - 'a' + 'A');
    }
    return 0;
}

static int read_mode_residency(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                               void *ret_value, struct aif_error *err)
{
    struct aif_mode *mode = ret_value;

    (void)field;
    return aif_policyplaces_tag(node, node->file->context, &mode->residency, err);
}

static int read_inference(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"share", AIF_JSON_INT, true, aif_jsonschema_u32,
         offsetof(struct aif_mode, inference_percent), 0, 100},
        {0},
    };
    struct aif_mode *mode = ret_value;

    (void)field;
    if (aif_jsonschema_object(node, fields, mode, err))
        return -1;
    mode->has_inference_share = true;
    return 0;
}

static int read_allowed(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    (void)field;
    (void)err;
    *(bool *)ret_value = !json_object_get_boolean(node->value);
    return 0;
}

#define INTERACTIVE(member) offsetof(struct aif_interactive, member)
static int read_interactive(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"allowed", AIF_JSON_BOOL, false, read_allowed, INTERACTIVE(forbidden), 0, 0},
        {"wall_max", AIF_JSON_TEXT, false, read_minutes, INTERACTIVE(wall_max_minutes), 0, 0},
        {"gpus_per_job", AIF_JSON_OBJECT, false, aif_policymodes_read_range,
         INTERACTIVE(gpus_per_job), 0, 0},
        {"nodes_per_job", AIF_JSON_OBJECT, false, aif_policymodes_read_range,
         INTERACTIVE(nodes_per_job), 0, 0},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

static int check_mode(const struct aif_jsonnode *node, const struct aif_mode *mode,
                      struct aif_error *err)
{
    const struct aif_policy *policy = node->file->context;

    for (size_t i = 0; mode->code && &policy->modes[i] != mode; i++)
        if (policy->modes[i].code && !strcmp(policy->modes[i].code, mode->code))
            return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "keep it in one of them", err,
                                       "code given twice: \"%s\", also of \"%s\"", mode->code,
                                       policy->modes[i].name);
    return 0;
}

#define MODE(member) offsetof(struct aif_mode, member)
static const struct aif_jsonfield mode_fields[] = {
    {"code", AIF_JSON_TEXT, false, read_code, MODE(code), 1, 2},
    {"title", AIF_JSON_TEXT, false, aif_jsonschema_text, MODE(title), 1, 127},
    {"open", AIF_JSON_BOOL, false, aif_jsonschema_bool, MODE(open), 0, 0},
    {"closed_note", AIF_JSON_TEXT, false, aif_jsonschema_text, MODE(closed_note), 1, 255},
    {"closures", AIF_JSON_ARRAY, false, aif_policyclosures_read, 0, 0, 0},
    {"categories", AIF_JSON_ARRAY, false, aif_policycategory_read_set, MODE(categories), 0, 0},
    {"partitions", AIF_JSON_ARRAY, false, aif_jsonschema_texts, MODE(partitions), 1,
     AIF_PARTITIONS_MAX},
    {"gpus_per_job", AIF_JSON_OBJECT, false, aif_policymodes_read_range, MODE(gpus_per_job), 0, 0},
    {"nodes_per_job", AIF_JSON_OBJECT, false, aif_policymodes_read_range, MODE(nodes_per_job), 0,
     0},
    {"wall_max", AIF_JSON_TEXT, false, read_minutes, MODE(wall_max_minutes), 0, 0},
    {"jobs_per_user", AIF_JSON_INT, false, aif_jsonschema_u32, MODE(jobs_per_user), 1, COUNT_MAX},
    {"submits_per_user", AIF_JSON_INT, false, aif_jsonschema_u32, MODE(submits_per_user), 1,
     COUNT_MAX},
    {"jobs_per_allocation", AIF_JSON_INT, false, aif_jsonschema_u32, MODE(jobs_per_allocation), 1,
     COUNT_MAX},
    {"submits_per_allocation", AIF_JSON_INT, false, aif_jsonschema_u32,
     MODE(submits_per_allocation), 1, COUNT_MAX},
    {"inference", AIF_JSON_OBJECT, false, read_inference, 0, 0, 0},
    {"interactive", AIF_JSON_OBJECT, false, read_interactive, MODE(interactive), 0, 0},
    {"pacing", AIF_JSON_OBJECT, false, aif_policypacing_read, MODE(pacing), 0, 0},
    {"award", AIF_JSON_OBJECT, false, aif_policyaward_read, MODE(award), 0, 0},
    {"residency", AIF_JSON_TEXT, false, read_mode_residency, 0, 0, 0},
    {"lane", AIF_JSON_OBJECT, false, aif_policylane_read, MODE(lane), 0, 0},
    {"yield", AIF_JSON_OBJECT, false, aif_policylane_read_yield, 0, 0, 0},
    {0},
};

static int read_mode(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    struct aif_mode *mode = ret_entry;
    size_t length = strspn(node->key, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (!length || length >= AIF_MODE_NAME_MAX || node->key[length])
        return aif_jsonschema_fail(node, AIF_C_RANGE, "rename it", err,
                                   "mode name out of range: \"%.64s\", limit 1 to 63 of a-z 0-9 -",
                                   node->key);
    mode->name = strdup(node->key);
    if (!mode->name)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    mode->open = true;
    if (aif_policylane_refuse_boost(node, err) ||
        aif_jsonschema_object(node, mode_fields, mode, err))
        return -1;
    return check_mode(node, mode, err);
}

/* A mode is large: a search through all of them for a name would touch a lot of memory. */
static int index_modes(const struct aif_jsonnode *node, struct aif_policy *policy,
                       struct aif_error *err)
{
    policy->mode_by_name = aif_nametable_create(policy->mode_count);
    if (!policy->mode_by_name)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    for (size_t i = 0; i < policy->mode_count; i++)
        (void)aif_nametable_add(policy->mode_by_name, policy->modes[i].name, &policy->modes[i]);
    return 0;
}

int aif_policymodes_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_mode), AIF_MODES_MAX,
                                            read_mode};
    struct aif_policy *policy = ret_value;

    (void)field;
    if (!json_object_object_length(node->value))
        return aif_jsonschema_fail(node, AIF_C_RANGE, "define at least one", err,
                                   "no mode is defined");
    policy->modes = aif_jsonschema_room(node, &entries, err);
    if (!policy->modes)
        return -1;
    if (aif_jsonschema_entries(node, &entries, policy->modes, &policy->mode_count, err) ||
        index_modes(node, policy, err))
        return -1;
    return aif_policylane_check(node, policy, err);
}

void aif_policymodes_free(struct aif_policy *policy)
{
    for (size_t i = 0; i < policy->mode_count; i++) {
        struct aif_mode *mode = &policy->modes[i];

        free(mode->name);
        free(mode->title);
        free(mode->code);
        free(mode->closed_note);
        free(mode->residency);
        aif_policyclosures_free(mode);
        aif_policylane_free(&mode->lane);
        aif_jsonschema_texts_destroy(mode->partitions);
    }
    free(policy->modes);
    aif_nametable_destroy(policy->mode_by_name);
}
