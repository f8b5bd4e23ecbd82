/*
 * parts.h - the partitions that a job may run in
 */
#ifndef AIF_PARTS_H
#define AIF_PARTS_H

#include "slurmctld.h"

/* The name of the partition that jobs get which ask for none; NULL: there is none. Partition read lock. */
extern const char *aif_parts_default(void);

/*
 * Call fn for each partition of a comma list that exists, in order; NULL calls it for none. Partition read lock, held as
 * long as fn uses the records.
 */
typedef void (*aif_parts_fn)(const part_record_t *part, void *arg);
extern void aif_parts_each(const char *names, aif_parts_fn fn, void *arg);

#endif
