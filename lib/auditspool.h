/*
 * auditspool.h - the directory in which slurmctld leaves events for aif-reportd: the writer's side
 *
 * A spool is a directory of files of lines. Each writer has one file at a time, under a name that nobody uses twice, and only
 * appends to it; a lock (flock) on the file tells that more may come. A line counts from its newline on, so a crash in the
 * midst of one leaves nothing that could be mistaken. auditintake.h reads, and removes files whose writer is gone. A struct
 * aif_auditspool belongs to one thread.
 */
#ifndef AIF_AUDITSPOOL_H
#define AIF_AUDITSPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define AIF_AUDITSPOOL_DIR "aif_audit"   /* below StateSaveLocation */
#define AIF_AUDITSPOOL_ENDING ".jsonl"

struct aif_auditspool;

/* When to begin another file, and how much may lie in the directory, in bytes. */
struct aif_auditspool_limits {
    uint64_t file;
    uint64_t total;
};
extern const struct aif_auditspool_limits aif_auditspool_limits; /* the usual ones */

/*
 * Nothing is done in the directory before the first line. writer: letters, digits, '_'; begins the names of the files. NULL when
 * memory is out.
 */
struct aif_auditspool *aif_auditspool_create(const char *dir, const char *writer,
                                             const struct aif_auditspool_limits *limits);
/* Closes the file, which the reader may then remove; NULL is fine. */
void aif_auditspool_destroy(struct aif_auditspool *spool);

/*
 * Append a line (its newline included). Makes the directory (0700) and the file (0600) where they are not there. -1, and the line
 * is not there: the disk is full, the directory is (AIF_ELIMIT), or somebody else's.
 */
int aif_auditspool_append(struct aif_auditspool *spool, const char *line, size_t length, struct aif_error *err);

/* Bring to disk what was appended. */
int aif_auditspool_sync(struct aif_auditspool *spool, struct aif_error *err);

#endif
