/* gpulinks.c - see gpulinks.h */
#include "gpulinks.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_GPUS 8 /* up to so many, the best sets of all sets are kept */
#define ORDER_EXACT 8

struct aif_gpulinks {
    uint32_t count;
    uint32_t all; /* all GPUs */
    uint16_t between[AIF_GPULINKS_GPUS_MAX][AIF_GPULINKS_GPUS_MAX];
    uint8_t socket[AIF_GPULINKS_GPUS_MAX]; /* the lowest GPU on the same socket */
    bool uniform;
    uint32_t best_inside[AIF_GPULINKS_GPUS_MAX + 1]; /* of k GPUs of all */
    uint8_t best_set[1u << TABLE_GPUS]
                    [TABLE_GPUS + 1]; /* [free][k] where the node has few enough */
    uint32_t inside[];                /* [1 << count]: links inside each set */
};

static uint32_t size_of(uint32_t set)
{
    return (uint32_t)__builtin_popcount(set);
}

static uint32_t lowest_of(uint32_t set)
{
    return (uint32_t)__builtin_ctz(set);
}

/* ---- comparing sets ---- */

static uint32_t count_sockets(const struct aif_gpulinks *links, uint32_t set)
{
    uint32_t sockets = 0;

    for (; set; set &= set - 1)
        sockets |= 1u << links->socket[lowest_of(set)];
    return size_of(sockets);
}

/* Links between set, a part of free, and the rest of free. */
static uint32_t count_cut(const struct aif_gpulinks *links, uint32_t free, uint32_t set)
{
    return links->inside[free] - links->inside[set] - links->inside[free & ~set];
}

/* Is a better than b to take out of free? Both are as large; b 0: there is none. */
static bool is_better(const struct aif_gpulinks *links, uint32_t free, uint32_t a, uint32_t b)
{
    uint32_t x = links->inside[a], y = links->inside[b];

    if (!b || x != y)
        return !b || x > y;
    x = count_cut(links, free, a);
    y = count_cut(links, free, b);
    if (x != y)
        return x < y;
    x = count_sockets(links, a);
    y = count_sockets(links, b);
    return x != y ? x < y : a < b;
}

/* Where the bits of a byte of a packed set go in a set: bit i of it is the i-th member of free from
 * "from" on. */
static void spread_byte(uint32_t free, uint32_t from, uint16_t *ret_sets)
{
    uint32_t member[8] = {0}, at = 0;

    for (; free; free &= free - 1, at++)
        if (at >= from && at < from + 8)
            member[at - from] = free & -free;
    ret_sets[0] = 0;
    for (uint32_t byte = 1; byte < 256; byte++)
        ret_sets[byte] = (uint16_t)(ret_sets[byte & (byte - 1)] | member[lowest_of(byte)]);
}

/* The next larger number with as many bits (Hacker's Delight, snoob). */
static uint32_t next_set(uint32_t set)
{
    const uint32_t lowest = set & -set, ripple = set + lowest;

    return ripple | ((set ^ ripple) >> 2) >> lowest_of(lowest);
}

/* All sets of k members of free, of which there are at least k, and k is not 0. */
static uint32_t search(const struct aif_gpulinks *links, uint32_t free, uint32_t k)
{
    uint16_t low[256], high[256];
    uint32_t best = 0;

    spread_byte(free, 0, low);
    spread_byte(free, 8, high);
    for (uint32_t packed = (1u << k) - 1; packed < 1u << size_of(free); packed = next_set(packed)) {
        const uint32_t set = low[packed & 0xff] | (uint32_t)high[packed >> 8];

        if (is_better(links, free, set, best))
            best = set;
    }
    return best;
}

/* ---- making a pattern ---- */

static void copy_links(struct aif_gpulinks *links, const uint16_t *given)
{
    for (uint32_t i = 0; i < links->count; i++)
        for (uint32_t j = 0; j < links->count; j++) {
            const uint16_t there = given[i * links->count + j], back = given[j * links->count + i];

            if (i != j)
                links->between[i][j] = there > back ? there : back;
        }
}

static void copy_sockets(struct aif_gpulinks *links, const uint16_t *given)
{
    for (uint32_t i = 0; given && i < links->count; i++) {
        uint32_t first = 0;

        while (given[first] != given[i])
            first++;
        links->socket[i] = (uint8_t)first;
    }
}

/* A set has the links of the set without its lowest GPU, and those of that GPU to the others. */
static void count_inside(struct aif_gpulinks *links)
{
    for (uint32_t set = 1; set <= links->all; set++) {
        const uint32_t gpu = lowest_of(set), others = set & (set - 1);

        links->inside[set] = links->inside[others];
        for (uint32_t rest = others; rest; rest &= rest - 1)
            links->inside[set] += links->between[gpu][lowest_of(rest)];
    }
}

static void find_best(struct aif_gpulinks *links)
{
    for (uint32_t set = 1; set <= links->all; set++)
        if (links->inside[set] > links->best_inside[size_of(set)])
            links->best_inside[size_of(set)] = links->inside[set];
    if (links->count > TABLE_GPUS)
        return;
    for (uint32_t free = 1; free <= links->all; free++)
        for (uint32_t set = free; set; set = (set - 1) & free) {
            uint8_t *const best = &links->best_set[free][size_of(set)];

            if (is_better(links, free, set, *best))
                *best = (uint8_t)set;
        }
}

