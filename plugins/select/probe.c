/* probe.c - see probe.h */
#include "select_api.h"

#include <stdatomic.h>

#include "gpu_counts.h"
#include "inside_counts.h"
#include "probe.h"
#include "view.h"

static atomic_bool is_ready;

extern void probe_set_ready(bool ready)
{
	atomic_store(&is_ready, ready);
}

extern AIF_EXPORT int aif_select_probe(const struct aif_restag *tag, uint32_t *ret_nodes,
				       uint32_t *ret_gpus, bool exact)
{
	if (!atomic_load(&is_ready))
		return -1;
	if (tag)
		inside_counts_of(tag, exact, ret_nodes, ret_gpus);
	else
		gpu_counts_of(NULL, exact, ret_nodes, ret_gpus);
	return 0;
}

extern AIF_EXPORT int aif_select_recount(void)
{
	return atomic_load(&is_ready) ? view_recount() : -1;
}
