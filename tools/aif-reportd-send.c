/* aif-reportd-send.c - bring Waldur's totals up to date from the ledger; see aif-reportd.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "aif-reportd.h"
#include "text.h"
#include "waldur.h"

#define ATTEMPTS 5
#define FAILURES_MAX 3 /* values in a row that could not be sent: the service is down, not one value at fault */
#define RECHECK_SECONDS (24 * 3600)

struct month {
    int64_t start;
    bool past;
    struct aif_ledger_total *totals;
    size_t count;
};

struct sender {
    struct aif_reportd *reportd;
    const struct aif_report_conf *conf;
    struct aif_http *http;
    unsigned posted;
    unsigned failures; /* in a row */
    struct aif_error err;
};

/* One value to bring to the service, and how it went. */
enum outcome { OUTCOME_DONE, OUTCOME_RETRY, OUTCOME_TOKEN, OUTCOME_UNTRUSTED };

struct job {
    const struct aif_alloc *alloc;
    const struct month *month;
    struct aif_send send; /* what we want there; status is the finding */
    bool posted;
    long retry_after;
    char note[400]; /* why not */
};

/* ---- the ledger's side ---- */

static int ledger_failed(struct sender *sender)
{
    aif_reportd_log_change(TOPIC_LEDGER, "%s", sender->err.text);
    return -1;
}

