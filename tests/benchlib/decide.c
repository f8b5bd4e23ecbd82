/*
 * decide.c - how long aif_decide() takes for jobs that it accepts, and that it allocates nothing
 * (tests/bench decide)
 *
 *     decide CONF_DIR CALLS
 *
 * Loads CONF_DIR like the plugin does, makes every kind of request to every allocation that is
 * usable now, and decides CALLS of them in a random order, each call timed by itself. One line of
 * JSON on stdout. Memory is counted by standing in front of glibc's allocator for the whole
 * program, so that what json-c or libc would allocate counts as well.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide.h"

#define KINDS 4
#define CALLS_MAX 10000000L
#define HOUR 3600

struct ask {
    struct aif_options options;
    struct aif_request request;
};

struct workload {
    struct ask *asks;
    size_t count;
};

/* ---- counting allocations ---- */

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS_MEMORY 0
#endif
#endif
#ifndef COUNTS_MEMORY
#define COUNTS_MEMORY 1
#endif

/* volatile: the compiler knows what malloc() does and would not expect it to count. */
static volatile uint64_t allocations;

#if COUNTS_MEMORY
/* glibc's own names of what is replaced here; free() need not be, it never allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    allocations = allocations + 1;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations = allocations + 1;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations = allocations + 1;
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    allocations = allocations + 1;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **ret_memory, size_t alignment, size_t size)
{
    allocations = allocations + 1;
    *ret_memory = __libc_memalign(alignment, size);
    return *ret_memory ? 0 : ENOMEM;
}
#endif

/* A counter that counts nothing would prove nothing. The pointer is volatile so that the pair is
 * not optimized away. */
static int check_counter(void)
{
    const uint64_t before = allocations;
    char *volatile text = strdup("x");

    free(text);
    return COUNTS_MEMORY && allocations == before + 1 ? 0 : -1;
}

/* ---- requests ---- */

static bool is_usable(const struct aif_alloc *alloc, time_t now)
{
    return alloc->state == AIF_STATE_OK && alloc->start <= now && now + HOUR < alloc->end;
}

/* The last member, so that the whole list is looked through. */
static const char *last_member(const struct aif_alloc *alloc)
{
    char **member = alloc->members;

    if (!member)
        return NULL;
    while (member[1])
        member++;
    return *member;
}

/* Named by QOS, by --ai-allocation, by account and mode, and the last with residency and placement
 * as well. */
static void make_ask(const struct aif_alloc *alloc, unsigned kind, time_t now, struct ask *ret_ask)
{
    struct aif_options *options = &ret_ask->options;

    ret_ask->request = (struct aif_request){.account = kind == 1 ? NULL : alloc->account,
                                            .user = last_member(alloc),
                                            .qos = kind == 0 ? alloc->qos : NULL,
                                            .partition = "gpu",
                                            .options = options,
                                            .gpus = 4,
                                            .nodes = 1,
                                            .array_tasks = 1 + kind,
                                            .minutes = 60,
                                            .begin = now};
    if (kind == 1)
        snprintf(options->allocation, sizeof(options->allocation), "%s", alloc->id);
    if (kind >= 2)
        snprintf(options->mode, sizeof(options->mode), "%s", alloc->mode->name);
    if (kind == 3) {
        snprintf(options->residency, sizeof(options->residency), "EU27");
        snprintf(options->placement, sizeof(options->placement), "pack,strict");
    }
}

/* Same order in every run. */
static void shuffle(struct workload *work)
{
    uint64_t state = 88172645463325252u;

    for (size_t i = work->count; i > 1; i--) {
        struct ask *a = &work->asks[i - 1], *b, swap;

        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b = &work->asks[state % i];
        swap = *a;
        *a = *b;
        *b = swap;
    }
    for (size_t i = 0; i < work->count; i++)
        work->asks[i].request.options = &work->asks[i].options;
}

