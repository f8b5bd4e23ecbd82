/*
 * conffile.h - Slurm's configuration files on a compute node, as slurmd uses them
 */
#ifndef AIF_SPANK_CONFFILE_H
#define AIF_SPANK_CONFFILE_H

#include <stdbool.h>
#include <stddef.h>

#define SPANK_AIF_CONFFILE_MAX (16 * 1024 * 1024)

/*
 * Read a file beside slurm.conf: that of SLURM_CONF in slurmstepd's own environment, which slurmd sets, configless or not. Returns
 * malloc'ed text, *ret_length bytes and a NUL, or NULL: no such file, not readable for this user, no regular file, too large.
 */
extern char *spank_aif_conffile_read(const char *name, size_t *ret_length);

/* Whether there is something of that name beside slurm.conf. */
extern bool spank_aif_conffile_exists(const char *name);

#endif
