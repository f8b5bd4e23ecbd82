/*
 * list.h - Slurm's lists under the names that 24.11 gave them
 *
 * Up to 22.05 there are only the pointer types List and ListIterator; the structs behind them are the same.
 */
#ifndef AIF_COMPAT_LIST_H
#define AIF_COMPAT_LIST_H

#include "version.h"

/* Slurm's own headers do not claim to be clean under our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "src/common/slurm_xlator.h"
#include "src/common/list.h"
#pragma GCC diagnostic pop

#ifndef SLURM_VERSION_STRING
#error "config.h is not that of the Slurm source tree: its directory must come first, as -iquote"
#endif

#if !AIF_SLURM_AT_LEAST(23, 2)
typedef struct xlist list_t;
typedef struct listIterator list_itr_t;
#endif

#endif
