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
#include "text.h"

#define AIF_WALDUR_AMOUNT_SIZE 24
#define AIF_WALDUR_AMOUNT_MAX 999999999999999999ULL /* hundredths; Decimal(20,2) could take a hundred times that */

/* "123.45" */
void aif_waldur_amount_format(uint64_t hundredths, char ret_text[AIF_WALDUR_AMOUNT_SIZE]);
/* "123", "123.4", "123.450" -> hundredths; -1 for anything else, also where a third decimal is not zero. */
int aif_waldur_amount_parse(const char *text, uint64_t *ret_hundredths);

/* Seconds -> hundredths of hours, minutes or thousands of hours (enum aif_sink_unit), rounded half up. */
uint64_t aif_waldur_amount(uint64_t secs, int unit);

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
 * Read the answer to the listing: what the service has for the component. Refused: what is not a JSON array of objects
 * with "type" and "usage", negative or finer amounts, a "uuid" that is none, the component twice.
 */
#define AIF_WALDUR_UUID_SIZE 40
struct aif_waldur_usage {
    bool found;
    uint64_t hundredths;
    char uuid[AIF_WALDUR_UUID_SIZE]; /* of the usage itself; "" if the service does not say */
};
int aif_waldur_list_parse(const char *body, size_t length, const char *component, struct aif_waldur_usage *ret_usage,
                          struct aif_error *err);

/* ---- the parts of users ---- */

/* Where the parts of a usage are set. malloc'ed; NULL: no memory. */
char *aif_waldur_users_path(const char *usage_uuid);

/* Append one user to the list of the body, first or after another, and the ends of the list. -1: no memory, or not text. */
int aif_waldur_users_begin(struct aif_text *text);
int aif_waldur_users_add(struct aif_text *text, bool first, const char *user, uint64_t hundredths);
int aif_waldur_users_end(struct aif_text *text);

/* ---- the provider's resources ---- */

#define AIF_WALDUR_PAGE 100 /* resources in an answer; fewer: it is the last */
char *aif_waldur_resources_path(const char *offering, unsigned page);

/* Read one page. *ret_resources is malloc'ed, NULL when there are none. Those without a backend_id are left out of it. */
struct aif_waldur_resource {
    char account[64]; /* backend_id, in lower case */
    char uuid[AIF_WALDUR_UUID_SIZE];
};
int aif_waldur_resources_parse(const char *body, size_t length, struct aif_waldur_resource **ret_resources,
                               size_t *ret_count, size_t *ret_on_page, struct aif_error *err);

/* What to do, given our total and theirs. A total of a month only grows; one that would fall needs a human. */
enum aif_waldur_action { AIF_WALDUR_SEND, AIF_WALDUR_EQUAL, AIF_WALDUR_ANOMALY };
enum aif_waldur_action aif_waldur_compare(uint64_t ours, bool found, uint64_t theirs);

/*
 * Whether a total "of the current month" may be sent at now without a date: not so close before the month's end
 * that the request, which may take margin seconds, could arrive in the next month and be taken for its total.
 */
bool aif_waldur_month_safe(int64_t now, uint32_t margin);

#endif
