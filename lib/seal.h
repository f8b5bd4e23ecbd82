/*
 * seal.h - tickets sealed by MUNGE
 *
 * A seal proves that a process of a certain user made the text, on a host with the same MUNGE key. It can be opened by one
 * user only, so that nobody else can do anything with it: Slurm's daemons take no credential that they cannot open.
 *
 * A seal is opened whenever its job starts, maybe weeks later, and again after each requeue. So expired and replayed
 * credentials are accepted: MUNGE still vouches for text and maker then. What expiry and replay protect against is
 * that somebody else uses a credential once more; a ticket names cluster, user and job (ticket.h), so once more it
 * says only what is still true, or what slurmctld has replaced in the job's record since. It opens no door by itself either: it only
 * says where a job that Slurm started may run.
 *
 * Kept out of libaif.la for its library. Calls talk to munged and may take seconds: never under slurmctld's locks. Any thread.
 */
#ifndef AIF_SEAL_H
#define AIF_SEAL_H

#include <stddef.h>
#include <sys/types.h>

#include "error.h"

#define AIF_SEAL_MAX 8192 /* longest credential taken, with its NUL */

/*
 * munged's socket as Slurm's AuthInfo (may be NULL) names it; "" where it names none, which is MUNGE's default. -1 where it
 * is longer than size.
 */
int aif_seal_socket(const char *authinfo, char *ret_path, size_t size);

/* Seal text so that only reader (and nobody else but a permitted root) can open it. *ret_seal is malloc'ed. AIF-R010. */
int aif_seal_make(const char *text, const char *socket, uid_t reader, char **ret_seal, struct aif_error *err);

/* Open a seal: its text (malloc'ed, with a NUL after *ret_length bytes) and who made it. AIF-R010. */
int aif_seal_open(const char *seal, const char *socket, char **ret_text, size_t *ret_length, uid_t *ret_maker,
                  struct aif_error *err);

#endif
