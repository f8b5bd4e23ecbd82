/* lane_table.c - see lane_table.h */
#include "lane_table.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BITS 8 /* of the index */
#define FIRST_ROOM 64

_Static_assert(sizeof(struct aif_lane_entry) <= 40, "an entry and its share of the index must stay small");

struct aif_lane_table {
	struct aif_lane_entry *entries;
	size_t count;
	size_t room;
	size_t cursor;	 /* where the next one of a walk is */
	uint32_t *index; /* 1 + position; 0: free. Open addressing, at most four fifths full */
	uint32_t bits;
};

static size_t _slots(const struct aif_lane_table *table)
{
	return (size_t) 1 << table->bits;
}

/* The slot of a job, or the free one where it belongs. */
static uint32_t *_slot(const struct aif_lane_table *table, uint32_t job_id)
{
	/* Job ids follow each other: the golden ratio scatters them evenly. */
	size_t i = (job_id * UINT32_C(2654435769)) >> (32 - table->bits), mask = _slots(table) - 1;

	while (table->index[i] && table->entries[table->index[i] - 1].job_id != job_id)
		i = (i + 1) & mask;
	return &table->index[i];
}

static void _fill_index(struct aif_lane_table *table)
{
	memset(table->index, 0, _slots(table) * sizeof(*table->index));
	for (size_t i = 0; i < table->count; i++)
		*_slot(table, table->entries[i].job_id) = (uint32_t) i + 1;
}

/* A new index fit for so many entries. */
static bool _index_for(struct aif_lane_table *table, size_t count)
{
	uint32_t bits = FIRST_BITS, *index;

	while (count * 5 > ((size_t) 1 << bits) * 4)
		bits++;
	if (bits != table->bits) {
		index = realloc(table->index, sizeof(*index) << bits);
		if (!index)
			return false;
		table->index = index;
		table->bits = bits;
	}
	_fill_index(table);
	return true;
}

static bool _room_for(struct aif_lane_table *table, size_t room)
{
	struct aif_lane_entry *entries = realloc(table->entries, room * sizeof(*entries));

	if (!entries)
		return false;
	table->entries = entries;
	table->room = room;
	return true;
}

extern struct aif_lane_table *aif_lane_table_create(void)
{
	struct aif_lane_table *table = calloc(1, sizeof(*table));

	if (table && _room_for(table, FIRST_ROOM) && _index_for(table, 0))
		return table;
	aif_lane_table_destroy(table);
	return NULL;
}

extern void aif_lane_table_destroy(struct aif_lane_table *table)
{
	if (!table)
		return;
	free(table->entries);
	free(table->index);
	free(table);
}

extern struct aif_lane_entry *aif_lane_table_find(struct aif_lane_table *table, uint32_t job_id)
{
	size_t at = table->cursor;
	uint32_t slot;

	if (at >= table->count || table->entries[at].job_id != job_id) {
		slot = *_slot(table, job_id);
		if (!slot)
			return NULL;
		at = slot - 1;
	}
	table->cursor = at + 1;
	return &table->entries[at];
}

static bool _grow(struct aif_lane_table *table)
{
	if (table->count == table->room && !_room_for(table, table->room + table->room / 8))
		return false;
	if ((table->count + 1) * 5 <= _slots(table) * 4)
		return true;
	return _index_for(table, table->count + 1);
}

extern struct aif_lane_entry *aif_lane_table_add(struct aif_lane_table *table, uint32_t job_id)
{
	struct aif_lane_entry *entry = aif_lane_table_find(table, job_id);

	if (entry || !job_id)
		return entry;
	if (table->count >= AIF_LANE_TABLE_MAX || !_grow(table))
		return NULL;
	entry = &table->entries[table->count++];
	*entry = (struct aif_lane_entry) { .job_id = job_id, .own = AIF_LANE_OWN_UNKNOWN };
	*_slot(table, job_id) = (uint32_t) table->count;
	return entry;
}

extern size_t aif_lane_table_count(const struct aif_lane_table *table)
{
	return table->count;
}

extern struct aif_lane_entry *aif_lane_table_at(struct aif_lane_table *table, size_t position)
{
	return &table->entries[position];
}

/* In a table that once was much larger. Without memory it stays as it is, which is as good. */
static void _shrink(struct aif_lane_table *table)
{
	size_t room = table->count + table->count / 8;

	if (table->room > FIRST_ROOM && table->room > 2 * room)
		(void) _room_for(table, room > FIRST_ROOM ? room : FIRST_ROOM);
}

extern void aif_lane_table_drop(struct aif_lane_table *table,
				void (*gone)(const struct aif_lane_entry *entry, void *arg), void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++) {
		struct aif_lane_entry *entry = &table->entries[i];

		if (!(entry->flags & AIF_LANE_SEEN)) {
			gone(entry, arg);
			continue;
		}
		entry->flags &= ~(uint32_t) AIF_LANE_SEEN;
		if (kept != i)
			table->entries[kept] = *entry;
		kept++;
	}
	table->cursor = 0;
	if (kept == table->count)
		return;
	table->count = kept;
	_shrink(table);
	if (!_index_for(table, kept))
		_fill_index(table);
}

extern size_t aif_lane_table_bytes(const struct aif_lane_table *table)
{
	return sizeof(*table) + table->room * sizeof(*table->entries) + _slots(table) * sizeof(*table->index);
}
