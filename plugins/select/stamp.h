/*
 * stamp.h - the wrapper's side of the word of select_stamp.h. Any thread, no lock.
 */
#ifndef AIF_SELECT_STAMP_H
#define AIF_SELECT_STAMP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "select_stamp.h"

/* Exported from the .so. */
extern _Atomic uint64_t aif_select_stamp;

/* Something changed. */
extern void stamp_renew(void);

/* Whether slurmctld uses the wrapper: set after the node table was handed to it. */
extern void stamp_set_active(bool active);
extern bool stamp_is_active(void);

/* Whether places depend on features. */
extern void stamp_set_features(bool features);

#endif
