/* probe.c - see probe.h */
#include "select_api.h"

#include "gpu_counts.h"
#include "inside_counts.h"
#include "probe.h"
#include "stamp.h"
#include "view.h"

extern AIF_EXPORT int aif_select_probe(const struct aif_restag *tag, uint32_t *ret_nodes,
				       uint32_t *ret_gpus, bool exact)
{
	if (!stamp_is_active())
		return -1;
	if (tag)
		inside_counts_of(tag, exact, ret_nodes, ret_gpus);
	else
		gpu_counts_of(NULL, exact, ret_nodes, ret_gpus);
	return 0;
}

extern AIF_EXPORT int aif_select_recount(void)
{
	return stamp_is_active() ? view_recount() : -1;
}
