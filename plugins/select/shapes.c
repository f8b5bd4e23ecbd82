/* shapes.c - see shapes.h */
#include "shapes.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SHAPES_MAX 1024 /* each new node is compared with all of them */

/* The links of a node as they were read: making a pattern of them takes a thousand times as long as comparing. */
struct raw {
	uint16_t count; /* of GPUs; 0: links are not known, or do not matter */
	uint16_t sockets[AIF_GPULINKS_GPUS_MAX]; /* sets of sockets that each is near to */
	uint16_t links[AIF_GPULINKS_GPUS_MAX * AIF_GPULINKS_GPUS_MAX];
};

struct shapes {
	struct aif_node_shape *shapes;
	uint8_t *pattern_of; /* [count] */
	uint32_t count;
	struct aif_gpulinks *patterns[AIF_PLACE_PATTERN_NONE];
	struct raw *raws; /* of the patterns */
	uint32_t pattern_count;
};

extern struct shapes *shapes_create(void)
{
	struct shapes *shapes = calloc(1, sizeof(*shapes));

	if (!shapes)
		return NULL;
	shapes->shapes = calloc(SHAPES_MAX, sizeof(*shapes->shapes));
	shapes->pattern_of = calloc(SHAPES_MAX, sizeof(*shapes->pattern_of));
	shapes->raws = calloc(AIF_PLACE_PATTERN_NONE, sizeof(*shapes->raws));
	if (!shapes->shapes || !shapes->pattern_of || !shapes->raws) {
		shapes_destroy(shapes);
		return NULL;
	}
	return shapes;
}

extern void shapes_destroy(struct shapes *shapes)
{
	if (!shapes)
		return;
	for (uint32_t i = 0; i < shapes->pattern_count; i++)
		aif_gpulinks_destroy(shapes->patterns[i]);
	free(shapes->shapes);
	free(shapes->pattern_of);
	free(shapes->raws);
	free(shapes);
}

static size_t _raw_bytes(const struct raw *raw)
{
	return offsetof(struct raw, links) + (size_t)raw->count * raw->count * sizeof(raw->links[0]);
}

static void _read_raw(const struct aif_node_shape *shape, const node_record_t *node, struct raw *ret_raw)
{
	memset(ret_raw, 0, offsetof(struct raw, links));
	if (!aif_compat_node_links(node, shape->gpus, ret_raw->links))
		return;
	ret_raw->count = shape->gpus;
	for (uint32_t i = 0; i < shape->gpus; i++)
		ret_raw->sockets[i] = shape->near[i];
}

static bool _is_of_raw(const struct shapes *shapes, uint32_t i, const struct raw *raw)
{
	return shapes->raws[i].count == raw->count && !memcmp(&shapes->raws[i], raw, _raw_bytes(raw));
}

/* The number of the pattern of these links. */
static uint8_t _pattern(struct shapes *shapes, const struct raw *raw, const char *name)
{
	struct aif_gpulinks *made = NULL;
	struct aif_error err = {0};

	if (!raw->count)
		return AIF_PLACE_PATTERN_NONE;
	for (uint32_t i = 0; i < shapes->pattern_count; i++) {
		if (_is_of_raw(shapes, i, raw))
			return (uint8_t)i;
	}
	if (shapes->pattern_count >= AIF_PLACE_PATTERN_NONE)
		return AIF_PLACE_PATTERN_NONE;
	if (aif_gpulinks_create(raw->count, raw->links, raw->sockets, &made, &err)) {
		debug("aif: GPU links of %s are not used: %s", name, err.text);
		return AIF_PLACE_PATTERN_NONE;
	}
	memcpy(&shapes->raws[shapes->pattern_count], raw, _raw_bytes(raw));
	shapes->patterns[shapes->pattern_count] = made;
	return (uint8_t)shapes->pattern_count++;
}

extern bool shapes_is(const struct shapes *shapes, uint16_t number, const node_record_t *node)
{
	uint8_t pattern = shapes->pattern_of[number];
	struct aif_node_shape shape;
	struct raw raw;

	aif_compat_node_shape(node, &shape);
	if (memcmp(&shapes->shapes[number], &shape, sizeof(shape)))
		return false;
	_read_raw(&shape, node, &raw);
	if (pattern != AIF_PLACE_PATTERN_NONE)
		return _is_of_raw(shapes, pattern, &raw);
	/* No more patterns are kept: then it is of this kind with links or without. */
	return !raw.count || shapes->pattern_count >= AIF_PLACE_PATTERN_NONE;
}

extern int shapes_add(struct shapes *shapes, const node_record_t *node, uint16_t *ret_shape)
{
	struct aif_node_shape shape;
	struct raw raw;
	uint8_t pattern;

	aif_compat_node_shape(node, &shape);
	_read_raw(&shape, node, &raw);
	pattern = _pattern(shapes, &raw, node->name);
	for (uint32_t i = shapes->count; i-- > 0;) {
		if (shapes->pattern_of[i] == pattern && !memcmp(&shapes->shapes[i], &shape, sizeof(shape))) {
			*ret_shape = (uint16_t)i;
			return 0;
		}
	}
	if (shapes->count >= SHAPES_MAX)
		return -1;
	shapes->shapes[shapes->count] = shape;
	shapes->pattern_of[shapes->count] = pattern;
	*ret_shape = (uint16_t)shapes->count++;
	return 0;
}

extern uint32_t shapes_count(const struct shapes *shapes)
{
	return shapes->count;
}

extern const struct aif_node_shape *shapes_at(const struct shapes *shapes, uint32_t shape)
{
	return &shapes->shapes[shape];
}

extern uint8_t shapes_pattern(const struct shapes *shapes, uint32_t shape)
{
	return shapes->pattern_of[shape];
}

extern const struct aif_gpulinks *const *shapes_patterns(const struct shapes *shapes)
{
	return (const struct aif_gpulinks *const *)shapes->patterns;
}
