/*
 * select_devices.h - which GPUs cons_tres has chosen on a node for a job that is about to begin, and the way to change it
 *
 * Between a successful select_p_job_test(RUN_NOW) and select_p_job_begin() the choice stands in the job's gres request, one bitmap
 * per node (gres_bit_select), and nothing else depends on which bits are set: cores were chosen by socket before, and what is
 * counted per socket and type stays the same. Sources: gres_select_filter.c (choice), gres_stepmgr.c:_job_alloc() (24.11; what
 * begin makes of it), gres_sock_list.c (what may not be taken: reserved and shared devices).
 *
 * Called under slurmctld's job and node write locks only.
 */
#ifndef AIF_COMPAT_SELECT_DEVICES_H
#define AIF_COMPAT_SELECT_DEVICES_H

#include "devicepick.h"
#include "select_api.h"

struct aif_compat_devices {
	struct aif_devicepick node;
	uint32_t chosen; /* by cons_tres for this job */
	uint32_t free;	 /* nobody's, without the chosen ones */
	bitstr_t *bits;	 /* where the choice stands; Slurm's own */
};

enum aif_devices_found {
	AIF_DEVICES_NONE, /* nothing to choose: no or one or all GPUs, or links that are all alike or unknown */
	AIF_DEVICES_LEFT, /* not ours to choose: shared, restricted or still somebody's (preemption), or more than AIF_DEVICEPICK_GPUS_MAX */
	AIF_DEVICES_ODD,  /* Slurm's data are not what we know of */
	AIF_DEVICES_FOUND,
};

/*
 * Whether this Slurm takes the worst linked GPUs (24.05 to 26.05) and this call, which has succeeded, is one whose choice
 * may be changed: RUN_NOW, GPUs of one request only, none of them reserved for somebody.
 */
extern bool aif_compat_devices_apply(const struct aif_job_test *test);

/* What was chosen on a node; for AIF_DEVICES_FOUND only, *ret is filled. */
extern enum aif_devices_found aif_compat_devices_read(const struct aif_job_test *test, uint32_t node_index,
						      struct aif_compat_devices *ret);

/* Put set into the place of the chosen ones; it must be alike (devicepick.h). */
extern void aif_compat_devices_write(const struct aif_compat_devices *devices, uint32_t set);

#endif
