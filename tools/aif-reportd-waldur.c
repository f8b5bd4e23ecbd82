/* aif-reportd-waldur.c - bring Waldur's totals up to date from the ledger; see aif-reportd-sink.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aif-reportd-waldur.h"
#include "charge.h"
#include "text.h"
#include "waldur.h"

#define RECHECK_SECONDS (24 * 3600)

/* ---- the ledger's side ---- */

static int finding_body(const struct waldur_job *job, struct aif_text *text)
{
    char amount[AIF_WALDUR_AMOUNT_SIZE];
    int rc;

    aif_waldur_amount_format(job->send.amount, amount);
    rc = aif_text_printf(text, "{\"v\":1,\"sink\":\"%s\",\"allocation\":", job->sender->sink->conf->name);
    if (rc == 0)
        rc = aif_text_json(text, job->alloc->id);
    if (rc == 0)
        rc = aif_text_printf(text, ",\"resource\":");
    if (rc == 0)
        rc = aif_text_json(text, job->send.resource);
    if (rc == 0)
        rc = aif_text_printf(text, ",\"component\":");
    if (rc == 0)
        rc = aif_text_json(text, job->send.component);
    if (rc == 0)
        rc = aif_text_printf(text, ",\"month\":\"%s\",\"amount\":\"%s\",\"note\":", job->send.month, amount);
    if (rc == 0)
        rc = aif_text_json(text, job->note);
    return rc ? rc : aif_text_printf(text, "}");
}

static const char *finding_kind(enum aif_send_status status)
{
    return status == AIF_SEND_OK ? "sent" : status == AIF_SEND_ANOMALY ? "anomaly" : "refused";
}

static int store_finding(struct waldur_sender *sender, struct waldur_job *job, const char *body, bool fresh)
{
    struct aif_ledger *ledger = sender->sink->reportd->ledger;

    if (aif_ledger_begin(ledger, &sender->err) < 0)
        return -1;
    if ((!fresh || aif_ledger_append(ledger, finding_kind(job->send.status),
                                     sender->sink->snapshot->policy->cluster, 0, job->send.at, body, &sender->err) == 0) &&
        aif_reportstate_send_set(ledger, &job->send, &sender->err) == 0)
        return aif_ledger_commit(ledger, &sender->err);
    aif_ledger_rollback(ledger);
    return -1;
}

/*
 * Only now, after the service answered, the ledger learns of it. If we die before, the next run asks the service,
 * finds the amount there, and records that: nothing is lost, and an absolute total cannot be doubled.
 */
int aif_waldur_record(struct waldur_sender *sender, struct waldur_job *job, const struct aif_send *known)
{
    const bool fresh = known->status != job->send.status || known->amount != job->send.amount;
    struct aif_text body = {0};
    int rc = finding_body(job, &body);

    if (rc < 0)
        aif_error_set(&sender->err, AIF_EINVAL, "allocation %s cannot be written as text", job->alloc->id);
    job->send.at = (int64_t)time(NULL);
    aif_reportd_ledger_take(sender->sink->reportd);
    if (rc == 0)
        rc = store_finding(sender, job, body.data, fresh);
    aif_reportd_ledger_give(sender->sink->reportd);
    if (rc == 0 && fresh && job->send.status != AIF_SEND_OK)
        aif_reportd_log("sink %s: %s, %s: %s; not sent", sender->sink->conf->name, job->alloc->id, job->send.month,
                        job->note);
    aif_text_free(&body);
    return rc < 0 ? aif_sink_fail(sender->sink, "%s", sender->err.text) : 0;
}

/* ---- the service's side ---- */

enum aif_sink_outcome aif_waldur_judge(struct waldur_job *job, const struct aif_http_answer *answer, long expected,
                                       const char *what)
{
    bool refused;
    enum aif_sink_outcome outcome = aif_sink_judge(answer, expected, what, &refused, job->note, sizeof(job->note));

    if (outcome == AIF_SINK_DONE)
        job->send.status = refused ? AIF_SEND_REFUSED : AIF_SEND_OK;
    return outcome;
}

enum aif_sink_outcome aif_waldur_ask(struct waldur_job *job, struct aif_waldur_usage *ret_usage, long *ret_retry_after)
{
    char *path = aif_waldur_list_path(job->send.resource, job->send.month);
    const struct aif_http_call call = {.method = "GET", .path = path};
    struct aif_http_answer answer = {0};
    struct aif_error err = {0};
    enum aif_sink_outcome outcome = AIF_SINK_RETRY;

