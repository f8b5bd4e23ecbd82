/*
 * select_stamp.h - the word by which the select wrapper tells others whether what aif_select_probe() said still holds
 *
 * It is exported as aif_select_stamp. The upper bits count what changes of nodes, places and configuration the wrapper has seen. Features are
 * not among them, of which it is not told: where places depend on them, who remembers an answer also looks at last_node_update. Counts of
 * GPUs are made anew each minute while somebody asks for them, which is a change, too. It is to be read before the probe whose answer is
 * remembered with it. Any thread, no lock.
 */
#ifndef AIF_COMPAT_SELECT_STAMP_H
#define AIF_COMPAT_SELECT_STAMP_H

#include <stdint.h>

#define AIF_STAMP_ACTIVE UINT64_C(1)   /* slurmctld uses the wrapper */
#define AIF_STAMP_FEATURES UINT64_C(2) /* places depend on features */
#define AIF_STAMP_CHANGE UINT64_C(4)

#endif
