/* select_chosen.c - see select_chosen.h */
#include "select_chosen.h"

static void _free(struct aif_job_devices *devices)
{
	for (uint32_t i = 0; i < devices->nodes; i++) {
		if (devices->bits)
			FREE_NULL_BITMAP(devices->bits[i]);
		if (devices->per_bit)
			xfree(devices->per_bit[i]);
	}
	xfree(devices->bits);
	xfree(devices->per_bit);
	xfree(devices->counts);
}

static void _read(const gres_job_state_t *gres, struct aif_job_devices *ret_devices)
{
	*ret_devices = (struct aif_job_devices){
		.nodes = gres->total_node_cnt,
		.counts = gres->gres_cnt_node_select,
		.bits = gres->gres_bit_select,
	};
#if AIF_SLURM_AT_LEAST(23, 11)
	ret_devices->per_bit = gres->gres_per_bit_select;
#endif
}

static void _write(gres_job_state_t *gres, const struct aif_job_devices *devices)
{
	gres->total_node_cnt = devices->nodes;
	gres->gres_cnt_node_select = devices->counts;
	gres->gres_bit_select = devices->bits;
#if AIF_SLURM_AT_LEAST(23, 11)
	gres->gres_per_bit_select = devices->per_bit;
#endif
}

static int _take(void *x, void *arg)
{
	const gres_state_t *state = x;
	struct aif_job_chosen *chosen = arg;
	struct aif_job_devices none = {0}, *devices = &chosen->kinds[chosen->next++];

	if (state->gres_data) {
		_read(state->gres_data, devices);
		_write(state->gres_data, &none);
	}
	return 0;
}

static int _put_back(void *x, void *arg)
{
	const gres_state_t *state = x;
	struct aif_job_chosen *chosen = arg;
	struct aif_job_devices left, *devices = &chosen->kinds[chosen->next++];

	if (state->gres_data) {
		_read(state->gres_data, &left);
		_free(&left);
		_write(state->gres_data, devices);
	}
	return 0;
}

extern void aif_compat_chosen_take(const job_record_t *job_ptr, struct aif_job_chosen *ret_chosen)
{
	*ret_chosen = (struct aif_job_chosen){0};
	if (!job_ptr->gres_list_req)
		return;
	ret_chosen->count = (size_t) list_count(job_ptr->gres_list_req);
	ret_chosen->kinds = xcalloc(ret_chosen->count, sizeof(*ret_chosen->kinds));
	(void) list_for_each(job_ptr->gres_list_req, _take, ret_chosen);
}

extern void aif_compat_chosen_put_back(const job_record_t *job_ptr, struct aif_job_chosen *chosen)
{
	chosen->next = 0;
	if (job_ptr->gres_list_req)
		(void) list_for_each(job_ptr->gres_list_req, _put_back, chosen);
	xfree(chosen->kinds);
}

extern void aif_compat_chosen_forget(struct aif_job_chosen *chosen)
{
	for (size_t i = 0; i < chosen->count; i++)
		_free(&chosen->kinds[i]);
	xfree(chosen->kinds);
}
