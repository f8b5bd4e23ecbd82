/* view_node.c - see view.h: what is said of nodes without looking into the table behind the view */
#include "view.h"

#include <string.h>


extern struct aif_place_node view_of_type(const struct view *view, uint32_t node, int64_t type_id)
{
	struct aif_place_node place = view->nodes[node];
	const struct aif_node_shape *shape = &view->shapes[view->rooms[node].shape];
	uint64_t mask = 0;

	if (type_id < 0)
		return place;
	for (uint32_t t = 0; t < shape->types; t++) {
		if (shape->type_id[t] == (uint32_t)type_id)
			mask = shape->type_mask[t];
	}
	if (__builtin_popcountll(mask) == place.gpus)
		return place;
	/* The GPUs of other types count as something else that may run there. */
	place.other_used |= place.free < place.gpus;
	place.gpus = (uint8_t)__builtin_popcountll(mask);
	/* Where Slurm only counts them, as many as are free may be of this type: more than that is for it to tell. */
	if (place.free_mask)
		place.free = (uint8_t)__builtin_popcountll(place.free_mask & mask);
	else
		place.free = MIN(place.free, place.gpus);
	place.free_mask &= mask;
	return place;
}

extern bool view_same(const struct aif_place_node *place, const struct node_room *room,
		      const struct aif_place_node *other, const struct node_room *other_room)
{
	return place->free_mask == other->free_mask && place->gpus == other->gpus && place->free == other->free &&
	       place->other_used == other->other_used && room->memory == other_room->memory &&
	       room->cores == other_room->cores && room->sharing == other_room->sharing &&
	       !memcmp(room->by_socket, other_room->by_socket, sizeof(room->by_socket));
}
