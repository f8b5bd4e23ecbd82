/* aif-reportd-events.c - the sinks that are told of each job row: AUDITOR and webhooks; see aif-reportd-sink.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aif-reportd-sink.h"
#include "auditor.h"
#include "common.h"
#include "webhook.h"

/* One event on its way. */
struct parcel {
    const struct aif_sink_event *event;
    const char *method;
    const char *payload;
    bool refused;
    char note[400];
};

typedef int send_event(struct aif_sink *sink, const struct aif_sink_event *event);

/* What became of it: 0 delivered or set aside, -1 the round is over. */
static int settle(struct aif_sink *sink, const struct parcel *parcel, enum aif_sink_outcome outcome)
{
    if (outcome != AIF_SINK_DONE)
        return aif_sink_fail(sink, "job %u: %.360s", parcel->event->record.job_id, parcel->note);
    sink->sent += !parcel->refused;
    return aif_sink_quarantine(sink, &parcel->event->record, parcel->refused ? parcel->note : NULL);
}

/* In order, one by one; the cursor follows each, so that a crash repeats one at most. */
static int send_all(struct aif_sink *sink, send_event *send)
{
    struct aif_sink_batch *batch = aif_tool_alloc(1, sizeof(*batch));
    int rc;

    while ((rc = aif_sink_batch_read(sink, sink->state.cursor, batch)) == 0 && batch->count) {
        for (size_t i = 0; rc == 0 && i < batch->count; i++) {
            rc = aif_reportd_stopping() ? -1 : send(sink, &batch->events[i]);
            if (rc == 0)
                rc = aif_sink_advance(sink, batch->events[i].seq);
        }
        if (rc < 0)
            break;
    }
    free(batch);
    return rc;
}

/* ---- webhook ---- */

static enum aif_sink_outcome post_event(struct aif_sink *sink, void *data, long *ret_retry_after)
{
    struct parcel *parcel = data;
    char header[AIF_HASH_SIZE + 32];
    const struct aif_http_call call = {.method = "POST", .path = "", .payload = parcel->payload, .header = header};
    struct aif_http_answer answer;
    enum aif_sink_outcome outcome;

    snprintf(header, sizeof(header), "Idempotency-Key: \"%s\"", parcel->event->hash);
    aif_http_request(sink->http, &call, &answer);
    *ret_retry_after = answer.retry_after;
    /* Any success is one; 409 is how receivers say that they have this id. */
    if ((answer.status >= 200 && answer.status < 300) || answer.status == 409)
        outcome = AIF_SINK_DONE;
    else
        outcome = aif_sink_judge(&answer, 200, "post the event", &parcel->refused, parcel->note, sizeof(parcel->note));
    aif_http_answer_free(&answer);
    return outcome;
}

static int hook(struct aif_sink *sink, const struct aif_sink_event *event)
{
    struct parcel parcel = {.event = event};
    struct aif_text text = {0};
    struct aif_error err = {0};
    int rc;

    if (aif_webhook_event(&text, event->hash, event->seq, event->correction, event->at, &event->record, &err) < 0) {
        aif_text_free(&text);
        return aif_sink_quarantine(sink, &event->record, err.text);
    }
    parcel.payload = text.data;
    rc = settle(sink, &parcel, aif_sink_try(sink, post_event, &parcel));
    aif_text_free(&text);
    return rc;
}

int aif_sink_webhook(struct aif_sink *sink)
{
    return send_all(sink, hook);
}

/* ---- AUDITOR ---- */

/* The words of an answer that is a refusal are those of aif_sink_judge(); only what is a success differs. */
static enum aif_sink_outcome put_record(struct aif_sink *sink, void *data, long *ret_retry_after)
{
    struct parcel *parcel = data;
    const struct aif_http_call call = {.method = parcel->method, .path = AIF_AUDITOR_PATH, .payload = parcel->payload};
    struct aif_http_answer answer;
    enum aif_sink_outcome outcome;

    aif_http_request(sink->http, &call, &answer);
    *ret_retry_after = answer.retry_after;
    if (aif_auditor_classify(answer.status, answer.body) == AIF_DELIVERY_DONE)
        outcome = AIF_SINK_DONE;
    else
        outcome = aif_sink_judge(&answer, 200, "store the record", &parcel->refused, parcel->note, sizeof(parcel->note));
    /* Not there to be updated: what was before was never added. */
    if (answer.status == 404 && !strcmp(parcel->method, "PUT")) {
        parcel->method = "POST";
        parcel->refused = false;
        outcome = AIF_SINK_RETRY;
    }
    aif_http_answer_free(&answer);
    return outcome;
}

static int audit(struct aif_sink *sink, const struct aif_sink_event *event)
{
    struct parcel parcel = {.event = event, .method = "POST"};
    struct aif_text text = {0};
    struct aif_record before = {0};
    int known = 0, rc;

    if (event->correction)
        known = aif_sink_before(sink, event, &before);
    if (known < 0)
        return -1;
    if (known && before.start && (!event->record.start || !aif_auditor_can_update(&before, &event->record)))
        return aif_sink_quarantine(sink, &event->record, "AUDITOR has this job with other resources, start or account, and "
                                                         "cannot be told of the change");
    if (!event->record.start) /* cancelled before it began: nothing was used */
        return 0;
    if (known && before.start)
        parcel.method = "PUT";
    if (aif_auditor_record(&text, sink->conf->site, &event->record) < 0) {
        aif_text_free(&text);
        return aif_sink_quarantine(sink, &event->record, "it holds text that is not UTF-8");
    }
    parcel.payload = text.data;
    rc = settle(sink, &parcel, aif_sink_try(sink, put_record, &parcel));
    aif_text_free(&text);
    return rc;
}

int aif_sink_auditor(struct aif_sink *sink)
{
    return send_all(sink, audit);
}
