/*
 * audit_show.h - events about data residency as a table, CSV or JSON on standard output
 */
#ifndef AIF_TOOL_AUDIT_SHOW_H
#define AIF_TOOL_AUDIT_SHOW_H

#include <stdbool.h>

#include "auditevent.h"
#include "chain.h"

enum aif_audit_format { AIF_AUDIT_TABLE, AIF_AUDIT_PARSABLE, AIF_AUDIT_CSV, AIF_AUDIT_JSON };

struct aif_audit_show;

struct aif_audit_show *aif_audit_show_create(enum aif_audit_format format);
void aif_audit_show_destroy(struct aif_audit_show *show);

/* One event, and the ledger's event that carries it. */
void aif_audit_show_add(struct aif_audit_show *show, const struct aif_auditevent *event, const struct aif_event *carrier);

/* Print what was added, and where the chain of the ledger stands that was checked; verified: it is unbroken. */
void aif_audit_show_end(struct aif_audit_show *show, const struct aif_chain *chain, bool verified);

#endif
