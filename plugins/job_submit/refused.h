/*
 * refused.h - what the hooks refused lately, remembered for "aif explain --refused" (refusals.h)
 *
 * slurmctld itself answers: it knows who asks. The question comes as a job to test (--test-only) with "aif:refusals" in its comment,
 * and is refused with the answer in the place of the reason, so it works from every host where sbatch works, needs neither a file
 * that users may read nor a daemon, and nobody is told of others' refusals but operators.
 *
 * Hooks copy into memory under a mutex. A thread of our own brings it to a file in StateSaveLocation, some seconds later, and reads
 * that when this slurmctld takes control.
 */
#ifndef AIF_REFUSED_H
#define AIF_REFUSED_H

#include "slurmctld.h"

#include "decide.h"
#include "refusals.h"

/* From init() and fini(). Nothing is done outside of slurmctld. */
extern int aif_refused_start(void);
extern void aif_refused_stop(void);

/* A submission by that user was turned down with this rule (NULL: none) and sentence. Any locks. */
extern void aif_refused_submission(const job_desc_msg_t *job_desc, uint32_t by, const char *rule, const char *text)
	__attribute__((cold));

/* The same of a change of a job. Needs the job lock. */
extern void aif_refused_update(const job_record_t *job_ptr, uint32_t by, const char *rule, const char *text)
	__attribute__((cold));

/* Whether this is no job but the question. */
static inline bool aif_refused_is_question(const job_desc_msg_t *job_desc)
{
	const char *comment = job_desc->comment, *asked = AIF_REFUSALS_QUESTION;

	if (!comment)
		return false;
	while (*asked && *comment == *asked) { /* no call of the library: it ends at the first or the fifth character */
		comment++;
		asked++;
	}
	return !*asked;
}

/* The answer for that user, xmalloc'ed; to be given with a refusal. */
extern char *aif_refused_answer(const char *question, uint32_t uid) __attribute__((cold));

#endif
