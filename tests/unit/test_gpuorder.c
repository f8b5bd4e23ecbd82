/* test_gpuorder.c - unit tests of spank/gpuorder.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gpuorder.h"

/* devices NULL: not even links are known; want NULL: no order. */
static void check(const char *conf, const char *node, const char *devices, const char *want)
{
    struct aif_gpulinks *links = NULL;
    char text[64] = "";
    const int rc = spank_aif_gpulinks(conf, strlen(conf), node, &links);

    if (!devices) {
        assert_int_equal(rc, -1);
        assert_null(links);
        return;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(spank_aif_gpuorder(links, devices, text, sizeof(text)), want ? 0 : -1);
    if (want)
        assert_string_equal(text, want);
    aif_gpulinks_destroy(links);
}

/* Bridged pairs (0-2)(1-3), all on one socket. */
#define CROSSED                                                                                                        \
    "NodeName=n[1-2] Name=gpu File=/dev/g0 Links=-1,0,4,0\nNodeName=n[1-2] Name=gpu File=/dev/g1 Links=0,-1,0,4\n"     \
    "NodeName=n[1-2] Name=gpu File=/dev/g2 Links=4,0,-1,0\nNodeName=n[1-2] Name=gpu File=/dev/g3 Links=0,4,0,-1\n"

static void test_links(void **state)
{
    (void)state;
    check(CROSSED, "n1", "0,1,2,3", "0,2,1,3");
    check(CROSSED, "n2", "1,2,3", "0,2,1"); /* 1-3 first, as the job numbers them */
    check(CROSSED, "n1", "3", "0");
    check(CROSSED, "n1", "0,2", "0,1");
}

/* All linked alike, but 0 and 3 share cores, as do 1 and 2. */
#define MIXED_CORES                                                                                                    \
    "Name=gpu File=/dev/g0 Cores=0-3 Links=-1,6,6,6\nName=gpu File=/dev/g1 Cores=4-7 Links=6,-1,6,6\n"                 \
    "Name=gpu File=/dev/g2 Cores=4-7 Links=6,6,-1,6\nName=gpu File=/dev/g3 Cores=0-3 Links=6,6,6,-1\n"

static void test_cores_between_equals(void **state)
{
    (void)state;
    check(MIXED_CORES, "any", "0,1,2,3", "0,3,1,2");
    check(MIXED_CORES, "any", "0,1,2", "0,1,2");
}

static void test_other_lines_do_not_matter(void **state)
{
    (void)state;
    check("Name=nic File=/dev/nic0\nAutoDetect=off\nNodeName=n9 AutoDetect=nvml\nNodeName=m1 Name=gpu File=/dev/x\n" CROSSED,
          "n1", "0,1,2,3", "0,2,1,3");
}

static void test_bad_devices(void **state)
{
    (void)state;
    check(CROSSED, "n1", "", NULL);
    check(CROSSED, "n1", "4", NULL);
    check(CROSSED, "n1", "0,4", NULL);
    check(CROSSED, "n1", "1,0", NULL);
    check(CROSSED, "n1", "0,0", NULL);
    check(CROSSED, "n1", "0,", NULL);
    check(CROSSED, "n1", "0-2", NULL);
    check(CROSSED, "n1", "GPU-abc", NULL);
    check(CROSSED, "n1", "99999999999999999999", NULL);
    check(CROSSED, "n1", " 1", NULL);
}

static void test_no_room(void **state)
{
    struct aif_gpulinks *links = NULL;
    char text[4];

    (void)state;
    assert_int_equal(spank_aif_gpulinks(CROSSED, strlen(CROSSED), "n1", &links), 0);
    assert_int_equal(spank_aif_gpuorder(links, "0,1", text, sizeof(text)), 0);
    assert_int_equal(spank_aif_gpuorder(links, "0,1,2", text, sizeof(text)), -1);
    aif_gpulinks_destroy(links);
}

static void test_not_known(void **state)
{
    (void)state;
    check("", "n1", NULL, NULL);
    check("Name=gpu File=/dev/g[0-3]\n", "n1", NULL, NULL);
    check(CROSSED, "n3", NULL, NULL);
    check("AutoDetect=nvml\n" CROSSED, "n1", NULL, NULL);
    check("NodeName=n1 AutoDetect=rsmi\n" CROSSED, "n1", NULL, NULL);
    check("Include more.conf\n" CROSSED, "n1", NULL, NULL);
    check("Name=gpu Type=a File=/dev/g0 Links=-1,4\nName=gpu Type=b File=/dev/g1 Links=4,-1\n", "n1", NULL, NULL);
    check("Name=gpu Type=a File=/dev/g0 Links=-1,4\nName=gpu File=/dev/g1 Links=4,-1\n", "n1", NULL, NULL);
    check("Name=gpu File=/dev/g0 Links=4,-1\nName=gpu File=/dev/g1 Links=-1,4\n", "n1", NULL, NULL);
    check("Name=gpu File=/dev/g0 Links=-1,4,4\nName=gpu File=/dev/g1 Links=4,-1\n", "n1", NULL, NULL);
    check("Name=gpu File=/dev/g[0-16] Links=1\n", "n1", NULL, NULL);
    check("this is no file of that kind\n", "n1", NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links),       cmocka_unit_test(test_cores_between_equals),
        cmocka_unit_test(test_other_lines_do_not_matter), cmocka_unit_test(test_bad_devices),
        cmocka_unit_test(test_no_room),     cmocka_unit_test(test_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
