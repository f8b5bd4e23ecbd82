/* aif_rules.c - "aif rules": what the rule ids in messages mean */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

#include <json-c/json.h>

#include "common.h"
#include "rules.h"
#include "jsonout.h"
#include "table.h"

static const char help[] =
    "Usage: aif rules [--json|--parsable] [ID]...\n"
    "Say what the rule ids in messages (AIF-Q001 and so on) mean; without ID list them all.\n"
    "  --json      as JSON\n"
    "  --parsable  separated by '|', for scripts\n"
    "Exit status: 0 ok, 1 no such rule, 2 wrong command line.\n";

/* Where the answer gathers; of the plain form nothing does. */
struct answer {
    enum aif_format format;
    struct json_object *list;
    struct aif_table *table;
};

static void begin(struct answer *answer)
{
    static const char *const titles[] = {"ID", "TITLE", "MEANING", NULL};

    if (answer->format == AIF_FORMAT_JSON)
        answer->list = json_object_new_array();
    else if (answer->format == AIF_FORMAT_PARSABLE)
        answer->table = aif_table_create(titles);
}

static void give(const struct answer *answer, const struct aif_rule *rule, bool meaning)
{
    if (answer->list) {
        struct json_object *object = json_object_new_object();

        json_object_object_add(object, "id", json_object_new_string(rule->id));
        json_object_object_add(object, "title", json_object_new_string(rule->title));
        json_object_object_add(object, "meaning", json_object_new_string(rule->meaning));
        json_object_array_add(answer->list, object);
    } else if (answer->table) {
        aif_table_add(answer->table, aif_tool_strdup(rule->id));
        aif_table_add(answer->table, aif_table_cell(rule->title));
        aif_table_add(answer->table, aif_table_cell(rule->meaning));
    } else if (meaning) {
        printf("%s: %s\n%s\n", rule->id, rule->title, rule->meaning);
    } else {
        printf("%-9s %s\n", rule->id, rule->title);
    }
}

static void end(const struct answer *answer)
{
    if (answer->list)
        puts(json_object_to_json_string_ext(answer->list, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    if (answer->table)
        aif_table_print(answer->table, true);
    json_object_put(answer->list);
    aif_table_destroy(answer->table);
}

static const struct aif_rule *find(const char *id)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);

    for (size_t i = 0; i < count; i++)
        if (!strcasecmp(rules[i].id, id))
            return &rules[i];
    return NULL;
}

/* Those that are named, or all. */
static int give_all(const struct answer *answer, int argc, char **argv)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);
    int rc = AIF_EXIT_OK;

    for (size_t i = 0; !argc && i < count; i++)
        give(answer, &rules[i], false);
    for (int i = 0; i < argc; i++) {
        const struct aif_rule *rule = find(argv[i]);

        if (rule)
            give(answer, rule, true);
        else
            rc = aif_tool_fail(AIF_EXIT_FAILED, "no such rule: %s; \"aif rules\" lists them", argv[i]);
    }
    return rc;
}

int aif_cmd_rules(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"parsable", no_argument, NULL, 'p'},
                                          {0}};
    struct answer answer = {.format = AIF_FORMAT_PLAIN};
    int opt, rc;

    (void)ctx;
    while ((opt = aif_tool_option(argc, argv, "hjp", longs, help, &rc)) >= 0)
        answer.format = opt == 'j' ? AIF_FORMAT_JSON : AIF_FORMAT_PARSABLE;
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    begin(&answer);
    rc = give_all(&answer, argc - optind, argv + optind);
    end(&answer);
    return rc;
}
