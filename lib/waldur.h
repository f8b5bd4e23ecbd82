/*
 * waldur.h - the usage part of Waldur's marketplace API, without the network
 *
 * What is reported is the absolute total of a calendar month (UTC) per (resource, component), an upsert: repeating a
 * request changes nothing. Amounts have at most two decimals, so they are whole hundredths here. Source: Waldur API
 * documentation, "component usages" (set_usage). Pure, thread-safe.
 */
#ifndef AIF_WALDUR_H
#define AIF_WALDUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"

#define AIF_WALDUR_BODY_MAX (1024 * 1024) /* of an answer; more is refused */
#define AIF_WALDUR_AMOUNT_SIZE 24
#define AIF_WALDUR_AMOUNT_MAX 999999999999999999ULL /* hundredths; Decimal(20,2) could take a hundred times that */

/* "123.45" */
void aif_waldur_amount_format(uint64_t hundredths, char ret_text[AIF_WALDUR_AMOUNT_SIZE]);
/* "123", "123.4", "123.450" -> hundredths; -1 for anything else, also where a third decimal is not zero. */
int aif_waldur_amount_parse(const char *text, uint64_t *ret_hundredths);

/* Path and query that list what the service has for one resource and month ("YYYY-MM"). malloc'ed; NULL: no memory. */
char *aif_waldur_list_path(const char *resource, const char *month);
#define AIF_WALDUR_SET_PATH "/api/marketplace-component-usages/set_usage/"

/*
 * Body of set_usage for one component. date (RFC 3339, any second of the month) addresses a past month and takes
 * special rights there; NULL means the month in which the request arrives. malloc'ed; NULL: no memory.
 */
char *aif_waldur_payload(const char *resource, const char *component, uint64_t hundredths,
                         const char *date);

/*
 * Read the answer to the listing: *ret_found and the amount the service has for the component. Refused: what is not
 * a JSON array of objects with "type" and "usage", negative or finer amounts, the component twice.
 */
int aif_waldur_list_parse(const char *body, size_t length, const char *component, bool *ret_found,
                          uint64_t *ret_hundredths, struct aif_error *err);

/* What to do, given our total and theirs. A total of a month only grows; one that would fall needs a human. */
enum aif_waldur_action { AIF_WALDUR_SEND, AIF_WALDUR_EQUAL, AIF_WALDUR_ANOMALY };
enum aif_waldur_action aif_waldur_compare(uint64_t ours, bool found, uint64_t theirs);

/* What an HTTP status means for the request. */
enum aif_waldur_verdict {
    AIF_WALDUR_DONE,    /* 2xx as expected */
    AIF_WALDUR_TOKEN,   /* 401: read the token again */
    AIF_WALDUR_RETRY,   /* 408, 425, 429, 5xx: later */
    AIF_WALDUR_REFUSED, /* anything else: the same request will fail again */
};
enum aif_waldur_verdict aif_waldur_classify(long status, long expected);

/*
 * Milliseconds to wait before attempt number attempt (1 is the first repetition): doubling from one second up to
 * AIF_WALDUR_WAIT_MAX, of which a random part between half and all is taken. With the service's Retry-After in
 * seconds (0: none), at least that, but never more than AIF_WALDUR_RETRY_AFTER_MAX.
 */
#define AIF_WALDUR_WAIT_MAX 60
#define AIF_WALDUR_RETRY_AFTER_MAX 600
uint32_t aif_waldur_wait_ms(unsigned attempt, uint32_t random, long retry_after);

/*
 * Whether a total "of the current month" may be sent at now without a date: not so close before the month's end
 * that the request, which may take margin seconds, could arrive in the next month and be taken for its total.
 */
bool aif_waldur_month_safe(int64_t now, uint32_t margin);

#endif