static int make_workload(const struct aif_snapshot *site, struct workload *ret_work)
{
    const size_t count = aif_alloctable_count(site->allocs);
    const time_t now = time(NULL);

    *ret_work = (struct workload){.asks = calloc(count * KINDS + 1, sizeof(struct ask))};
    if (!ret_work->asks)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(site->allocs, i);

        for (unsigned kind = 0; is_usable(alloc, now) && kind < KINDS; kind++)
            make_ask(alloc, kind, now, &ret_work->asks[ret_work->count++]);
    }
    shuffle(ret_work);
    return ret_work->count ? 0 : -1;
}

/* ---- timing ---- */

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void give_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    (void)arg;
    *ret_usage = (struct aif_usage){
        .known = true, .used_secs = alloc->amount_secs / 4, .reserved_secs = 40 * HOUR};
}

static int compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint64_t quantile(const uint64_t *sorted, long count, double part)
{
    return sorted[(long)(part * (double)(count - 1))];
}

/* Two readings of the clock with nothing between them: part of every time told. */
static uint64_t clock_cost(uint64_t *times, long count)
{
    for (long i = 0; i < count; i++) {
        const uint64_t start = now_ns();

        times[i] = now_ns() - start;
    }
    qsort(times, (size_t)count, sizeof(*times), compare);
    return quantile(times, count, 0.5);
}

/* Number of allocations while deciding; -1 when a request is not accepted. */
static int64_t decide_all(const struct aif_snapshot *site, const struct workload *work,
                          uint64_t *times, long calls)
{
    const uint64_t before = allocations;
    struct aif_decision decision;

    for (long i = 0; i < calls; i++) {
        const struct ask *ask = &work->asks[(size_t)i % work->count];
        const uint64_t start = now_ns();

        aif_decide(site, &ask->request, give_usage, NULL, &decision);
        times[i] = now_ns() - start;
        if (decision.verdict != AIF_ACCEPT) {
            fprintf(stderr, "decide: account %s: verdict %d, not accepted: %s\n",
                    ask->request.account ? ask->request.account : "(none)", (int)decision.verdict,
                    decision.message);
            return -1;
        }
    }
    return (int64_t)(allocations - before);
}

static int measure(const struct aif_snapshot *site, const struct workload *work, long calls)
{
    uint64_t *times = calloc((size_t)calls, sizeof(*times));
    uint64_t clock;
    int64_t count;

    if (!times)
        return -1;
    clock = clock_cost(times, calls);
    count = decide_all(site, work, times, calls);
    if (count >= 0) {
        qsort(times, (size_t)calls, sizeof(*times), compare);
        printf("{\"requests\": %zu, \"calls\": %ld, \"clock_ns\": %" PRIu64 ", \"p50_ns\": %" PRIu64
               ", \"p99_ns\": %" PRIu64 ", \"max_ns\": %" PRIu64 ", \"mallocs\": %" PRId64 "}\n",
               work->count, calls, clock, quantile(times, calls, 0.5), quantile(times, calls, 0.99),
               times[calls - 1], count);
    }
    free(times);
    return count < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    const long calls = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    struct aif_snapshot *site = NULL;
    struct workload work = {0};
    struct aif_error err = {0};
    int rc = 1;

    if (calls < 1 || calls > CALLS_MAX) {
        fprintf(stderr, "usage: decide CONF_DIR CALLS (1 to %ld)\n", CALLS_MAX);
        return 2;
    }
    if (check_counter())
        fprintf(stderr,
                "decide: allocations cannot be counted here (a build with AddressSanitizer?)\n");
    else if (aif_snapshot_load(argv[1], &site, &err))
        fprintf(stderr, "decide: %s\n", err.text);
    else if (make_workload(site, &work))
        fprintf(stderr, "decide: %s: no allocation is usable now\n", argv[1]);
    else
        rc = measure(site, &work, calls) ? 1 : 0;
    free(work.asks);
    aif_snapshot_put(site);
    return rc;
}
