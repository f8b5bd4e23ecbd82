/*
 * aif.c - the Lua module "aif": the decision of slurm-aif for a site's own job_submit.lua or
 * cli_filter.lua
 *
 *     aif = require "aif"
 *     aif.load([conf_dir])           -> snapshot | nil, message   (without conf_dir: aif/ beside
 *                                       slurm.conf)
 *     aif.decide(request)            -> as snapshot:decide, where no policy could be loaded
 *     aif.residency(expression)      -> {"FI", "SE", ...} | nil, message   (no groups of the site)
 *     aif.parse_request(text)        -> {mode=..., ...} | nil, message   (AIF_REQUEST)
 *     aif.parse_comment(text)        -> the same of the "aif:" word of a job's comment
 *     aif.explain(rule)              -> {id=, title=, meaning=} of a rule id | nil, message
 *     snapshot:decide(request)       -> see luadecide.h
 *     snapshot:allocations([account]) -> list of {id=, account=, qos=, mode=, state=, unit=,
 *                                       amount_hours=, starts=, ends=}
 *     snapshot:residency(expression) -> as aif.residency, with the site's groups
 *     snapshot:hash()                -> hex digest of both files
 *
 * Wrong arguments raise Lua errors. aif.load reads files: call it when the script is loaded, not
 * for every job.
 *
 * Lua raises errors by longjmp: no function here owns memory while it calls into Lua.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "luadecide.h"

#include "options.h"
#include "rules.h"
#include "snapshot.h"

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
    char residency[AIF_RESTAG_TEXT_MAX];

    lua_newtable(L);
    aif_fields_set_string(L, "id", alloc->id);
    aif_fields_set_string(L, "account", alloc->account);
    aif_fields_set_string(L, "qos", alloc->qos);
    aif_fields_set_string(L, "mode", alloc->mode->name);
    aif_fields_set_string(L, "state", aif_alloc_state_name(alloc->state));
    aif_fields_set_string(L, "unit", aif_unit_name(alloc->unit));
    aif_fields_set_hours(L, "amount_hours", alloc->amount_secs);
    aif_fields_set_integer(L, "starts", alloc->start);
    aif_fields_set_integer(L, "ends", alloc->end);
    if (alloc->residency && !aif_restag_format(alloc->residency, residency, sizeof(residency)))
        aif_fields_set_string(L, "residency", residency);
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
    aif_fields_set_string(L, "mode", options->mode);
    aif_fields_set_string(L, "allocation", options->allocation);
    aif_fields_set_string(L, "residency", options->residency);
    aif_fields_set_string(L, "placement", options->placement);
    aif_fields_set_string(L, "purpose", options->purpose);
    aif_fields_set_string(L, "explain", options->explain);
    aif_fields_set_string(L, "dataset", options->datasets);
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

/* ---- rules ---- */

static int module_explain(lua_State *L)
{
    const struct aif_rule *rule = aif_rules_find(luaL_checkstring(L, 1));

    if (!rule)
        return give_message(L, "no such rule");
    lua_newtable(L);
    aif_fields_set_string(L, "id", rule->id);
    aif_fields_set_string(L, "title", rule->title);
    aif_fields_set_string(L, "meaning", rule->meaning);
    return 1;
}

/* ---- the decision ---- */

static int snapshot_decide(lua_State *L)
{
    const struct aif_snapshot *snapshot = check_snapshot(L);

    return aif_lua_decide(L, snapshot, 2);
}

static int module_decide(lua_State *L)
{
    return aif_lua_decide(L, NULL, 1);
}

/* ---- the module ---- */

static const luaL_Reg module_functions[] = {
    {"load", module_load},
    {"decide", module_decide},
    {"explain", module_explain},
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
    aif_fields_set_string(L, "version", AIF_LUA_MODULE_VERSION);
    return 1;
}
