/* test_gresconf.c - unit tests of gresconf.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gresconf.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct aif_gresconf *parse(const char *text)
{
    struct aif_gresconf *conf = NULL;
    struct aif_error err = {0};

    if (aif_gresconf_parse(text, strlen(text), "gres.conf", &conf, &err))
        fail_msg("%s", err.text);
    return conf;
}

static void test_reads(void **state)
{
    struct aif_gresconf *conf =
        parse("# GPUs\n"
              "AutoDetect=off\n"
              "\n"
              "  NodeName=n[1-4] name = GPU Type=\"a 100\" \\\n"
              "\tFile=/dev/nvidia0 CORES=0-15 Flags=x Links=-1,4 # two of them\r\n"
              "Name=gpu Count=2 NewKey=1\n"
              "INCLUDE  other.conf  # later\n"
              "Name=fpga File=/dev/f\\#1");

    (void)state;
    assert_int_equal(conf->count, 4);
    assert_string_equal(conf->entries[0].autodetect, "off");
    assert_null(conf->entries[0].name);
    assert_int_equal(conf->entries[1].line, 4);
    assert_string_equal(conf->entries[1].nodes, "n[1-4]");
    assert_string_equal(conf->entries[1].name, "GPU");
    assert_string_equal(conf->entries[1].type, "a 100");
    assert_string_equal(conf->entries[1].file, "/dev/nvidia0");
    assert_string_equal(conf->entries[1].cores, "0-15");
    assert_string_equal(conf->entries[1].links, "-1,4");
    assert_int_equal(conf->entries[2].line, 6);
    assert_string_equal(conf->entries[2].count, "2");
    assert_null(conf->entries[2].nodes);
    assert_string_equal(conf->entries[3].file, "/dev/f#1");
    assert_int_equal(conf->include_count, 1);
    assert_string_equal(conf->includes[0], "other.conf");
    aif_gresconf_destroy(conf);
    conf = parse("");
    assert_int_equal(conf->count, 0);
    aif_gresconf_destroy(conf);
    aif_gresconf_destroy(NULL);
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"\nName gpu", "gres.conf:2: no Key=value: \"Name gpu\" (AIF-C002); correct it"},
        {"Name=", "gres.conf:1: no value: \"Name=\""},
        {"=gpu", "gres.conf:1: no Key=value: \"=gpu\""},
        {"Name=gpu Type=\"a100", "gres.conf:1: quote that does not close: \"Type\""},
        {"Name=gpu Type=\"a\"100", "gres.conf:1: quote that does not close: \"Type\""},
        {"Name=gpu name=gpu", "gres.conf:1: key given twice: \"name\""},
        {"Name=gpu File=/dev/a Files=/dev/b", "gres.conf:1: key given twice: \"Files\""},
        {"NodeName=n1 File=/dev/a", "gres.conf:1: neither Name nor AutoDetect"},
        {"Name=gpu \x01", "gres.conf:1: control character"},
        {"Name=gpu, Count=1 trailing", "gres.conf:1: no Key=value: \"trailing\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_gresconf *conf = NULL;
        struct aif_error err = {0};

        if (!aif_gresconf_parse(cases[i].text, strlen(cases[i].text), "gres.conf", &conf, &err))
            fail_msg("taken: %s", cases[i].text);
        assert_null(conf);
        if (strncmp(err.text, cases[i].message, strlen(cases[i].message)))
            fail_msg("want %s\n  got  %s", cases[i].message, err.text);
    }
}

static void test_caps(void **state)
{
    const size_t size = AIF_GRESCONF_LINE_MAX + 100;
    char *text = calloc(1, size);
    struct aif_gresconf *conf = NULL;
    struct aif_error err = {0};

    (void)state;
    memset(text, 'a', size - 1);
    assert_int_equal(aif_gresconf_parse(text, size - 1, "f", &conf, &err), -1);
    assert_non_null(strstr(err.text, "f:1: line too long"));
    assert_int_equal(aif_gresconf_parse("Name=gpu\0x", 10, "f", &conf, &err), -1);
    assert_non_null(strstr(err.text, "f:1: control character: \"NUL\""));
    free(text);
}

/* Cut anywhere or with any byte changed: read or refused, never worse. */
static void test_damaged(void **state)
{
    static const char good[] = "NodeName=n[1-2] Name=gpu File=\"/dev/a[0-3]\" \\\nCores=0-3 # x\n"
                               "Include y\nAutoDetect=nvml\n";
    char text[sizeof(good)];

    (void)state;
    for (size_t i = 0; i < strlen(good); i++)
        for (int byte = 0; byte < 256; byte += 5) {
            struct aif_gresconf *conf = NULL;

            memcpy(text, good, sizeof(good));
            text[i] = (char)byte;
            if (!aif_gresconf_parse(text, i + 1, "f", &conf, NULL)) {
                for (size_t e = 0; e < conf->count; e++)
                    assert_true(aif_gresconf_devices(&conf->entries[e]) <= 1024);
                aif_gresconf_destroy(conf);
            }
        }
}

