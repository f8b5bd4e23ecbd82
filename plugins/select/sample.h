/*
 * sample.h - a few nodes that stand for many
 *
 * Cons_tres takes some microseconds for each node it is asked about, each time. Where a job asks the same of each of its
 * nodes, and these are of one kind and all in the same state, what it takes on a few of them, for a job with the share of so
 * many, it takes on all: equal nodes give it equally much. One node in each of the outermost islands is among them, so that a
 * topology that joins these joins all. A no says nothing: then cons_tres is to be asked about all of them.
 *
 * Calls need the view's lock, and slurmctld's job and node locks.
 */
#ifndef AIF_SELECT_SAMPLE_H
#define AIF_SELECT_SAMPLE_H

#include "view.h"

#define SAMPLE_MAX 256

struct sample {
	const uint32_t *island_of; /* of the fabric; not looked at after the lock is given back */
	uint32_t nodes[SAMPLE_MAX];
	uint32_t islands[SAMPLE_MAX];
	uint32_t count;
	uint16_t shape;
	bool useless;
};

/* Begin one for a job of so many nodes; useless from the beginning if its nodes are not asked the same, or may not give it. */
extern void sample_begin(const struct aif_job_test *test, const struct view *view, uint32_t nodes, struct sample *ret_sample);

/* One of the job's nodes: joins if there is none of its island yet. Another kind than before makes the sample useless. */
extern void sample_see(const struct view *view, uint32_t node, struct sample *sample);

/* One that must be in it. */
extern void sample_add(uint32_t node, struct sample *sample);

/* True if a job of so many nodes had better be asked about by this sample; needs no lock. */
extern bool sample_pays(const struct sample *sample, uint32_t nodes);

#endif
