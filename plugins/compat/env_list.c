/* env_list.c - see env_list.h */
#include "slurmctld.h"
#include "env_list.h"

#include <string.h>

static uint32_t _find(char *const *list, uint32_t count, const char *name)
{
	size_t length = strlen(name);
	uint32_t i = 0;

	while (i < count &&
	       !(list[i] && !strncmp(list[i], name, length) && list[i][length] == '='))
		i++;
	return i;
}

extern const char *aif_env_list_get(char *const *list, uint32_t count, const char *name)
{
	uint32_t i = _find(list, count, name);

	return i < count ? list[i] + strlen(name) + 1 : NULL;
}

extern void aif_env_list_set(char ***list, uint32_t *count, const char *name, const char *value)
{
	uint32_t i = _find(*list, *count, name);

	if (i == *count) {
		xrecalloc(*list, *count + 2, sizeof(char *));
		(*count)++;
		(*list)[*count] = NULL;
	}
	xfree((*list)[i]);
	(*list)[i] = xstrdup_printf("%s=%s", name, value);
}

extern void aif_env_list_unset(char **list, uint32_t *count, const char *name)
{
	uint32_t i = _find(list, *count, name);

	if (i == *count)
		return;
	xfree(list[i]);
	for (; i + 1 < *count; i++)
		list[i] = list[i + 1];
	(*count)--;
	list[*count] = NULL;
}
