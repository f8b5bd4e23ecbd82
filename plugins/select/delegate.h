/*
 * delegate.h - find and load the select_cons_tres.so that this wrapper stands in front of
 *
 * It is the next file of that name in PluginDir after the wrapper itself: what stands before us stands in
 * front of us, too. It is opened by its absolute path with RTLD_LAZY|RTLD_LOCAL, so that its references
 * are bound exactly as if Slurm had loaded it.
 */
#ifndef AIF_SELECT_DELEGATE_H
#define AIF_SELECT_DELEGATE_H

#include "select_api.h"

/* The stock plugin's functions; valid between delegate_open() and delegate_close(). */
extern struct aif_select_ops stock;

/*
 * Load the stock plugin, check that it is of the same Slurm version and complete, and run its
 * init(). Returns SLURM_SUCCESS or SLURM_ERROR, with the reason logged.
 */
extern int delegate_open(void);

/* Run the stock plugin's fini() and unload it. */
extern void delegate_close(void);

/* Path of the stock plugin, NULL while there is none. */
extern const char *delegate_path(void);

#endif
