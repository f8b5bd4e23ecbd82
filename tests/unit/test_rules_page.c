/*
 * test_rules_page.c - aif-rules(7) says what lib/rules.c says
 *
 * The page may be laid out freely; with roff requests and escapes taken away it must hold "id
 * title. meaning" of every rule, and no id that is no rule. "test_rules_page print" writes those
 * entries as they belong into the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rules.h"

#define PAGE_MAX 65536

static char page[PAGE_MAX];

/* Undo \-, \(aq and \(dq; the page uses no other escapes. */
static char plain_character(const char **text)
{
    static const char *const escapes[] = {"\\-", "\\(aq", "\\(dq"};
    static const char plain[] = {'-', '\'', '"'};

    for (size_t i = 0; i < sizeof(plain); i++) {
        if (strncmp(*text, escapes[i], strlen(escapes[i])))
            continue;
        *text += strlen(escapes[i]);
        return plain[i];
    }
    return *(*text)++;
}

static void add_line(const char *line)
{
    size_t used = strlen(page);

    if (*line == '.') {
        line += 1 + strcspn(line + 1, " \n");
        line += *line == ' ';
    }
    while (*line && *line != '\n' && used + 2 < PAGE_MAX)
        page[used++] = plain_character(&line);
    page[used++] = ' ';
    page[used] = '\0';
}

static int read_page(void **state)
{
    char line[1024];
    FILE *file = fopen(RULES_PAGE, "r");

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file))
        if (strcmp(line, ".TP\n"))
            add_line(line);
    fclose(file);
    return 0;
}

static void test_every_rule_is_in_the_page(void **state)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);
    char entry[1024];

    (void)state;
    for (size_t i = 0; i < count; i++) {
        snprintf(entry, sizeof(entry), " %s %s. %s ", rules[i].id, rules[i].title,
                 rules[i].meaning);
        if (!strstr(page, entry))
            fail_msg("not in the page:%s", entry);
    }
}

static void test_every_id_of_the_page_is_a_rule(void **state)
{
    char id[] = "AIF-X000";

    (void)state;
    for (const char *p = strstr(page, "AIF-"); p; p = strstr(p + 1, "AIF-")) {
        memcpy(id, p, strlen(id));
        if (strspn(id + 5, "0123456789") == 3 && !aif_rules_find(id))
            fail_msg("%s is no rule", id);
    }
}

static void print_escaped(const char *text, const char *end)
{
    for (; *text; text++)
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\'')
            fputs("\\(aq", stdout);
        else
            putchar(*text);
    puts(end);
}

static int print_entries(void)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);

    for (size_t i = 0; i < count; i++) {
        printf(".TP\n.B ");
        print_escaped(rules[i].id, "");
        printf(".I ");
        print_escaped(rules[i].title, ".");
        print_escaped(rules[i].meaning, "");
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_is_in_the_page),
        cmocka_unit_test(test_every_id_of_the_page_is_a_rule),
    };

    if (argc == 2 && !strcmp(argv[1], "print"))
        return print_entries();
    return cmocka_run_group_tests(tests, read_page, NULL);
}
