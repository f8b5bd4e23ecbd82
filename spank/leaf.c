/* leaf.c - see leaf.h */
#include "leaf.h"

#include <string.h>

/* Number of dots, or -1 if the pattern does not end in a switch or block and the node. */
static int _levels_above_node(const char *pattern)
{
	static const char *const ends[] = {"switch.node", "block.node"};
	size_t length = strlen(pattern);
	int dots = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (length < end || strcmp(pattern + length - end, ends[i]) ||
		    (length > end && pattern[length - end - 1] != '.'))
			continue;
		for (const char *p = pattern; *p; p++)
			dots += *p == '.';
		return dots;
	}
	return -1;
}

extern int spank_aif_leaf(const char *address, const char *pattern, char *ret_leaf, size_t size)
{
	int level = _levels_above_node(pattern);
	size_t length;

	/* Count from the root: a node's name may hold dots itself. */
	for (int i = 0; i + 1 < level; i++) {
		address = strchr(address, '.');
		if (!address)
			return -1;
		address++;
	}
	length = strcspn(address, ".");
	if (level < 1 || length == 0 || length >= size || address[length] != '.')
		return -1;
	memcpy(ret_leaf, address, length);
	ret_leaf[length] = '\0';
	return 0;
}

extern const char *spank_aif_leaf_node(const char *address, const char *pattern)
{
	for (; (pattern = strchr(pattern, '.')); pattern++) {
		address = strchr(address, '.');
		if (!address)
			return NULL;
		address++;
	}
	return *address ? address : NULL;
}
