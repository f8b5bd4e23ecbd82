/*
 * view.h - a submission as aif_decide() wants to see it
 */
#ifndef AIF_VIEW_H
#define AIF_VIEW_H

#include "slurmctld.h"

#include "decide.h"
#include "user_names.h"

#define AIF_VIEW_NAME_MAX AIF_USER_NAME_MAX

/*
 * A request, and where its strings are: in the submission and the controller's records where that can be, else here.
 * It must not be copied.
 */
struct aif_view {
	struct aif_request request;
	const char *partition;   /* that of the request */
	char *account;           /* what is NULL here is not owned */
	char *qos;
	char *user;
	char account_text[AIF_VIEW_NAME_MAX];
	char user_text[AIF_VIEW_NAME_MAX];
};

/*
 * Translate a submission that has the options *options. What it leaves to Slurm's defaults is resolved: account and
 * user from the association manager, partition and its time limit from the controller. Not filled: billing,
 * interactive and what else needs to know more than one submission. The view points into job_desc, options and the
 * controller's partitions. Needs config and partition read locks as long as it is used; takes association manager
 * locks inside. The caller clears the view.
 */
extern void aif_view_init(const job_desc_msg_t *job_desc, const struct aif_options *options,
			  struct aif_view *ret_view);
extern void aif_view_clear(struct aif_view *view);

#endif
