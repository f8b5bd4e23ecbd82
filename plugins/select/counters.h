/*
 * counters.h - what the wrapper did since it was loaded, for tests and benchmarks
 */
#ifndef AIF_SELECT_COUNTERS_H
#define AIF_SELECT_COUNTERS_H

#include "select_api.h"

struct aif_select_counters {
	uint64_t proposals;	 /* job tests for which nodes were proposed to cons_tres */
	uint64_t first_refused;	 /* of these, where it did not take the chosen nodes */
	uint64_t second_refused; /* nor their islands */
	uint64_t fallbacks;	 /* so that it was asked about all nodes */
	uint64_t futures;	 /* later starts proposed on few nodes */
	uint64_t futures_refused;
	uint64_t samples;	 /* jobs of many nodes that could ever run, if they can on a few of each kind */
	uint64_t samples_refused;
	uint64_t answered;	 /* job tests answered without it: too few GPUs are free */
	uint64_t recounts, differences;
	uint64_t choices;
	uint64_t choice_ns, choice_ns_max;
};

/* Job tests come one after the other: slurmctld holds its job lock for writing. */
extern struct aif_select_counters counters;

/* One line of the log: see doc/man8/select_cons_tres_aif.8. */
extern void counters_log(log_level_t level);

/* Monotonic nanoseconds. */
extern uint64_t counters_clock(void);
extern void counters_chose(uint64_t since);

/* Exported from the .so. A copy, maybe in the midst of a change; any thread. */
extern void aif_select_counters(struct aif_select_counters *ret_counters);

#endif
