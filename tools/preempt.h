/*
 * preempt.h - which QOS yield to which by policy.json: Preempt, PreemptMode and GraceTime
 *
 * The QOS of a lane that preempts lists those of its victims: of the allocations of the modes it names, with their free
 * QOS, and every free QOS where it says so. In such a list what names a QOS that aif made is the policy's; what names
 * another one is the site's and stays. Where no lane ever preempted nothing is touched: what aif set it notes in the
 * description of the QOS. Pure; reads a snapshot and what dbd.h read.
 */
#ifndef AIF_TOOL_PREEMPT_H
#define AIF_TOOL_PREEMPT_H

#include <time.h>

#include "dbd.h"
#include "snapshot.h"

struct aif_preempt;

/*
 * now decides which allocations have ended; those neither yield nor take places. Returns AIF_EXIT_OK, or an exit code
 * after one line when a list would be longer than slurmdbd can keep. snapshot and dbd must outlive the result.
 */
int aif_preempt_make(const struct aif_snapshot *snapshot, const struct aif_dbd *dbd, time_t now,
                     struct aif_preempt **ret_preempt);
void aif_preempt_free(struct aif_preempt *preempt);

/* Does any lane of the policy take the places of others' jobs? */
bool aif_preempt_wanted(const struct aif_policy *policy);

/* What a QOS shall be; mode and grace are NO_VAL16 and NO_VAL where they are not the policy's. */
struct aif_preempt_want {
    bool lists;     /* its Preempt list is the policy's */
    bool yields;    /* its jobs are victims */
    uint16_t mode;  /* PREEMPT_MODE_* of slurm.h; 0: what slurm.conf says */
    uint32_t grace; /* seconds */
};

/* have: the QOS as it is, NULL if it is not there. */
void aif_preempt_of(const struct aif_preempt *preempt, const struct aif_alloc *alloc, bool free_qos,
                    const struct aif_dbd_qos *have, struct aif_preempt_want *ret_want);

/*
 * How the list of the allocation's QOS differs from what it shall be, for people: "+a,+b,-c", with "and 7 more" where
 * there are many; malloc'ed, NULL if it does not. *ret_drift: somebody else changed it.
 */
char *aif_preempt_list_text(const struct aif_preempt *preempt, const struct aif_alloc *alloc,
                            const struct aif_dbd_qos *have, bool *ret_drift);

/*
 * The same, for a QOS whose list differs, as ids to send, in Slurm's form: few changes as "+5", "-7", many as the whole list, "" alone for none.
 * NULL-terminated array in one piece of memory, free() it; NULL if there is nothing to change.
 */
char **aif_preempt_list_ids(const struct aif_preempt *preempt, const struct aif_alloc *alloc,
                            const struct aif_dbd_qos *have);

/*
 * What is added to the mark of such a QOS: " preempts=<digest of the rule> yields=<digest of mode and grace>"; "" for
 * others. malloc'ed.
 */
char *aif_preempt_mark(const struct aif_preempt *preempt, const struct aif_alloc *alloc,
                       const struct aif_preempt_want *want);

/* Did somebody change the mode or the grace time that the description says aif gave the QOS? */
bool aif_preempt_drifted(const struct aif_dbd_qos *have);

/* "requeue", "cancel", "cluster" for 0, … */
const char *aif_preempt_mode_text(uint16_t mode);

#endif
