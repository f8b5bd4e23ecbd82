/*
 * aif.c - the Lua module "aif": the decision of slurm-aif for a site's own job_submit.lua or
 * cli_filter.lua
 *
 *     aif = require "aif"
 *     aif.load([conf_dir])            -> snapshot | nil, message     (without conf_dir: aif/ beside
 * slurm.conf) aif.residency(expression)       -> {"FI", "SE", ...} | nil, message   (without the
 * site's groups) aif.parse_request(text)         -> {mode=..., ...} | nil, message     (AIF_REQUEST
 * of the SPANK environment) aif.parse_comment(text)         -> {mode=..., ...} | nil, message (the
 * "aif:" word of a job's comment) snapshot:decide{account=, user=, qos=, partition=, mode=,
 * allocation=, residency=, placement=, gpus=, nodes=, array_tasks=, minutes=, begin=, used_hours=,
 * reserved_hours=, admin_comment=}
 *         -> {verdict="ignore"|"accept"|"reject", rule=, message=, account=, allocation=, qos=,
 * mode=, residency=, placement=, minutes=, asked_hours=, left_hours=, admin_comment=}
 *     snapshot:allocations([account]) -> list of {id=, account=, qos=, mode=, state=, unit=,
 * amount_hours=, starts=, ends=} snapshot:residency(expression)  -> as aif.residency, with the
 * site's groups snapshot:hash()                 -> hex digest of both files
 *
 * Fields of a request mean what they mean in decide.h; what is not given is not known. Without
 * used_hours the budget is checked against an unused allocation: Slurm's own limits hold the rest.
 * result.admin_comment is the text to put into the job, nil if a foreign one must stay. Wrong
 * arguments raise Lua errors. aif.load reads two files: call it when the script is loaded, not for
 * every job.
 *
 * Lua raises errors by longjmp: no function here owns memory while it calls into Lua.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fields.h"

#include "admincomment.h"
#include "decide.h"
#include "message.h"
#include "options.h"
#include "snapshot.h"

#define SLURM_NO_VAL                                                                               \
    UINT32_C(0xfffffffe) /* what job_submit/lua shows for a time limit that is not set */
#define SNAPSHOT_TYPE "aif.snapshot"
#define PATH_LENGTH 4096

__attribute__((visibility("default"))) int luaopen_aif(lua_State *L);

/* nil and the message. */
static int give_message(lua_State *L, const char *text)
{
    lua_pushnil(L);
    lua_pushstring(L, text);
    return 2;
}

static void set_string(lua_State *L, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, int64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

static void set_hours(lua_State *L, const char *key, uint64_t secs)
{
    lua_pushnumber(L, (lua_Number)secs / 3600);
    lua_setfield(L, -2, key);
}

/* ---- snapshots ---- */

static struct aif_snapshot *check_snapshot(lua_State *L)
{
    struct aif_snapshot **holder = luaL_checkudata(L, 1, SNAPSHOT_TYPE);

    if (!*holder)
        luaL_error(L, "aif: the snapshot is gone");
    return *holder;
}

static void default_conf_dir(char *ret_path, size_t size)
{
    const char *conf = getenv("SLURM_CONF");
    const char *slash = conf ? strrchr(conf, '/') : NULL;

    if (slash)
        snprintf(ret_path, size, "%.*s/aif", (int)(slash - conf), conf);
    else
        snprintf(ret_path, size, "/etc/slurm/aif");
}

static int module_load(lua_State *L)
{
    const char *conf_dir = luaL_optstring(L, 1, NULL);
    struct aif_snapshot **holder;
    char path[PATH_LENGTH] = "";
    struct aif_error err;

    if (!conf_dir)
        default_conf_dir(path, sizeof(path));
    /* The owner comes first: whatever is loaded is collected with it. */
    holder = lua_newuserdata(L, sizeof(struct aif_snapshot *));
    *holder = NULL;
    luaL_getmetatable(L, SNAPSHOT_TYPE);
    lua_setmetatable(L, -2);
    if (aif_snapshot_load(conf_dir ? conf_dir : path, holder, &err) < 0)
        return give_message(L, err.text);
    return 1;
}

static int snapshot_gc(lua_State *L)
{
    struct aif_snapshot **holder = luaL_checkudata(L, 1, SNAPSHOT_TYPE);

    aif_snapshot_put(*holder);
    *holder = NULL;
    return 0;
}

static int snapshot_hash(lua_State *L)
{
    lua_pushstring(L, check_snapshot(L)->hash);
    return 1;
}

static int snapshot_tostring(lua_State *L)
{
    const struct aif_snapshot *snapshot = check_snapshot(L);

    lua_pushfstring(L, "aif snapshot of %s, %d allocations", snapshot->policy->cluster,
                    (int)aif_alloctable_count(snapshot->allocs));
    return 1;
}

static void push_allocation(lua_State *L, const struct aif_alloc *alloc)
{
    char residency[AIF_RESIDENCY_TEXT_MAX];

    lua_newtable(L);
    set_string(L, "id", alloc->id);
    set_string(L, "account", alloc->account);
    set_string(L, "qos", alloc->qos);
    set_string(L, "mode", alloc->mode->name);
    set_string(L, "state", aif_alloc_state_name(alloc->state));
    set_string(L, "unit", aif_unit_name(alloc->unit));
    set_hours(L, "amount_hours", alloc->amount_secs);
    set_integer(L, "starts", alloc->start);
    set_integer(L, "ends", alloc->end);
    if (alloc->has_residency &&
        !aif_residency_format(&alloc->residency, residency, sizeof(residency)))
        set_string(L, "residency", residency);
}

static int snapshot_allocations(lua_State *L)
{
    const struct aif_snapshot *snapshot = check_snapshot(L);
    const char *account = luaL_optstring(L, 2, NULL);
    const struct aif_alloc *alloc;
    size_t count = account ? 0 : aif_alloctable_count(snapshot->allocs);
    int at = 0;

    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        push_allocation(L, aif_alloctable_at(snapshot->allocs, i));
        lua_rawseti(L, -2, ++at);
    }
    if (!account)
        return 1;
    for (alloc = aif_alloctable_by_account(snapshot->allocs, account); alloc;
         alloc = alloc->next_of_account) {
        push_allocation(L, alloc);
        lua_rawseti(L, -2, ++at);
    }
    return 1;
}

