/* counters.c - see counters.h */
#include "select_api.h"

#include <time.h>

#include "counters.h"
#include "fabrics.h"
#include "view.h"

struct aif_select_counters counters;

extern uint64_t counters_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

extern void counters_chose(uint64_t since)
{
	uint64_t took = counters_clock() - since;

	counters.choices++;
	counters.choice_ns += took;
	counters.choice_ns_max = MAX(counters.choice_ns_max, took);
}

extern void counters_log(log_level_t level)
{
	double mean = counters.choices ? (double)counters.choice_ns / (double)counters.choices / 1000 : 0;

	log_var(level, "aif: placement: proposals %" PRIu64 " first-refused %" PRIu64 " second-refused %" PRIu64
	      " fallbacks %" PRIu64 " recounts %" PRIu64 " differences %" PRIu64
	      " choices %" PRIu64 " choice_us_mean %.1f choice_us_max %.1f bytes_per_node %u answered %" PRIu64
	      " futures %" PRIu64 " futures-refused %" PRIu64 " samples %" PRIu64 " samples-refused %" PRIu64,
	      counters.proposals, counters.first_refused, counters.second_refused, counters.fallbacks,
	      counters.recounts, counters.differences, counters.choices, mean,
	      (double)counters.choice_ns_max / 1000, view_bytes_per_node() + fabrics_bytes_per_node(),
	      counters.answered, counters.futures, counters.futures_refused, counters.samples,
	      counters.samples_refused);
}

extern AIF_EXPORT void aif_select_counters(struct aif_select_counters *ret_counters);

extern void aif_select_counters(struct aif_select_counters *ret_counters)
{
	*ret_counters = counters;
}
