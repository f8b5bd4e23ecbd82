/* aif_config.c - "aif config check": are policy.json and allocations.json fine */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "advice.h"
#include "common.h"
#include "config_init.h"
#include "config_live.h"
#include "table.h"

#define ADVICE_SHOWN 50 /* lines; a table that is all wrong needs no more */

static const char help[] =
    "Usage: aif config check [--live] [--json|--parsable] [DIR]\n"
    "       aif config init [--policy]\n"
    "check: check policy.json and allocations.json of DIR (default: aif's --conf-dir) and the map that the policy\n"
    "may name, completely.\n"
    "Prints one line: ok with counts and the hash that jobs carry, or what is wrong and where.\n"
    "After ok, a line of advice for whatever looks odd about a lane, placement or an allocation, and\n"
    "of the rules that are not on: it changes nothing.\n"
    "  --live  compare with the running cluster, too: partitions, nodes and features that the files name, slurm.conf,\n"
    "          and whether QOS and accounts are there; a line for each that does not fit\n"
    "  --json  as JSON\n"
    "  --parsable  separated by '|', for scripts\n"
    "init: print a \"placement\" section for policy.json, proposed from the cluster that slurmctld knows.\n"
    "  --policy  print a whole first policy.json instead, with comments on what was found\n"
    "Exit status: 0 ok, 1 not ok, 2 wrong command line, 3 Slurm cannot be reached (init, --live).\n";

struct wish {
    bool live, json, parsable, policy;
};

struct told {
    struct json_object *list; /* this or table, or lines are printed */
    struct aif_table *table;
    size_t count;
};

static void add_row(struct aif_table *table, const char *kind, const char *rule, const char *text)
{
    aif_table_add(table, aif_tool_strdup(kind));
    aif_table_add(table, aif_tool_strdup(rule));
    aif_table_add(table, aif_table_cell(text));
}

static void take_advice(void *arg, const char *text)
{
    struct told *told = arg;

    if (++told->count > ADVICE_SHOWN)
        return;
    if (told->list)
        json_object_array_add(told->list, json_object_new_string(text));
    else if (told->table)
        add_row(told->table, "advice", NULL, text);
    else
        printf("advice: %s\n", text);
}

static void advise(const struct aif_snapshot *snapshot, struct told *told)
{
    const time_t now = time(NULL);

    aif_advice_enforce(snapshot->policy, take_advice, told);
    aif_advice_lanes(snapshot->policy, take_advice, told);
    aif_advice_placement(snapshot->policy, snapshot->fabricmap, take_advice, told);
    for (size_t i = 0; i < aif_alloctable_count(snapshot->allocs); i++)
        aif_advice_give(snapshot->policy, aif_alloctable_at(snapshot->allocs, i), now, take_advice, told);
    if (told->count > ADVICE_SHOWN && !told->list && !told->table)
        printf("advice: %zu more lines\n", told->count - ADVICE_SHOWN);
}

static bool has_fault(const struct aif_config_live *live)
{
    for (size_t i = 0; i < live->count; i++)
        if (live->lines[i].fault)
            return true;
    return false;
}

static void print_text(const struct aif_snapshot *snapshot, const struct aif_config_live *live)
{
    struct told told = {0};

    printf("ok: %zu modes, %zu locations, %zu allocations, cluster %s, hash %.16s\n", snapshot->policy->mode_count,
           snapshot->policy->location_count, aif_alloctable_count(snapshot->allocs), snapshot->policy->cluster, snapshot->hash);
    advise(snapshot, &told);
    for (size_t i = 0; i < live->count; i++) {
        const struct aif_config_live_line *line = &live->lines[i];

        printf("%s: %s%s%s%s\n", line->fault ? "live fault" : "live", line->text, line->rule ? " (" : "",
               line->rule ? line->rule : "", line->rule ? ")" : "");
    }
}

