/*
 * outcome.h - what "sbatch --test-only" said, understood
 *
 * Pure. sbatch prints what the controller's plugins had to say line by line ("sbatch: aif: ...",
 * with "error: " before it when the job was refused), then its own line: when the job would start,
 * or "allocation failure: <reason>".
 */
#ifndef AIF_TOOL_OUTCOME_H
#define AIF_TOOL_OUTCOME_H

#include <stdint.h>

enum aif_outcome_verdict {
    AIF_OUTCOME_ACCEPTED,
    AIF_OUTCOME_HELD,     /* accepted, but it would not start before a rule of ours lets it */
    AIF_OUTCOME_REFUSED,  /* by a rule of ours */
    AIF_OUTCOME_SLURM,    /* refused, and not by us */
    AIF_OUTCOME_NO_CHECK, /* sbatch did not get as far as asking */
};

/* All texts are malloc'ed; NULL where nothing was said. */
struct aif_outcome {
    enum aif_outcome_verdict verdict;
    char *message; /* our sentences, one a line, without "aif: " */
    char rule[16]; /* the id in them; "" if none */
    char *others;  /* what others said, one a line */
    char *reason;  /* Slurm's own words for a refusal */
    char *start;   /* estimate, as Slurm writes it */
    char *nodes;
    char *partition; /* NULL for heterogeneous jobs */
    uint32_t cpus;
};

/* err is sbatch's stderr, status its exit status. */
void aif_outcome_read(const char *err, int status, struct aif_outcome *ret_outcome);
void aif_outcome_free(struct aif_outcome *outcome);

/* "accepted", "held", "refused", "refused by Slurm", "not checked" */
const char *aif_outcome_word(enum aif_outcome_verdict verdict);

#endif
