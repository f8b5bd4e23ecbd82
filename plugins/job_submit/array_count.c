/* array_count.c - see array_count.h */
#include "array_count.h"

#include <stdbool.h>
#include <stdlib.h>

/* One "first[-last[:step]]"; *text is moved behind it. 0 when it is no such thing. */
static uint64_t _token(const char **text)
{
	char *end;
	long first = strtol(*text, &end, 10), last = first, step = 1;
	bool digits = end != *text;

	if (digits && *end == '-')
		last = strtol(end + 1, &end, 10);
	if (digits && *end == ':')
		step = strtol(end + 1, &end, 10);
	*text = end;
	if (!digits || first < 0 || last < first || step < 1)
		return 0;
	return (uint64_t) (last - first) / (uint64_t) step + 1;
}

__attribute__((cold)) static uint32_t _count(const char *text, uint32_t max)
{
	uint64_t count = 0;

	while (*text && count < max) {
		if (*text == '[')
			text++;
		count += _token(&text);
		while (*text && *text != ',')
			text++;
		if (*text)
			text++;
	}
	if (count > max)
		count = max;
	return count ? (uint32_t) count : 1;
}

extern uint32_t aif_array_count(const char *text, uint32_t max)
{
	return text && *text ? _count(text, max) : 1;
}
