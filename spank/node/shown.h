/*
 * shown.h - which files a job's tasks shall see on this node, and whether they can
 */
#ifndef AIF_NODE_SHOWN_H
#define AIF_NODE_SHOWN_H

#include "error.h"
#include "gating.h"
#include "ticket.h"

/*
 * Look the ticket's data sets up in conf_dir/datasets.json, write what there is to mount as a list of gating.h (at most
 * SPANK_AIF_GATING_LIST bytes, "" for nothing), and try it in a mount namespace that this process then is in. node is the node's own
 * name. -1 with the text for people, which names rule AIF-R012.
 */
int aif_node_shown(const struct aif_ticket *ticket, const char *node, const char *conf_dir, char *ret_list, struct aif_error *err);

#endif
