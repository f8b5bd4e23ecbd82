/*
 * room.h - would cons_tres take this node for that job?
 *
 * A forecast from coarse figures, so that few proposals are refused: a wrong one costs time, never an allocation. No
 * Slurm in it.
 */
#ifndef AIF_SELECT_ROOM_H
#define AIF_SELECT_ROOM_H

#include "held.h"

/* What is left on a node beside its GPUs (struct aif_place_node). */
struct node_room {
	uint64_t memory; /* MiB */
	uint16_t cores;
	uint16_t by_socket[AIF_SOCKETS_MAX]; /* free cores, where the shape tells sockets apart */
	uint16_t shape;
	uint8_t sharing; /* of the jobs there, enum aif_sharing or-ed; 0: no job */
};

enum room_memory { ROOM_MEMORY_ANY, ROOM_MEMORY_PART, ROOM_MEMORY_ALL };

/* What a job needs on each of its nodes. */
struct room_need {
	uint32_t gpus;
	uint32_t cpus;	 /* 0: no matter */
	uint64_t memory; /* MiB, for ROOM_MEMORY_PART */
	enum room_memory kind;
	uint8_t sharing; /* enum aif_sharing */
	bool whole;	 /* nobody else on the node */
};

enum room_answer {
	ROOM_NO,
	ROOM_FAR, /* not enough cores near to GPUs that are free */
	ROOM_YES
};

/* node: for the kind of GPU asked. */
extern enum room_answer room_for(const struct room_need *need, const struct aif_node_shape *shape,
				 const struct aif_place_node *node, const struct node_room *room);

#endif
