/*
 * auditor.h - records of AUDITOR's REST interface, without the network
 *
 * A record is one run of a job: POST /record adds it, PUT /record gives another stop time to one that is there and changes
 * nothing else. AUDITOR works out the runtime from start and stop; so stop is start plus elapsed seconds, without time in
 * suspension, and its sums are the ledger's. Only single records are posted: one that AUDITOR knows makes it
 * drop all of a bulk. Source: AUDITOR's interface as of v0.11. Pure, thread-safe.
 */
#ifndef AIF_AUDITOR_H
#define AIF_AUDITOR_H

#include <stdbool.h>

#include "delivery.h"
#include "record.h"
#include "text.h"

#define AIF_AUDITOR_PATH "/record"

/* Append the JSON of a job that started and ended. -1: no memory, or not text. */
int aif_auditor_record(struct aif_text *text, const char *site, const struct aif_record *record);

/* What an answer to adding a record means: one that is there already (HTTP 500, RECORD_EXISTS) is done. */
enum aif_delivery_verdict aif_auditor_classify(long status, const char *body);

/* Whether AUDITOR can be told of the change from before to now: only the end may move. */
bool aif_auditor_can_update(const struct aif_record *before, const struct aif_record *now);

#endif
