/* test_gpulinks.c - unit tests of gpulinks.h: machines that there are, and brute force */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gpulinks.h"

#define MAX AIF_GPULINKS_GPUS_MAX

/* LUMI-G: two GCDs of a module, then what goes between the modules. */
static const uint16_t mi250x[] = {
    0, 4, 1, 0, 0, 0, 2, 0, 4, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 2, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 1,
    0, 0, 2, 0, 0, 4, 1, 0, 0, 1, 0, 0, 4, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 4, 0, 0, 0, 1, 0, 1, 4, 0,
};
static const uint16_t mi250x_numa[] = {3, 3, 1, 1, 0, 0, 2, 2};

/* PCIe cards with a bridge between two each. */
static const uint16_t pairs[] = {
    0, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 4, 0,
};
static const uint16_t two_sockets[] = {0, 0, 0, 0, 1, 1, 1, 1};

/* DGX-1 V100: two quads of unequal links and one link from each GPU to its twin. */
static const uint16_t dgx1[] = {
    0, 1, 1, 2, 2, 0, 0, 0, 1, 0, 2, 1, 0, 2, 0, 0, 1, 2, 0, 2, 0, 0, 1, 0, 2, 1, 2, 0, 0, 0, 0, 1,
    2, 0, 0, 0, 0, 1, 1, 2, 0, 2, 0, 0, 1, 0, 2, 1, 0, 0, 1, 0, 1, 2, 0, 2, 0, 0, 0, 1, 2, 1, 2, 0,
};

static struct aif_gpulinks *make(uint32_t count, const uint16_t *links, const uint16_t *sockets)
{
    struct aif_gpulinks *made = NULL;
    struct aif_error err;

    assert_int_equal(aif_gpulinks_create(count, links, sockets, &made, &err), 0);
    return made;
}

static void check_order(const struct aif_gpulinks *links, uint64_t set, uint32_t count,
                        const uint8_t *expected)
{
    uint8_t order[MAX] = {0};

    assert_int_equal(aif_gpulinks_order(links, set, order), count);
    assert_memory_equal(order, expected, count);
}

static void test_mi250x(void **state)
{
    struct aif_gpulinks *links = make(8, mi250x, mi250x_numa);

    (void)state;
    assert_false(aif_gpulinks_are_uniform(links));
    assert_int_equal(aif_gpulinks_inside(links, 0x03), 4);
    assert_int_equal(aif_gpulinks_socket(links, 3), 0x0c);
    assert_int_equal(aif_gpulinks_socket(links, 8), 0);
    assert_int_equal(aif_gpulinks_inside(links, 0xff), 26);
    /* A whole module: all cut as many links to the rest. */
    assert_int_equal(aif_gpulinks_pick(links, 0xff, 2), 0x03);
    /* Two modules with two more links: 0 to 3 as good as 0, 1, 6, 7. */
    assert_int_equal(aif_gpulinks_pick(links, 0xff, 4), 0x0f);
    assert_int_equal(aif_gpulinks_inside(links, 0xc3), 10);
    assert_int_equal(aif_gpulinks_pick(links, 0xf3, 4), 0xc3);
    /* 1, 2, 3 are free: 2 and 3 are a module. */
    assert_int_equal(aif_gpulinks_pick(links, 0x0e, 2), 0x0c);
    assert_int_equal(aif_gpulinks_loss(links, 0x0e, 2), 0);
    /* One GCD of each module: 0 and 6 have two links. */
    assert_int_equal(aif_gpulinks_pick(links, 0x55, 2), 0x14);
    assert_int_equal(aif_gpulinks_loss(links, 0x55, 2), 2);
    assert_int_equal(aif_gpulinks_loss(links, 0x01, 2), UINT32_MAX);
    check_order(links, 0xff, 8, (const uint8_t[]){0, 1, 3, 2, 4, 5, 7, 6});
    aif_gpulinks_destroy(links);
}

