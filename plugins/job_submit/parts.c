/* parts.c - see parts.h */
#include "parts.h"

#include <string.h>

/* Data of slurmctld: weak, so that the plugin can be loaded (and inspected) where there is none. */
extern part_record_t *default_part_loc __attribute__((weak));

static part_record_t *_default_part(void)
{
	return &default_part_loc ? default_part_loc : NULL;
}

extern const char *aif_parts_default(void)
{
	const part_record_t *part = _default_part();

	return part ? part->name : NULL;
}

static void _call(char *name, aif_parts_fn fn, void *arg)
{
	const part_record_t *part = find_part_record(name);

	if (part)
		fn(part, arg);
}

__attribute__((cold)) static void _each_of_list(const char *names, aif_parts_fn fn, void *arg)
{
	char *copy = xstrdup(names), *last = NULL;

	for (char *name = strtok_r(copy, ",", &last); name; name = strtok_r(NULL, ",", &last))
		_call(name, fn, arg);
	xfree(copy);
}

/* Most jobs leave the partition out, and most others name one. */
__attribute__((hot)) extern void aif_parts_each(const char *names, aif_parts_fn fn, void *arg)
{
	if (!names)
		return;
	if (names == aif_parts_default())
		fn(_default_part(), arg);
	else if (strchr(names, ','))
		_each_of_list(names, fn, arg);
	else
		_call((char *) names, fn, arg);
}
