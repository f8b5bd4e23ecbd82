/*
 * held.h - nodes and what jobs hold on them, in figures that need no Slurm header
 */
#ifndef AIF_COMPAT_HELD_H
#define AIF_COMPAT_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "place.h"

#define AIF_GPU_TYPES_MAX 8
#define AIF_SOCKETS_MAX 8

/* A kind of node: many nodes have the same. gpus is 0 where there are none that can be placed. */
struct aif_node_shape {
	uint8_t gpus;
	uint8_t types;	 /* members of the two below; 0: not told apart */
	uint8_t sockets; /* 0: more than AIF_SOCKETS_MAX, or odd: then nothing is known about near cores */
	uint8_t threads; /* CPUs per core */
	bool odd;	 /* has GPUs that we cannot count: too many, or not consumed */
	uint16_t cores;	 /* of the node, without those that are kept from jobs */
	uint16_t all_cores;
	uint16_t socket_cores; /* per socket */
	uint64_t memory;       /* MiB that jobs may have */
	uint32_t type_id[AIF_GPU_TYPES_MAX];
	uint64_t type_mask[AIF_GPU_TYPES_MAX];
	uint8_t near[AIF_PLACE_GPUS_MAX]; /* sockets with cores near to each GPU, as bits; 0: all are alike near */
};

/* How a job shares the nodes it is on. */
enum aif_sharing {
	AIF_SHARING_CORES = 1, /* lets others have its cores as well */
	AIF_SHARING_NODE = 2,  /* its cores are its own, the rest of the node is not */
	AIF_SHARING_NOTHING = 4
};

/* What one job holds on one node. */
struct aif_held {
	uint64_t memory; /* MiB */
	uint32_t job_id;
	uint32_t until;	   /* expected end, seconds since the epoch */
	uint8_t sharing;   /* enum aif_sharing */
	uint8_t gpus;	   /* of any type */
	bool has_no_cores; /* suspended by an operator: its cores are free, memory and GPUs are not */
};

#endif