/* ---- residency ---- */

static int give_countries(lua_State *L, const char *expr, const struct aif_policy *policy)
{
    struct aif_residency set;
    struct aif_error err;
    char code[3];
    int at = 0;

    if (aif_residency_parse(expr, policy ? policy->groups : NULL, policy ? policy->group_count : 0,
                            &set, &err) < 0)
        return give_message(L, err.text);
    lua_newtable(L);
    for (int country = 0; country < AIF_RESIDENCY_CODES; country++) {
        if (!aif_residency_has(&set, country))
            continue;
        aif_residency_country_name(country, code);
        lua_pushstring(L, code);
        lua_rawseti(L, -2, ++at);
    }
    return 1;
}

static int module_residency(lua_State *L)
{
    return give_countries(L, luaL_checkstring(L, 1), NULL);
}

static int snapshot_residency(lua_State *L)
{
    const struct aif_snapshot *snapshot = check_snapshot(L);

    return give_countries(L, luaL_checkstring(L, 2), snapshot->policy);
}

/* ---- options ---- */

static int give_options(lua_State *L, const struct aif_options *options)
{
    lua_newtable(L);
    set_string(L, "mode", options->mode);
    set_string(L, "allocation", options->allocation);
    set_string(L, "residency", options->residency);
    set_string(L, "placement", options->placement);
    return 1;
}

static int module_parse_request(lua_State *L)
{
    const char *text = luaL_checkstring(L, 1);
    struct aif_options options;
    struct aif_error err;

    if (aif_options_parse(text, &options, &err) < 0)
        return give_message(L, err.text);
    return give_options(L, &options);
}

static int module_parse_comment(lua_State *L)
{
    const char *text = luaL_optstring(L, 1, "");
    struct aif_options options = {0};
    struct aif_error err;

    if (aif_options_from_comment(text, &options, &err) < 0)
        return give_message(L, err.text);
    return give_options(L, &options);
}

/* ---- the decision ---- */

static const char *const request_fields[] = {
    "account",       "user",      "qos",       "partition",  "mode",
    "allocation",    "residency", "placement", "gpus",       "nodes",
    "array_tasks",   "minutes",   "begin",     "used_hours", "reserved_hours",
    "admin_comment", NULL};

static const char *const verdict_names[] = {"ignore", "accept", "reject"};

