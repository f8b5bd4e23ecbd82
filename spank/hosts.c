/* hosts.c - see hosts.h */
#include "hosts.h"

#include <stdlib.h>

#include <slurm/slurm.h>

/* The list's type differs between versions of Slurm. */
typedef __typeof__(slurm_hostlist_create((const char *)0)) host_list;

extern int spank_aif_hosts_each(const char *hosts, spank_aif_host_fn each, void *arg)
{
	host_list list = slurm_hostlist_create(hosts);
	bool goes_on = true;
	char *host;

	if (!list)
		return -1;
	while (goes_on && (host = slurm_hostlist_shift(list))) {
		goes_on = each(arg, host);
		free(host);
	}
	slurm_hostlist_destroy(list);
	return goes_on ? 0 : -1;
}

extern bool spank_aif_hosts_have(const char *hosts, const char *host)
{
	host_list list = slurm_hostlist_create(hosts);
	bool found;

	if (!list)
		return false;
	found = slurm_hostlist_find(list, host) >= 0;
	slurm_hostlist_destroy(list);
	return found;
}