static void test_devices(void **state)
{
    static const struct {
        const char *file, *count;
        uint32_t devices;
    } cases[] = {
        {NULL, NULL, 1},
        {NULL, "8", 8},
        {NULL, "0", 0},
        {NULL, "8x", 0},
        {NULL, "99999999999", 0},
        {"/dev/nvidia0", NULL, 1},
        {"/dev/nvidia[0-3]", "9", 4},
        {"/dev/nvidia[0-3,6]", NULL, 5},
        {"/dev/a,/dev/b[1-2]", NULL, 3},
        {"/dev/a[0-1]b[0-3]", NULL, 8},
        {"/dev/a[", NULL, 0},
        {"/dev/a[]", NULL, 0},
        {"/dev/a[3-1]", NULL, 0},
        {"/dev/a[0-99999999]", NULL, 0},
        {"/dev/a[0-1023]b[0-1023]c[0-1023]", NULL, 0},
        {"/dev/a[1-", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct aif_gresconf_entry entry = {.file = (char *)(uintptr_t)cases[i].file,
                                                 .count = (char *)(uintptr_t)cases[i].count};

        assert_int_equal(aif_gresconf_devices(&entry), cases[i].devices);
    }
}

/* The links of a file whose lines are all of one node. */
static int links_of(const char *text, uint32_t cores_per_socket, struct aif_gpulinks **ret_links,
                    bool *ret_bound, struct aif_error *err)
{
    struct aif_gresconf *conf = parse(text);
    const struct aif_gresconf_entry *entries[32];
    int rc;

    assert_true(conf->count <= COUNT_OF(entries));
    for (size_t i = 0; i < conf->count; i++)
        entries[i] = &conf->entries[i];
    rc = aif_gresconf_links(entries, conf->count, cores_per_socket, "g", ret_links, ret_bound, err);
    aif_gresconf_destroy(conf);
    return rc;
}

static struct aif_gpulinks *good_links(const char *text, bool *ret_bound)
{
    struct aif_gpulinks *links = NULL;
    struct aif_error err = {0};

    if (links_of(text, 4, &links, ret_bound, &err))
        fail_msg("%s", err.text);
    return links;
}

static void test_links(void **state)
{
    static const uint16_t matrix[] = {0, 9, 0, 9, 0, 0, 0, 0, 0}, sockets[] = {0, 0, 1};
    struct aif_gpulinks *links, *expected = NULL;
    bool bound;

    (void)state;
    assert_int_equal(aif_gpulinks_create(3, matrix, sockets, &expected, NULL), 0);
    /* In any order: "-1" says which GPU a line is of. */
    links = good_links("Name=gpu Links=0,0,-1 Cores=4-7\nName=gpu Links=-1,9,0 Cores=0-3\n"
                       "Name=gpu Links=9,-1,0 Cores=0-3",
                       &bound);
    assert_true(aif_gpulinks_equal(links, expected));
    assert_true(bound);
    aif_gpulinks_destroy(links);
    /* A line without Links takes the place that is left. */
    links = good_links("Name=gpu Cores=4\nName=gpu Links=-1,9,0\nName=gpu Links=9,-1,0 Cores=0",
                       &bound);
    assert_true(aif_gpulinks_equal(links, expected));
    assert_false(bound);
    aif_gpulinks_destroy(links);
    links = good_links("Name=gpu File=/dev/x[0-3] Cores=0-3 Links=18,18,18,18", &bound);
    assert_true(aif_gpulinks_are_uniform(links));
    assert_int_equal(aif_gpulinks_inside(links, 0xf), 6 * 18);
    aif_gpulinks_destroy(links);
    assert_null(good_links("Name=gpu File=/dev/x[0-3] Cores=0-3", &bound));
    assert_null(good_links("Name=gpu File=/dev/x[0-16] Links=1", &bound));
    assert_false(bound);
    aif_gpulinks_destroy(expected);
}

static void test_bad_links(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"Name=gpu Links=-1\nName=gpu Links=-1,0", "g:1: Links: too few: \"-1\", limit 2 figures, "
                                                   "-1 at the GPU itself (AIF-C007); correct it"},
        {"Name=gpu Links=-1,0,0\nName=gpu", "g:1: Links: too many: \"-1,0,0\""},
        {"Name=gpu Links=-1,x\nName=gpu", "g:1: Links: not understood: \"-1,x\""},
        {"Name=gpu Links=-1,-1\nName=gpu", "g:1: Links: not understood: \"-1,-1\""},
        {"Name=gpu Links=-1,65536\nName=gpu", "g:1: Links: not understood"},
        {"Name=gpu Links=-1,1\nName=gpu Links=-1,1", "g:2: Links: two lines of one GPU: \"-1,1\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_gpulinks *links = NULL;
        struct aif_error err = {0};
        bool bound;

        assert_int_equal(links_of(cases[i].text, 0, &links, &bound, &err), -1);
        assert_null(links);
        if (strncmp(err.text, cases[i].message, strlen(cases[i].message)))
            fail_msg("want %s\n  got  %s", cases[i].message, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),     cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_caps),      cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_devices),   cmocka_unit_test(test_links),
        cmocka_unit_test(test_bad_links),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