/* A rejection that the options' form alone brings about; the rule id stands in the text. */
static int give_malformed(lua_State *L, const char *text)
{
    const char *rule = strstr(text, "(AIF-");
    const char *end = rule ? strchr(rule, ')') : NULL;

    lua_newtable(L);
    set_string(L, "verdict", verdict_names[AIF_REJECT]);
    set_string(L, "message", text);
    if (end) {
        lua_pushlstring(L, rule + 1, (size_t)(end - rule - 1));
        lua_setfield(L, -2, "rule");
    }
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
    request->minutes =
        (uint32_t)aif_fields_count(L, table, "minutes", UINT32_MAX, AIF_MINUTES_UNKNOWN);
    if (request->minutes == SLURM_NO_VAL)
        request->minutes = AIF_MINUTES_UNKNOWN;
    request->begin = (time_t)aif_fields_count(L, table, "begin", INT64_MAX, (uint64_t)time(NULL));
}

static void give_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    (void)alloc;
    *ret_usage = *(const struct aif_usage *)arg;
}

static void placement_text(const struct aif_decision *decision, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s%s", aif_placement_name(decision->placement),
             decision->placement_strict ? ",strict" : "");
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
    snprintf(ours.policy, sizeof(ours.policy), "%.16s", snapshot->hash);
    placement_text(decision, ours.placement, sizeof(ours.placement));
    if (aif_admincomment_merge(existing, &ours, &merged, NULL))
        return -1;
    snprintf(ret_text, AIF_ADMINCOMMENT_MAX, "%s", merged);
    free(merged);
    return 0;
}

static int give_decision(lua_State *L, const struct aif_snapshot *snapshot,
                         const struct aif_decision *decision, const char *existing)
{
    char placement[32], comment[AIF_ADMINCOMMENT_MAX];

    lua_newtable(L);
    set_string(L, "verdict", verdict_names[decision->verdict]);
    set_string(L, "rule", decision->rule);
    set_string(L, "message", decision->message);
    if (!decision->alloc)
        return 1;
    set_string(L, "allocation", decision->alloc->id);
    set_string(L, "account", decision->alloc->account);
    set_string(L, "qos", decision->alloc->qos);
    set_string(L, "mode", decision->alloc->mode->name);
    if (decision->verdict != AIF_ACCEPT)
        return 1;
    placement_text(decision, placement, sizeof(placement));
    set_string(L, "placement", placement);
    set_string(L, "residency", decision->residency_text);
    if (decision->minutes != AIF_MINUTES_UNKNOWN)
        set_integer(L, "minutes", decision->minutes);
    set_hours(L, "asked_hours", decision->asked_secs);
    set_hours(L, "left_hours", decision->left_secs);
    if (!make_comment(snapshot, decision, existing, comment))
        set_string(L, "admin_comment", comment);
    return 1;
}

static int snapshot_decide(lua_State *L)
{
    const struct aif_snapshot *snapshot = check_snapshot(L);
    struct aif_options options = {0};
    struct aif_request request = {.options = &options};
    struct aif_usage usage = {.known = true};
    struct aif_decision decision;
    struct aif_error err;
    int used_given, reserved_given;

    luaL_checktype(L, 2, LUA_TTABLE);
    aif_fields_check(L, 2, request_fields);
    read_request(L, 2, &request);
    usage.used_secs = aif_fields_hours(L, 2, "used_hours", &used_given);
    usage.reserved_secs = aif_fields_hours(L, 2, "reserved_hours", &reserved_given);
    if (read_options(L, 2, &options, &err) < 0)
        return give_malformed(L, err.text);
    aif_decide(snapshot, &request, used_given || reserved_given ? give_usage : NULL, &usage,
               &decision);
    return give_decision(L, snapshot, &decision, aif_fields_string(L, 2, "admin_comment"));
}

/* ---- the module ---- */

static const luaL_Reg module_functions[] = {
    {"load", module_load},
    {"residency", module_residency},
    {"parse_request", module_parse_request},
    {"parse_comment", module_parse_comment},
    {NULL, NULL},
};

static const luaL_Reg snapshot_methods[] = {
    {"decide", snapshot_decide},
    {"allocations", snapshot_allocations},
    {"residency", snapshot_residency},
    {"hash", snapshot_hash},
    {NULL, NULL},
};

/* luaL_register and luaL_setfuncs each exist in some versions only. */
static void set_functions(lua_State *L, const luaL_Reg *functions)
{
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

static void make_snapshot_type(lua_State *L)
{
    luaL_newmetatable(L, SNAPSHOT_TYPE);
    lua_newtable(L);
    set_functions(L, snapshot_methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, snapshot_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, snapshot_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0); /* scripts cannot get at __gc */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

int luaopen_aif(lua_State *L)
{
    make_snapshot_type(L);
    lua_newtable(L);
    set_functions(L, module_functions);
    set_string(L, "version", AIF_LUA_MODULE_VERSION);
    return 1;
}
