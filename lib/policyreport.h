/*
 * policyreport.h - the "report" part of policy.json: where usage is kept and sent to
 */
#ifndef AIF_POLICYREPORT_H
#define AIF_POLICYREPORT_H

#include "jsonschema.h"
#include "policy.h"

/* The defaults; -1 when memory is out. */
int aif_policyreport_init(struct aif_report_conf *report);

/* Reader of the object; ret_value is the struct aif_policy. */
int aif_policyreport_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err);

/* Fill in what follows from the rest: the balances lie beside the ledger. -1 when memory is out. */
int aif_policyreport_finish(struct aif_report_conf *report);

/* Free what the reader stored. */
void aif_policyreport_free(struct aif_report_conf *report);

#endif
