/*
 * env_list.h - NAME=value lists as Slurm's messages and job records carry them
 */
#ifndef AIF_ENV_LIST_H
#define AIF_ENV_LIST_H

#include <stdint.h>

/* Value of name in the list of count entries, or NULL. */
extern const char *aif_env_list_get(char *const *list, uint32_t count, const char *name);

/* Set name to value: replace its entry or append one. The list is xmalloc'ed and stays NULL-terminated. */
extern void aif_env_list_set(char ***list, uint32_t *count, const char *name, const char *value);

/* One variable; value NULL: it shall not be there. */
struct aif_env_setting {
	const char *name;
	const char *value;
};

#define AIF_ENV_SETTINGS_MAX 8

/* Make up to AIF_ENV_SETTINGS_MAX settings in one pass over the list. */
extern void aif_env_list_apply(char ***list, uint32_t *count, const struct aif_env_setting *settings,
			       uint32_t settings_count);

#endif
