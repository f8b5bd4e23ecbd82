/*
 * machine.h - the node as hwloc sees it: which NUMA nodes are near to a core, a GPU, a network device
 *
 * Masks have a bit per NUMA node (the first 64), 0: not known. A device that hangs on the whole machine of several NUMA nodes
 * is of unknown place. NULL as machine (no hwloc) knows nothing.
 */
#ifndef AIF_RANK_MACHINE_H
#define AIF_RANK_MACHINE_H

#include <stddef.h>
#include <stdint.h>

struct aif_machine;

struct aif_machine *aif_machine_open(void); /* NULL: hwloc is not there, or fails */
void aif_machine_close(struct aif_machine *machine);

uint64_t aif_machine_cpu(const struct aif_machine *machine, unsigned cpu); /* as the kernel numbers them */
/* Of a list of cores as gres.conf has them, "0-15,32-47": numbered through the node. */
uint64_t aif_machine_cores(const struct aif_machine *machine, const char *list);

/* GPUs (NVIDIA, AMD, Intel) in the order of their PCI addresses; their number. */
size_t aif_machine_gpus(const struct aif_machine *machine, uint64_t *ret_near, size_t max);

/* InfiniBand devices and Slingshot's hsn interfaces: names belong to the machine. Returns their number. */
size_t aif_machine_nics(const struct aif_machine *machine, const char **ret_names, uint64_t *ret_near, size_t max);

#endif
