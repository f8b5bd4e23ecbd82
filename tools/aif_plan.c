/* aif_plan.c - "aif plan" and "aif apply" */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common.h"
#include "plan.h"
#include "slurmconn.h"

static const char plan_help[] =
    "Usage: aif plan [--json]\n"
    "Show what \"aif apply\" would change in slurmdbd; change nothing.\n"
    "  + add   ~ modify   - close (its allocation is gone)   ! conflict, cannot be done\n"
    "Exit status: 0 nothing to change, 1 there are differences or the configuration is wrong,\n"
    "2 wrong command line, 3 slurmdbd cannot be reached or refuses.\n";

static const char apply_help[] =
    "Usage: aif apply [--json] [--yes]\n"
    "Mirror every allocation of allocations.json as a QOS with its limits, with the account and\n"
    "the associations of its members. Only what aif made (QOS description \"aif <project ID>\")\n"
    "is ever changed; nothing is deleted. Running it again changes nothing. It never asks back\n"
    "(--yes is accepted for scripts).\n"
    "Exit status: 0 done or nothing to do, 1 conflicts remain or the configuration is wrong,\n"
    "2 wrong command line, 3 slurmdbd cannot be reached or refuses.\n";

/* ---- showing ---- */

static const char *object_name(const struct aif_change *change)
{
    static const char *const names[] = {"qos", "account", "user", "association"};

    return names[change->object];
}

static char *subject(const struct aif_change *change)
{
    if (change->object != AIF_OBJECT_ASSOC)
        return aif_tool_format("%s %s", object_name(change), change->name);
    if (!change->name[0])
        return aif_tool_format("association of account %s", change->account);
    return aif_tool_format("association of %s in %s", change->name, change->account);
}

static char *field_text(const struct aif_change *change, const struct aif_change_field *field)
{
    if (change->op == AIF_CHANGE_CONFLICT)
        return aif_tool_strdup(field->to);
    if (field->from && change->op != AIF_CHANGE_ADD)
        return aif_tool_format("%s %s -> %s", field->name, field->from, field->to);
    return aif_tool_format("%s %s", field->name, field->to);
}

char *aif_change_text(const struct aif_change *change)
{
    char *head = subject(change);
    char *text = aif_tool_format("%c %s", change->op, head);

    for (size_t i = 0; i < change->field_count; i++) {
        char *field = field_text(change, &change->fields[i]);
        char *longer = aif_tool_format("%s%s%s", text, i ? "; " : ": ", field);

        free(field);
        free(text);
        text = longer;
    }
    free(head);
    return text;
}

static void print_text(const struct aif_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        char *text = aif_change_text(&plan->changes[i]);

        puts(text);
        free(text);
    }
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
    if (text)
        json_object_object_add(object, key, json_object_new_string(text));
}

static const char *op_name(enum aif_change_op op)
{
    switch (op) {
    case AIF_CHANGE_ADD:
        return "add";
    case AIF_CHANGE_MODIFY:
        return "modify";
    case AIF_CHANGE_CLOSE:
        return "close";
    default:
        return "conflict";
    }
}

static struct json_object *change_json(const struct aif_change *change)
{
    struct json_object *object = json_object_new_object();
    struct json_object *fields = json_object_new_array();

    add_text(object, "op", op_name(change->op));
    add_text(object, "object", object_name(change));
    if (change->object == AIF_OBJECT_ASSOC) {
        add_text(object, "account", change->account);
        add_text(object, "user", change->name);
    } else {
        add_text(object, "name", change->name);
    }
    for (size_t i = 0; i < change->field_count; i++) {
        struct json_object *field = json_object_new_object();

        add_text(field, "field", change->fields[i].name);
        add_text(field, "from", change->fields[i].from);
        add_text(field, "to", change->fields[i].to);
        json_object_array_add(fields, field);
    }
    json_object_object_add(object, "fields", fields);
    return object;
}

static void print_json(const struct aif_cmd_context *ctx, const struct aif_plan *plan, bool applied)
{
    struct json_object *object = json_object_new_object();
    struct json_object *changes = json_object_new_array();

    add_text(object, "cluster", ctx->snapshot->policy->cluster);
    add_text(object, "hash", ctx->snapshot->hash);
    json_object_object_add(object, "applied", json_object_new_boolean(applied));
    for (size_t i = 0; i < plan->count; i++)
        json_object_array_add(changes, change_json(&plan->changes[i]));
    json_object_object_add(object, "changes", changes);
    json_object_object_add(object, "conflicts", json_object_new_int64((int64_t)plan->conflicts));
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

/* ---- the two commands ---- */

static int show(const struct aif_cmd_context *ctx, const struct aif_plan *plan, bool json, bool applied)
{
    size_t done = plan->count - plan->conflicts;

    if (json)
        print_json(ctx, plan, applied);
    else
        print_text(plan);
    if (!json && !plan->count)
        puts("nothing to change");
    else if (!json)
        printf("%s %zu change%s, %zu conflict%s\n", applied ? "applied" : "planned", done, done == 1 ? "" : "s",
               plan->conflicts, plan->conflicts == 1 ? "" : "s");
    if (applied)
        return plan->conflicts ? AIF_EXIT_FAILED : AIF_EXIT_OK;
    return plan->count ? AIF_EXIT_FAILED : AIF_EXIT_OK;
}

static int run(struct aif_cmd_context *ctx, bool json, bool apply)
{
    struct aif_dbd dbd = {0};
    struct aif_plan plan = {0};
    void *conn = NULL;
    int rc = aif_tool_snapshot(ctx);

    if (rc == AIF_EXIT_OK)
        rc = aif_slurm_init();
    if (rc == AIF_EXIT_OK && !(conn = aif_slurmdb_open()))
        rc = AIF_EXIT_SLURM;
    if (rc == AIF_EXIT_OK)
        rc = aif_dbd_read(conn, ctx->snapshot->policy, &dbd);
    if (rc == AIF_EXIT_OK)
        rc = aif_plan_make(ctx->snapshot, &dbd, time(NULL), &plan);
    if (rc == AIF_EXIT_OK && apply)
        rc = aif_plan_apply(conn, ctx->snapshot->policy, &dbd, &plan);
    if (rc == AIF_EXIT_OK)
        rc = show(ctx, &plan, json, apply);
    aif_plan_free(&plan);
    aif_dbd_free(&dbd);
    if (conn)
        aif_slurmdb_close(&conn);
    return rc;
}

static int parse_and_run(struct aif_cmd_context *ctx, int argc, char **argv, const char *help, bool apply)
{
    static const struct option longs[] = {
        {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},
        {"yes", no_argument, NULL, 'y'},
        {0},
    };
    bool json = false;
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hjy", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        json |= opt == 'j';
    }
    if (optind < argc)
        return aif_tool_fail(AIF_EXIT_USAGE, "%s takes no arguments, got \"%s\"; see \"aif %s --help\"", argv[0],
                             argv[optind], argv[0]);
    return run(ctx, json, apply);
}

int aif_cmd_plan(struct aif_cmd_context *ctx, int argc, char **argv)
{
    return parse_and_run(ctx, argc, argv, plan_help, false);
}

int aif_cmd_apply(struct aif_cmd_context *ctx, int argc, char **argv)
{
    return parse_and_run(ctx, argc, argv, apply_help, true);
}
