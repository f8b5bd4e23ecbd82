/* held_table.c - see held_table.h */
#include "held_table.h"

#include <stdlib.h>

#define NONE UINT32_MAX
#define ENTRIES_FIRST 64

struct entry {
	struct aif_held held; /* first: a pointer to it is one to the entry */
	uint32_t next;	      /* of the same node, or of the unused ones */
};

struct held_table {
	uint32_t nodes;
	uint32_t *first; /* [nodes] */
	struct entry *entries;
	uint32_t room; /* for entries */
	uint32_t unused; /* first of those */
};

extern struct held_table *held_table_create(uint32_t nodes)
{
	struct held_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->nodes = nodes;
	table->unused = NONE;
	table->first = malloc(((size_t)nodes + 1) * sizeof(*table->first));
	if (!table->first) {
		free(table);
		return NULL;
	}
	for (uint32_t i = 0; i < nodes; i++)
		table->first[i] = NONE;
	return table;
}

extern void held_table_destroy(struct held_table *table)
{
	if (!table)
		return;
	free(table->first);
	free(table->entries);
	free(table);
}

/* Make room for more; all of it is unused. */
static int _grow(struct held_table *table)
{
	uint32_t room = table->room ? table->room * 2 : ENTRIES_FIRST;
	struct entry *entries;

	if (room <= table->room)
		return -1;
	entries = realloc(table->entries, (size_t)room * sizeof(*entries));
	if (!entries)
		return -1;
	for (uint32_t i = table->room; i < room; i++)
		entries[i].next = i + 1 < room ? i + 1 : NONE;
	table->unused = table->room;
	table->entries = entries;
	table->room = room;
	return 0;
}

/* Where the number of a job's entry on a node stands; of NONE if it has none. */
static uint32_t *_find(struct held_table *table, uint32_t node, uint32_t job_id)
{
	uint32_t *place = &table->first[node];

	while (*place != NONE && table->entries[*place].held.job_id != job_id)
		place = &table->entries[*place].next;
	return place;
}

extern int held_table_set(struct held_table *table, uint32_t node, const struct aif_held *held)
{
	uint32_t *place, taken;

	if (node >= table->nodes)
		return 0;
	place = _find(table, node, held->job_id);
	if (*place != NONE) {
		table->entries[*place].held = *held;
		return 0;
	}
	if (table->unused == NONE && _grow(table))
		return -1;
	taken = table->unused;
	table->unused = table->entries[taken].next;
	table->entries[taken].held = *held;
	table->entries[taken].next = table->first[node];
	table->first[node] = taken;
	return 0;
}

extern bool held_table_remove(struct held_table *table, uint32_t node, uint32_t job_id)
{
	uint32_t *place, freed;

	if (node >= table->nodes)
		return false;
	place = _find(table, node, job_id);
	freed = *place;
	if (freed == NONE)
		return false;
	*place = table->entries[freed].next;
	table->entries[freed].next = table->unused;
	table->unused = freed;
	return true;
}

extern struct aif_held *held_table_find(struct held_table *table, uint32_t node, uint32_t job_id)
{
	uint32_t found = node < table->nodes ? *_find(table, node, job_id) : NONE;

	return found == NONE ? NULL : &table->entries[found].held;
}

extern struct aif_held *held_table_first(const struct held_table *table, uint32_t node)
{
	uint32_t first = node < table->nodes ? table->first[node] : NONE;

	return first == NONE ? NULL : &table->entries[first].held;
}

extern struct aif_held *held_table_next(const struct held_table *table, const struct aif_held *held)
{
	uint32_t next = ((const struct entry *)held)->next;

	return next == NONE ? NULL : &table->entries[next].held;
}

extern void held_table_sum(const struct held_table *table, uint32_t node, struct held_sum *ret_sum)
{
	const struct aif_held *held = held_table_first(table, node);

	*ret_sum = (struct held_sum){0};
	for (; held; held = held_table_next(table, held)) {
		ret_sum->memory += held->memory;
		ret_sum->jobs++;
		if (held->until > ret_sum->until)
			ret_sum->until = held->until;
		ret_sum->sharing |= held->sharing;
	}
}

extern size_t held_table_bytes(const struct held_table *table)
{
	return sizeof(*table) + table->nodes * sizeof(*table->first) + (size_t)table->room * sizeof(*table->entries);
}
