/*
 * hooktimer.c - times the job_submit() of whatever plugin slurmctld loads (tests/bench decide), and two hooks of its select
 * plugins (tests/bench residency)
 *
 * Loaded with LD_PRELOAD. slurmctld finds a plugin's functions with dlsym(); the one for
 * "job_submit" is answered with a function that calls the plugin's between two readings of the
 * clock. So ours and Lua's are measured by the same code, from outside, and from the first to the
 * last instruction of the hook. The times (ns) go into the file that BENCH_HOOK_TIMES names, mapped
 * into memory: how many, a switch, then as many 64-bit numbers. While the switch is not 0 the plugin
 * is not called, and jobs go on as if there were none.
 *
 * select_p_job_test() and select_p_job_begin() may be there twice: a wrapper calls those of the plugin behind it. The time in the
 * outer ones, the time in those that they call, and the number of outer calls follow in the file. The difference is the wrapper's own.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define TIMES_MAX 65536
#define DEPTHS 2

struct times {
    _Atomic uint64_t count;
    _Atomic uint64_t skip;
    uint64_t ns[TIMES_MAX];
    _Atomic uint64_t select_ns[DEPTHS]; /* outer, inner */
    _Atomic uint64_t select_calls;
};

typedef int (*submit_fn)(void *job_desc, uint32_t uid, char **err_msg);
typedef void *(*dlsym_fn)(void *handle, const char *name);
/* The arguments of the newest Slurm; older plugins do not look at the last. */
typedef int (*test_fn)(void *job, void *nodes, uint32_t min, uint32_t max, uint32_t want, uint16_t mode, void *candidates, void *preempted,
                       void *except, void *will_run);
typedef int (*begin_fn)(void *job);

static struct times *times;
static dlsym_fn real_dlsym;
static submit_fn real_submit;
static test_fn real_test[DEPTHS]; /* in the order in which they were found */
static begin_fn real_begin[DEPTHS];
static _Thread_local int depth;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int timed_submit(void *job_desc, uint32_t uid, char **err_msg)
{
    uint64_t start, took, at;
    int rc;

    if (times && times->skip)
        return 0;
    start = now_ns();
    rc = real_submit(job_desc, uid, err_msg);
    took = now_ns() - start;
    at = times ? atomic_fetch_add(&times->count, 1) : TIMES_MAX;
    if (at < TIMES_MAX)
        times->ns[at] = took;
    return rc;
}

static uint64_t enter(void)
{
    depth++;
    return now_ns();
}

static void leave(uint64_t start)
{
    depth--;
    if (!times || depth >= DEPTHS)
        return;
    times->select_ns[depth] += now_ns() - start;
    times->select_calls += !depth;
}

/* A function of its own for each plugin, since nothing else tells which one was meant. */
#define TIMED(i)                                                                                                          \
    static int timed_test_##i(void *job, void *nodes, uint32_t min, uint32_t max, uint32_t want, uint16_t mode,           \
                              void *candidates, void *preempted, void *except, void *will_run)                            \
    {                                                                                                                     \
        const uint64_t start = enter();                                                                                   \
        const int rc = real_test[i](job, nodes, min, max, want, mode, candidates, preempted, except, will_run);           \
                                                                                                                          \
        leave(start);                                                                                                     \
        return rc;                                                                                                        \
    }                                                                                                                     \
                                                                                                                          \
    static int timed_begin_##i(void *job)                                                                                 \
    {                                                                                                                     \
        const uint64_t start = enter();                                                                                   \
        const int rc = real_begin[i](job);                                                                                \
                                                                                                                          \
        leave(start);                                                                                                     \
        return rc;                                                                                                        \
    }
TIMED(0)
TIMED(1)
#undef TIMED

/* slurmctld loads all select plugins that there are, and uses one. */
static int is_cons_tres(void *found)
{
    Dl_info lib;

    return dladdr(found, &lib) && lib.dli_fname && strstr(lib.dli_fname, "select_cons_tres");
}

static void *timed_select_test(void *found)
{
    const int i = real_test[0] && real_test[0] != (test_fn)found;

    real_test[i] = (test_fn)found;
    return i ? (void *)timed_test_1 : (void *)timed_test_0;
}

static void *timed_select_begin(void *found)
{
    const int i = real_begin[0] && real_begin[0] != (begin_fn)found;

    real_begin[i] = (begin_fn)found;
    return i ? (void *)timed_begin_1 : (void *)timed_begin_0;
}

static void map_times(void)
{
    const char *path = getenv("BENCH_HOOK_TIMES");
    const int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    void *memory;

    if (fd < 0)
        return;
    if (!ftruncate(fd, sizeof(struct times))) {
        memory = mmap(NULL, sizeof(struct times), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory != MAP_FAILED)
            times = memory;
    }
    close(fd);
}

/* dlsym() itself is what is replaced, so it is found by its version, which differs by machine and
 * glibc. */
__attribute__((constructor)) static void find_dlsym(void)
{
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};

    for (size_t i = 0; !real_dlsym && i < sizeof(versions) / sizeof(versions[0]); i++)
        real_dlsym = (dlsym_fn)dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    map_times();
}

void *dlsym(void *restrict handle, const char *restrict name)
{
    void *found;

    if (!real_dlsym)
        find_dlsym();
    if (!real_dlsym)
        return NULL;
    found = real_dlsym(handle, name);
    if (!found)
        return found;
    if (!strcmp(name, "select_p_job_test") && is_cons_tres(found))
        return timed_select_test(found);
    if (!strcmp(name, "select_p_job_begin") && is_cons_tres(found))
        return timed_select_begin(found);
    if (strcmp(name, "job_submit"))
        return found;
    real_submit = (submit_fn)found;
    return (void *)timed_submit;
}
