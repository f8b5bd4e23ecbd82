/*
 * hooktimer.c - times the job_submit() of whatever plugin slurmctld loads (tests/bench decide)
 *
 * Loaded with LD_PRELOAD. slurmctld finds a plugin's functions with dlsym(); the one for
 * "job_submit" is answered with a function that calls the plugin's between two readings of the
 * clock. So ours and Lua's are measured by the same code, from outside, and from the first to the
 * last instruction of the hook. The times (ns) go into the file that BENCH_HOOK_TIMES names, mapped
 * into memory: how many, then as many 64-bit numbers.
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

struct times {
    _Atomic uint64_t count;
    uint64_t ns[TIMES_MAX];
};

typedef int (*submit_fn)(void *job_desc, uint32_t uid, char **err_msg);
typedef void *(*dlsym_fn)(void *handle, const char *name);

static struct times *times;
static dlsym_fn real_dlsym;
static submit_fn real_submit;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int timed_submit(void *job_desc, uint32_t uid, char **err_msg)
{
    const uint64_t start = now_ns();
    const int rc = real_submit(job_desc, uid, err_msg);
    const uint64_t took = now_ns() - start;
    const uint64_t at = times ? atomic_fetch_add(&times->count, 1) : TIMES_MAX;

    if (at < TIMES_MAX)
        times->ns[at] = took;
    return rc;
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
    if (!found || strcmp(name, "job_submit"))
        return found;
    real_submit = (submit_fn)found;
    return (void *)timed_submit;
}
