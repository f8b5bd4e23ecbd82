/*
 * aif-reportd-waldur.h - inside the Waldur sink: totals (…-waldur.c), parts of users (…-waldur-users.c), resources of an
 * offering (…-waldur-map.c)
 */
#ifndef AIF_REPORTD_WALDUR_H
#define AIF_REPORTD_WALDUR_H

#include "aif-reportd-sink.h"
#include "usershare.h"
#include "waldur.h"

#define FAILURES_MAX 3 /* values in a row that could not be sent: the service is down, not one value at fault */

struct waldur_month {
    int64_t start;
    bool past;
    struct aif_ledger_total *totals; /* in order of the allocation */
    size_t count;
    struct aif_usershare users; /* TRES-seconds; where users are told */
};

struct waldur_sender {
    struct aif_sink *sink;
    struct aif_waldur_resource *resources; /* of the offering, in order of the account */
    size_t resource_count;
    unsigned failures; /* in a row */
    bool failed;
    struct aif_error err;
};

/* One value to bring to the service, and how it went. */
struct waldur_job {
    struct waldur_sender *sender;
    const struct aif_alloc *alloc;
    const struct waldur_month *month;
    const char *component; /* at the service */
    struct aif_send send;  /* what we want there; status is the finding */
    bool posted;
    char note[400]; /* why not */
};

/* What an answer means; fills note, and send.status where it is DONE. */
enum aif_sink_outcome aif_waldur_judge(struct waldur_job *job, const struct aif_http_answer *answer, long expected,
                                       const char *what);

/* Ask what is there. DONE with *ret_usage, or with a refusal in send.status. */
enum aif_sink_outcome aif_waldur_ask(struct waldur_job *job, struct aif_waldur_usage *ret_usage, long *ret_retry_after);

/* What the ledger knows of the value whose key is given. 0; -1 after aif_sink_fail(). */
int aif_waldur_known(struct waldur_sender *sender, struct aif_send *known);

/* Settled: the same amount was found or set, or refused, less than a day ago; or there is nothing to say. */
bool aif_waldur_settled(const struct aif_send *known, uint64_t amount);

/* Write what was found into the ledger. 0; -1 after aif_sink_fail(). */
int aif_waldur_record(struct waldur_sender *sender, struct waldur_job *job, const struct aif_send *known);

/* What the next values run into is most likely the same: the first failure is told. 0; -1 when the round is over. */
int aif_waldur_failed(struct waldur_sender *sender, const struct waldur_job *job, enum aif_sink_outcome outcome);

/* Add up what users have used in the month. 0; -1 after aif_sink_fail(). */
int aif_waldur_users_read(struct waldur_sender *sender, struct waldur_month *month);

/* Tell the parts of users of a total that the service has, unless it is not wanted or done. 0; -1 when the round is over. */
int aif_waldur_users(const struct waldur_job *total);

/* Read which resources the offering has. 0; -1 after aif_sink_fail(). */
int aif_waldur_resources_read(struct waldur_sender *sender);

/* The resource of an allocation: its own, else the only one of its account; NULL: it has none. */
const char *aif_waldur_resource_of(const struct waldur_sender *sender, const struct aif_alloc *alloc);

#endif
