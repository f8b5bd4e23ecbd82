/* select_devices.c - see select_devices.h */
#include "select_devices.h"

#include <string.h>

#include "select_nodes.h"

/* 24.05 brought the inverted order (commit de37ab428a); what comes after 26.05 has to be read
 * first. */
#define KNOWN (AIF_SLURM_AT_LEAST(24, 5) && !AIF_SLURM_AT_LEAST(26, 6))

#if KNOWN

static int _is_gpu(void *x, void *key)
{
	const gres_state_t *state = x;

	(void)key;
	return state->gres_data && !xstrcmp(state->gres_name, "gpu");
}

static gres_state_t *_gpus_of(list_t *list)
{
	return list ? list_find_first(list, _is_gpu, NULL) : NULL;
}

extern bool aif_compat_devices_apply(const struct aif_job_test *test)
{
	const job_record_t *job_ptr = test->job_ptr;
	const resv_exc_t *resv = test->exc;

	if ((test->mode & SELECT_MODE_BASE) != SELECT_MODE_RUN_NOW || !job_ptr->job_id ||
	    !job_ptr->gres_list_req)
		return false;
	if (resv &&
	    (resv->gres_list_exc || resv->gres_list_inc || resv->gres_js_exc || resv->gres_js_inc))
		return false;
	return list_count(job_ptr->gres_list_req) == 1 && _gpus_of(job_ptr->gres_list_req);
}

static uint32_t _mask(bitstr_t *bits)
{
	uint32_t mask = 0;

	for (bitoff_t i = 0; bits && i < bit_size(bits); i++)
		mask |= bit_test(bits, i) ? UINT32_C(1) << i : 0;
	return mask;
}

static bool _is_shared_in_use(const gres_node_state_t *node)
{
	const gres_node_state_t *shared = node->alt_gres ? node->alt_gres->gres_data : NULL;

	return shared && shared->gres_bit_alloc && bit_ffs(shared->gres_bit_alloc) >= 0;
}

/* RestrictedCoresPerGPU: some of the cores that were chosen belong to the GPUs that were chosen. */
static bool _is_restricted(const gres_node_state_t *node)
{
	for (uint16_t i = 0; node->topo_res_core_bitmap && i < node->topo_cnt; i++) {
		if (node->topo_res_core_bitmap[i] && bit_ffs(node->topo_res_core_bitmap[i]) >= 0)
			return true;
	}
	return false;
}

static bool _has_links(const gres_node_state_t *node, uint32_t count)
{
	if (!node->links_cnt || node->link_len < 0 || (uint32_t)node->link_len != count)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!node->links_cnt[i])
			return false;
	}
	return true;
}

/* Returns whether they differ. */
static bool _copy_links(const gres_node_state_t *node, struct aif_devicepick *pick)
{
	bool differ = false;

	for (uint32_t i = 0; i < pick->count; i++) {
		for (uint32_t j = 0; j < pick->count; j++) {
			if (i == j)
				continue;
			pick->links[i][j] =
			    (uint16_t)MIN(MAX(node->links_cnt[i][j], 0), UINT16_MAX);
			differ = differ || pick->links[i][j] != pick->links[0][1];
		}
	}
	return differ;
}

static bool _same_cores(const gres_node_state_t *node, uint16_t a, uint16_t b)
{
	bitstr_t *cores_a = node->topo_core_bitmap ? node->topo_core_bitmap[a] : NULL;
	bitstr_t *cores_b = node->topo_core_bitmap ? node->topo_core_bitmap[b] : NULL;

	if (!cores_a || !cores_b)
		return !cores_a && !cores_b;
	return bit_size(cores_a) == bit_size(cores_b) && bit_equal(cores_a, cores_b);
}

/* The first entry of gres.conf that has the same cores and the same type. */
static uint8_t _kind(const gres_node_state_t *node, uint16_t entry)
{
	uint16_t first = 0;

	while (first < entry && (!_same_cores(node, first, entry) ||
				 (node->topo_type_name && xstrcmp(node->topo_type_name[first],
								  node->topo_type_name[entry]))))
		first++;
	return (uint8_t)first;
}