static int finding_body(const struct job *job, struct aif_text *text)
{
    char amount[AIF_WALDUR_AMOUNT_SIZE];
    int rc;

    aif_waldur_amount_format(job->send.amount, amount);
    rc = aif_text_printf(text, "{\"v\":1,\"sink\":\"waldur\",\"allocation\":");
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

static int store_finding(struct sender *sender, struct job *job, const char *body, bool fresh)
{
    struct aif_ledger *ledger = sender->reportd->ledger;

    if (aif_ledger_begin(ledger, &sender->err) < 0)
        return -1;
    if ((!fresh || aif_ledger_append(ledger, finding_kind(job->send.status), sender->reportd->snapshot->policy->cluster,
                                     0, job->send.at, body, &sender->err) == 0) &&
        aif_reportstate_send_set(ledger, &job->send, &sender->err) == 0)
        return aif_ledger_commit(ledger, &sender->err);
    aif_ledger_rollback(ledger);
    return -1;
}

/*
 * Only now, after the service answered, the ledger learns of it. If we die before, the next run asks the service,
 * finds the amount there, and records that: nothing is lost, and an absolute total cannot be doubled.
 */
static int record_finding(struct sender *sender, struct job *job, const struct aif_send *known)
{
    const bool fresh = known->status != job->send.status || known->amount != job->send.amount;
    struct aif_text body = {0};
    int rc = finding_body(job, &body);

    if (rc < 0)
        aif_error_set(&sender->err, AIF_EINVAL, "allocation %s cannot be written as text", job->alloc->id);
    job->send.at = (int64_t)time(NULL);
    if (rc == 0)
        rc = store_finding(sender, job, body.data, fresh);
    if (rc == 0 && fresh && job->send.status != AIF_SEND_OK)
        aif_reportd_log("Waldur: %s, %s: %s; not sent", job->alloc->id, job->send.month, job->note);
    aif_text_free(&body);
    return rc < 0 ? ledger_failed(sender) : 0;
}

/* ---- the service's side ---- */

/* What the status of an answer means; DONE only for the expected one. Fills note. */
static enum outcome judge(struct job *job, const struct aif_http_answer *answer, long expected, const char *what)
{
    enum aif_waldur_verdict verdict = aif_waldur_classify(answer->status, expected);

    job->retry_after = answer->retry_after;
    if (!answer->status)
        snprintf(job->note, sizeof(job->note), "cannot %s: %s", what, answer->failure);
    else
        snprintf(job->note, sizeof(job->note), "cannot %s: HTTP status %ld", what, answer->status);
    if (answer->untrusted)
        return OUTCOME_UNTRUSTED;
    if (verdict == AIF_WALDUR_TOKEN)
        return OUTCOME_TOKEN;
    if (verdict == AIF_WALDUR_RETRY)
        return OUTCOME_RETRY;
    job->send.status = verdict == AIF_WALDUR_DONE ? AIF_SEND_OK : AIF_SEND_REFUSED;
    return OUTCOME_DONE;
}

/* The service's own words, made fit for one line. */
static void add_words(struct job *job, const struct aif_http_answer *answer)
{
    size_t used = strlen(job->note);

    snprintf(job->note + used, sizeof(job->note) - used, ": %.200s", answer->body ? answer->body : "");
    for (char *p = job->note; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}

/* Ask what is there. DONE with *ret_found and the amount, or with a refusal in send.status. */
static enum outcome ask(struct sender *sender, struct job *job, bool *ret_found, uint64_t *ret_amount)
{
    char *path = aif_waldur_list_path(job->send.resource, job->send.month);
    struct aif_http_answer answer = {0};
    struct aif_error err = {0};
    enum outcome outcome = OUTCOME_RETRY;

    if (path) {
        aif_http_request(sender->http, path, NULL, &answer);
        outcome = judge(job, &answer, 200, "read the usage");
        if (outcome == OUTCOME_DONE && job->send.status == AIF_SEND_REFUSED)
            add_words(job, &answer);
        else if (outcome == OUTCOME_DONE &&
                 aif_waldur_list_parse(answer.body, answer.length, job->send.component, ret_found, ret_amount, &err) < 0) {
            snprintf(job->note, sizeof(job->note), "cannot read the usage: %.300s", err.text);
            outcome = OUTCOME_RETRY;
        }
    }
    aif_http_answer_free(&answer);
    free(path);
    return outcome;
}

/* The last second of a past month; NULL for the current one, whose date the service itself knows. */
static const char *date_of(const struct month *month, char *buffer, size_t size)
{
    time_t last = (time_t)(aif_record_month_start(month->start, 1) - 1);
    struct tm tm;

    if (!month->past || !gmtime_r(&last, &tm))
        return NULL;
    strftime(buffer, size, "%Y-%m-%dT%H:%M:%S+00:00", &tm);
    return buffer;
}

static enum outcome post(struct sender *sender, struct job *job)
{
    char buffer[32];
    char *payload = aif_waldur_payload(job->send.resource, job->send.component, job->send.amount,
                                       date_of(job->month, buffer, sizeof(buffer)));
    struct aif_http_answer answer = {0};
    enum outcome outcome = OUTCOME_RETRY;

    if (payload) {
        aif_http_request(sender->http, AIF_WALDUR_SET_PATH, payload, &answer);
        outcome = judge(job, &answer, 201, "set the usage");
        if (outcome == OUTCOME_DONE && job->send.status == AIF_SEND_REFUSED)
            add_words(job, &answer);
        job->posted = outcome == OUTCOME_DONE && job->send.status == AIF_SEND_OK;
    }
    aif_http_answer_free(&answer);
    free(payload);
    return outcome;
}

/* A date-less request belongs to the month in which it arrives. */
static bool too_late_in_month(const struct sender *sender, const struct job *job)
{
    const int64_t now = (int64_t)time(NULL);

    return !job->month->past && (aif_record_month_start(now, 0) != job->month->start ||
                                 !aif_waldur_month_safe(now, sender->conf->waldur_timeout + 60));
}

/* Ask, compare, set. */
static enum outcome attempt(struct sender *sender, struct job *job)
{
    char ours[AIF_WALDUR_AMOUNT_SIZE], theirs[AIF_WALDUR_AMOUNT_SIZE];
    uint64_t amount = 0;
    bool found = false;
    enum outcome outcome = ask(sender, job, &found, &amount);

    if (outcome != OUTCOME_DONE || job->send.status == AIF_SEND_REFUSED)
        return outcome;
    switch (aif_waldur_compare(job->send.amount, found, amount)) {
    case AIF_WALDUR_SEND:
        outcome = post(sender, job);
        if (job->posted)
            snprintf(job->note, sizeof(job->note), "set");
        break;
    case AIF_WALDUR_EQUAL:
        job->send.status = AIF_SEND_OK;
        snprintf(job->note, sizeof(job->note), "found there");
        break;
    case AIF_WALDUR_ANOMALY:
        job->send.status = AIF_SEND_ANOMALY;
        aif_waldur_amount_format(job->send.amount, ours);
        aif_waldur_amount_format(amount, theirs);
        snprintf(job->note, sizeof(job->note), "total would fall from %s to %s %s", theirs, ours,
                 job->send.component);
        break;
    }
    return outcome;
}

static uint32_t random_number(void)
{
    uint32_t number = 0;

    if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
        number = (uint32_t)time(NULL);
    return number;
}

/* Attempts with growing waits. DONE, or what the last attempt said. */
static enum outcome deliver(struct sender *sender, struct job *job)
{
    enum outcome outcome = OUTCOME_RETRY;

    for (unsigned i = 0; i < ATTEMPTS; i++) {
        if (i && !aif_reportd_wait(aif_waldur_wait_ms(i, random_number(), job->retry_after)))
            break;
        if (too_late_in_month(sender, job)) {
            snprintf(job->note, sizeof(job->note), "the month is about to end; sent as last month's in a later round");
            break;
        }
        outcome = attempt(sender, job);
        if (outcome == OUTCOME_TOKEN && aif_http_read_token(sender->http, &sender->err) < 0)
            snprintf(job->note, sizeof(job->note), "%.390s", sender->err.text);
        if (outcome == OUTCOME_DONE || outcome == OUTCOME_UNTRUSTED || aif_reportd_stopping())
            break;
    }
    return outcome;
}

/* ---- which values ---- */

static int compare_totals(const void *key, const void *item)
{
    return strcmp(key, ((const struct aif_ledger_total *)item)->allocation);
}

static uint64_t amount_of(const struct aif_alloc *alloc, const struct month *month)
{
    const struct aif_ledger_total *total = NULL;

    if (month->count)
        total = bsearch(alloc->id, month->totals, month->count, sizeof(*total), compare_totals);
    if (!total)
        return 0;
    return aif_record_centihours(alloc->unit == AIF_UNIT_NODE_HOUR ? total->node_secs : total->gpu_secs);
}

static const char *component_of(const struct sender *sender, const struct aif_alloc *alloc)
{
    if (alloc->unit == AIF_UNIT_NODE_HOUR && sender->conf->waldur_node_component)
        return sender->conf->waldur_node_component;
    return sender->conf->waldur_component;
}

/* Settled: the same amount was found or set, or refused, less than a day ago; or there is nothing to say. */
static bool settled(const struct aif_send *known, uint64_t amount)
{
    const int64_t now = (int64_t)time(NULL);

    if (known->status == AIF_SEND_NONE)
        return amount == 0;
    return known->amount == amount && now >= known->at && now < known->at + RECHECK_SECONDS;
}

/* 0; -1 when the round is over. */
static int send_value(struct sender *sender, const struct aif_alloc *alloc, const struct month *month)
{
    struct job job = {.alloc = alloc, .month = month};
    struct aif_send known;
    enum outcome outcome;

    snprintf(job.send.resource, sizeof(job.send.resource), "%s", alloc->waldur_resource);
    snprintf(job.send.component, sizeof(job.send.component), "%s", component_of(sender, alloc));
    aif_record_month_name(month->start, job.send.month);
    known = job.send;
    if (aif_reportstate_send_get(sender->reportd->ledger, &known, &sender->err) < 0)
        return ledger_failed(sender);
    job.send.amount = amount_of(alloc, month);
    if (settled(&known, job.send.amount) || too_late_in_month(sender, &job))
        return 0;
    outcome = deliver(sender, &job);
    if (outcome == OUTCOME_DONE) {
        sender->failures = 0;
        sender->posted += job.posted;
        return record_finding(sender, &job, &known);
    }
    /* One line per round: what the next values run into is most likely the same. */
    if (!aif_reportd_stopping() && !sender->failures)
        aif_reportd_log_change(TOPIC_WALDUR, "Waldur: %s, %s: %s; the next round tries again", alloc->id,
                               job.send.month, job.note);
    sender->failures++;
    return outcome == OUTCOME_UNTRUSTED || sender->failures >= FAILURES_MAX || aif_reportd_stopping() ? -1 : 0;
}

static int send_month(struct sender *sender, struct month *month)
{
    const struct aif_alloctable *allocs = sender->reportd->snapshot->allocs;
    bool failed = false;
    int rc = 0;

    if (aif_ledger_totals(sender->reportd->ledger, month->start, aif_record_month_start(month->start, 1),
                          &month->totals, &month->count, &sender->err) < 0)
        return ledger_failed(sender);
    for (size_t i = 0; rc == 0 && i < aif_alloctable_count(allocs); i++)
        if (aif_alloctable_at(allocs, i)->waldur_resource) {
            rc = send_value(sender, aif_alloctable_at(allocs, i), month);
            failed |= sender->failures > 0;
        }
    free(month->totals);
    return rc < 0 || failed ? -1 : 0;
}

int aif_reportd_send(struct aif_reportd *reportd)
{
    struct sender sender = {.reportd = reportd, .conf = &reportd->snapshot->policy->report};
    const int64_t now = (int64_t)time(NULL);
    struct month current = {.start = aif_record_month_start(now, 0)};
    struct month previous = {.start = aif_record_month_start(now, -1), .past = true};
    int rc;

    if (!sender.conf->waldur_url)
        return 0;
    sender.http = aif_http_open(sender.conf, &sender.err);
    if (!sender.http) {
        aif_reportd_log_change(TOPIC_WALDUR, "Waldur: %s", sender.err.text);
        return -1;
    }
    rc = send_month(&sender, &previous);
    if (sender.failures < FAILURES_MAX && !aif_reportd_stopping())
        rc |= send_month(&sender, &current);
    if (rc == 0)
        aif_reportd_log_fine(TOPIC_WALDUR);
    if (sender.posted)
        aif_reportd_log("sent %u totals to Waldur", sender.posted);
    aif_http_close(sender.http);
    return rc < 0 ? -1 : 0;
}
