/* select_gpus.c - see select_gpus.h */
#include "select_gpus.h"

#include <string.h>

static int _is_gpu(void *x, void *key)
{
	const gres_state_t *state = x;

	(void)key;
	return state->gres_data && !xstrcmp(state->gres_name, "gpu");
}

static const gres_node_state_t *_gpus(const node_record_t *node)
{
	const gres_state_t *state = NULL;

	if (node->gres_list)
		state = list_find_first(node->gres_list, _is_gpu, NULL);
	return state ? state->gres_data : NULL;
}

/* GPUs that a job can have to itself and that we can keep in a mask. */
static const gres_node_state_t *_placeable(const node_record_t *node)
{
	const gres_node_state_t *gres = _gpus(node);

	if (!gres || gres->no_consume || gres->gres_cnt_avail > AIF_PLACE_GPUS_MAX)
		return NULL;
	return gres;
}

static uint64_t _mask(const bitstr_t *bits)
{
	bitoff_t size = bits ? MIN(bit_size((bitstr_t *)bits), 64) : 0;
	uint64_t mask = 0;

	for (bitoff_t i = 0; i < size; i++) {
		if (bit_test((bitstr_t *)bits, i))
			mask |= UINT64_C(1) << i;
	}
	return mask;
}

static uint64_t _all(uint64_t count)
{
	return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* The sockets that have cores of a bitmap, as bits. */
static uint8_t _sockets(const bitstr_t *cores, uint16_t per_socket)
{
	bitoff_t size = cores ? bit_size((bitstr_t *)cores) : 0;
	uint8_t sockets = 0;

	for (bitoff_t i = 0; i < size; i++) {
		if (bit_test((bitstr_t *)cores, i) && i / per_socket < AIF_SOCKETS_MAX)
			sockets |= (uint8_t)(1 << i / per_socket);
	}
	return sockets;
}

static void _add_type(struct aif_node_shape *shape, uint32_t type_id, uint64_t mask)
{
	for (uint32_t t = 0; t < shape->types; t++) {
		if (shape->type_id[t] == type_id) {
			shape->type_mask[t] |= mask;
			return;
		}
	}
	/* More types than we tell apart: no answer about one of them would be right. */
	shape->odd = shape->odd || shape->types == AIF_GPU_TYPES_MAX;
	if (shape->odd)
		return;
	shape->type_id[shape->types] = type_id;
	shape->type_mask[shape->types++] = mask;
}

/* Types, and cores near to each GPU, as the lines of gres.conf have them. */
static void _read_lines(const gres_node_state_t *gres, struct aif_node_shape *shape)
{
	for (uint32_t t = 0; gres->topo_gres_bitmap && t < gres->topo_cnt; t++) {
		uint64_t mask = _mask(gres->topo_gres_bitmap[t]);
		uint8_t near = 0;

		if (gres->topo_core_bitmap && shape->sockets)
			near = _sockets(gres->topo_core_bitmap[t], shape->socket_cores);
		for (uint32_t i = 0; i < shape->gpus; i++) {
			if (mask >> i & 1)
				shape->near[i] |= near;
		}
		if (mask && gres->topo_type_id && gres->topo_type_name && gres->topo_type_name[t])
			_add_type(shape, gres->topo_type_id[t], mask);
	}
}

extern void aif_compat_node_shape(const node_record_t *node, struct aif_node_shape *ret_shape)
{
	const gres_node_state_t *gres = _placeable(node);

	memset(ret_shape, 0, sizeof(*ret_shape));
	ret_shape->threads = (uint8_t)MAX(MIN(node->tpc, UINT8_MAX), 1);
	ret_shape->cores = (uint16_t)(node->tot_cores - MIN(node->core_spec_cnt, node->tot_cores));
	ret_shape->all_cores = node->tot_cores;
	ret_shape->socket_cores = node->cores;
	ret_shape->memory = node->real_memory - MIN(node->mem_spec_limit, node->real_memory);
	if (node->tot_sockets <= AIF_SOCKETS_MAX && node->cores &&
	    node->tot_sockets * node->cores == node->tot_cores)
		ret_shape->sockets = (uint8_t)node->tot_sockets;
	ret_shape->odd = !gres && _gpus(node);
	if (!gres)
		return;
	ret_shape->gpus = (uint8_t)gres->gres_cnt_avail;
	_read_lines(gres, ret_shape);
	/* Without files, or before it has registered, only a node that has one type is clear. */
	if (!gres->topo_cnt && gres->type_cnt > 1)
		ret_shape->odd = true;
	else if (!ret_shape->types && gres->type_cnt == 1 && gres->type_id)
		_add_type(ret_shape, gres->type_id[0], _all(ret_shape->gpus));
}

extern void aif_compat_node_free_gpus(const node_record_t *node, uint8_t *ret_free, uint64_t *ret_mask)
{
	const gres_node_state_t *gres = _placeable(node);
	uint64_t unused = 0, mask = 0;

	if (gres && gres->gres_cnt_avail > gres->gres_cnt_alloc)
		unused = gres->gres_cnt_avail - gres->gres_cnt_alloc;
	if (unused && gres->gres_bit_alloc) {
		mask = _all(gres->gres_cnt_avail) & ~_mask(gres->gres_bit_alloc);
		unused = MIN(unused, (uint64_t)__builtin_popcountll(mask));
	}
	*ret_free = (uint8_t)unused;
	*ret_mask = mask;
}

extern uint32_t aif_compat_node_gpu_count(const node_record_t *node)
{
	const gres_node_state_t *gres = _gpus(node);

	return gres ? (uint32_t)MIN(gres->gres_cnt_avail, UINT16_MAX) : 0;
}

extern bool aif_compat_node_links(const node_record_t *node, uint32_t count, uint16_t *ret_links)
{
	const gres_node_state_t *gres = _placeable(node);
	bool differ = false;

	if (!gres || !gres->links_cnt || gres->link_len != (int)count || count > AIF_GPULINKS_GPUS_MAX)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t j = 0; j < count; j++) {
			int links = gres->links_cnt[i][j];

			ret_links[i * count + j] = (uint16_t)MIN(MAX(links, 0), UINT16_MAX);
			if (i != j && ret_links[i * count + j] != ret_links[1])
				differ = true;
		}
	}
	return differ;
}
