/* test_devicepick.c - unit tests of devicepick.h: known nodes, and an oracle of its own */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "devicepick.h"

static void link_pair(struct aif_devicepick *node, uint32_t a, uint32_t b, uint16_t links)
{
    node->links[a][b] = node->links[b][a] = links;
}

/* Eight PCIe GPUs with bridges (0-1)(2-3)(4-5)(6-7), four on each socket. */
static struct aif_devicepick pairs(void)
{
    struct aif_devicepick node = {.count = 8};

    for (uint32_t i = 0; i < 8; i++)
        node.kind[i] = i / 4;
    for (uint32_t i = 0; i < 8; i += 2)
        link_pair(&node, i, i + 1, 4);
    return node;
}

/* LUMI-G's eight dies as if on one socket (reference topology.md 4.1). */
static struct aif_devicepick lumi(void)
{
    static const uint8_t links[][3] = {{0, 1, 4}, {2, 3, 4}, {4, 5, 4}, {6, 7, 4}, {0, 6, 2}, {2, 4, 2},
                                       {0, 2, 1}, {1, 3, 1}, {1, 5, 1}, {3, 7, 1}, {4, 6, 1}, {5, 7, 1}};
    struct aif_devicepick node = {.count = 8};

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        link_pair(&node, links[i][0], links[i][1], links[i][2]);
    return node;
}

static void test_pairs(void **state)
{
    const struct aif_devicepick node = pairs();

    (void)state;
    assert_int_equal(aif_devicepick(&node, 0xfa, 0x05), 0x03); /* stock of 24.11 takes 0 and 2 */
    assert_int_equal(aif_devicepick(&node, 0x0a, 0x50), 0x50); /* no linked pair is left: as chosen */
    assert_int_equal(aif_devicepick(&node, 0xfc, 0x03), 0x03);
    assert_int_equal(aif_devicepick(&node, 0xaa, 0x55), 0x33); /* two of each socket */
    assert_int_equal(aif_devicepick(&node, 0x0e, 0x10), 0x10); /* the other socket is none of its business */
    assert_int_equal(aif_devicepick_inside(&node, 0x33), 8);
}

static void test_fewest_links_cut(void **state)
{
    const struct aif_devicepick node = pairs();

    (void)state;
    /* One GPU of 1, 2 and 3: only 1 breaks no pair. */
    assert_int_equal(aif_devicepick(&node, 0x0a, 0x04), 0x02);
    assert_int_equal(aif_devicepick(&node, 0x0c, 0x02), 0x02);
}

static void test_lumi(void **state)
{
    const struct aif_devicepick node = lumi();

    (void)state;
    assert_int_equal(aif_devicepick_inside(&node, 0xff), 4 * 4 + 2 * 2 + 6);
    assert_int_equal(aif_devicepick(&node, 0xaa, 0x55), 0x0f); /* four with ten links; there are other such fours */
    assert_int_equal(aif_devicepick_inside(&node, 0x0f), 10);
    assert_int_equal(aif_devicepick(&node, 0x3c, 0xc3), 0xc3); /* as good: as chosen */
}

static void test_kinds_are_kept(void **state)
{
    struct aif_devicepick node = pairs();

    (void)state;
    node.kind[1] = 7; /* another type on the same socket */
    assert_int_equal(aif_devicepick(&node, 0xfa, 0x05), 0x0c);
    assert_true(aif_devicepick_alike(&node, 0x05, 0x0c));
    assert_false(aif_devicepick_alike(&node, 0x05, 0x03));
    assert_false(aif_devicepick_alike(&node, 0x05, 0x01));
}

static void test_too_many(void **state)
{
    const struct aif_devicepick node = {.count = 9};

    (void)state;
    assert_int_equal(aif_devicepick(&node, 0xff, 0x100), 0x100);
}

/* ---- an oracle that goes about it differently: swap one GPU after the other, all ways ---- */

static uint32_t links_of(const struct aif_devicepick *node, uint32_t set)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < node->count; i++)
        for (uint32_t j = 0; j < i; j++)
            if ((set >> i & 1) && (set >> j & 1))
                sum += node->links[i][j];
    return sum;
}

/* The most links among sets reached from set by swaps inside a kind; seen marks what was looked at. */
static uint32_t most_by_swaps(const struct aif_devicepick *node, uint32_t pool, uint32_t set, uint8_t *seen)
{
    uint32_t most = links_of(node, set);

    seen[set] = 1;
    for (uint32_t out = 0; out < node->count; out++)
        for (uint32_t in = 0; in < node->count; in++) {
            const uint32_t next = (set & ~(1u << out)) | 1u << in;

            if (!(set >> out & 1) || set >> in & 1 || !(pool >> in & 1) || node->kind[in] != node->kind[out] || seen[next])
                continue;
            const uint32_t found = most_by_swaps(node, pool, next, seen);
            most = found > most ? found : most;
        }
    return most;
}

static void test_against_the_oracle(void **state)
{
    (void)state;
    srandom(20261121);
    for (int round = 0; round < 5000; round++) {
        struct aif_devicepick node = {.count = 1 + (uint32_t)random() % AIF_DEVICEPICK_GPUS_MAX};
        const uint32_t all = (1u << node.count) - 1, chosen = (uint32_t)random() & all;
        const uint32_t free = (uint32_t)random() & all & ~chosen;
        uint8_t seen[256] = {0};
        uint32_t got;

        for (uint32_t i = 0; i < node.count; i++) {
            node.kind[i] = (uint8_t)(random() % 2);
            for (uint32_t j = 0; j < i; j++)
                link_pair(&node, i, j, (uint16_t)(random() % 5));
        }
        got = aif_devicepick(&node, free, chosen);
        assert_int_equal(got & ~(free | chosen), 0);
        assert_true(aif_devicepick_alike(&node, got, chosen));
        assert_int_equal(links_of(&node, got), most_by_swaps(&node, free | chosen, chosen, seen));
        assert_int_equal(aif_devicepick(&node, (free | chosen) & ~got, got), got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_fewest_links_cut),
        cmocka_unit_test(test_lumi),
        cmocka_unit_test(test_kinds_are_kept),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_against_the_oracle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
