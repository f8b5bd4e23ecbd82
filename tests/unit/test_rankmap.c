/* test_rankmap.c - ranks read, sorted, judged and scored; what is said of wrong ones */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rankmap.h"

#define SAID_MAX 8

struct said {
    char text[SAID_MAX][512];
    size_t count;
};

static void note(void *arg, const char *text)
{
    struct said *said = arg;

    assert_true(said->count < SAID_MAX);
    strncpy(said->text[said->count++], text, sizeof(said->text[0]) - 1);
}

static void add(struct aif_rankmap *map, const char *text)
{
    struct json_object *object = json_tokener_parse(text);
    struct aif_error err = {0};

    assert_non_null(object);
    assert_int_equal(aif_rankmap_read(map, object, &err), 0);
    json_object_put(object);
}

static void add_rank(struct aif_rankmap *map, int rank, const char *address, int domain, int gpu, int near)
{
    char text[512];

    snprintf(text, sizeof(text),
             "{\"rank\":%d,\"node\":\"%s\",\"address\":\"%s\",\"cores\":\"%d\",\"domains\":[%d],\"gpus\":[{\"gpu\":%d,\"near\":[%d]}]}", rank,
             strrchr(address, '.') + 1, address, domain, domain, gpu, near);
    add(map, text);
}

static void test_all_is_well(void **state)
{
    struct aif_rankmap map = {.domain = "NUMA"};
    struct aif_rankmap_score score;
    struct said said = {.count = 0};

    (void)state;
    add_rank(&map, 1, "core.leaf1.n1", 1, 2, 1);
    add_rank(&map, 0, "core.leaf1.n1", 0, 0, 0);
    add_rank(&map, 2, "core.leaf2.n3", 0, 0, 0);
    aif_rankmap_sort(&map);
    assert_int_equal(map.ranks[0].rank, 0);
    assert_int_equal(aif_rankmap_complain(&map, note, &said), 0);
    score = aif_rankmap_score(&map);
    assert_int_equal(score.bound, 3);
    assert_int_equal(score.known, 3);
    assert_int_equal(score.binding, 100);
    assert_int_equal(score.steps, 2);
    assert_int_equal(score.order, 100);
    aif_rankmap_clear(&map);
}

static void test_far_loose_and_shared(void **state)
{
    struct aif_rankmap map = {.domain = "NUMA"};
    struct said said = {.count = 0};

    (void)state;
    add_rank(&map, 0, "core.leaf1.n1", 1, 0, 0);
    add(&map, "{\"rank\":1,\"node\":\"n1\",\"cores\":\"0-7\",\"domains\":[0,1],\"gpus\":[{\"gpu\":1,\"near\":[0]}]}");
    add_rank(&map, 2, "core.leaf1.n1", 0, 1, 0);
    add_rank(&map, 3, "core.leaf1.n2", 0, 1, 0);
    aif_rankmap_sort(&map);
    assert_int_equal(aif_rankmap_complain(&map, note, &said), 4);
    assert_non_null(strstr(said.text[0], "rank 0 on n1: wrong binding: cores 1 are in NUMA 1, its GPUs in NUMA 0; try"));
    assert_non_null(strstr(said.text[1], "rank 1 on n1: loose binding: cores 0-7 are in NUMA 0-1"));
    assert_non_null(strstr(said.text[2], "rank 1 on n1: shares GPU 1 with rank 2"));
    assert_non_null(strstr(said.text[3], "rank 2 on n1: shares GPU 1 with rank 1"));
    assert_int_equal(aif_rankmap_score(&map).binding, 50);
    map.by_node = true;
    assert_false(aif_rankmap_judge(&map, 1).loose);
    assert_false(aif_rankmap_judge(&map, 1).shares);
    assert_true(aif_rankmap_judge(&map, 0).far);
    aif_rankmap_clear(&map);
}

#define NICS "\"nics\":[{\"nic\":\"mlx5_0\",\"near\":[0],\"used\":%s},{\"nic\":\"mlx5_1\",\"near\":[1],\"used\":%s}]"

static bool far_nic(const char *first, const char *second, struct said *ret_said)
{
    struct aif_rankmap map = {.domain = "NUMA"};
    char text[512];
    bool far;

    snprintf(text, sizeof(text), "{\"rank\":0,\"node\":\"n1\",\"cores\":\"0\",\"domains\":[0],\"gpus\":[{\"gpu\":0,\"near\":[0]}]," NICS "}", first,
             second);
    add(&map, text);
    aif_rankmap_sort(&map);
    far = aif_rankmap_judge(&map, 0).far_nic;
    assert_int_equal(aif_rankmap_complain(&map, note, ret_said), far);
    aif_rankmap_clear(&map);
    return far;
}

