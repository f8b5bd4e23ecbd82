/*
 * placement_report.h - the figures of a simulated run, as "key value" lines (tests/bench placement)
 *
 * Shares are of 1, times are seconds. Classes of jobs: gpu1 (one GPU), node (one node), leaf and group (what
 * fits into one), larger; all, one (one node), multi (more). wait_weighted is the mean over GPU-seconds, not jobs: no order
 * of the queue changes it as long as nothing stands idle, so that it tells what placement does.
 */
#ifndef PLACEMENT_REPORT_H
#define PLACEMENT_REPORT_H

#include "placement_sched.h"

/* -1: no memory. */
int placement_report(const struct placement_sim *sim);

#endif
