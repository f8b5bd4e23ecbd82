/*
 * decide_private.h - what the parts of the decision share (decide.c, decide_pick.c, decide_residency.c)
 *
 * Each check returns true to go on. One that fails has called aif_decide_refuse() and returns false.
 */
#ifndef AIF_DECIDE_PRIVATE_H
#define AIF_DECIDE_PRIVATE_H

#include "decide.h"
#include "message.h"

struct aif_decider {
    const struct aif_snapshot *snapshot;
    const struct aif_request *request;
    const struct aif_options *options; /* never NULL */
    const struct aif_mode *asked_mode; /* NULL: none asked for */
    struct aif_residency asked_residency; /* if options->residency is set */
    struct aif_decision *out;
};

#define AIF_WHAT_TEXT 256 /* for the first part of a message */

/* Word the refusal into out; returns false. message->rule must be an id of rules.h (it is kept, not copied). */
bool aif_decide_refuse(struct aif_decider *decider, const struct aif_message *message);

/* Find out->alloc. False also when the job is to be left alone. */
bool aif_decide_pick(struct aif_decider *decider);

/* Fill out->residency from allocation, mode and option. */
bool aif_decide_residency(struct aif_decider *decider);

#endif