    if (path) {
        aif_http_request(job->sender->sink->http, &call, &answer);
        *ret_retry_after = answer.retry_after;
        outcome = aif_waldur_judge(job, &answer, 200, "read the usage");
        if (outcome == AIF_SINK_DONE && job->send.status == AIF_SEND_OK &&
            aif_waldur_list_parse(answer.body, answer.length, job->component, ret_usage, &err) < 0) {
            snprintf(job->note, sizeof(job->note), "cannot read the usage: %.300s", err.text);
            outcome = AIF_SINK_RETRY;
        }
    }
    aif_http_answer_free(&answer);
    free(path);
    return outcome;
}

/* The last second of a past month; NULL for the current one, whose date the service itself knows. */
static const char *date_of(const struct waldur_month *month, char *buffer, size_t size)
{
    time_t last = (time_t)(aif_record_month_start(month->start, 1) - 1);
    struct tm tm;

    if (!month->past || !gmtime_r(&last, &tm))
        return NULL;
    strftime(buffer, size, "%Y-%m-%dT%H:%M:%S+00:00", &tm);
    return buffer;
}

static enum aif_sink_outcome post(struct waldur_job *job, long *ret_retry_after)
{
    char buffer[32];
    char *payload = aif_waldur_payload(job->send.resource, job->send.component, job->send.amount,
                                       date_of(job->month, buffer, sizeof(buffer)));
    const struct aif_http_call call = {.method = "POST", .path = AIF_WALDUR_SET_PATH, .payload = payload};
    struct aif_http_answer answer = {0};
    enum aif_sink_outcome outcome = AIF_SINK_RETRY;

    if (payload) {
        aif_http_request(job->sender->sink->http, &call, &answer);
        *ret_retry_after = answer.retry_after;
        outcome = aif_waldur_judge(job, &answer, 201, "set the usage");
        job->posted = outcome == AIF_SINK_DONE && job->send.status == AIF_SEND_OK;
    }
    aif_http_answer_free(&answer);
    free(payload);
    return outcome;
}

/* A date-less request belongs to the month in which it arrives. */
static bool too_late_in_month(const struct waldur_sender *sender, const struct waldur_job *job)
{
    const int64_t now = (int64_t)time(NULL);

    return !job->month->past && (aif_record_month_start(now, 0) != job->month->start ||
                                 !aif_waldur_month_safe(now, sender->sink->conf->timeout + 60));
}

/* The service has more than we: somebody must look. */
static void note_anomaly(struct waldur_job *job, uint64_t theirs)
{
    char ours_text[AIF_WALDUR_AMOUNT_SIZE], theirs_text[AIF_WALDUR_AMOUNT_SIZE];

    job->send.status = AIF_SEND_ANOMALY;
    aif_waldur_amount_format(job->send.amount, ours_text);
    aif_waldur_amount_format(theirs, theirs_text);
    snprintf(job->note, sizeof(job->note), "total would fall from %s to %s %s", theirs_text, ours_text,
             job->send.component);
}

/* Ask, compare, set. */
static enum aif_sink_outcome attempt(struct aif_sink *sink, void *data, long *ret_retry_after)
{
    struct waldur_job *job = data;
    struct aif_waldur_usage usage = {0};
    enum aif_sink_outcome outcome;

    (void)sink;
    if (too_late_in_month(job->sender, job)) {
        snprintf(job->note, sizeof(job->note), "the month is about to end; sent as last month's in a later round");
        return AIF_SINK_LATER;
    }
    outcome = aif_waldur_ask(job, &usage, ret_retry_after);
    if (outcome != AIF_SINK_DONE || job->send.status == AIF_SEND_REFUSED)
        return outcome;
    switch (aif_waldur_compare(job->send.amount, usage.found, usage.hundredths)) {
    case AIF_WALDUR_SEND:
        outcome = post(job, ret_retry_after);
        if (job->posted)
            snprintf(job->note, sizeof(job->note), "set");
        break;
    case AIF_WALDUR_EQUAL:
        snprintf(job->note, sizeof(job->note), "found there");
        break;
    case AIF_WALDUR_ANOMALY:
        note_anomaly(job, usage.hundredths);
        break;
    }
    return outcome;
}

/* ---- which values ---- */

static int compare_totals(const void *key, const void *item)
{
    return strcmp(key, ((const struct aif_ledger_total *)item)->allocation);
}

static uint64_t amount_of(const struct waldur_sender *sender, const struct aif_alloc *alloc,
                          const struct waldur_month *month)
{
    const struct aif_ledger_total *total = NULL;

    if (month->count)
        total = bsearch(alloc->id, month->totals, month->count, sizeof(*total), compare_totals);
    if (!total)
        return 0;
    return aif_waldur_amount(aif_charge_cost(&alloc->charge, total->tres_secs[alloc->charge.tres]),
                             sender->sink->conf->unit);
}

