/*
 * decide_private.h - what the parts of the decision share (decide*.c)
 *
 * Each check returns true to go on. One that fails has called aif_decide_refuse() and returns
 * false; one whose refusal may be a hold by policy calls aif_decide_hold(), which goes on where it
 * is.
 */
#ifndef AIF_DECIDE_PRIVATE_H
#define AIF_DECIDE_PRIVATE_H

#include "decide.h"
#include "message.h"

struct aif_decider {
    const struct aif_snapshot *snapshot;
    const struct aif_request *request;
    const struct aif_options *options;    /* never NULL */
    const struct aif_mode *asked_mode;    /* NULL: none asked for */
    time_t begin; /* the request's, or later when the job is held until then */
    uint64_t
        taken_secs;   /* of the allocation: used, reserved and, where it counts, asked by others */
    bool unread; /* options->residency is given, and asked_residency not made of it yet */
    bool second_look; /* at a job that was accepted: nothing is held or lowered any more */
    struct aif_decision *out;
    struct aif_restag asked_residency; /* if options->residency is set and !unread */
};

#define AIF_WHAT_TEXT 256 /* for the first part of a message */
#define AIF_NEXT_TEXT 400 /* for its last part where it carries a text of the site's */

/* Word the refusal into out; returns false. message->rule must be an id of rules.h (it is kept, not
 * copied). Where the policy does not apply the rule it is aif_decide_pass() with its result. */
bool aif_decide_refuse(struct aif_decider *decider, const struct aif_message *message)
    __attribute__((cold)); /* keeps what words refusals out of the way of what accepts */

/*
 * The same for a rule that may hold: true when the policy says so. The first reason found is the
 * one kept; until says what ends it, instead of message->next.
 */
bool aif_decide_hold(struct aif_decider *decider, const struct aif_message *message,
                     const char *until) __attribute__((cold));

/* ---- decide_advise.c: rules that are not applied ---- */

/* Whether the policy has the rule applied to this job. */
bool aif_decide_applies(const struct aif_decider *decider, const char *rule) __attribute__((cold));

/* Note, where the rule advises, what would have been; true to go on, false to leave the job alone. */
bool aif_decide_pass(struct aif_decider *decider, const struct aif_message *message, enum aif_would would)
    __attribute__((cold));

/* Add a line to what the user reads of a job that is let through. */
void aif_decide_note(struct aif_decider *decider, const struct aif_message *message)
    __attribute__((cold));

/* ---- decide_pick.c ---- */

/* Find out->alloc. False also when the job is to be left alone. */
bool aif_decide_pick(struct aif_decider *decider);

bool aif_decide_member(struct aif_decider *decider);

/* ---- decide_mode.c ---- */

/* A closure that is in the way of a job in these partitions (NULL: not known); NULL: none. */
const struct aif_closure *aif_decide_closure(const struct aif_mode *mode, const char *partitions,
                                             time_t when);

/* Whether the mode takes allocations of that holder; an unknown one was judged with the award. */
bool aif_decide_eligible(const struct aif_mode *mode, int category);

bool aif_decide_mode(struct aif_decider *decider);
bool aif_decide_category(struct aif_decider *decider);
bool aif_decide_size(struct aif_decider *decider);

/* ---- decide_time.c ---- */

bool aif_decide_state(struct aif_decider *decider);
bool aif_decide_dates(struct aif_decider *decider);

/* Time limit of mode, of interactive jobs and of the allocation's end; fills out->minutes. */
bool aif_decide_time(struct aif_decider *decider);

/* The allocation's end alone, of the time limit that the job has. */
bool aif_decide_end(struct aif_decider *decider);

/* ---- decide.c ---- */

/* Make asked_residency if it is not made yet. A text that cannot be read is refused before all else about the job. */
bool aif_decide_read_residency(struct aif_decider *decider);

/* ---- decide_residency.c ---- */

/* Fill out->residency from allocation, mode, data sets and option. */
bool aif_decide_residency(struct aif_decider *decider);

/* ---- decide_budget.c, decide_count.c ---- */

bool aif_decide_budget(struct aif_decider *decider, aif_usage_fn usage_fn, void *usage_arg);
bool aif_decide_count(struct aif_decider *decider);

/* ---- decide_words.c: what the budget says ---- */

/* Of what the job is charged for: units of one array task, and their name. */
uint64_t aif_decide_units(const struct aif_decider *decider);
bool aif_decide_refuse_amount(struct aif_decider *decider);
bool aif_decide_refuse_pace(struct aif_decider *decider);
bool aif_decide_refuse_inference(struct aif_decider *decider, uint64_t limit_secs);
void aif_decide_note_free(struct aif_decider *decider);
void aif_decide_note_left(struct aif_decider *decider);

/* a + b and a - b that stop at the ends of their type, and the greater one. */
static inline uint64_t aif_plus(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t aif_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t aif_minus(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

#endif