/* False unless each device is in just one entry. */
static bool _read_kinds(const gres_node_state_t *node, struct aif_devicepick *pick)
{
	uint32_t seen = 0;

	for (uint16_t entry = 0; entry < node->topo_cnt; entry++) {
		bitstr_t *bits = node->topo_gres_bitmap ? node->topo_gres_bitmap[entry] : NULL;
		uint32_t mask;

		if (!bits || bit_size(bits) != pick->count || entry > UINT8_MAX ||
		    (mask = _mask(bits)) & seen)
			return false;
		for (uint32_t i = 0; i < pick->count; i++) {
			if (mask >> i & 1)
				pick->kind[i] = _kind(node, entry);
		}
		seen |= mask;
	}
	/* Without File and Cores there are no entries, and nothing to tell the devices apart. */
	return !node->topo_cnt || seen == (UINT32_C(1) << pick->count) - 1;
}

static bool _is_counted(const gres_job_state_t *job, uint32_t index, uint32_t gpus)
{
	return job->gres_cnt_node_select && job->gres_cnt_node_select[index] == gpus;
}

static enum aif_devices_found _read(const gres_job_state_t *job, const gres_node_state_t *node,
				    uint32_t index, struct aif_compat_devices *ret)
{
	const uint32_t count = (uint32_t)bit_size(ret->bits);
	uint32_t gpus, taken;

	if (_is_shared_in_use(node) || _is_restricted(node) ||
	    count > AIF_DEVICEPICK_GPUS_MAX)
		return AIF_DEVICES_LEFT;
	if (!_has_links(node, count))
		return AIF_DEVICES_NONE;
	ret->node.count = count;
	if (!_copy_links(node, &ret->node))
		return AIF_DEVICES_NONE;
	ret->chosen = _mask(ret->bits);
	gpus = (uint32_t)__builtin_popcount(ret->chosen);
	if (gpus < 2 || gpus >= count)
		return AIF_DEVICES_NONE;
	if (!node->gres_bit_alloc || bit_size(node->gres_bit_alloc) != count ||
	    !_is_counted(job, index, gpus) || !_read_kinds(node, &ret->node))
		return AIF_DEVICES_ODD;
	taken = _mask(node->gres_bit_alloc);
	ret->free = ((UINT32_C(1) << count) - 1) & ~taken & ~ret->chosen;
	return taken & ret->chosen ? AIF_DEVICES_LEFT : AIF_DEVICES_FOUND;
}

extern enum aif_devices_found aif_compat_devices_read(const struct aif_job_test *test,
						      uint32_t node_index,
						      struct aif_compat_devices *ret)
{
	const gres_state_t *request = _gpus_of(test->job_ptr->gres_list_req);
	const gres_job_state_t *job = request ? request->gres_data : NULL;
	const node_record_t *node = aif_compat_node_at(node_index);
	const gres_state_t *has = node ? _gpus_of(node->gres_list) : NULL;
	struct aif_compat_devices found = {0};
	enum aif_devices_found rc;

	if (!job || !has || !job->gres_bit_select || node_index >= job->total_node_cnt ||
	    !job->gres_bit_select[node_index])
		return AIF_DEVICES_NONE;
	found.bits = job->gres_bit_select[node_index];
	rc = _read(job, has->gres_data, node_index, &found);
	if (rc == AIF_DEVICES_FOUND)
		*ret = found;
	return rc;
}

extern void aif_compat_devices_write(const struct aif_compat_devices *devices, uint32_t set)
{
	for (uint32_t i = 0; i < devices->node.count; i++) {
		if (set >> i & 1)
			bit_set(devices->bits, i);
		else
			bit_clear(devices->bits, i);
	}
}

#else

extern bool aif_compat_devices_apply(const struct aif_job_test *test)
{
	(void)test;
	return false;
}

extern enum aif_devices_found aif_compat_devices_read(const struct aif_job_test *test,
						      uint32_t node_index,
						      struct aif_compat_devices *ret)
{
	(void)test;
	(void)node_index;
	(void)ret;
	return AIF_DEVICES_NONE;
}

extern void aif_compat_devices_write(const struct aif_compat_devices *devices, uint32_t set)
{
	(void)devices;
	(void)set;
}

#endif
