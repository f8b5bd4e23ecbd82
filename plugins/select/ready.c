/* ready.c - see ready.h */
#include "ready.h"

extern uint32_t ready_gpus(const struct held_table *table, uint32_t node, uint32_t unused, uint32_t when)
{
	const struct aif_held *held = held_table_first(table, node);

	for (; held; held = held_table_next(table, held)) {
		if (held->until <= when)
			unused += held->gpus;
	}
	return unused;
}

/* The first end after a time of a job that has GPUs: others, of which there may be many, free none. READY_NEVER: none. */
static uint32_t _next_end(const struct held_table *table, uint32_t node, uint32_t after)
{
	const struct aif_held *held = held_table_first(table, node);
	uint32_t next = READY_NEVER;

	for (; held; held = held_table_next(table, held)) {
		if (held->gpus && held->until > after && held->until < next)
			next = held->until;
	}
	return next;
}

/* When the last core of a node is free; READY_NOW: all are. */
static uint32_t _cores_end(const struct held_table *table, uint32_t node)
{
	const struct aif_held *held = held_table_first(table, node);
	uint32_t end = READY_NOW;

	for (; held; held = held_table_next(table, held)) {
		if (!held->has_no_cores && held->until > end)
			end = held->until;
	}
	return end;
}

extern uint32_t ready_at(const struct held_table *table, uint32_t node, uint32_t unused, uint32_t gpus, bool whole)
{
	uint32_t when = whole ? _cores_end(table, node) : READY_NOW;

	while (when != READY_NEVER && ready_gpus(table, node, unused, when) < gpus)
		when = _next_end(table, node, when);
	return when;
}

extern uint32_t ready_nth(uint32_t *times, uint32_t count, uint32_t nth)
{
	uint32_t first = 0, last = count - 1, want = nth - 1;

	while (first < last) {
		uint32_t pivot = times[first + (last - first) / 2], i = first, j = last;

		while (i <= j) {
			while (times[i] < pivot)
				i++;
			while (times[j] > pivot)
				j--;
			if (i > j)
				break;
			uint32_t swap = times[i];

			times[i++] = times[j];
			times[j] = swap;
			if (!j)
				break;
			j--;
		}
		if (want <= j)
			last = j;
		else if (want >= i)
			first = i;
		else
			break;
	}
	return times[want];
}