/* A single GPU is taken from a pair that is broken already. */
static void test_pairs(void **state)
{
    struct aif_gpulinks *links = make(8, pairs, two_sockets);

    (void)state;
    assert_int_equal(aif_gpulinks_pick(links, 0xff, 1), 0x01);
    assert_int_equal(aif_gpulinks_pick(links, 0xfd, 1), 0x01);
    assert_int_equal(aif_gpulinks_pick(links, 0xf7, 1), 0x04);
    assert_int_equal(aif_gpulinks_pick(links, 0xff, 2), 0x03);
    assert_int_equal(aif_gpulinks_pick(links, 0xf0, 2), 0x30);
    assert_int_equal(aif_gpulinks_pick(links, 0xaa, 2), 0x0a);
    assert_int_equal(aif_gpulinks_loss(links, 0xaa, 2), 4);
    /* Two pairs of one socket rather than of both. */
    assert_int_equal(aif_gpulinks_pick(links, 0xf3, 4), 0xf0);
    assert_int_equal(aif_gpulinks_pick(links, 0xff, 3), 0x07);
    check_order(links, 0xff, 8, (const uint8_t[]){0, 1, 2, 3, 4, 5, 6, 7});
    check_order(links, 0x8d, 4, (const uint8_t[]){0, 2, 3, 7});
    aif_gpulinks_destroy(links);
}

static void test_dgx1(void **state)
{
    struct aif_gpulinks *links = make(8, dgx1, two_sockets);

    (void)state;
    assert_int_equal(aif_gpulinks_inside(links, 0x0f), 9);
    assert_int_equal(aif_gpulinks_pick(links, 0xff, 4), 0x0f);
    assert_int_equal(aif_gpulinks_inside(links, aif_gpulinks_pick(links, 0xff, 2)), 2);
    assert_int_equal(aif_gpulinks_loss(links, 0xff, 4), 0);
    aif_gpulinks_destroy(links);
}

static void test_nvswitch(void **state)
{
    uint16_t all[64];
    struct aif_gpulinks *links;

    (void)state;
    for (int i = 0; i < 64; i++)
        all[i] = 18;
    links = make(8, all, NULL);
    assert_true(aif_gpulinks_are_uniform(links));
    assert_int_equal(aif_gpulinks_pick(links, 0xb6, 3), 0x16);
    assert_int_equal(aif_gpulinks_loss(links, 0xb6, 3), 0);
    assert_int_equal(aif_gpulinks_inside(links, 0xff), 28 * 18);
    check_order(links, 0xb6, 5, (const uint8_t[]){1, 2, 4, 5, 7});
    aif_gpulinks_destroy(links);
}

static void test_edges(void **state)
{
    static const uint16_t one[] = {7};
    static const uint16_t lopsided[] = {0, 3, 0, 0};
    uint16_t many[(MAX + 1) * (MAX + 1)] = {0};
    struct aif_gpulinks *links = make(1, one, NULL), *other = NULL;
    struct aif_error err = {0};
    uint8_t order[MAX];

    (void)state;
    assert_true(aif_gpulinks_are_uniform(links));
    assert_int_equal(aif_gpulinks_pick(links, ~UINT64_C(0), 1), 1);
    assert_int_equal(aif_gpulinks_pick(links, 1, 0), 0);
    assert_int_equal(aif_gpulinks_pick(links, ~UINT64_C(1), 1), 0);
    assert_int_equal(aif_gpulinks_loss(links, 1, 0), 0);
    assert_int_equal(aif_gpulinks_loss(links, 1, 2), UINT32_MAX);
    assert_int_equal(aif_gpulinks_order(links, 0, order), 0);
    aif_gpulinks_destroy(links);
    links = make(2, lopsided, NULL);
    assert_int_equal(aif_gpulinks_inside(links, 3), 3);
    aif_gpulinks_destroy(links);
    assert_int_equal(aif_gpulinks_create(0, one, NULL, &other, &err), -1);
    assert_int_equal(aif_gpulinks_create(MAX + 1, many, NULL, &other, &err), -1);
    assert_string_equal(err.text, "aif: links: GPUs of a node: 17, limit 1 to 16");
    assert_null(other);
    aif_gpulinks_destroy(NULL);
}

