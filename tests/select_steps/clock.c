/* clock.c - see clock.h */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define SECOND INT64_C(1000000000)
#define SLICE (3 * SECOND / 1000) /* how often one who waits looks at the clock */
#define SLEEP_PART 50             /* of a plain sleep */
#define WAKES 256                 /* a power of 2 */

static struct step_clock *shared;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_nanosleep)(const struct timespec *, struct timespec *);
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_signal)(pthread_cond_t *);
static int (*real_broadcast)(pthread_cond_t *);

/* How often a condition was signalled, by its address: one who has just ended a slice of his wait would not notice. */
static _Atomic unsigned int wakes[WAKES];

static void *condition_function(const char *name)
{
    /* The oldest version of these, which plain dlsym() may give, takes another kind of condition. */
    void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");

    return found ? found : dlsym(RTLD_NEXT, name);
}

/* Resolved at the first call, which comes before main(): other libraries' constructors ask for the time. */
static void resolve(void)
{
    const char *path = getenv(CLOCK_ENV);
    int fd;

    if (real_clock_gettime)
        return;
    real_nanosleep = (int (*)(const struct timespec *, struct timespec *))dlsym(RTLD_NEXT, "nanosleep");
    real_timedwait = (int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))condition_function(
        "pthread_cond_timedwait");
    real_signal = (int (*)(pthread_cond_t *))condition_function("pthread_cond_signal");
    real_broadcast = (int (*)(pthread_cond_t *))condition_function("pthread_cond_broadcast");
    fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd >= 0) {
        void *map = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        shared = map == MAP_FAILED ? NULL : map;
        close(fd);
    }
    real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
}

static struct timespec to_timespec(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

static int64_t from_timespec(const struct timespec *ts)
{
    return (int64_t)ts->tv_sec * SECOND + ts->tv_nsec;
}

static int64_t real_now(void)
{
    struct timespec ts;

    resolve();
    real_clock_gettime(CLOCK_REALTIME, &ts);
    return from_timespec(&ts);
}

static int64_t now(void)
{
    int64_t real = real_now();

    return real + (shared ? atomic_load(&shared->ahead_ns) : 0);
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
    resolve();
    if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)
        return real_clock_gettime(id, ret);
    *ret = to_timespec(now());
    return 0;
}

time_t time(time_t *ret)
{
    time_t seconds = now() / SECOND;

    if (ret)
        *ret = seconds;
    return seconds;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    int64_t ns = now();

    (void)zone;
    ret->tv_sec = ns / SECOND;
    ret->tv_usec = ns % SECOND / 1000;
    return 0;
}

static int sleep_part(int64_t ns)
{
    struct timespec ts = to_timespec(ns / SLEEP_PART + 1);

    resolve();
    return real_nanosleep(&ts, NULL);
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    if (left)
        *left = (struct timespec){0};
    return sleep_part(from_timespec(wanted));
}

int usleep(useconds_t us)
{
    return sleep_part((int64_t)us * 1000);
}

unsigned int sleep(unsigned int seconds)
{
    sleep_part((int64_t)seconds * SECOND);
    return 0;
}

static _Atomic unsigned int *wakes_of(const pthread_cond_t *cond)
{
    return &wakes[(uintptr_t)cond / sizeof(*cond) % WAKES];
}

int pthread_cond_signal(pthread_cond_t *cond)
{
    resolve();
    atomic_fetch_add(wakes_of(cond), 1);
    return real_signal(cond);
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
    resolve();
    atomic_fetch_add(wakes_of(cond), 1);
    return real_broadcast(cond);
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    /* On the clock that counts from the machine's start: not ours. */
    if (from_timespec(until) < real_now() / 2) {
        return real_timedwait(cond, mutex, until);
    }
    for (;;) {
        int64_t left = from_timespec(until) - now();
        unsigned int before = atomic_load(wakes_of(cond));
        struct timespec slice;
        int rc;

        if (left <= 0)
            return ETIMEDOUT;
        slice = to_timespec(real_now() + (left < SLICE ? left : SLICE));
        rc = real_timedwait(cond, mutex, &slice);
        if (rc == ETIMEDOUT && atomic_load(wakes_of(cond)) != before)
            return 0;
        if (rc != ETIMEDOUT)
            return rc;
    }
}
