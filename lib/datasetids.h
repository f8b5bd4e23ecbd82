/*
 * datasetids.h - the list of data sets that a job names: "thl-2026-17,cohort.b"
 *
 * At most 8 ids of 1 to 63 letters, digits and . _ -; kept in lower case, each once, in the order in which they were
 * first named. Pure; any thread.
 */
#ifndef AIF_DATASETIDS_H
#define AIF_DATASETIDS_H

#include <stdbool.h>
#include <stddef.h>

#define AIF_DATASETIDS_MAX 8
#define AIF_DATASETIDS_ID_SIZE 64 /* of one id, with its NUL */
#define AIF_DATASETIDS_SIZE 256   /* of a list, with its NUL */
#define AIF_DATASETIDS_FORM "up to 8 ids of letters, digits and . _ -, joined by commas"

/* Whether text has the form of one id. */
bool aif_datasetids_is_id(const char *text);

/* The id at *at, which moves to the next; false at the end. The list must be one that was read here. */
bool aif_datasetids_next(const char **at, char ret_id[AIF_DATASETIDS_ID_SIZE]);

/* Add the ids of more, a list as anybody may write it. -1 if it is malformed or too many; ids is then as it was. */
int aif_datasetids_add(char ids[AIF_DATASETIDS_SIZE], const char *more);

/* Whether all ids of few are in many; both must have been read here. */
bool aif_datasetids_within(const char *few, const char *many);

#endif
