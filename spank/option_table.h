/*
 * option_table.h - the options that slurm-aif adds to sbatch, srun and salloc, and what the user
 * gave for them
 *
 * SPANK calls back for each option, once per process and, in the components of a heterogeneous job,
 * again for what each component gives. What was given stays for the components after it, as it does
 * in SPANK itself.
 */
#ifndef AIF_SPANK_OPTION_TABLE_H
#define AIF_SPANK_OPTION_TABLE_H

#include <slurm/spank.h>

#include "options.h"

/*
 * Make the options known. Only valid inside slurm_spank_init(); a static spank_options[] table
 * would not do, since sbatch and salloc do not read it.
 */
extern spank_err_t spank_aif_register(spank_t spank);

/* What was asked so far in this process; owned by the table. */
extern const struct aif_options *spank_aif_asked(void);

#endif
