/*
 * joballoc.h - which allocation an existing job belongs to
 */
#ifndef AIF_TOOL_JOBALLOC_H
#define AIF_TOOL_JOBALLOC_H

#include "admincomment.h"
#include "snapshot.h"

/*
 * The QOS says it where the QOS is the carrier (its free one too); else what job_submit wrote down
 * in ours (admin_comment; all "" if there was none), else the account. NULL: none. Any text may be
 * NULL.
 */
const struct aif_alloc *aif_joballoc_find(const struct aif_snapshot *snapshot, const char *qos,
                                          const char *account, const struct aif_admincomment *ours);

/* Whether the job's QOS is the allocation's second one, for use above 100 %. */
bool aif_joballoc_is_free(const struct aif_alloc *alloc, const char *qos);

#endif
