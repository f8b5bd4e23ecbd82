/*
 * site_factor_timer.c - times the passes of multifactor's decay thread from inside slurmctld
 * (tests/bench site_factor)
 *
 * Loaded with LD_PRELOAD. The decay thread gives itself a name, by which it is known here. It
 * sleeps in pthread_cond_timedwait(), which is where the benchmark lets it wait for a request
 * instead of PriorityCalcPeriod, a number of minutes. What it does when awake is untouched.
 * slurmctld finds site_factor_p_update() with dlsym(), and multifactor walks over all jobs with
 * list_for_each() of libslurm; both are answered with functions that call the real one between two
 * readings of the clocks. So both are timed in the same thread, in the same pass, over the same
 * jobs.
 */
#include "site_factor_timer.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 20000000 /* between two looks for a request */
#define BILLION 1000000000

typedef void *(*dlsym_fn)(void *handle, const char *name);
typedef int (*walk_fn)(void *list, int (*each)(void *, void *), void *arg);
typedef int (*wait_fn)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
typedef void (*update_fn)(void);

struct clocks {
    uint64_t wall;
    uint64_t cpu;
};

struct bench_board *bench_board;

static dlsym_fn real_dlsym;
static walk_fn real_walk;
static wait_fn real_wait;
static update_fn real_update;
static void **job_list; /* slurmctld's variable */

/* Of the decay thread only. */
static _Thread_local bool is_decay, in_refresh;
static _Thread_local struct bench_pass *pass; /* NULL: a pass that nobody asked for */
static _Thread_local time_t pass_second;
static _Thread_local uint64_t pass_start;

static uint64_t clock_ns(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * BILLION + (uint64_t)now.tv_nsec;
}

static struct clocks clocks_now(void)
{
    /* The wall last, so that reading the other is not in it when it begins; at the end it is, some
     * 0.3 us. */
    struct clocks now = {.cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID)};

    now.wall = clock_ns(CLOCK_MONOTONIC);
    return now;
}

static void add_since(const struct clocks *start, uint64_t *wall, uint64_t *cpu)
{
    const struct clocks now = clocks_now();

    *wall += now.wall - start->wall;
    *cpu += now.cpu - start->cpu;
}

/* ---- starting ---- */

static void map_board(void)
{
    const char *path = getenv("BENCH_BOARD");
    const int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *memory;

    if (fd < 0)
        return;
    memory = mmap(NULL, sizeof(struct bench_board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED)
        bench_board = memory;
    close(fd);
}

/* dlsym() itself is what is replaced, so it is found by its version, which differs by machine and
 * glibc. */
__attribute__((constructor)) static void find_real(void)
{
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};

    for (size_t i = 0; !real_dlsym && i < sizeof(versions) / sizeof(versions[0]); i++)
        real_dlsym = (dlsym_fn)dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    if (!real_dlsym)
        return;
    real_walk = (walk_fn)real_dlsym(RTLD_NEXT, "slurm_list_for_each");
    real_wait = (wait_fn)real_dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    job_list = real_dlsym(RTLD_DEFAULT, "job_list");
    map_board();
}

/* ---- the refresh ---- */

static void timed_update(void)
{
    const struct clocks start = clocks_now();

    in_refresh = true;
    real_update();
    in_refresh = false;
    if (pass)
        add_since(&start, &pass->refresh_wall, &pass->refresh_cpu);
}

static bool is_plugins(const void *address)
{
    Dl_info info;
    const char *end;

    if (!dladdr(address, &info) || !info.dli_fname)
        return false;
    end = strstr(info.dli_fname, "_aif.so");
    return end && !end[strlen("_aif.so")];
}

/* site_factor/aif has the one function, priority/aif the other; multifactor, behind it, as well. */
void *dlsym(void *restrict handle, const char *restrict name)
{
    void *found;
    bool update;

    if (!real_dlsym)
        find_real();
    found = real_dlsym ? real_dlsym(handle, name) : NULL;
    update = !strcmp(name, "site_factor_p_update");
    if (!found || !bench_board || (!update && strcmp(name, "priority_p_set")) || !is_plugins(found))
        return found;
    bench_memory_watch(found);
    if (!update)
        return found;
    real_update = (update_fn)found;
    return (void *)timed_update;
}

/* ---- multifactor's own walks ---- */

static int timed_walk(void *list, int (*each)(void *, void *), void *arg)
{
    struct clocks start;
    int count;

    if (!is_decay || in_refresh || !pass || !job_list || list != *job_list)
        return real_walk(list, each, arg);
    start = clocks_now();
    count = real_walk(list, each, arg);
    add_since(&start, &pass->slurm_wall, &pass->slurm_cpu);
    pass->jobs = (uint64_t)count;
    return count;
}

/* Slurm's own plugins use the first name, others the second. */
int list_for_each(void *list, int (*each)(void *, void *), void *arg);
int list_for_each(void *list, int (*each)(void *, void *), void *arg)
{
    return timed_walk(list, each, arg);
}

int slurm_list_for_each(void *list, int (*each)(void *, void *), void *arg);
int slurm_list_for_each(void *list, int (*each)(void *, void *), void *arg)
{
    return timed_walk(list, each, arg);
}

/* ---- the decay thread's sleep ---- */

static bool is_asked(void)
{
    const uint64_t done = atomic_load(&bench_board->done);

    /* Slurm leaves a second pass within one second out. */
    return atomic_load(&bench_board->wanted) > done && done < BENCH_PASSES_MAX &&
           time(NULL) > pass_second;
}

static struct timespec soon(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += LOOK_NS;
    at.tv_sec += at.tv_nsec / BILLION;
    at.tv_nsec %= BILLION;
    return at;
}

static int wait_for_request(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    while (!is_asked()) {
        const struct timespec at = soon();
        const int rc = real_wait(cond, mutex, &at);

        if (rc != ETIMEDOUT)
            return rc; /* slurmctld ends */
    }
    pass = &bench_board->passes[atomic_load(&bench_board->done)];
    return ETIMEDOUT;
}

static int decay_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    int rc;

    if (pass) {
        pass->pass_wall = clock_ns(CLOCK_MONOTONIC) - pass_start;
        pass = NULL;
        atomic_fetch_add(&bench_board->done, 1);
    }
    rc = wait_for_request(cond, mutex);
    pass_second = time(NULL);
    pass_start = clock_ns(CLOCK_MONOTONIC);
    return rc;
}

/* ---- the sleep of the plugin's own threads ---- */

static int plugin_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *at)
{
    static _Thread_local uint64_t woken;
    const uint64_t took = clock_ns(CLOCK_THREAD_CPUTIME_ID) - woken;
    uint64_t most = atomic_load(&bench_board->look_cpu);
    int rc;

    while (took > most && !atomic_compare_exchange_weak(&bench_board->look_cpu, &most, took))
        ;
    rc = real_wait(cond, mutex, at);
    woken = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    return rc;
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict at)
{
    if (bench_board && is_decay)
        return decay_wait(cond, mutex);
    if (bench_board && bench_is_plugin(__builtin_return_address(0)))
        return plugin_wait(cond, mutex, at);
    return real_wait(cond, mutex, at);
}

int prctl(int option, ...)
{
    unsigned long args[4];
    va_list list;

    va_start(list, option);
    for (size_t i = 0; i < 4; i++)
        args[i] = va_arg(list, unsigned long);
    va_end(list);
    if (option == PR_SET_NAME && !strcmp((const char *)args[0], "decay"))
        is_decay = true;
    return (int)syscall(SYS_prctl, option, args[0], args[1], args[2], args[3]);
}
