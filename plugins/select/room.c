/* room.c - see room.h */
#include "room.h"

/* Do the jobs on a node and this one bear each other? */
static bool _may_share(const struct room_need *need, uint8_t there)
{
	if (!there)
		return true;
	if (need->whole || need->sharing == AIF_SHARING_NOTHING)
		return false;
	/* Those that share their cores and those that do not keep apart from each other. */
	return there == need->sharing;
}

static bool _has_memory(const struct room_need *need, const struct aif_node_shape *shape,
			const struct node_room *room)
{
	switch (need->kind) {
	case ROOM_MEMORY_PART:
		return room->memory >= need->memory;
	case ROOM_MEMORY_ALL:
		return room->memory == shape->memory;
	case ROOM_MEMORY_ANY:
		break;
	}
	return true;
}

/* The sockets near to free GPUs; 0: all are. */
static uint8_t _near_sockets(const struct aif_node_shape *shape, uint64_t free_mask)
{
	uint8_t near = 0;

	for (; free_mask; free_mask &= free_mask - 1) {
		uint8_t sockets = shape->near[__builtin_ctzll(free_mask)];

		if (!sockets)
			return 0;
		near |= sockets;
	}
	return near;
}

/* The most cores that count sockets out of set have free. */
static uint32_t _best_sockets(const struct node_room *room, uint8_t set, uint32_t count)
{
	uint32_t cores = 0;

	for (; set && count; count--) {
		int best = __builtin_ctz(set);

		for (uint8_t left = set; left; left &= (uint8_t)(left - 1)) {
			int s = __builtin_ctz(left);

			if (room->by_socket[s] > room->by_socket[best])
				best = s;
		}
		cores += room->by_socket[best];
		set &= (uint8_t)~(1 << best);
	}
	return cores;
}

static bool _has_near_cores(const struct room_need *need, const struct aif_node_shape *shape,
			    const struct aif_place_node *node, const struct node_room *room, uint32_t cores)
{
	uint8_t near;

	if (!shape->sockets || !node->free_mask)
		return true;
	near = _near_sockets(shape, node->free_mask);
	/* One GPU may be near to several sockets: then this is a guess, and cons_tres says what is right. */
	return !near || _best_sockets(room, near, need->gpus) >= cores;
}

extern enum room_answer room_for(const struct room_need *need, const struct aif_node_shape *shape,
				 const struct aif_place_node *node, const struct node_room *room)
{
	uint32_t cores = (need->cpus + shape->threads - 1) / shape->threads;

	if (node->free < need->gpus || !_may_share(need, room->sharing) || !_has_memory(need, shape, room))
		return ROOM_NO;
	if (need->sharing == AIF_SHARING_CORES)
		return ROOM_YES;
	/* Not one job takes no core at all. */
	if (room->cores < (cores ? cores : 1))
		return ROOM_NO;
	return _has_near_cores(need, shape, node, room, cores) ? ROOM_YES : ROOM_FAR;
}
