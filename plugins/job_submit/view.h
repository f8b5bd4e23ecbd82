/*
 * view.h - a submission as aif_decide() wants to see it
 */
#ifndef AIF_VIEW_H
#define AIF_VIEW_H

#include "slurmctld.h"

#include "decide.h"

/* A request with the memory behind its strings. */
struct aif_view {
	struct aif_request request;
	struct aif_options options;
	char *account;
	char *user;
	char *qos;
	char *partition;
};

/*
 * Translate a submission that has the options *options. What it leaves to Slurm's defaults is resolved: account and
 * user from the association manager, partition and its time limit from the controller. Needs config and partition
 * read locks; takes association manager locks inside. The caller clears the view.
 */
extern void aif_view_init(const job_desc_msg_t *job_desc, const struct aif_options *options,
			  struct aif_view *ret_view);
extern void aif_view_clear(struct aif_view *view);

#endif