static bool find_uniform(const struct aif_gpulinks *links)
{
    for (uint32_t i = 0; i < links->count; i++)
        for (uint32_t j = i + 1; j < links->count; j++)
            if (links->between[i][j] != links->between[0][1])
                return false;
    return true;
}

int aif_gpulinks_create(uint32_t count, const uint16_t *links, const uint16_t *sockets,
                        struct aif_gpulinks **ret_links, struct aif_error *err)
{
    struct aif_gpulinks *made;

    if (!count || count > AIF_GPULINKS_GPUS_MAX)
        return aif_error_set(err, AIF_ELIMIT, "aif: links: GPUs of a node: %u, limit 1 to %d",
                             (unsigned)count, AIF_GPULINKS_GPUS_MAX);
    made = calloc(1, sizeof(*made) + sizeof(made->inside[0]) * ((size_t)1 << count));
    if (!made)
        return aif_error_set(err, AIF_ENOMEM, "aif: links: out of memory");
    made->count = count;
    made->all = (1u << count) - 1;
    copy_links(made, links);
    copy_sockets(made, sockets);
    count_inside(made);
    find_best(made);
    made->uniform = find_uniform(made);
    *ret_links = made;
    return 0;
}

void aif_gpulinks_destroy(struct aif_gpulinks *links)
{
    free(links);
}

bool aif_gpulinks_equal(const struct aif_gpulinks *a, const struct aif_gpulinks *b)
{
    return a->count == b->count && !memcmp(a->between, b->between, sizeof(a->between)) &&
           !memcmp(a->socket, b->socket, sizeof(a->socket));
}

bool aif_gpulinks_are_uniform(const struct aif_gpulinks *links)
{
    return links->uniform;
}

uint64_t aif_gpulinks_socket(const struct aif_gpulinks *links, uint32_t gpu)
{
    uint64_t set = 0;

    for (uint32_t i = 0; gpu < links->count && i < links->count; i++)
        if (links->socket[i] == links->socket[gpu])
            set |= UINT64_C(1) << i;
    return set;
}

/* ---- choosing ---- */

uint32_t aif_gpulinks_inside(const struct aif_gpulinks *links, uint64_t set)
{
    return links->inside[set & links->all];
}

uint64_t aif_gpulinks_pick(const struct aif_gpulinks *links, uint64_t free, uint32_t k)
{
    const uint32_t own = (uint32_t)free & links->all;

    if (!k || size_of(own) < k)
        return 0;
    return links->count <= TABLE_GPUS ? links->best_set[own][k] : search(links, own, k);
}

uint32_t aif_gpulinks_loss(const struct aif_gpulinks *links, uint64_t free, uint32_t k)
{
    const uint32_t own = (uint32_t)free & links->all;

    if (size_of(own) < k)
        return UINT32_MAX;
    if (links->uniform)
        return 0;
    return links->best_inside[k] - links->inside[aif_gpulinks_pick(links, own, k)];
}

/* ---- order ---- */

/* A way through all members, and the best one so far. */
struct way {
    const struct aif_gpulinks *links;
    uint32_t count;
    uint32_t sum; /* links between neighbours so far */
    uint8_t order[ORDER_EXACT];
    bool found;
    uint32_t best_sum;
    uint32_t best_closing;
    uint8_t best[ORDER_EXACT];
};

static void judge_way(struct way *way)
{
    const uint32_t closing = way->links->between[way->order[way->count - 1]][way->order[0]];

    /* Ways come in lexical order: of equal ones the first stays. */
    if (way->found &&
        (way->sum < way->best_sum || (way->sum == way->best_sum && closing <= way->best_closing)))
        return;
    way->found = true;
    way->best_sum = way->sum;
    way->best_closing = closing;
    memcpy(way->best, way->order, way->count);
}

/* Go on from the first done members to the rest; at most as deep as there are members. */
static void walk(struct way *way, uint32_t done, uint32_t rest)
{
    if (!rest) {
        judge_way(way);
        return;
    }
    for (uint32_t left = rest; left; left &= left - 1) {
        const uint32_t next = lowest_of(left);
        const uint32_t gain = way->links->between[way->order[done - 1]][next];

        way->order[done] = (uint8_t)next;
        way->sum += gain;
        walk(way, done + 1, rest & ~(1u << next));
        way->sum -= gain;
    }
}

static void order_greedily(const struct aif_gpulinks *links, uint32_t rest, uint8_t *ret_order)
{
    for (; rest; rest &= ~(1u << *ret_order)) {
        const uint8_t last = *ret_order++;
        uint32_t best = lowest_of(rest);

        for (uint32_t left = rest; left; left &= left - 1)
            if (links->between[last][lowest_of(left)] > links->between[last][best])
                best = lowest_of(left);
        *ret_order = (uint8_t)best;
    }
}

uint32_t aif_gpulinks_order(const struct aif_gpulinks *links, uint64_t set, uint8_t *ret_order)
{
    const uint32_t own = (uint32_t)set & links->all, rest = own & (own - 1);
    struct way way = {.links = links, .count = size_of(own)};

    if (!own)
        return 0;
    if (way.count > ORDER_EXACT) {
        ret_order[0] = (uint8_t)lowest_of(own);
        order_greedily(links, rest, ret_order);
        return way.count;
    }
    way.order[0] = (uint8_t)lowest_of(own);
    walk(&way, 1, rest);
    memcpy(ret_order, way.best, way.count);
    return way.count;
}
