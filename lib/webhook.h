/*
 * webhook.h - what a webhook is told: one event of the ledger about a job row
 *
 * The event's hash is its id: the same event always has the same, no other event has it, so a receiver that keeps ids is
 * told each event once. doc/aif-webhook.openapi.json describes it for receivers. Pure, thread-safe.
 */
#ifndef AIF_WEBHOOK_H
#define AIF_WEBHOOK_H

#include <stdbool.h>

#include "record.h"
#include "text.h"

/* Append the JSON. at: when the event was written. -1: no memory, or not text. */
int aif_webhook_event(struct aif_text *text, const char *hash, uint64_t seq, bool correction, int64_t at,
                      const struct aif_record *record, struct aif_error *err);

#endif
