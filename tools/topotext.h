/*
 * topotext.h - Slurm's topology as "scontrol show topology" prints it, which is the same in all versions
 *
 * "SwitchName=s0 Level=0 LinkSpeed=1 Nodes=n[1-2]", "BlockName=b0 BlockIndex=0 Nodes=n[1-2] BlockSize=2". Pure.
 */
#ifndef AIF_TOOL_TOPOTEXT_H
#define AIF_TOOL_TOPOTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aif_topotext_unit {
    char *name;    /* with '_' for '.', which topology addresses keep for themselves */
    char *nodes;   /* host list of all nodes below; NULL: none */
    uint32_t rank; /* larger further out: the switch's level, the block's size */
};

struct aif_topotext {
    struct aif_topotext_unit *units; /* outermost first, else as printed */
    size_t count;
    bool blocks; /* of topology/block */
};

/* Lines that are neither switch nor block are left out. */
void aif_topotext_parse(const char *text, struct aif_topotext *ret_topo);
void aif_topotext_free(struct aif_topotext *topo);

#endif
