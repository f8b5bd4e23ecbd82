/*
 * refusals.h - what slurmctld turned down lately, so that "aif explain" can still tell why
 *
 * A refused job has no number and leaves no record in Slurm. So the last refusals of each user are kept, in memory of a fixed bound:
 * whoever submits in a loop pushes out his own refusals only, and of too many users he goes whose last refusal is the oldest. The
 * same refusal again (same job name, same sentence) is counted, not repeated. On the wire and on disk each is a line of JSON. Not
 * thread-safe: the caller locks.
 */
#ifndef AIF_REFUSALS_H
#define AIF_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decide.h"
#include "error.h"
#include "text.h"

#define AIF_REFUSALS_EACH 8               /* of one user */
#define AIF_REFUSALS_USERS 512            /* about 4 MB, if all have so many */
#define AIF_REFUSALS_KEPT (7 * 86400)     /* seconds; then nobody is told any more */
#define AIF_REFUSALS_NAME 64              /* of jobs, accounts; with NUL */
#define AIF_REFUSALS_LINE_MAX 4096        /* bytes of one line */

/* How a user asks slurmctld: this at the start of a job's comment. Behind it nothing (own refusals), "=all" or "=UID" (operators). */
#define AIF_REFUSALS_QUESTION "aif:refusals"

/* How the answer begins: a line of this and the number of the lines that follow. */
#define AIF_REFUSALS_ANSWER "aif refusals: "
#define AIF_REFUSALS_TOLD 48 /* lines of an answer, at most */

/* Texts are "" and numbers 0 where that is not known or means nothing. */
struct aif_refusal {
    int64_t at;     /* the last time */
    uint32_t uid;   /* whose job */
    uint32_t by;    /* who submitted or changed it */
    uint32_t job;   /* whose change was refused; 0: a submission */
    uint32_t times; /* in a row */
    char rule[16];
    char name[AIF_REFUSALS_NAME]; /* of the job */
    char account[AIF_REFUSALS_NAME];
    char text[AIF_MESSAGE_MAX]; /* the sentence that the user got */
};

struct aif_refusals;

/* NULL when memory is out. NULL is fine for destroy. */
struct aif_refusals *aif_refusals_create(void);
void aif_refusals_destroy(struct aif_refusals *refusals);

/* Copy text into a member; what is not printable ASCII is written as '?': users typed it. NULL is "". */
void aif_refusal_set(char *member, size_t size, const char *text);

/* Remember one, in its place by time. Without memory it is forgotten. O(users). */
void aif_refusals_add(struct aif_refusals *refusals, const struct aif_refusal *refusal);

/* Copy those of the user at this place (0 to AIF_REFUSALS_USERS - 1), oldest first; how many there are. O(1). */
size_t aif_refusals_at(const struct aif_refusals *refusals, size_t place, struct aif_refusal ret_list[AIF_REFUSALS_EACH]);

/* The place of a user; -1: none. */
int aif_refusals_place(const struct aif_refusals *refusals, uint32_t uid);

/*
 * Add those of list (count) that are not older than since to the newest of all, which are ordered newest first and at most max.
 * Returns how many newest has now.
 */
size_t aif_refusals_newest(const struct aif_refusal *list, size_t count, int64_t since, struct aif_refusal *newest,
                           size_t had, size_t max);

/* Append one as a line of JSON with its newline; -1 when memory is out. */
int aif_refusal_write(const struct aif_refusal *refusal, struct aif_text *text);

/* Read such a line (without newline). -1: not one. */
int aif_refusal_parse(const char *line, size_t length, struct aif_refusal *ret_refusal, struct aif_error *err);

/* Add all lines of a file's text; lines that are none are passed over. Returns how many were. */
size_t aif_refusals_read(struct aif_refusals *refusals, const char *text);

#endif
