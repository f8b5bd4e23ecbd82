/*
 * refused.h - "aif explain --refused": what slurmctld turned down lately
 */
#ifndef AIF_TOOL_REFUSED_H
#define AIF_TOOL_REFUSED_H

#include <stdbool.h>

#include "jsonout.h"

struct aif_refused_wish {
    bool all;         /* of everybody; operators only */
    const char *user; /* name or number; NULL: the caller. Of others operators only */
    enum aif_format format;
};

/* Ask slurmctld (aif_slurm_init() first), and print. Returns an enum aif_exit; nothing refused is fine, too. */
int aif_refused_show(const struct aif_refused_wish *wish);

#endif
