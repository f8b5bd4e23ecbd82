/*
 * ticket.h - what slurmctld vouches for when a job with a data residency tag goes to a node
 *
 * A ticket is one line of text:
 *     aif1 cluster=aif job=17 array=no uid=1000 alloc=EHPC-… mode=fast-lane policy=0123456789abcdef issued=1763712000 tag=FI|SE
 * and, of a job that names data sets, with their ids before the tag:
 *     aif2 cluster=aif ... issued=1763712000 data=thl-2026-17,cohort.b tag=FI|SE
 * A job without data sets has the first form still, which jobs that wait and nodes that are older know.
 * Equal tickets are equal texts, and only the text that aif_ticket_format() writes is read. The text alone proves nothing:
 * seal.h seals it. Pure, no Slurm, no MUNGE.
 */
#ifndef AIF_TICKET_H
#define AIF_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "datasetids.h"
#include "error.h"

#define AIF_TICKET_TAG_MAX 1024  /* with its NUL */
#define AIF_TICKET_TEXT_MAX 2048 /* longest text, with its NUL */

/* Names of the two variables in a job's SPANK environment: the sealed ticket, and what it says, for slurmctld itself. */
#define AIF_TICKET_ENV "AIF_TICKET"
#define AIF_TICKET_TEXT_ENV "AIF_TICKET_TEXT"

struct aif_ticket {
    char cluster[64];
    uint32_t job;   /* the job's id; for tasks of an array that of the array, as a task gets its own only when it starts */
    bool array;
    uint32_t uid;
    char alloc[64]; /* "" where the job has none; so are mode and policy */
    char mode[64];
    char policy[20]; /* first digits of the hash of the configuration that it was issued under */
    time_t issued;
    char datasets[AIF_DATASETIDS_SIZE]; /* as datasetids.h has them; "": none */
    char tag[AIF_TICKET_TAG_MAX]; /* never ""; what is in it is for restag.h to say */
};

/*
 * Write the ticket. -1 (AIF_EINVAL) where a member has characters other than printable ASCII, or blanks outside of the tag,
 * or cluster or tag is empty; -1 (AIF_ELIMIT) where size does not suffice. Rule id of all failures here: AIF-R010.
 */
int aif_ticket_format(const struct aif_ticket *ticket, char *ret_text, size_t size, struct aif_error *err);

/* Read exactly what aif_ticket_format() writes; anything else is refused. text need not end in NUL. */
int aif_ticket_parse(const char *text, size_t length, struct aif_ticket *ret_ticket, struct aif_error *err);

/* Whether both vouch for the same; the policy's hash and the time of issue do not matter for that. */
bool aif_ticket_same(const struct aif_ticket *a, const struct aif_ticket *b);

/*
 * Whether the ticket is one of this job: cluster, user and job id. For the ticket of an array any job id will do here: whether the job
 * is of that array is for slurmctld to say, since a node is told so for batch scripts only.
 */
int aif_ticket_check(const struct aif_ticket *ticket, const char *cluster, uint32_t job, uint32_t uid,
                     struct aif_error *err);

#endif
