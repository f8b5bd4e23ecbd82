/*
 * message.h - the one place that words what users read
 *
 * Form: "aif: <what>: asked <x>, limit <y>, used <z> (<rule id>); <next step>". Parts that are NULL are left out.
 */
#ifndef AIF_MESSAGE_H
#define AIF_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct aif_message {
    const char *what;  /* required */
    const char *asked;
    const char *limit;
    const char *used;
    const char *rule;  /* required */
    const char *next;  /* what to do now */
};

/* Write the sentence; cut (never overflowed) at size, control characters shown as '?'. */
void aif_message_format(const struct aif_message *message, char *ret_text, size_t size);

/* Seconds of a unit as hours with at most two decimals, rounded down: "12.5 GPU-hours". */
#define AIF_AMOUNT_TEXT 48
#include "policy.h"
void aif_message_amount(uint64_t secs, enum aif_unit unit, char ret_text[AIF_AMOUNT_TEXT]);

/* Minutes as "2:30:00" or "1-00:00:00", as Slurm prints time limits. */
#define AIF_MINUTES_TEXT 32
void aif_message_minutes(uint32_t minutes, char ret_text[AIF_MINUTES_TEXT]);

#endif
