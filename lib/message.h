/*
 * message.h - the one place that words what users read
 *
 * Form: "aif: <what>: asked <x>, limit <y>, left <l>, used <z> (<rule id>); <next step>". Parts that are NULL are
 * left out. Nothing here allocates.
 */
#ifndef AIF_MESSAGE_H
#define AIF_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "policy.h"

struct aif_message {
    const char *what;  /* required */
    const char *asked;
    const char *limit;
    const char *left;
    const char *used;
    const char *rule;  /* required */
    const char *next;  /* what to do now */
};

/* Write the sentence; cut (never overflowed) at size, control characters shown as '?'. */
void aif_message_format(const struct aif_message *message, char *ret_text, size_t size);

/*
 * Seconds of a unit as hours with at most two decimals: "12.5 GPU-hours". Rounded down, so that what is left is
 * never shown as more than it is; _up rounds up, for what is asked, so that a refusal never shows equal numbers.
 */
#define AIF_AMOUNT_TEXT 48
void aif_message_amount(uint64_t secs, enum aif_unit unit, char ret_text[AIF_AMOUNT_TEXT]);
void aif_message_amount_up(uint64_t secs, enum aif_unit unit, char ret_text[AIF_AMOUNT_TEXT]);

/* The number alone, rounded down: "12.5". */
void aif_message_hours(uint64_t secs, char ret_text[AIF_AMOUNT_TEXT]);

/* Minutes as "2:30:00" or "1-00:00:00", as Slurm prints time limits; UINT32_MAX as "UNLIMITED". */
#define AIF_MINUTES_TEXT 32
void aif_message_minutes(uint32_t minutes, char ret_text[AIF_MINUTES_TEXT]);

/* A factor of charge.h without trailing zeros: "0.5". */
#define AIF_FACTOR_TEXT 24
void aif_message_factor(uint32_t millionths, char ret_text[AIF_FACTOR_TEXT]);

/* Local day as "2026-12-02". */
#define AIF_DATE_TEXT 24
void aif_message_date(time_t when, char ret_text[AIF_DATE_TEXT]);

/* The same with the local time of day, where days would not tell two moments apart: "2026-12-02 17:59:59". */
void aif_message_second(time_t when, char ret_text[AIF_DATE_TEXT]);

#endif
