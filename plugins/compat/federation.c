/* federation.c - see federation.h */
#include "slurmctld.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "src/slurmctld/fed_mgr.h"
#pragma GCC diagnostic pop

#include "federation.h"

#pragma weak fed_mgr_fed_rec

struct names {
	const char **list;
	size_t count;
};

static int _add(void *x, void *arg)
{
	const slurmdb_cluster_rec_t *cluster = x;
	struct names *names = arg;

	if (cluster->name && names->count < AIF_COMPAT_FEDERATION_MAX)
		names->list[names->count++] = cluster->name;
	return 0;
}

extern size_t aif_compat_federation(const char *ret_names[AIF_COMPAT_FEDERATION_MAX + 1])
{
	struct names names = { ret_names, 0 };

	if (fed_mgr_fed_rec && fed_mgr_fed_rec->cluster_list)
		(void) list_for_each(fed_mgr_fed_rec->cluster_list, _add, &names);
	ret_names[names.count] = NULL;
	return names.count;
}
