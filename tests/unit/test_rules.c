/* test_rules.c - unit tests of rules.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "rules.h"

static void test_ordered_and_complete(void **state)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(strlen(rules[i].id), 8);
        assert_memory_equal(rules[i].id, "AIF-", 4);
        assert_non_null(strchr("MAQRPC", rules[i].id[4]));
        assert_true(strlen(rules[i].title) > 5 && strlen(rules[i].title) < 50);
        assert_true(strlen(rules[i].meaning) > 40);
        assert_int_equal(rules[i].meaning[strlen(rules[i].meaning) - 1], '.');
        if (i)
            assert_true(strcmp(rules[i - 1].id, rules[i].id) < 0);
    }
}

/* Every id that rules.h defines is in the table, and nothing else. */
static void test_same_as_header(void **state)
{
    FILE *header = fopen(LIB_DIR "/rules.h", "r");
    char line[256];
    size_t defined = 0, count;

    (void)state;
    assert_non_null(header);
    aif_rules(&count);
    while (fgets(line, sizeof(line), header)) {
        char *id = strstr(line, "\"AIF-");

        if (strncmp(line, "#define AIF_", 12) || !id)
            continue;
        id[9] = '\0';
        assert_non_null(aif_rules_find(id + 1));
        defined++;
    }
    fclose(header);
    assert_int_equal(defined, count);
}

static void test_find(void **state)
{
    (void)state;
    assert_string_equal(aif_rules_find("AIF-Q001")->id, AIF_Q_LEFT);
    assert_string_equal(aif_rules_find("aif-q001")->id, AIF_Q_LEFT);
    assert_null(aif_rules_find("AIF-Q999"));
    assert_null(aif_rules_find(""));
    assert_null(aif_rules_find(NULL));
}

static void test_in(void **state)
{
    (void)state;
    assert_string_equal(aif_rules_in("aif: x (AIF-Q001); y")->id, AIF_Q_LEFT);
    assert_string_equal(aif_rules_in("(AIF-Q001) (AIF-C009)")->id, AIF_C_OPTION);
    assert_string_equal(aif_rules_in("(AIF-R001) asked '(AIF-Q9', (AIF-Q99")->id, AIF_R_SYNTAX);
    assert_null(aif_rules_in("AIF-Q001"));
    assert_null(aif_rules_in("(AIF-Q001"));
    assert_null(aif_rules_in("(AIF-X001)"));
    assert_null(aif_rules_in(""));
    assert_null(aif_rules_in(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordered_and_complete),
        cmocka_unit_test(test_same_as_header),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
