/* luadecide.c - see luadecide.h */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fields.h"
#include "luadecide.h"

#include "admincomment.h"
#include "decide.h"
#include "options.h"
#include "rules.h"

#define SLURM_NO_VAL                                                                               \
    UINT32_C(0xfffffffe) /* what job_submit/lua shows for a time limit that is not set */

static const char *const request_fields[] = {"account",
                                             "user",
                                             "qos",
                                             "partition",
                                             "mode",
                                             "allocation",
                                             "residency",
                                             "placement",
                                             "gpus",
                                             "nodes",
                                             "array_tasks",
                                             "minutes",
                                             "begin",
                                             "used_hours",
                                             "reserved_hours",
                                             "admin_comment",
                                             "purpose",
                                             "explain",
                                             "dataset",
                                             "billing",
                                             "interactive",
                                             "pending_hours",
                                             "submits",
                                             "user_submits",
                                             "free_used_hours",
                                             "free_reserved_hours",
                                             "inference_hours",
                                             NULL};

static const char *const verdict_names[] = {"ignore", "accept", "hold", "reject"};

/* A rejection that the options' form alone brings about; the rule id stands in the text. */
static int give_malformed(lua_State *L, const char *text)
{
    const struct aif_rule *rule = aif_rules_in(text);

    lua_newtable(L);
    aif_fields_set_string(L, "verdict", verdict_names[AIF_REJECT]);
    aif_fields_set_string(L, "message", text);
    aif_fields_set_string(L, "rule", rule ? rule->id : NULL);
    return 1;
}

static int read_options(lua_State *L, int table, struct aif_options *options, struct aif_error *err)
{
    for (int i = 0; aif_options_keys[i]; i++) {
        const char *value = aif_fields_string(L, table, aif_options_keys[i]);

        if (value && aif_options_set(options, aif_options_keys[i], value, err) < 0)
            return -1;
    }
    return 0;
}

static void read_request(lua_State *L, int table, struct aif_request *request)
{
    request->account = aif_fields_string(L, table, "account");
    request->user = aif_fields_string(L, table, "user");
    request->qos = aif_fields_string(L, table, "qos");
    request->partition = aif_fields_string(L, table, "partition");
    request->gpus = aif_fields_count(L, table, "gpus", UINT64_MAX, 0);
    request->nodes = (uint32_t)aif_fields_count(L, table, "nodes", UINT32_MAX, 1);
    request->array_tasks = (uint32_t)aif_fields_count(L, table, "array_tasks", UINT32_MAX, 1);
    request->billing = aif_fields_count(L, table, "billing", UINT64_MAX, AIF_BILLING_UNKNOWN);
    request->interactive = aif_fields_flag(L, table, "interactive");
    request->minutes =
        (uint32_t)aif_fields_count(L, table, "minutes", UINT32_MAX, AIF_MINUTES_UNKNOWN);
    if (request->minutes == SLURM_NO_VAL)
        request->minutes = AIF_MINUTES_UNKNOWN;
    request->begin = (time_t)aif_fields_count(L, table, "begin", INT64_MAX, (uint64_t)time(NULL));
}

/* Whether the script knows any usage at all. */
static int read_usage(lua_State *L, int table, struct aif_usage *usage)
{
    const struct {
        const char *key;
        uint64_t *secs;
    } hours[] = {
        {"used_hours", &usage->used_secs},
        {"reserved_hours", &usage->reserved_secs},
        {"pending_hours", &usage->pending_secs},
        {"free_used_hours", &usage->free_used_secs},
        {"free_reserved_hours", &usage->free_reserved_secs},
        {"inference_hours", &usage->inference_secs},
    };
    int any = 0, given;

    for (size_t i = 0; i < sizeof(hours) / sizeof(hours[0]); i++) {
        *hours[i].secs = aif_fields_hours(L, table, hours[i].key, &given);
        any |= given;
    }
    usage->submits = (uint32_t)aif_fields_count(L, table, "submits", UINT32_MAX, 0);
    usage->user_submits = (uint32_t)aif_fields_count(L, table, "user_submits", UINT32_MAX, 0);
    usage->known = true;
    return any || usage->submits || usage->user_submits;
}

static void give_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    (void)alloc;
    *ret_usage = *(const struct aif_usage *)arg;
}

/* The admin_comment an accepted job should get; copied into text so that nothing is owned when Lua
 * is called. */
