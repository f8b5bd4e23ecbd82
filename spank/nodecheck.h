/*
 * nodecheck.h - run aif-node, the program that checks a tagged job
 */
#ifndef AIF_SPANK_NODECHECK_H
#define AIF_SPANK_NODECHECK_H

#include "gatefile.h"

/* What is passed on to it as options, NULL-terminated, and the ticket for its environment: seal and text (NULL: none). */
struct spank_aif_nodecheck {
	const char *const *options;
	const char *seal;
	const char *text;
};

/*
 * Run the aif-node beside this plugin and take its answer. Whatever goes wrong is a no, with a text that names the
 * rule. Waits for it: it ends itself after two minutes. Only where there are no other threads: in the prolog's slurmstepd.
 */
extern void spank_aif_nodecheck(const struct spank_aif_nodecheck *check, struct spank_aif_gate *ret_gate);

#endif