static void print_parsable(const struct aif_snapshot *snapshot, const struct aif_config_live *live)
{
    static const char *const titles[] = {"KIND", "RULE", "TEXT", NULL};
    struct told told = {.table = aif_table_create(titles)};
    char *counts = aif_tool_format("cluster %s, %zu modes, %zu locations, %zu allocations", snapshot->policy->cluster,
                                   snapshot->policy->mode_count, snapshot->policy->location_count,
                                   aif_alloctable_count(snapshot->allocs));

    add_row(told.table, "ok", NULL, counts);
    add_row(told.table, "hash", NULL, snapshot->hash);
    advise(snapshot, &told);
    for (size_t i = 0; i < live->count; i++)
        add_row(told.table, live->lines[i].fault ? "live fault" : "live", live->lines[i].rule, live->lines[i].text);
    aif_table_print(told.table, true);
    aif_table_destroy(told.table);
    free(counts);
}

static struct json_object *live_json(const struct aif_config_live *live)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < live->count; i++) {
        struct json_object *line = json_object_new_object();
        const char *rule = live->lines[i].rule;

        json_object_object_add(line, "fault", json_object_new_boolean(live->lines[i].fault));
        json_object_object_add(line, "rule", rule ? json_object_new_string(rule) : NULL);
        json_object_object_add(line, "text", json_object_new_string(live->lines[i].text));
        json_object_array_add(list, line);
    }
    return list;
}

static void print_json(const struct aif_snapshot *snapshot, const struct aif_config_live *live, bool compared)
{
    struct json_object *object = json_object_new_object();
    struct told told = {.list = json_object_new_array()};

    advise(snapshot, &told);
    json_object_object_add(object, "cluster", json_object_new_string(snapshot->policy->cluster));
    json_object_object_add(object, "hash", json_object_new_string(snapshot->hash));
    json_object_object_add(object, "modes", json_object_new_int64((int64_t)snapshot->policy->mode_count));
    json_object_object_add(object, "locations", json_object_new_int64((int64_t)snapshot->policy->location_count));
    json_object_object_add(object, "allocations", json_object_new_int64((int64_t)aif_alloctable_count(snapshot->allocs)));
    json_object_object_add(object, "advice", told.list);
    json_object_object_add(object, "live", compared ? live_json(live) : NULL);
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

static int check_valid(const struct aif_snapshot *snapshot, const struct wish *wish)
{
    struct aif_config_live live = {.snapshot = snapshot};
    int rc = wish->live ? aif_config_live_run(&live) : AIF_EXIT_OK;

    if (wish->json && rc == AIF_EXIT_OK)
        print_json(snapshot, &live, wish->live);
    else if (wish->parsable && rc == AIF_EXIT_OK)
        print_parsable(snapshot, &live);
    else if (!wish->json && !wish->parsable)
        print_text(snapshot, &live);
    if (rc == AIF_EXIT_OK && has_fault(&live))
        rc = AIF_EXIT_FAILED;
    aif_config_live_free(&live);
    return rc;
}

/* argv: what follows "check". */
static int check(struct aif_cmd_context *ctx, const struct wish *wish, int argc, char **argv)
{
    int rc;

    if (argc > 1)
        return aif_tool_fail(AIF_EXIT_USAGE, "config check takes one directory; see \"aif config --help\"");
    if (argc == 1) {
        free(ctx->conf_dir);
        ctx->conf_dir = aif_tool_strdup(argv[0]);
    }
    rc = aif_tool_snapshot(ctx);
    return rc == AIF_EXIT_OK ? check_valid(ctx->snapshot, wish) : rc;
}

int aif_cmd_config(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'},
                                          {"live", no_argument, NULL, 'l'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"parsable", no_argument, NULL, 'p'},
                                          {"policy", no_argument, NULL, 'P'},
                                          {0}};
    struct wish wish = {0};
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "h", longs, help, &rc)) >= 0) {
        wish.live |= opt == 'l';
        wish.json |= opt == 'j';
        wish.parsable |= opt == 'p';
        wish.policy |= opt == 'P';
    }
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    argc -= optind;
    argv += optind;
    if (argc >= 1 && !wish.policy && !strcmp(argv[0], "check"))
        return check(ctx, &wish, argc - 1, argv + 1);
    if (argc == 1 && !strcmp(argv[0], "init") && !wish.live && !wish.json && !wish.parsable)
        return aif_config_init(wish.policy);
    return aif_tool_fail(AIF_EXIT_USAGE,
                         "say \"aif config check [DIR]\" or \"aif config init\"; see \"aif config --help\"");
}
