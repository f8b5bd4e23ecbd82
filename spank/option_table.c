/* option_table.c - see option_table.h */
#include "option_table.h"

#include <stddef.h>

#define SPANK_HAS_ARG 1

/* SPANK's callback has no user pointer, so what was asked is kept here; one job is submitted at a
 * time. */
static struct aif_options asked;

/* On the nodes nothing is checked again: the controller has accepted the job, so it must run. */
static int _option_given(int val, const char *arg, int remote)
{
	struct aif_error err;

	if (remote || aif_options_set(&asked, aif_options_keys[val], arg ? arg : "", &err) == 0)
		return ESPANK_SUCCESS;
	slurm_spank_log("%s", err.text);
	return ESPANK_BAD_ARG;
}

/* val is the index in aif_options_keys. SPANK copies the entries; it takes no const. */
static struct spank_option option_table[] = {
    {"ai-mode", "MODE",
     "[aif] access mode, such as playground, fast-lane, large-scale or science; the job must "
     "fit an allocation of that mode",
     SPANK_HAS_ARG, 0, _option_given},
    {"ai-allocation", "ID",
     "[aif] project ID of the allocation to charge, when the account has several", SPANK_HAS_ARG, 1,
     _option_given},
    {"data-residency", "SET",
     "[aif] countries the job may run in: codes and groups joined by '|', '&' or '-', such as "
     "EEA30 or FI|SE; can only narrow what the allocation allows",
     SPANK_HAS_ARG, 2, _option_given},
    {"ai-placement", "HOW",
     "[aif] pack (fewest islands of the network), spread (several) or any (as Slurm likes); a "
     "wish that never delays the job; pack,strict@TIME waits up to TIME for fewest islands",
     SPANK_HAS_ARG, 3, _option_given},
    {"ai-purpose", "WHAT",
     "[aif] training, inference or other; some access modes let inference jobs use only a share "
     "of an allocation",
     SPANK_HAS_ARG, 4, _option_given},
    {"dataset", "ID[,ID...]",
     "[aif] data sets of the site that the job processes; it runs where all of them may be "
     "processed",
     SPANK_HAS_ARG, 6, _option_given},
};

extern spank_err_t spank_aif_register(spank_t spank)
{
	for (size_t i = 0; i < sizeof(option_table) / sizeof(option_table[0]); i++) {
		spank_err_t rc = spank_option_register(spank, &option_table[i]);

		if (rc != ESPANK_SUCCESS)
			return rc;
	}
	return ESPANK_SUCCESS;
}

extern const struct aif_options *spank_aif_asked(void)
{
	return &asked;
}
