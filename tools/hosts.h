/*
 * hosts.h - Slurm's host lists as arrays of names, and back
 */
#ifndef AIF_TOOL_HOSTS_H
#define AIF_TOOL_HOSTS_H

#include <stddef.h>

struct aif_hosts {
    char **names; /* [count] */
    size_t count;
};

/* Expand "n[1-4],m1". NULL, or a text that Slurm does not understand, gives none. */
void aif_hosts_expand(const char *text, struct aif_hosts *ret_hosts);
void aif_hosts_free(struct aif_hosts *hosts);

/* Write names as Slurm does; malloc'ed. Long lists end in ", ..." after some 200 bytes. */
char *aif_hosts_write(const char *const *names, size_t count);

#endif
