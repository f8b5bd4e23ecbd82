/* gpuorder.c - see gpuorder.h */
#include "gpuorder.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gresconf.h"
#include "hosts.h"

/* The lines that hold for one node. */
struct lines {
	const struct aif_gresconf_entry **gpus;
	size_t count;
	bool clear; /* all is said in them */
};

static bool _is_of_node(const struct aif_gresconf_entry *entry, const char *node)
{
	return !entry->nodes || spank_aif_hosts_have(entry->nodes, node);
}

static bool _is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void _take_line(struct lines *lines, const struct aif_gresconf_entry *entry)
{
	if (entry->autodetect && strcasecmp(entry->autodetect, "off"))
		lines->clear = false;
	if (!entry->name || strcmp(entry->name, "gpu"))
		return;
	if (lines->count && !_is_same(entry->type, lines->gpus[0]->type))
		lines->clear = false;
	lines->gpus[lines->count++] = entry;
}

static int _find_lines(const struct aif_gresconf *conf, const char *node, struct lines *ret_lines)
{
	ret_lines->gpus = calloc(conf->count + 1, sizeof(*ret_lines->gpus));
	ret_lines->count = 0;
	ret_lines->clear = ret_lines->gpus && !conf->include_count;
	for (size_t i = 0; ret_lines->clear && i < conf->count; i++) {
		if (_is_of_node(&conf->entries[i], node))
			_take_line(ret_lines, &conf->entries[i]);
	}
	return ret_lines->clear && ret_lines->count ? 0 : -1;
}

/* Does a line of one GPU say "-1" where its place in the order is? Slurm numbers GPUs in the order
 * of lines. */
static bool _is_in_place(const struct aif_gresconf_entry *entry, uint32_t place)
{
	const char *self =
	    entry->links && aif_gresconf_devices(entry) == 1 ? strstr(entry->links, "-1") : NULL;
	uint32_t before = 0;

	for (const char *at = entry->links; self && at < self; at++)
		before += *at == ',';
	return !self || before == place;
}

/* Which line each GPU is of. Returns how many there are, 0 where that is not clear. */
static uint32_t _lines_of_gpus(const struct lines *lines, uint32_t ret_line[AIF_GPULINKS_GPUS_MAX])
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < lines->count; i++) {
		for (uint32_t left = aif_gresconf_devices(lines->gpus[i]); left; left--) {
			if (count == AIF_GPULINKS_GPUS_MAX || !_is_in_place(lines->gpus[i], count))
				return 0;
			ret_line[count++] = i;
		}
	}
	return count;
}

/* Links count most, the same Cores between equals. */
static int _weigh(const struct lines *lines, const struct aif_gpulinks *plain,
		  struct aif_gpulinks **ret_links)
{
	uint16_t weights[AIF_GPULINKS_GPUS_MAX * AIF_GPULINKS_GPUS_MAX] = {0};
	uint32_t line[AIF_GPULINKS_GPUS_MAX];
	const uint32_t count = _lines_of_gpus(lines, line);

	if (!count)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t j = 0; j < count; j++) {
			const uint32_t links =
			    i == j
				? 0
				: aif_gpulinks_inside(plain, UINT64_C(1) << i | UINT64_C(1) << j);
			const bool near =
			    _is_same(lines->gpus[line[i]]->cores, lines->gpus[line[j]]->cores);

			weights[i * count + j] =
			    (uint16_t)(2 * (links < INT16_MAX ? links : INT16_MAX) + near);
		}
	}
	return aif_gpulinks_create(count, weights, NULL, ret_links, NULL);
}

static int _links_of(const struct aif_gresconf *conf, const char *node,
		     struct aif_gpulinks **ret_links)
{
	struct aif_gpulinks *plain = NULL;
	struct lines lines;
	bool bound;
	int rc = _find_lines(conf, node, &lines);

	if (!rc)
		rc = aif_gresconf_links(lines.gpus, lines.count, 0, "gres.conf", &plain, &bound,
					NULL);
	if (!rc)
		rc = plain ? _weigh(&lines, plain, ret_links) : -1;
	aif_gpulinks_destroy(plain);
	free(lines.gpus);
	return rc;
}

extern int spank_aif_gpulinks(const char *conf, size_t length, const char *node,
			      struct aif_gpulinks **ret_links)
{
	struct aif_gresconf *read = NULL;
	int rc = aif_gresconf_parse(conf, length, "gres.conf", &read, NULL);

	if (!rc)
		rc = _links_of(read, node, ret_links);
	aif_gresconf_destroy(read);
	return rc;
}

/* "0,2,3", rising; 0: not understood. */
static uint64_t _read_devices(const char *text)
{
	uint64_t set = 0;

	for (;;) {
		char *end;
		unsigned long device;

		if (!isdigit((unsigned char)*text))
			return 0;
		device = strtoul(text, &end, 10);
		if (device >= AIF_GPULINKS_GPUS_MAX || set >> device)
			return 0;
		set |= UINT64_C(1) << device;
		if (!*end)
			return set;
		if (*end != ',')
			return 0;
		text = end + 1;
	}
}

extern int spank_aif_gpuorder(const struct aif_gpulinks *links, const char *devices, char *ret_text,
			      size_t size)
{
	const uint64_t set = _read_devices(devices);
	uint8_t order[AIF_GPULINKS_GPUS_MAX];
	const uint32_t count = aif_gpulinks_order(links, set, order);
	size_t used = 0;

	if (!count || count != (uint32_t)__builtin_popcountll(set))
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		const unsigned rank =
		    (unsigned)__builtin_popcountll(set & ((UINT64_C(1) << order[i]) - 1));

		used += (size_t)snprintf(ret_text + used, size - used, "%s%u", i ? "," : "", rank);
		if (used >= size)
			return -1;
	}
	return 0;
}
