/*
 * hosts.h - host lists, expanded by whoever can
 *
 * Slurm itself in slurmstepd (hosts.c), something small in unit tests.
 */
#ifndef AIF_SPANK_HOSTS_H
#define AIF_SPANK_HOSTS_H

#include <stdbool.h>

/* Called for each host; false ends the listing. */
typedef bool (*spank_aif_host_fn)(void *arg, const char *host);

/* Calls each for the hosts of "n[1-3],m7" in order. Returns -1 where the list is not understood or was ended. */
extern int spank_aif_hosts_each(const char *hosts, spank_aif_host_fn each, void *arg);

/* Whether host is one of hosts, without listing them. */
extern bool spank_aif_hosts_have(const char *hosts, const char *host);

#endif
