/*
 * policysinks.h - report.sinks and report.waldur of policy.json: who is told of usage
 *
 * A sink has a name, which is the key of its state in the ledger, and a type, which says what its other keys are:
 *   waldur   month totals for EuroHPC Federation Platform Allocations (HTTPS)
 *   apel     messages for EGI's accounting, as files for SSM
 *   auditor  job records for AUDITOR (HTTPS)
 *   furms    cumulative consumption as FENIX FURMS has it, one file
 *   ood      balances for Open OnDemand, one file
 *   webhook  every event of the ledger for whoever listens (HTTPS)
 * report.waldur is the short form of a sink named "waldur" of that type.
 */
#ifndef AIF_POLICYSINKS_H
#define AIF_POLICYSINKS_H

#include "jsonschema.h"
#include "policy.h"

/* Readers of the two objects; ret_value is the struct aif_policy. sinks must be read before waldur. */
int aif_policysinks_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err);
int aif_policysinks_read_waldur(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                void *ret_value, struct aif_error *err);

/* Reader of a text that must be an absolute path. */
int aif_policysinks_path(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err);

/* Free what the readers stored. */
void aif_policysinks_free(struct aif_report_conf *report);

/* "waldur", "apel", … */
const char *aif_sink_type_name(int type);

#endif
