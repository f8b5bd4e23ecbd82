/* candidates.c - see candidates.h */
#include "candidates.h"

#include <stdlib.h>

#include "select_nodes.h"

#define CLASSES_MAX 100 /* node weights told apart */
#define AHEAD 8		/* node records fetched before they are needed: they lie all over the memory */

static struct {
	uint32_t room; /* members of each */
	uint32_t *nodes;
	uint64_t *ranks;
	uint8_t *classes;
	struct aif_place_node *typed; /* for jobs that ask a type; NULL until one does */
} kept;

extern void candidates_destroy(void)
{
	free(kept.nodes);
	free(kept.ranks);
	free(kept.classes);
	free(kept.typed);
	kept.nodes = NULL;
	kept.ranks = NULL;
	kept.classes = NULL;
	kept.typed = NULL;
	kept.room = 0;
}

static bool _make_room(uint32_t count, bool typed)
{
	if (kept.room < count) {
		candidates_destroy();
		kept.nodes = calloc(count, sizeof(*kept.nodes));
		kept.ranks = calloc(count, sizeof(*kept.ranks));
		kept.classes = calloc(count, sizeof(*kept.classes));
		if (!kept.nodes || !kept.ranks || !kept.classes) {
			candidates_destroy();
			return false;
		}
		kept.room = count;
	}
	if (typed && !kept.typed)
		kept.typed = calloc(kept.room, sizeof(*kept.typed));
	return !typed || kept.typed;
}

/* Look at one offered node. Its class says for now whether its free cores are far from its free GPUs. */
static void _see(const struct view *view, const struct plan_ask *ask, uint32_t i, struct candidates *all)
{
	struct aif_place_node node = view->nodes[i];
	const struct node_room *room = &view->rooms[i];
	const struct aif_node_shape *shape = &view->shapes[room->shape];
	enum room_answer answer;

	if (ask->type_id >= 0)
		kept.typed[i] = node = view_of_type(view, i, ask->type_id);
	if (shape->odd) {
		all->able++;
		all->free += UINT16_MAX;
		return;
	}
	if (node.free < ask->least)
		return;
	all->able++;
	all->free += node.free;
	answer = room_for(&ask->need, shape, &node, room);
	if (answer == ROOM_NO || (!ask->now && aif_compat_node_keeps_waiting(i)))
		return;
	kept.classes[all->count] = answer == ROOM_FAR;
	kept.nodes[all->count++] = i;
}

static void _see_all(const struct view *view, const struct plan_ask *ask, const bitstr_t *offered,
		     struct candidates *all)
{
	uint32_t words;
	const uint64_t *bits = aif_compat_bit_words(offered, &words);

	for (uint32_t w = 0; w < words; w++) {
		for (uint64_t left = bits[w]; left; left &= left - 1) {
			uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(left);

			if (i < view->count)
				_see(view, ask, i, all);
		}
	}
}

static void _fetch(uint32_t k, const struct candidates *all)
{
	const node_record_t *node = k < all->count ? aif_compat_node_at(all->nodes[k]) : NULL;

	if (node)
		aif_compat_node_rank_fetch(node);
}

/* Ranks of all candidates; says whether they differ. */
static bool _read_ranks(const struct candidates *all, bool now)
{
	bool differ = false;

	for (uint32_t k = 0; k < MIN(AHEAD, all->count); k++)
		_fetch(k, all);
	for (uint32_t k = 0; k < all->count; k++) {
		const node_record_t *node = aif_compat_node_at(all->nodes[k]);

		_fetch(k + AHEAD, all);
		kept.ranks[k] = node ? aif_compat_node_rank(node, now) : UINT64_MAX;
		differ = differ || kept.ranks[k] != kept.ranks[0];
	}
	return differ;
}

static int _by_rank(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Where a rank stands among those seen, which it joins; -1: there are too many. */
static int _place_rank(uint64_t rank, uint64_t *seen, uint32_t *count)
{
	uint64_t *found = bsearch(&rank, seen, *count, sizeof(*seen), _by_rank);

	if (found)
		return (int)(found - seen);
	if (*count >= CLASSES_MAX)
		return -1;
	seen[(*count)++] = rank;
	qsort(seen, *count, sizeof(*seen), _by_rank);
	return 0;
}

/* Slurm's node weights come first, nearness of cores second. */
static bool _classify(const struct candidates *all)
{
	uint64_t seen[CLASSES_MAX];
	uint32_t count = 0;

	for (uint32_t k = 0; k < all->count; k++) {
		if (_place_rank(kept.ranks[k], seen, &count) < 0)
			return false;
	}
	for (uint32_t k = 0; k < all->count; k++)
		kept.classes[k] =
		    (uint8_t)(kept.classes[k] + 2 * _place_rank(kept.ranks[k], seen, &count));
	return true;
}

static bool _has_far(const struct candidates *all)
{
	for (uint32_t k = 0; k < all->count; k++) {
		if (kept.classes[k])
			return true;
	}
	return false;
}

extern bool candidates_read(const struct view *view, const struct aif_fabric *fabric, const bitstr_t *offered,
			    const struct plan_ask *ask, struct candidates *ret)
{
	*ret = (struct candidates){0};
	if (!_make_room(view->count + 1, ask->type_id >= 0))
		return false;
	ret->nodes = kept.nodes;
	ret->place.fabric = fabric;
	ret->place.nodes = ask->type_id >= 0 ? kept.typed : view->nodes;
	ret->place.patterns = view->patterns;
	_see_all(view, ask, offered, ret);
	if (ret->count < ask->place.nodes)
		return true;
	if (_read_ranks(ret, ask->now) && !_classify(ret))
		return false;
	if (_has_far(ret))
		ret->classes = kept.classes;
	return true;
}