static int make_comment(const struct aif_snapshot *snapshot, const struct aif_decision *decision,
                        const char *existing, char ret_text[AIF_ADMINCOMMENT_MAX])
{
    struct aif_admincomment ours = {0};
    char *merged = NULL;

    snprintf(ours.mode, sizeof(ours.mode), "%s", decision->alloc->mode->name);
    snprintf(ours.alloc, sizeof(ours.alloc), "%s", decision->alloc->id);
    snprintf(ours.residency, sizeof(ours.residency), "%s", decision->residency_text);
    snprintf(ours.datasets, sizeof(ours.datasets), "%s", decision->datasets);
    if (decision->inference)
        snprintf(ours.purpose, sizeof(ours.purpose), "inference");
    snprintf(ours.policy, sizeof(ours.policy), "%.16s", snapshot->hash);
    if (decision->verdict == AIF_HOLD)
        snprintf(ours.hold, sizeof(ours.hold), "%s", decision->rule);
    aif_placement_format(&decision->placement, ours.placement);
    if (aif_admincomment_merge(existing, &ours, &merged, NULL))
        return -1;
    snprintf(ret_text, AIF_ADMINCOMMENT_MAX, "%s", merged);
    free(merged);
    return 0;
}

static void give_terms(lua_State *L, const struct aif_decision *decision)
{
    char placement[AIF_PLACEMENT_SIZE];

    aif_placement_format(&decision->placement, placement);
    aif_fields_set_string(L, "qos", decision->qos);
    aif_fields_set_string(L, "placement", placement);
    aif_fields_set_string(L, "residency", decision->residency_text);
    aif_fields_set_string(L, "dataset", decision->datasets);
    aif_fields_set_flag(L, "free", decision->free);
    aif_fields_set_flag(L, "inference", decision->inference);
    if (decision->minutes != AIF_MINUTES_UNKNOWN)
        aif_fields_set_integer(L, "minutes", decision->minutes);
    aif_fields_set_hours(L, "asked_hours", decision->asked_secs);
    aif_fields_set_hours(L, "left_hours", decision->left_secs);
}

/* Rules that the policy lets advise only, and that would have stood in the way: a list, or nothing. */
static void give_advised(lua_State *L, const struct aif_decision *decision)
{
    if (!decision->advised_count)
        return;
    lua_newtable(L);
    for (size_t i = 0; i < decision->advised_count; i++) {
        lua_newtable(L);
        aif_fields_set_string(L, "rule", decision->advised.items[i].rule);
        aif_fields_set_string(L, "would", aif_would_name((enum aif_would)decision->advised.items[i].would));
        aif_fields_set_string(L, "message", aif_decision_advised(decision, i));
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "advised");
}

static void give_decision(lua_State *L, const struct aif_decision *decision)
{
    lua_newtable(L);
    aif_fields_set_string(L, "verdict", verdict_names[decision->verdict]);
    aif_fields_set_string(L, "rule", decision->rule);
    aif_fields_set_string(L, "message", decision->message);
    give_advised(L, decision);
    if (!decision->alloc)
        return;
    aif_fields_set_string(L, "allocation", decision->alloc->id);
    aif_fields_set_string(L, "account", decision->alloc->account);
    aif_fields_set_string(L, "mode", decision->alloc->mode->name);
    if (decision->verdict == AIF_ACCEPT || decision->verdict == AIF_HOLD)
        give_terms(L, decision);
}

int aif_lua_decide(lua_State *L, const struct aif_snapshot *snapshot, int table)
{
    struct aif_options options = {0};
    struct aif_request request = {.options = &options};
    struct aif_usage usage = {0};
    struct aif_decision decision;
    struct aif_error err;
    char comment[AIF_ADMINCOMMENT_MAX];
    const char *existing;
    int known;

    luaL_checktype(L, table, LUA_TTABLE);
    aif_fields_check(L, table, request_fields);
    read_request(L, table, &request);
    known = read_usage(L, table, &usage);
    existing = aif_fields_string(L, table, "admin_comment");
    if (read_options(L, table, &options, &err) < 0)
        return give_malformed(L, err.text);
    aif_decide(snapshot, &request, known ? give_usage : NULL, &usage, &decision);
    give_decision(L, &decision);
    if ((decision.verdict == AIF_ACCEPT || decision.verdict == AIF_HOLD) &&
        !make_comment(snapshot, &decision, existing, comment))
        aif_fields_set_string(L, "admin_comment", comment);
    return 1;
}
