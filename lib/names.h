/*
 * names.h - names as people write them: case, the characters Slurm takes, the nearest known name
 *
 * Only ASCII letters have case here, whatever the process' locale says, so that slurmctld, the
 * tools and a compute node agree. Everything is pure and thread-safe.
 */
#ifndef AIF_NAMES_H
#define AIF_NAMES_H

#include <stdbool.h>
#include <string.h>

#define AIF_NAMES_LENGTH_MAX 127 /* longest Slurm account or QOS name taken, without NUL */

/* ASCII lower case of one character. */
static inline char aif_names_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Turn text into lower case where it stands. */
void aif_names_lower(char *text);

/* Like strcmp(), without regard to case. */
int aif_names_compare(const char *a, const char *b);

/* Whether it gives 0. Faster where case is nearly always the same, as it is with names that Slurm wrote. */
static inline bool aif_names_same(const char *a, const char *b)
{
    return !strcmp(a, b) || !aif_names_compare(a, b);
}

/*
 * May this be the name of a Slurm account or QOS? Letters, digits and . _ - @ with a letter, digit
 * or _ first (sacctmgr reads a leading '+' or '-' as an operator and ',' as a separator), at most
 * AIF_NAMES_LENGTH_MAX long.
 */
bool aif_names_slurm(const char *name);

/* Number of single-letter slips (insert, drop, change, swap of neighbours) between two names; case
 * ignored. */
unsigned aif_names_distance(const char *a, const char *b);

/* Search for the known name nearest to a mistyped one: set wanted, offer all candidates, read best.
 */
struct aif_names_search {
    const char *wanted;
    const char *best; /* NULL: no candidate is near enough */
    unsigned distance;
};
void aif_names_offer(struct aif_names_search *search, const char *candidate);

#endif
