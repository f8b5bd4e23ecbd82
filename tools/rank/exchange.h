/*
 * exchange.h - all ranks of a step tell each other where they are, through PMIx
 */
#ifndef AIF_RANK_EXCHANGE_H
#define AIF_RANK_EXCHANGE_H

/*
 * Every rank of the step calls it; waits for all. Rank 0 prints a line of JSON about the job and one for each rank to
 * stdout; the others print nothing. Returns an exit code after one line: AIF_EXIT_SLURM where there is no PMIx server.
 */
int aif_rank_exchange(void);

#endif
