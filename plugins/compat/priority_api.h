/*
 * priority_api.h - the hooks of a priority plugin that differ between versions, forwarded to multifactor
 */
#ifndef AIF_COMPAT_PRIORITY_API_H
#define AIF_COMPAT_PRIORITY_API_H

#include "multifactor.h"

#if AIF_SLURM_AT_LEAST(24, 5)
#define AIF_FORWARD_FACTORS                                                                      \
	extern AIF_EXPORT list_t *priority_p_get_priority_factors_list(uid_t uid)                \
	{                                                                                        \
		return aif_multifactor.get_factors(uid);                                         \
	}
#else
#define AIF_FORWARD_FACTORS                                                                      \
	extern AIF_EXPORT list_t *priority_p_get_priority_factors_list(                          \
		priority_factors_request_msg_t *req_msg, uid_t uid)                              \
	{                                                                                        \
		return aif_multifactor.get_factors(req_msg, uid);                                \
	}
#endif

#if AIF_SLURM_AT_LEAST(25, 11)
#define AIF_FORWARD_FS_FACTOR
#else
#define AIF_FORWARD_FS_FACTOR                                                                    \
	extern AIF_EXPORT double priority_p_calc_fs_factor(long double usage_efctv,              \
							   long double shares_norm)              \
	{                                                                                        \
		return aif_multifactor.calc_fs_factor(usage_efctv, shares_norm);                 \
	}
#endif

#if AIF_SLURM_AT_LEAST(23, 2)
#define AIF_FORWARD_RECOVER                                                                      \
	extern AIF_EXPORT uint32_t priority_p_recover(uint32_t prio_boost)                       \
	{                                                                                        \
		return aif_multifactor.recover(prio_boost);                                      \
	}
#else
#define AIF_FORWARD_RECOVER
#endif

#if AIF_SLURM_AT_LEAST(23, 11)
#define AIF_FORWARD_THREAD_START                                                                 \
	extern AIF_EXPORT void priority_p_thread_start(void)                                     \
	{                                                                                        \
		aif_multifactor.thread_start();                                                  \
	}
#else
#define AIF_FORWARD_THREAD_START
#endif

#endif
