/* aif-reportd-waldur-users.c - the parts of users in a month's total at Waldur; see aif-reportd-waldur.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aif-reportd-waldur.h"
#include "charge.h"

/* ---- from the ledger ---- */

struct reading {
    const struct waldur_sender *sender;
    struct waldur_month *month;
};

static int add_row(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct reading *reading = data;
    const int64_t start = reading->month->start;
    const struct aif_alloc *alloc;
    struct aif_record record;
    uint64_t secs;

    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    alloc = aif_alloctable_by_id(reading->sender->sink->snapshot->allocs, record.allocation);
    /* Without a name, as a site's policy may have it, there is nobody to tell of. */
    if (!alloc || !record.user[0] || !record.start || aif_ledger_free(&record, alloc))
        return 0;
    secs = aif_record_tres_secs_between(&record, alloc->charge.tres, start, aif_record_month_start(start, 1), record.end);
    return secs ? aif_usershare_add(&reading->month->users, alloc->id, record.user, secs, err) : 0;
}

int aif_waldur_users_read(struct waldur_sender *sender, struct waldur_month *month)
{
    struct reading reading = {.sender = sender, .month = month};
    struct aif_reportd *reportd = sender->sink->reportd;
    int rc;

    aif_reportd_ledger_take(reportd);
    rc = aif_ledger_iterate_since(reportd->ledger, month->start, add_row, &reading, &sender->err);
    aif_reportd_ledger_give(reportd);
    return rc < 0 ? aif_sink_fail(sender->sink, "%.390s", sender->err.text) : 0;
}

/* ---- to the service ---- */

static int add_user(struct aif_text *text, const struct waldur_job *job, const struct aif_usershare_item *item, bool first)
{
    const uint64_t secs = aif_charge_cost(&job->alloc->charge, item->secs);

    return aif_waldur_users_add(text, first, item->user, aif_waldur_amount(secs, job->sender->sink->conf->unit));
}

static int payload(const struct waldur_job *job, struct aif_text *text)
{
    const struct aif_usershare *users = &job->month->users;
    const size_t first = aif_usershare_first(users, job->alloc->id);
    int rc = aif_waldur_users_begin(text);

    for (size_t i = first; rc == 0 && i < users->count && !strcmp(users->items[i].allocation, job->alloc->id); i++)
        rc = add_user(text, job, &users->items[i], i == first);
    return rc < 0 ? -1 : aif_waldur_users_end(text);
}

static enum aif_sink_outcome post_users(struct waldur_job *job, const char *usage_uuid, long *ret_retry_after)
{
    char *path = aif_waldur_users_path(usage_uuid);
    struct aif_text text = {0};
    struct aif_http_answer answer = {0};
    enum aif_sink_outcome outcome = AIF_SINK_RETRY;

    if (path && payload(job, &text) == 0) {
        const struct aif_http_call call = {.method = "POST", .path = path, .payload = text.data};

        aif_http_request(job->sender->sink->http, &call, &answer);
        *ret_retry_after = answer.retry_after;
        outcome = aif_waldur_judge(job, &answer, 201, "set the usage of users");
    }
    aif_http_answer_free(&answer);
    aif_text_free(&text);
    free(path);
    return outcome;
}

/* The parts belong to a usage of the service, whose id only it knows. */
static enum aif_sink_outcome attempt(struct aif_sink *sink, void *data, long *ret_retry_after)
{
    struct waldur_job *job = data;
    struct aif_waldur_usage usage = {0};
    enum aif_sink_outcome outcome = aif_waldur_ask(job, &usage, ret_retry_after);

    (void)sink;
    if (outcome != AIF_SINK_DONE || job->send.status == AIF_SEND_REFUSED)
        return outcome;
    if (!usage.found || !usage.uuid[0]) {
        snprintf(job->note, sizeof(job->note), "cannot set the usage of users: the service does not tell the total's uuid");
        return AIF_SINK_RETRY;
    }
    outcome = post_users(job, usage.uuid, ret_retry_after);
    if (outcome == AIF_SINK_DONE && job->send.status == AIF_SEND_OK)
        snprintf(job->note, sizeof(job->note), "set for users");
    return outcome;
}

int aif_waldur_users(const struct waldur_job *total)
{
    struct waldur_sender *sender = total->sender;
    struct waldur_job job = {.sender = sender, .alloc = total->alloc, .month = total->month,
                             .component = total->component, .send = total->send};
    struct aif_send known;
    enum aif_sink_outcome outcome;

    if (!sender->sink->conf->users)
        return 0;
    /* Beside the total under a name that no component has. */
    snprintf(job.send.component, sizeof(job.send.component), "%.120s/users", total->component);
    known = job.send;
    if (aif_waldur_known(sender, &known) < 0)
        return -1;
    if (aif_waldur_settled(&known, job.send.amount))
        return 0;
    outcome = aif_sink_try(sender->sink, attempt, &job);
    if (outcome != AIF_SINK_DONE)
        return aif_waldur_failed(sender, &job, outcome);
    sender->failures = 0;
    return aif_waldur_record(sender, &job, &known);
}
