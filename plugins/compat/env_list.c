/* env_list.c - see env_list.h */
#include "slurmctld.h"
#include "env_list.h"

#include <string.h>

/* Without calls of the library, which cost more than the few characters that differ. */
static bool _is_of(const char *entry, const char *name)
{
	if (!entry)
		return false;
	while (*name && *entry == *name) {
		entry++;
		name++;
	}
	return !*name && *entry == '=';
}

static uint32_t _find(char *const *list, uint32_t count, const char *name)
{
	uint32_t i = 0;

	while (i < count && !_is_of(list[i], name))
		i++;
	return i;
}

extern const char *aif_env_list_get(char *const *list, uint32_t count, const char *name)
{
	uint32_t i = _find(list, count, name);

	return i < count ? list[i] + strlen(name) + 1 : NULL;
}

__attribute__((hot)) static char *_entry(const struct aif_env_setting *setting)
{
	size_t name = strlen(setting->name), value = strlen(setting->value);
	char *entry = xmalloc_nz(name + value + 2);

	memcpy(entry, setting->name, name);
	entry[name] = '=';
	memcpy(entry + name + 1, setting->value, value + 1);
	return entry;
}

/* Index of the setting that the entry is about, or settings_count. */
static uint32_t _setting_of(const char *entry, const struct aif_env_setting *settings,
			    uint32_t settings_count)
{
	uint32_t i = 0;

	while (i < settings_count && !_is_of(entry, settings[i].name))
		i++;
	return i;
}

static bool _share_first(const struct aif_env_setting *settings, uint32_t settings_count)
{
	uint32_t i = 1;

	while (i < settings_count && settings[i].name[0] == settings[0].name[0])
		i++;
	return i == settings_count;
}

/* How many entries at the start are about none of the settings: nearly always all, so most of the time is spent here. */
static uint32_t _untouched(char *const *entries, uint32_t count, const struct aif_env_setting *settings,
			   uint32_t settings_count)
{
	char first = settings[0].name[0];

	if (!_share_first(settings, settings_count))
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		if (entries[i] && entries[i][0] == first &&
		    _setting_of(entries[i], settings, settings_count) < settings_count)
			return i;
	}
	return count;
}

/*
 * Not by realloc(), which mostly has to copy, too: the submit hook runs with cold caches, so it should call what slurmctld
 * has just used.
 */
static void _make_room(char ***list, uint32_t count, uint32_t more)
{
	char **larger = xmalloc_nz((count + more) * sizeof(*larger));

	if (count)
		memcpy(larger, *list, count * sizeof(*larger));
	xfree(*list);
	*list = larger;
}

static void _append_missing(char ***list, uint32_t *count, const struct aif_env_setting *settings,
			    uint32_t settings_count, const bool *done)
{
	uint32_t missing = 0;

	for (uint32_t i = 0; i < settings_count; i++)
		missing += settings[i].value && !done[i];
	if (!missing)
		return;
	_make_room(list, *count, missing + 1);
	for (uint32_t i = 0; i < settings_count; i++) {
		if (settings[i].value && !done[i])
			(*list)[(*count)++] = _entry(&settings[i]);
	}
	(*list)[*count] = NULL;
}

__attribute__((hot)) extern void aif_env_list_apply(char ***list, uint32_t *count, const struct aif_env_setting *settings,
			       uint32_t settings_count)
{
	bool done[AIF_ENV_SETTINGS_MAX] = { false };
	char **entries = *list;
	uint32_t kept = _untouched(entries, *count, settings, settings_count);

	for (uint32_t i = kept; i < *count; i++) {
		uint32_t at = _setting_of(entries[i], settings, settings_count);

		if (at < settings_count)
			xfree(entries[i]);
		if (at < settings_count && (done[at] || !settings[at].value))
			continue;
		if (at < settings_count) {
			done[at] = true;
			entries[i] = _entry(&settings[at]);
		}
		entries[kept++] = entries[i];
	}
	if (kept < *count)
		entries[kept] = NULL;
	*count = kept;
	_append_missing(list, count, settings, settings_count, done);
}

extern void aif_env_list_set(char ***list, uint32_t *count, const char *name, const char *value)
{
	const struct aif_env_setting setting = { name, value };

	aif_env_list_apply(list, count, &setting, 1);
}
