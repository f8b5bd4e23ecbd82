/* machine.c - see machine.h */
#include "config.h"

#include "machine.h"

#ifdef HAVE_HWLOC

#include <hwloc.h>
#include <stdbool.h>
#include <string.h>

/* The type is hwloc's own pointer. */
static hwloc_topology_t topology_of(const struct aif_machine *machine)
{
    return (hwloc_topology_t)machine;
}

struct aif_machine *aif_machine_open(void)
{
    hwloc_topology_t topology;

    if (hwloc_topology_init(&topology) < 0)
        return NULL;
    /* gres.conf counts cores that the job may not use, too. */
    hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_IMPORTANT);
    if (hwloc_topology_load(topology) < 0) {
        hwloc_topology_destroy(topology);
        return NULL;
    }
    return (struct aif_machine *)topology;
}

void aif_machine_close(struct aif_machine *machine)
{
    if (machine)
        hwloc_topology_destroy(topology_of(machine));
}

static uint64_t mask_of(hwloc_const_bitmap_t set)
{
    uint64_t mask = 0;

    for (unsigned bit = 0; set && bit < 64; bit++)
        if (hwloc_bitmap_isset(set, bit))
            mask |= UINT64_C(1) << bit;
    return mask;
}

uint64_t aif_machine_cpu(const struct aif_machine *machine, unsigned cpu)
{
    hwloc_obj_t pu = machine ? hwloc_get_pu_obj_by_os_index(topology_of(machine), cpu) : NULL;

    return pu ? mask_of(pu->nodeset) : 0;
}

uint64_t aif_machine_cores(const struct aif_machine *machine, const char *list)
{
    hwloc_bitmap_t cores = machine ? hwloc_bitmap_alloc() : NULL;
    uint64_t near = 0;
    int core;

    if (cores && hwloc_bitmap_list_sscanf(cores, list) == 0 && hwloc_bitmap_weight(cores) > 0) {
        hwloc_bitmap_foreach_begin(core, cores)
            hwloc_obj_t object = hwloc_get_obj_by_type(topology_of(machine), HWLOC_OBJ_CORE, (unsigned)core);

            near |= object ? mask_of(object->nodeset) : 0;
        hwloc_bitmap_foreach_end();
    }
    hwloc_bitmap_free(cores);
    return near;
}

static uint64_t near_device(const struct aif_machine *machine, hwloc_obj_t device)
{
    hwloc_obj_t at = hwloc_get_non_io_ancestor_obj(topology_of(machine), device);
    int nodes = hwloc_get_nbobjs_by_type(topology_of(machine), HWLOC_OBJ_NUMANODE);

    if (!at || (nodes > 1 && hwloc_bitmap_weight(at->nodeset) == nodes))
        return 0;
    return mask_of(at->nodeset);
}

static bool is_gpu(const struct hwloc_pcidev_attr_s *pci)
{
    const unsigned class = pci->class_id >> 8;
    const bool made_for_it = pci->vendor_id == 0x10de || pci->vendor_id == 0x1002;

    /* Intel's display controllers (0380) are GPUs of servers, those of class 0300 a part of the processor. */
    return (made_for_it && (class == 0x03 || class == 0x12)) || (pci->vendor_id == 0x8086 && pci->class_id == 0x0380);
}

size_t aif_machine_gpus(const struct aif_machine *machine, uint64_t *ret_near, size_t max)
{
    hwloc_obj_t device = NULL;
    size_t count = 0;

    while (machine && count < max && (device = hwloc_get_next_pcidev(topology_of(machine), device)))
        if (is_gpu(&device->attr->pcidev))
            ret_near[count++] = near_device(machine, device);
    return count;
}

static bool is_nic(hwloc_obj_t device)
{
    if (device->attr->osdev.type == HWLOC_OBJ_OSDEV_OPENFABRICS)
        return true;
    return device->attr->osdev.type == HWLOC_OBJ_OSDEV_NETWORK && device->name && !strncmp(device->name, "hsn", 3);
}

size_t aif_machine_nics(const struct aif_machine *machine, const char **ret_names, uint64_t *ret_near, size_t max)
{
    hwloc_obj_t device = NULL;
    size_t count = 0;

    while (machine && count < max && (device = hwloc_get_next_osdev(topology_of(machine), device))) {
        if (!is_nic(device) || !device->name)
            continue;
        ret_names[count] = device->name;
        ret_near[count++] = near_device(machine, device);
    }
    return count;
}

#else

struct aif_machine *aif_machine_open(void)
{
    return NULL;
}

void aif_machine_close(struct aif_machine *machine)
{
    (void)machine;
}

uint64_t aif_machine_cpu(const struct aif_machine *machine, unsigned cpu)
{
    (void)machine;
    (void)cpu;
    return 0;
}

uint64_t aif_machine_cores(const struct aif_machine *machine, const char *list)
{
    (void)machine;
    (void)list;
    return 0;
}

size_t aif_machine_gpus(const struct aif_machine *machine, uint64_t *ret_near, size_t max)
{
    (void)machine;
    (void)ret_near;
    (void)max;
    return 0;
}

size_t aif_machine_nics(const struct aif_machine *machine, const char **ret_names, uint64_t *ret_near, size_t max)
{
    (void)machine;
    (void)ret_names;
    (void)ret_near;
    (void)max;
    return 0;
}

#endif
