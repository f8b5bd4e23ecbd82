/*
 * multifactor.h - the stock priority/multifactor behind priority/aif
 */
#ifndef AIF_COMPAT_MULTIFACTOR_H
#define AIF_COMPAT_MULTIFACTOR_H

#include "slurmctld.h"

/* The hooks of the stock plugin in this version; see src/interfaces/priority.c of Slurm for what each does. */
struct aif_multifactor {
	uint32_t (*set)(uint32_t last_prio, job_record_t *job_ptr);
	void (*reconfig)(bool assoc_clear);
	void (*set_assoc_usage)(slurmdb_assoc_rec_t *assoc);
	void (*job_end)(job_record_t *job_ptr);
#if !AIF_SLURM_AT_LEAST(25, 11)
	double (*calc_fs_factor)(long double usage_efctv, long double shares_norm);
#endif
#if AIF_SLURM_AT_LEAST(24, 5)
	list_t *(*get_factors)(uid_t uid);
#else
	list_t *(*get_factors)(priority_factors_request_msg_t *req_msg, uid_t uid);
#endif
#if AIF_SLURM_AT_LEAST(23, 2)
	uint32_t (*recover)(uint32_t prio_boost);
#endif
#if AIF_SLURM_AT_LEAST(23, 11)
	void (*thread_start)(void);
#endif
};

extern struct aif_multifactor aif_multifactor;

/*
 * Load priority_multifactor.so from PluginDir, by its path and with its symbols kept local, and start it. SLURM_ERROR
 * with one log line when it is not there or of another version.
 */
extern int aif_multifactor_open(void);

/* Stop and unload it; it must be unloaded, since a second start in one process relies on fresh variables. */
extern void aif_multifactor_close(void);

#endif
