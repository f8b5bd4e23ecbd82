/*
 * tagmemo.h - the residency of jobs that ask what others of their allocation asked before
 *
 * A job's tag follows from the configuration, its allocation, and what it asks by --data-residency and --dataset, and from
 * nothing else: groups of countries are those of the day on which the configuration was read, which is read again when a
 * member joins or leaves. So a memo belongs to one configuration (snapshot.h) and ends with it; nothing in it can become
 * old. What is asked is compared byte by byte.
 *
 * What is remembered stays where it is as long as the memo. Each allocation has a few places, so that its members cannot
 * take those of others, and all together share a piece of memory; when either is full, tags are made anew each time.
 */
#ifndef AIF_TAGMEMO_H
#define AIF_TAGMEMO_H

#include <stdatomic.h>
#include <stdint.h>

#include "alloc.h"
#include "datasetids.h"
#include "marks.h"
#include "restag.h"

#define AIF_TAGMEMO_EACH 8 /* of one allocation */

struct aif_tagmemo;

/* What makes the tag, beside the configuration. */
struct aif_tagmemo_key {
    size_t index; /* of the allocation in its table */
    const char *residency, *datasets; /* as asked; "": nothing */
};

struct aif_tagmemo_tag {
    struct aif_restag tag; /* what holds: intersection of all tags */
    const char *text;      /* that, in canonical form */
    const struct aif_marks *marks; /* what jobs with the tag carry if nothing else about them is special; NULL: too long */
    _Atomic uint64_t *note;        /* for the caller, who may keep a word there that belongs to the tag; 0 at first */
};

/* For allocations 0 .. count - 1. NULL when memory is out. */
struct aif_tagmemo *aif_tagmemo_create(size_t count);
void aif_tagmemo_destroy(struct aif_tagmemo *memo);

/* NULL: not known. Without lock, any thread. memo may be NULL. */
const struct aif_tagmemo_tag *aif_tagmemo_find(const struct aif_tagmemo *memo, const struct aif_tagmemo_key *key);

/*
 * Remember, if there is room. alloc is the allocation of the key; text must be shorter than AIF_RESTAG_TEXT_MAX. Returns
 * what is remembered, which may be another thread's; NULL: nothing. Any thread, allocates nothing. memo may be NULL.
 */
const struct aif_tagmemo_tag *aif_tagmemo_put(struct aif_tagmemo *memo, const struct aif_tagmemo_key *key,
                                              const struct aif_alloc *alloc, const struct aif_restag *tag,
                                              const char *text);

#endif
