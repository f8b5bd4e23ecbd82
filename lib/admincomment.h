/*
 * admincomment.h - what a job's admin_comment carries of ours:
 *     {"aif":{"v":1,"mode":…,"alloc":…,"res":…,"place":…,"rule":…,"pol":…}}
 *
 * Foreign content is kept: other keys of a JSON object stay; a text that is no JSON object is never overwritten.
 */
#ifndef AIF_ADMINCOMMENT_H
#define AIF_ADMINCOMMENT_H

#include "error.h"

#define AIF_ADMINCOMMENT_MAX 1024 /* Slurm's own cap on the string, with NUL */

struct aif_admincomment {
    char mode[64];
    char alloc[64];
    char residency[256];
    char rule[16];
    char policy[20]; /* first 16 hex digits of the snapshot's hash */
    char placement[32]; /* key "place": what the job asked for, as aif_placement_parse() reads it; "" if nothing */
};

/*
 * Merge ours into existing (NULL or "" or text). *ret_text is malloc'ed. Returns 0; 1 if existing is not a JSON
 * object, then *ret_text is NULL and existing must stay as it is; -1 when out of memory or too long (AIF_ELIMIT).
 * Members of ours that are "" are left out; members of an older "aif" object do not survive.
 */
int aif_admincomment_merge(const char *existing, const struct aif_admincomment *ours, char **ret_text,
                           struct aif_error *err);

/*
 * Read ours back. Returns 1 if there, 0 if not (or not JSON). Missing members are "". A member that is no string or
 * is too long is given as "?", which no grammar takes: a damaged residency tag must not look like no tag.
 */
int aif_admincomment_read(const char *text, struct aif_admincomment *ret_ours);

#endif