static void test_equal(void **state)
{
    static const uint16_t swapped[] = {9, 9, 9, 9, 4, 4, 4, 4}, none[8] = {0};
    struct aif_gpulinks *a = make(8, pairs, two_sockets), *b = make(8, pairs, swapped);
    struct aif_gpulinks *c = make(8, pairs, none), *d = make(8, dgx1, two_sockets);
    struct aif_gpulinks *e = make(8, pairs, NULL);

    (void)state;
    assert_true(aif_gpulinks_equal(a, b)); /* numbers of sockets are but names */
    assert_false(aif_gpulinks_equal(a, c));
    assert_false(aif_gpulinks_equal(a, d));
    assert_true(aif_gpulinks_equal(c, e));
    aif_gpulinks_destroy(a);
    aif_gpulinks_destroy(b);
    aif_gpulinks_destroy(c);
    aif_gpulinks_destroy(d);
    aif_gpulinks_destroy(e);
}

/* ---- brute force, written the plainest way ---- */

static uint32_t seed = 4711;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

struct machine {
    uint32_t count;
    uint16_t links[MAX * MAX];
    uint16_t sockets[MAX];
};

static void draw_machine(struct machine *machine, uint32_t count)
{
    memset(machine, 0, sizeof(*machine));
    machine->count = count;
    for (uint32_t i = 0; i < count; i++) {
        machine->sockets[i] = (uint16_t)draw(3);
        for (uint32_t j = 0; j < i; j++)
            machine->links[i * count + j] = machine->links[j * count + i] =
                (uint16_t)(draw(2) ? 0 : draw(5));
    }
}

struct judged {
    uint32_t inside, cut, sockets;
};

static struct judged judge(const struct machine *machine, uint32_t free, uint32_t set)
{
    struct judged judged = {0};
    uint32_t seen = 0;

    for (uint32_t i = 0; i < machine->count; i++) {
        if (!(set >> i & 1))
            continue;
        seen |= 1u << machine->sockets[i];
        for (uint32_t j = 0; j < machine->count; j++) {
            const uint32_t between = machine->links[i * machine->count + j];

            if (j > i && (set >> j & 1))
                judged.inside += between;
            if ((free & ~set) >> j & 1)
                judged.cut += between;
        }
    }
    for (; seen; seen >>= 1)
        judged.sockets += seen & 1;
    return judged;
}

static uint32_t brute_force(const struct machine *machine, uint32_t free, uint32_t k)
{
    struct judged best = {0};
    uint32_t best_set = 0;

    for (uint32_t set = 1; set < 1u << machine->count; set++) {
        struct judged judged;

        if ((set & ~free) || (uint32_t)__builtin_popcount(set) != k)
            continue;
        judged = judge(machine, free, set);
        if (!best_set || judged.inside > best.inside ||
            (judged.inside == best.inside &&
             (judged.cut < best.cut ||
              (judged.cut == best.cut && judged.sockets < best.sockets)))) {
            best = judged;
            best_set = set;
        }
    }
    return best_set;
}

static void check_all_sets(const struct machine *machine, uint32_t step)
{
    const uint32_t all = (1u << machine->count) - 1;
    struct aif_gpulinks *links = make(machine->count, machine->links, machine->sockets);

    for (uint32_t free = 1; free <= all; free += 1 + draw(step))
        for (uint32_t k = 1; k <= machine->count; k++) {
            const uint32_t set = brute_force(machine, free, k);
            const uint32_t best = brute_force(machine, all, k);

            assert_int_equal(aif_gpulinks_pick(links, free, k), set);
            assert_int_equal(aif_gpulinks_loss(links, free, k),
                             set ? judge(machine, all, best).inside -
                                       judge(machine, all, set).inside
                                 : UINT32_MAX);
        }
    aif_gpulinks_destroy(links);
}

