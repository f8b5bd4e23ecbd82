/* aif_rules.c - "aif rules": what the rule ids in messages mean */
#include "config.h"

#include <stdio.h>
#include <strings.h>

#include "common.h"
#include "rules.h"

static const char help[] =
    "Usage: aif rules [ID]...\n"
    "Say what the rule ids in messages (AIF-Q001 and so on) mean; without ID list them all.\n"
    "Exit status: 0 ok, 1 no such rule, 2 wrong command line.\n";

static void list_all(void)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);

    for (size_t i = 0; i < count; i++)
        printf("%-9s %s\n", rules[i].id, rules[i].title);
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

int aif_cmd_rules(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int rc = AIF_EXIT_OK;

    (void)ctx;
    if (aif_tool_option(argc, argv, "h", longs, help, &rc) == AIF_TOOL_OPT_DONE)
        return rc;
    if (optind == argc)
        list_all();
    for (int i = optind; i < argc; i++) {
        const struct aif_rule *rule = find(argv[i]);

        if (rule)
            printf("%s: %s\n%s\n", rule->id, rule->title, rule->meaning);
        else
            rc = aif_tool_fail(AIF_EXIT_FAILED, "no such rule: %s; \"aif rules\" lists them", argv[i]);
    }
    return rc;
}