static const char *component_of(const struct waldur_sender *sender, const struct aif_alloc *alloc)
{
    if (alloc->unit == AIF_UNIT_NODE_HOUR && sender->sink->conf->node_component)
        return sender->sink->conf->node_component;
    return sender->sink->conf->component;
}

bool aif_waldur_settled(const struct aif_send *known, uint64_t amount)
{
    const int64_t now = (int64_t)time(NULL);

    if (known->status == AIF_SEND_NONE)
        return amount == 0;
    return known->amount == amount && now >= known->at && now < known->at + RECHECK_SECONDS;
}

int aif_waldur_known(struct waldur_sender *sender, struct aif_send *known)
{
    int rc;

    aif_reportd_ledger_take(sender->sink->reportd);
    rc = aif_reportstate_send_get(sender->sink->reportd->ledger, known, &sender->err);
    aif_reportd_ledger_give(sender->sink->reportd);
    return rc < 0 ? aif_sink_fail(sender->sink, "%s", sender->err.text) : 0;
}

int aif_waldur_failed(struct waldur_sender *sender, const struct waldur_job *job, enum aif_sink_outcome outcome)
{
    if (!sender->failed)
        aif_sink_fail(sender->sink, "%s, %s: %.330s", job->alloc->id, job->send.month, job->note);
    sender->failed = true;
    sender->failures++;
    return outcome == AIF_SINK_UNTRUSTED || sender->failures >= FAILURES_MAX || aif_reportd_stopping() ? -1 : 0;
}

/* 0; -1 when the round is over. */
static int send_value(struct waldur_sender *sender, const struct aif_alloc *alloc, const char *resource,
                      const struct waldur_month *month)
{
    struct waldur_job job = {.sender = sender, .alloc = alloc, .month = month,
                             .component = component_of(sender, alloc)};
    struct aif_send known;
    enum aif_sink_outcome outcome;

    snprintf(job.send.resource, sizeof(job.send.resource), "%s", resource);
    snprintf(job.send.component, sizeof(job.send.component), "%s", job.component);
    aif_record_month_name(month->start, job.send.month);
    known = job.send;
    if (aif_waldur_known(sender, &known) < 0)
        return -1;
    job.send.amount = amount_of(sender, alloc, month);
    if (too_late_in_month(sender, &job))
        return 0;
    if (aif_waldur_settled(&known, job.send.amount))
        return known.status == AIF_SEND_OK ? aif_waldur_users(&job) : 0;
    outcome = aif_sink_try(sender->sink, attempt, &job);
    if (outcome != AIF_SINK_DONE)
        return aif_waldur_failed(sender, &job, outcome);
    sender->failures = 0;
    sender->sink->sent += job.posted;
    if (aif_waldur_record(sender, &job, &known) < 0)
        return -1;
    return job.send.status == AIF_SEND_OK ? aif_waldur_users(&job) : 0;
}

static int read_totals(struct waldur_sender *sender, struct waldur_month *month)
{
    int rc;

    aif_reportd_ledger_take(sender->sink->reportd);
    rc = aif_ledger_totals(sender->sink->reportd->ledger, sender->sink->snapshot->allocs, month->start,
                           aif_record_month_start(month->start, 1), &month->totals, &month->count, &sender->err);
    aif_reportd_ledger_give(sender->sink->reportd);
    return rc < 0 ? aif_sink_fail(sender->sink, "%s", sender->err.text) : 0;
}

static int send_month(struct waldur_sender *sender, struct waldur_month *month)
{
    const struct aif_alloctable *allocs = sender->sink->snapshot->allocs;
    int rc = 0;

    if (read_totals(sender, month) < 0)
        return -1;
    if (sender->sink->conf->users)
        rc = aif_waldur_users_read(sender, month);
    for (size_t i = 0; rc == 0 && i < aif_alloctable_count(allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(allocs, i);
        const char *resource = aif_waldur_resource_of(sender, alloc);

        if (resource)
            rc = send_value(sender, alloc, resource, month);
    }
    free(month->totals);
    aif_usershare_free(&month->users);
    return rc;
}

int aif_sink_waldur(struct aif_sink *sink)
{
    struct waldur_sender sender = {.sink = sink};
    const int64_t now = (int64_t)time(NULL);
    struct waldur_month current = {.start = aif_record_month_start(now, 0)};
    struct waldur_month previous = {.start = aif_record_month_start(now, -1), .past = true};

    int rc = sink->conf->offering ? aif_waldur_resources_read(&sender) : 0;

    if (rc == 0 && (send_month(&sender, &previous) < 0 || send_month(&sender, &current) < 0 || sender.failed))
        rc = -1;
    free(sender.resources);
    return rc;
}
