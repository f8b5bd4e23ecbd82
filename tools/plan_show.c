/* plan_show.c - see plan_show.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "common.h"
#include "plan_show.h"
#include "table.h"

static const char *object_name(const struct aif_change *change)
{
    static const char *const names[] = {"qos", "account", "user", "association", "reservation"};

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
    if (change->op == AIF_CHANGE_CONFLICT || change->op == AIF_CHANGE_REMOVE)
        return aif_tool_strdup(field->to);
    if (field->from && change->op != AIF_CHANGE_ADD)
        return aif_tool_format("%s %s -> %s", field->name, field->from, field->to);
    return aif_tool_format("%s %s", field->name, field->to);
}

char *aif_change_text(const struct aif_change *change)
{
    char *head = subject(change);
    char *text = aif_tool_format("%c %s%s", change->op, head, change->drift ? " (drift)" : "");

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

void aif_plan_print(const struct aif_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        char *text = aif_change_text(&plan->changes[i]);

        puts(text);
        free(text);
    }
    fflush(stdout);
}

void aif_plan_print_sum(const struct aif_plan *plan, const char *verb)
{
    size_t done = plan->count - plan->conflicts;

    if (!plan->count)
        return;
    printf("%s %zu change%s, %zu conflict%s", verb, done, done == 1 ? "" : "s", plan->conflicts,
           plan->conflicts == 1 ? "" : "s");
    if (plan->drifts)
        printf(", %zu of them where others changed what aif had made (drift)", plan->drifts);
    putchar('\n');
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
    case AIF_CHANGE_REMOVE:
        return "remove";
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
    json_object_object_add(object, "drift", json_object_new_boolean(change->drift));
    json_object_object_add(object, "fields", fields);
    return object;
}

static struct json_object *changes_json(const struct aif_plan *plan)
{
    struct json_object *changes = json_object_new_array();

    for (size_t i = 0; i < plan->count; i++)
        json_object_array_add(changes, change_json(&plan->changes[i]));
    return changes;
}

void aif_plan_print_json(const struct aif_cmd_context *ctx, const struct aif_plan *plan, const struct aif_plan *prune,
                         bool applied)
{
    struct json_object *object = json_object_new_object();
    size_t conflicts = plan->conflicts + (prune ? prune->conflicts : 0);

    add_text(object, "cluster", ctx->snapshot->policy->cluster);
    add_text(object, "hash", ctx->snapshot->hash);
    json_object_object_add(object, "applied", json_object_new_boolean(applied));
    json_object_object_add(object, "changes", changes_json(plan));
    if (prune)
        json_object_object_add(object, "prune", changes_json(prune));
    json_object_object_add(object, "conflicts", json_object_new_int64((int64_t)conflicts));
    json_object_object_add(object, "drifts", json_object_new_int64((int64_t)plan->drifts));
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

static void add_row(struct aif_table *table, const struct aif_change *change, size_t field)
{
    const bool has = field < change->field_count;
    const bool of_account = change->object == AIF_OBJECT_ASSOC;

    aif_table_add(table, aif_tool_strdup(op_name(change->op)));
    aif_table_add(table, aif_tool_strdup(object_name(change)));
    aif_table_add(table, of_account ? aif_tool_strdup(change->account) : NULL);
    aif_table_add(table, aif_tool_strdup(change->name));
    aif_table_add(table, has ? aif_tool_strdup(change->fields[field].name) : NULL);
    aif_table_add(table, has ? aif_table_cell(change->fields[field].from) : NULL);
    aif_table_add(table, has ? aif_table_cell(change->fields[field].to) : NULL);
    aif_table_add(table, aif_tool_strdup(change->drift ? "yes" : "no"));
}

static void add_rows(struct aif_table *table, const struct aif_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        for (size_t field = 0; !field || field < plan->changes[i].field_count; field++)
            add_row(table, &plan->changes[i], field);
}

void aif_plan_print_parsable(const struct aif_plan *plan, const struct aif_plan *prune)
{
    /* Scripts count columns: new ones go to the end. */
    static const char *const titles[] = {"OP", "OBJECT", "ACCOUNT", "NAME", "FIELD", "FROM", "TO", "DRIFT", NULL};
    struct aif_table *table = aif_table_create(titles);

    add_rows(table, plan);
    if (prune)
        add_rows(table, prune);
    aif_table_print(table, true);
    aif_table_destroy(table);
}
