/*
 * slurmctld.h - the controller's records (jobs, partitions), wherever the version keeps them
 */
#ifndef AIF_COMPAT_SLURMCTLD_H
#define AIF_COMPAT_SLURMCTLD_H

#include "list.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "src/common/assoc_mgr.h"
#include "src/common/read_config.h"
#include "src/common/run_in_daemon.h"
#include "src/common/xmalloc.h"
#include "src/common/xstring.h"
#include "src/slurmctld/slurmctld.h"

#if AIF_SLURM_AT_LEAST(23, 2)
#include "src/interfaces/gres.h"
#include "src/interfaces/priority.h"
#else
#include "src/common/gres.h"
#include "src/common/slurm_priority.h"
#endif
#pragma GCC diagnostic pop

#if !AIF_SLURM_AT_LEAST(23, 2)
typedef struct job_details job_details_t;
#endif

/* The same bits under another name from 25.11 on. */
#if AIF_SLURM_AT_LEAST(25, 11)
#define CR_MEMORY SELECT_MEMORY
#endif

/*
 * Data of Slurm's internal library. Data is bound when a plugin is loaded, however lazily: weak, so that any program can
 * load ours to look at it, also one that has only the public libslurm or no Slurm at all.
 */
#pragma weak assoc_mgr_assoc_list
#pragma weak assoc_mgr_tres_array
#pragma weak assoc_mgr_qos_list
#pragma weak assoc_mgr_user_list
#pragma weak g_tres_count
#pragma weak last_node_update
#pragma weak slurm_conf

#endif
