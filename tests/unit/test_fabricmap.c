/* test_fabricmap.c - unit tests of fabricmap.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "fabricmap.h"

#define MAP(levels) "{\"version\": 1, \"levels\": " levels "}"
#define LEVEL(islands) MAP("[{\"name\": \"a\", \"islands\": " islands "}]")

static void test_reads(void **state)
{
    static const char text[] = "// two levels\n" MAP(
        "[{\"name\": \"group\", \"weight\": 7, \"segments\": [4, 2], \"islands\":"
        " {\"g0\": \"nid[005000-005123],x\", \"g1\": \"nid6\"}},"
        " {\"name\": \"pod\", \"islands\": {\"p\": \"nid[1-3,7]-[0-1]\"}}]");
    char *path = write_temp(text, strlen(text));
    struct aif_fabricmap *map = NULL;
    struct aif_error err = {0};

    (void)state;
    if (aif_fabricmap_load(path, &map, &err))
        fail_msg("%s", err.text);
    assert_int_equal(map->level_count, 2);
    assert_string_equal(map->levels[0].conf.name, "group");
    assert_int_equal(map->levels[0].conf.weight, 7);
    assert_int_equal(map->levels[0].conf.segment_count, 2);
    assert_int_equal(map->levels[0].island_count, 2);
    assert_string_equal(map->levels[0].names[1], "g1");
    assert_string_equal(map->levels[0].hosts[0], "nid[005000-005123],x");
    assert_int_equal(map->levels[1].conf.weight, 100);
    assert_int_equal(map->levels[1].island_count, 1);
    aif_fabricmap_destroy(map);
    aif_fabricmap_destroy(NULL);
    remove_temp(path);
}

static void test_makes_fabric(void **state)
{
    static const char text[] =
        MAP("[{\"name\": \"leaf\", \"islands\": {\"a\": \"n[0-1]\", \"b\": \"n[2-3]\"}},"
            " {\"name\": \"pod\", \"weight\": 5, \"islands\": {\"p\": \"n[0-1]\"}}]");
    uint32_t leaf[] = {0, 0, 1, 1, AIF_FABRICMAP_NONE, AIF_FABRICMAP_NONE};
    uint32_t pod[] = {0, 0, AIF_FABRICMAP_NONE, AIF_FABRICMAP_NONE, AIF_FABRICMAP_NONE, 0};
    uint32_t *const island_of[] = {leaf, pod};
    struct aif_fabricmap *map = NULL;
    struct aif_fabric *fabric = NULL;
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(aif_fabricmap_parse(text, strlen(text), "f", &map, NULL), 0);
    assert_int_equal(aif_fabricmap_fabric(map, 6, island_of, &fabric, &err), 0);
    assert_int_equal(fabric->level_count, 2);
    assert_int_equal(fabric->levels[0].island_count, 4);
    assert_int_equal(fabric->levels[1].island_count, 3);
    assert_int_equal(fabric->levels[1].conf.weight, 5);
    assert_string_equal(fabric->levels[0].names[fabric->levels[0].island_of[3]], "b");
    assert_string_equal(fabric->levels[0].names[fabric->levels[0].island_of[4]], "no-island");
    assert_string_equal(fabric->levels[1].names[fabric->levels[1].island_of[5]], "p");
    assert_int_equal(fabric->levels[1].island_of[2], fabric->levels[1].island_of[3]);
    assert_true(fabric->levels[1].island_of[2] != fabric->levels[1].island_of[4]);
    aif_fabric_destroy(fabric);
    /* Half of leaf b in the pod. */
    memcpy(leaf, (const uint32_t[]){0, 0, 1, 1, 1, 1}, sizeof(leaf));
    memcpy(pod, (const uint32_t[]){0, 0, 0, 0, 0, AIF_FABRICMAP_NONE}, sizeof(pod));
    assert_int_equal(aif_fabricmap_fabric(map, 6, island_of, &fabric, &err), -1);
    assert_string_equal(err.text, "aif: fabric: island in two others: leaf \"b\" in pod \"p\" and "
                                  "\"no-island\", limit one; correct the levels");
    aif_fabricmap_destroy(map);
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "f:1: top level: not JSON"},
        {"[]", "f:1: "},
        {"{}", "f:1: version: required key is missing"},
        {"{\"version\": 2, \"levels\": []}", "f:1: version: out of range: 2, limit 1"},
        {"{\"version\": 1}", "f:1: levels: required key is missing"},
        {MAP("[]"), "f:1: levels: too few entries: 0, limit 1 to 6"},
        {MAP("{}"), "f:1: levels: wrong type"},
        {MAP("[{}]"), "f:1: levels[0].name: required key is missing"},
        {MAP("[{\"name\": \"a\"}]"), "f:1: levels[0].islands: required key is missing"},
        {MAP("[{\"name\": \"a\", \"island\": {}, \"islands\": {}}]"),
         "f:1: levels[0].island: unknown key: \"island\" (AIF-C003); did you mean \"islands\"?"},
        {LEVEL("{}"), "f:1: levels[0].islands: too few entries: 0, limit 1 to 100000"},
        {LEVEL("[\"n1\"]"), "f:1: levels[0].islands: wrong type"},
        {LEVEL("{\"g\": 1}"), "f:1: levels[0].islands.g: wrong type"},
        {LEVEL("{\"g\": \"n[1-2\"}"),
         "f:1: levels[0].islands.g: out of range: \"n[1-2\", limit a host list"},
        {LEVEL("{\"g\": \"n1]\"}"), "f:1: levels[0].islands.g: out of range"},
        {LEVEL("{\"g\": \"n[[1]]\"}"), "f:1: levels[0].islands.g: out of range"},
        {LEVEL("{\"g\": \"n1 n2\"}"), "f:1: levels[0].islands.g: out of range"},
        {LEVEL("{\"g\": \"n1;rm\"}"), "f:1: levels[0].islands.g: out of range"},
        {LEVEL("{\"g\": \"\"}"), "f:1: levels[0].islands.g: out of range"},
        {LEVEL("{\"\": \"n1\"}"), "f:1: levels[0].islands."},
        {LEVEL("{\"a b\": \"n1\"}"), "f:1: levels[0].islands.a b: out of range: blank"},
        {LEVEL("{\"g\": \"n1\", \"g\": \"n2\"}"), "f:1: "},
        {LEVEL("{\"0123456789012345678901234567890123456789012345678901234567890123\": \"n1\"}"),
         "f:1: levels[0].islands.0123456789"},
        {MAP("[{\"name\": \"a\", \"islands\": {\"g\": \"n1\"}}, {\"name\": \"a\", \"islands\": "
             "{\"g\": \"n1\"}}]"),
         "f:1: levels[1]: name given twice: \"a\" (AIF-C006)"},
        {MAP("[{\"name\": \"a\", \"islands\": {\"g\": \"n1\"}}, {\"name\": \"b\", \"islands\": "
             "{\"h\": \"n2\", \"i\": 3}}]"),
         "f:1: levels[1].islands.i: wrong type"},
        {"{\"version\": 1, \"levels\": [{\"name\": \"a\", \"islands\": {\"g\": \"n1\"}}], \"x\": "
         "1}",
         "f:1: x: unknown key"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_fabricmap *map = NULL;
        struct aif_error err = {0};

        if (!aif_fabricmap_parse(cases[i].text, strlen(cases[i].text), "f", &map, &err))
            fail_msg("taken: %s", cases[i].text);
        assert_null(map);
        drop_column(err.text);
        if (strncmp(err.text, cases[i].message, strlen(cases[i].message)))
            fail_msg("%s\n  want %s\n  got  %s", cases[i].text, cases[i].message, err.text);
        assert_null(strchr(err.text, '\n'));
    }
    assert_int_equal(aif_fabricmap_load("/nonexistent", &(struct aif_fabricmap *){NULL}, NULL), -1);
}

/* Cut anywhere, or with any byte changed, the file is taken or refused, and nothing leaks. */
static void test_damaged(void **state)
{
    static const char good[] = MAP("[{\"name\": \"g\", \"weight\": 7, \"segments\": [4, 2], "
                                   "\"islands\": {\"g0\": \"n[0-5],x\"}},"
                                   " {\"name\": \"p\", \"islands\": {\"p\": \"n[1-3]\"}}]");
    char text[sizeof(good)];

    (void)state;
    for (size_t i = 0; i < strlen(good); i++) {
        struct aif_fabricmap *map = NULL;

        assert_int_equal(aif_fabricmap_parse(good, i, "f", &map, NULL), -1);
        for (int byte = 1; byte < 256; byte += 7) {
            memcpy(text, good, sizeof(good));
            text[i] = (char)byte;
            if (!aif_fabricmap_parse(text, strlen(good), "f", &map, NULL)) {
                assert_true(map->level_count >= 1 && map->level_count <= 2);
                aif_fabricmap_destroy(map);
            }
            map = NULL;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_makes_fabric),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
