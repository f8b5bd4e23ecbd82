/*
 * sbatch.h - run "sbatch --test-only" and keep what it says
 */
#ifndef AIF_TOOL_SBATCH_H
#define AIF_TOOL_SBATCH_H

struct aif_sbatch {
    int status; /* exit status; 128 + signal when it was killed */
    char *out;  /* what it wrote to stdout and stderr, each cut at 64 KiB */
    char *err;
};

/*
 * Run sbatch (from PATH) with --test-only before the given arguments (count of them; NULL behind
 * the last) and AIF_EXPLAIN=1 in its environment, so that slurm-aif's plugins explain an acceptance
 * as well. Standard input is shared with it, for scripts that come from there. Nothing is
 * submitted. Returns an enum aif_exit: AIF_EXIT_FAILED after one line when it cannot be started.
 */
int aif_sbatch_test(int count, char *const *arguments, struct aif_sbatch *ret_sbatch);
void aif_sbatch_free(struct aif_sbatch *sbatch);

#endif