static void test_against_brute_force(void **state)
{
    struct machine machine;

    (void)state;
    for (int i = 0; i < 60; i++) {
        draw_machine(&machine, 1 + draw(7));
        check_all_sets(&machine, 1);
    }
    draw_machine(&machine, 8);
    check_all_sets(&machine, 1);
    for (uint32_t count = 9; count <= 11; count++) {
        draw_machine(&machine, count);
        check_all_sets(&machine, 200);
    }
    draw_machine(&machine, MAX);
    check_all_sets(&machine, 60000);
}

/* ---- order by all permutations ---- */

struct permutation {
    const struct machine *machine;
    uint32_t count;
    uint8_t at[MAX];
    long best; /* links between neighbours, times 1000, plus those that close the ring */
};

static long value_of(const struct permutation *p)
{
    const uint16_t *links = p->machine->links;
    long value = 0;

    for (uint32_t i = 0; i + 1 < p->count; i++)
        value += 1000L * links[p->at[i] * p->machine->count + p->at[i + 1]];
    return p->count > 1 ? value + links[p->at[p->count - 1] * p->machine->count + p->at[0]] : value;
}

static void permute(struct permutation *p, uint32_t from)
{
    if (from + 1 >= p->count) {
        if (value_of(p) > p->best)
            p->best = value_of(p);
        return;
    }
    for (uint32_t i = from; i < p->count; i++) {
        const uint8_t one = p->at[from], two = p->at[i];

        p->at[from] = two;
        p->at[i] = one;
        permute(p, from + 1);
        p->at[from] = one;
        p->at[i] = two;
    }
}

static void check_best_order(const struct machine *machine, uint32_t set)
{
    struct aif_gpulinks *links = make(machine->count, machine->links, machine->sockets);
    struct permutation all = {.machine = machine, .best = -1}, ours = {.machine = machine};
    uint32_t seen = 0;

    for (uint32_t i = 0; i < machine->count; i++)
        if (set >> i & 1)
            all.at[all.count++] = (uint8_t)i;
    permute(&all, 1);
    ours.count = aif_gpulinks_order(links, set, ours.at);
    assert_int_equal(ours.count, all.count);
    assert_int_equal(ours.at[0], all.at[0]);
    assert_int_equal(value_of(&ours), all.best);
    for (uint32_t i = 0; i < ours.count; i++)
        seen |= 1u << ours.at[i];
    assert_int_equal(seen, set);
    aif_gpulinks_destroy(links);
}

static void test_order_is_best(void **state)
{
    struct machine machine;

    (void)state;
    for (int i = 0; i < 100; i++) {
        draw_machine(&machine, 1 + draw(7));
        check_best_order(&machine, 1 + draw((1u << machine.count) - 1));
    }
    draw_machine(&machine, 8);
    check_best_order(&machine, 0xff);
}

/* More than eight: each member once, each step to one that is linked best. */
static void test_order_of_many(void **state)
{
    struct machine machine;
    struct aif_gpulinks *links;
    uint8_t order[MAX];
    uint32_t left = 0xffff & ~0x24u;

    (void)state;
    draw_machine(&machine, MAX);
    links = make(MAX, machine.links, NULL);
    assert_int_equal(aif_gpulinks_order(links, left, order), 14);
    assert_int_equal(order[0], 0);
    for (uint32_t i = 0; i < 14; i++) {
        assert_true(left >> order[i] & 1);
        left &= ~(1u << order[i]);
        for (uint32_t other = 0; i + 1 < 14 && other < MAX; other++)
            if (left >> other & 1)
                assert_true(machine.links[order[i] * MAX + order[i + 1]] >=
                            machine.links[order[i] * MAX + other]);
    }
    assert_int_equal(left, 0);
    aif_gpulinks_destroy(links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mi250x),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_dgx1),
        cmocka_unit_test(test_nvswitch),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_against_brute_force),
        cmocka_unit_test(test_order_is_best),
        cmocka_unit_test(test_order_of_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