static void test_network_devices(void **state)
{
    struct said said = {.count = 0};

    (void)state;
    assert_false(far_nic("false", "false", &said));
    assert_false(far_nic("true", "false", &said));
    assert_false(far_nic("true", "true", &said));
    assert_true(far_nic("false", "true", &said));
    assert_non_null(strstr(said.text[0], "wrong network device: it uses mlx5_1, its GPUs are in NUMA 0 where mlx5_0 is"));
}

static void test_order(void **state)
{
    static const char *const places[] = {"core.leaf1.n1", "core.leaf2.n3", "core.leaf1.n2", "core.leaf2.n4"};
    struct aif_rankmap map = {.domain = "NUMA"};
    struct aif_rankmap_score score;

    (void)state;
    for (int i = 0; i < 4; i++)
        add_rank(&map, i, places[i], 0, 0, 0);
    aif_rankmap_sort(&map);
    score = aif_rankmap_score(&map);
    assert_int_equal(score.steps, 6);
    assert_int_equal(score.least_steps, 4);
    assert_int_equal(score.order, 66);
    aif_rankmap_clear(&map);
}

static void test_unknown_places_are_no_fault(void **state)
{
    struct aif_rankmap map = {.domain = "NUMA"};
    struct aif_rankmap_score score;

    (void)state;
    add(&map, "{\"rank\":0,\"node\":\"n1\",\"cores\":\"0-3\",\"domains\":[],\"gpus\":[{\"gpu\":0,\"near\":[]}]}");
    add(&map, "{\"rank\":1,\"node\":\"n2\"}");
    aif_rankmap_sort(&map);
    score = aif_rankmap_score(&map);
    assert_int_equal(score.known, 0);
    assert_int_equal(score.binding, 100);
    assert_int_equal(score.steps, 0);
    assert_false(aif_rankmap_judge(&map, 0).far);
    aif_rankmap_clear(&map);
}

static void test_json_comes_back(void **state)
{
    static const char *const text = "{\"rank\":7,\"node\":\"n1\",\"address\":\"a.n1\",\"cores\":\"0-3\",\"domains\":[0,63],"
                                    "\"gpus\":[{\"gpu\":3,\"near\":[1]}],\"nics\":[{\"nic\":\"hsn0\",\"near\":[],\"used\":true}]}";
    struct aif_rankmap map = {.domain = "NUMA"};
    struct json_object *object;

    (void)state;
    add(&map, text);
    object = aif_rank_json(&map.ranks[0]);
    assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN), text);
    json_object_put(object);
    aif_rankmap_clear(&map);
}

static void test_what_is_no_rank(void **state)
{
    static const char *const cases[] = {"{}", "{\"rank\":0}", "{\"rank\":-1,\"node\":\"n1\"}", "{\"rank\":\"0\",\"node\":\"n1\"}",
                                        "{\"rank\":4294967295,\"node\":\"n1\"}", "{\"node\":\"n1\"}"};
    struct aif_rankmap map = {.domain = "NUMA"};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_object *object = json_tokener_parse(cases[i]);
        struct aif_error err = {0};

        assert_int_equal(aif_rankmap_read(&map, object, &err), -1);
        assert_int_equal(err.code, AIF_EINVAL);
        json_object_put(object);
    }
    assert_int_equal(map.count, 0);
    aif_rankmap_sort(&map);
    aif_rankmap_clear(&map);
}

static void test_masks(void **state)
{
    char text[AIF_RANK_MASK_SIZE];

    (void)state;
    aif_rank_mask_text(0, text);
    assert_string_equal(text, "-");
    aif_rank_mask_text(0x8000000000000017U, text);
    assert_string_equal(text, "0-2,4,63");
    aif_rank_mask_text(UINT64_MAX, text);
    assert_string_equal(text, "0-63");
    aif_rank_mask_text(0x5555555555555555U, text);
    assert_int_equal(strlen(text), 5 * 2 + 27 * 3 - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_well),
        cmocka_unit_test(test_far_loose_and_shared),
        cmocka_unit_test(test_network_devices),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_unknown_places_are_no_fault),
        cmocka_unit_test(test_json_comes_back),
        cmocka_unit_test(test_what_is_no_rank),
        cmocka_unit_test(test_masks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
