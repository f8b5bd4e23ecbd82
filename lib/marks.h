/*
 * marks.h - what the jobs of an allocation carry when nothing about them is special: no placement, no hold
 *
 * Made once, when the allocation is read (for those with a tag: when the first of them comes, see tagmemo.h), by the
 * same functions that would make it for each job. Nearly all jobs are of that kind, and slurmctld's caches are cold at a submission: copying two
 * texts touches far less memory than writing them.
 */
#ifndef AIF_MARKS_H
#define AIF_MARKS_H

#include <stddef.h>

#include "admincomment.h"
#include "options.h"

struct aif_marks {
    size_t comment_length; /* without NUL */
    const char *comment;   /* admin_comment up to where the policy's hash follows:
                              {"aif":{"v":1,"mode":…,"alloc":… */
    char request[];        /* value of AIF_OPTIONS_ENV */
};

/* What they say; residency (a canonical tag) and datasets are "" for jobs that have none. */
struct aif_marks_of {
    const char *mode, *alloc, *residency, *datasets;
};

/* Room for the largest marks. */
struct aif_marks_room {
    _Alignas(struct aif_marks) char bytes[sizeof(struct aif_marks) + AIF_OPTIONS_TEXT_MAX + AIF_ADMINCOMMENT_MAX];
};

/* Write marks into the room, where they then are; NULL where a name needs more room than usual: then each job gets its own. */
struct aif_marks *aif_marks_make(const struct aif_marks_of *of, struct aif_marks_room *room);

/* The same for a plain job in as much memory as it needs, which the caller frees; NULL as well when memory is out. */
struct aif_marks *aif_marks_create(const char *mode, const char *alloc);

/* Bytes of marks, and the same marks in as many bytes at to. */
size_t aif_marks_size(const struct aif_marks *marks);
void aif_marks_copy(const struct aif_marks *marks, struct aif_marks *to);

/*
 * The whole admin_comment, with the first 16 characters of a policy's hash. ret_text has room for
 * comment_length + AIF_MARKS_MORE.
 */
#define AIF_MARKS_MORE 32
void aif_marks_comment(const struct aif_marks *marks, const char *hash, char *ret_text);

#endif
