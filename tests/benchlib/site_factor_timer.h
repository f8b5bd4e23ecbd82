/*
 * site_factor_timer.h - what tests/bench site_factor and the library that it preloads into
 * slurmctld share
 *
 * The board is a file, mapped by both. The library fills it in; the benchmark only raises `wanted`.
 */
#ifndef SITE_FACTOR_TIMER_H
#define SITE_FACTOR_TIMER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define BENCH_PASSES_MAX 1024

/* One pass of multifactor's decay thread; times in ns, of the clock on the wall and of the thread's
 * processor time. */
struct bench_pass {
    uint64_t refresh_wall; /* in the plugin's site_factor_p_update() */
    uint64_t refresh_cpu;
    uint64_t slurm_wall; /* in multifactor's own walks over the job list */
    uint64_t slurm_cpu;
    uint64_t pass_wall; /* from waking up to going to sleep again, both of the above included */
    uint64_t jobs;      /* in the job list */
};

struct bench_board {
    _Atomic uint64_t wanted;      /* passes the benchmark asks for */
    _Atomic uint64_t done;        /* passes made */
    _Atomic int64_t plugin_bytes; /* that the plugin has allocated and not given back */
    _Atomic uint64_t plugin_lost; /* blocks that could not be counted */
    _Atomic uint64_t look_cpu;    /* ns of processor time that a thread of the plugin's own took
                                   * between two sleeps, at most */
    struct bench_pass passes[BENCH_PASSES_MAX];
};

/* NULL where no benchmark runs. */
extern struct bench_board *bench_board;

/* From now on the plugin is the shared object that has this address: count what its code allocates.
 */
void bench_memory_watch(const void *address);

/* Whether that is an address in the plugin's code. */
bool bench_is_plugin(const void *address);

#endif
