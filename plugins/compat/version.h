/*
 * version.h - which Slurm this build is for
 *
 * Only files of plugins/compat/ may ask; everything else sees one interface.
 */
#ifndef AIF_COMPAT_VERSION_H
#define AIF_COMPAT_VERSION_H

#include <slurm/slurm_version.h>

#define AIF_SLURM_AT_LEAST(major, minor) \
	(SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(major, minor, 0))

/* What Slurm's loader compares with its own version, to the micro. */
#define AIF_PLUGIN_VERSION SLURM_VERSION_NUMBER

/* Symbols that Slurm's loader looks up; everything else in our plugins is hidden. */
#define AIF_EXPORT __attribute__((visibility("default")))

#endif
