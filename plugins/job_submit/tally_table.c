/* tally_table.c - see tally_table.h */
#include "tally_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64 /* a power of two */

struct slot {
	char id[AIF_TALLY_ID_MAX]; /* "": free */
	struct aif_tally_sum sum;
};

/* Open addressing, at most half full. */
struct sums {
	struct slot *slots;
	size_t size;
	size_t used;
};

struct note {
	char id[AIF_TALLY_ID_MAX];
	uint64_t hash;
	uint64_t cost;
	struct aif_tally_sum sum;
	time_t at;
	uint32_t looks; /* that ended since */
	bool found;
};

struct aif_tally_table {
	struct sums now;
	struct sums next; /* being counted */
	struct note *notes;
	size_t note_count;
	size_t before; /* notes taken before the look began: only those can be matched */
};

static uint64_t _hash(const char *id)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (; *id; id++)
		hash = (hash ^ (unsigned char) *id) * 1099511628211u;
	return hash;
}

static void _add(uint64_t *sum, uint64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = UINT64_MAX;
}

/* The slot of id, or the free one where it belongs. */
static struct slot *_slot(const struct sums *sums, const char *id)
{
	size_t i = _hash(id) & (sums->size - 1);

	while (sums->slots[i].id[0] && strcmp(sums->slots[i].id, id))
		i = (i + 1) & (sums->size - 1);
	return &sums->slots[i];
}

static bool _grow(struct sums *sums)
{
	struct sums larger = { .size = sums->size ? 2 * sums->size : FIRST_SLOTS, .used = sums->used };

	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < sums->size; i++) {
		if (sums->slots[i].id[0])
			*_slot(&larger, sums->slots[i].id) = sums->slots[i];
	}
	free(sums->slots);
	*sums = larger;
	return true;
}

static void _count(struct sums *sums, const char *id, const struct aif_tally_sum *more)
{
	struct slot *slot;

	if (!id[0] || strlen(id) >= AIF_TALLY_ID_MAX)
		return;
	if (2 * sums->used >= sums->size && !_grow(sums))
		return;
	slot = _slot(sums, id);
	if (!slot->id[0]) {
		snprintf(slot->id, sizeof(slot->id), "%s", id);
		sums->used++;
	}
	_add(&slot->sum.pending, more->pending);
	_add(&slot->sum.inference, more->inference);
}

static void _empty(struct sums *sums)
{
	free(sums->slots);
	memset(sums, 0, sizeof(*sums));
}

extern struct aif_tally_table *aif_tally_table_create(void)
{
	struct aif_tally_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->notes = calloc(AIF_TALLY_NOTES_MAX, sizeof(*table->notes));
	if (!table->notes) {
		free(table);
		return NULL;
	}
	return table;
}

extern void aif_tally_table_destroy(struct aif_tally_table *table)
{
	if (!table)
		return;
	_empty(&table->now);
	_empty(&table->next);
	free(table->notes);
	free(table);
}

extern void aif_tally_table_note(struct aif_tally_table *table, const char *id, const struct aif_tally_sum *asked,
				 time_t now)
{
	struct note *note;

	_count(&table->now, id, asked);
	if (table->note_count >= AIF_TALLY_NOTES_MAX)
		return;
	note = &table->notes[table->note_count++];
	memset(note, 0, sizeof(*note));
	snprintf(note->id, sizeof(note->id), "%s", id);
	note->hash = _hash(note->id);
	note->cost = asked->pending;
	note->sum = *asked;
	note->at = now;
}

extern void aif_tally_table_grow(struct aif_tally_table *table, const char *id, const struct aif_tally_sum *more)
{
	_count(&table->now, id, more);
}

extern void aif_tally_table_begin(struct aif_tally_table *table)
{
	_empty(&table->next);
	table->before = table->note_count;
	for (size_t i = 0; i < table->before; i++)
		table->notes[i].found = false;
}

/* Slurm's time of submission is taken after ours, in whole seconds. */
static void _match(struct aif_tally_table *table, const char *id, uint64_t cost, time_t submitted)
{
	uint64_t hash = _hash(id);

	for (size_t i = 0; i < table->before; i++) {
		struct note *note = &table->notes[i];

		if (note->hash == hash && note->cost == cost && !note->found && submitted >= note->at &&
		    !strcmp(note->id, id)) {
			note->found = true;
			return;
		}
	}
}

extern void aif_tally_table_see(struct aif_tally_table *table, const char *id, uint64_t cost,
				const struct aif_tally_sum *sum, time_t submitted)
{
	if (sum->pending || sum->inference)
		_count(&table->next, id, sum);
	if (table->before && submitted >= table->notes[0].at)
		_match(table, id, cost, submitted);
}

extern void aif_tally_table_end(struct aif_tally_table *table)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->note_count; i++) {
		struct note note = table->notes[i];

		if (i < table->before && (note.found || ++note.looks >= 2))
			continue;
		_count(&table->next, note.id, &note.sum);
		table->notes[kept++] = note;
	}
	table->note_count = kept;
	table->before = 0;
	_empty(&table->now);
	table->now = table->next;
	memset(&table->next, 0, sizeof(table->next));
}

extern void aif_tally_table_get(const struct aif_tally_table *table, const char *id,
				struct aif_tally_sum *ret_sum)
{
	memset(ret_sum, 0, sizeof(*ret_sum));
	if (table->now.size)
		*ret_sum = _slot(&table->now, id)->sum;
}
