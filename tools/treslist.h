/*
 * treslist.h - counts in Slurm's lists of trackable resources, by name or by id
 */
#ifndef AIF_TOOL_TRESLIST_H
#define AIF_TOOL_TRESLIST_H

#include <stdint.h>

#include "policy.h"

/*
 * The count of one resource in "cpu=4,gres/gpu=2" or, by its id written as text, in "1=4,1001=2". 0
 * if it is not there or text is NULL. Names without regard to case.
 */
uint64_t aif_treslist_count(const char *text, const char *name);

/*
 * The count of one kind in a node's "gpu:a100:4(S:0-1),gpu:h100:2,nic:1", all types together. 0 if it is not there or text
 * is NULL. A kind without a count is one.
 */
uint64_t aif_treslist_gres(const char *text, const char *name);

/* The name that Slurm has for what is charged; gpu_tres is the policy's. */
const char *aif_treslist_name(const struct aif_policy *policy, const struct aif_charge *charge);

#endif
