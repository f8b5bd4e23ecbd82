/* aif-reportd-sink.c - what all sinks share: state, batches, attempts; see aif-reportd-sink.h */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "aif-reportd-sink.h"
#include "delivery.h"

#define ATTEMPTS 5

int aif_sink_fail(struct aif_sink *sink, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(sink->failure, sizeof(sink->failure), fmt, args);
    va_end(args);
    return -1;
}

/* ---- the ledger's side ---- */

int aif_sink_advance(struct aif_sink *sink, uint64_t seq)
{
    struct aif_error err = {0};
    int rc;

    if (sink->state.cursor == seq)
        return 0;
    sink->state.cursor = seq;
    aif_reportd_ledger_take(sink->reportd);
    rc = aif_reportstate_sink_set(sink->reportd->ledger, sink->conf->name, &sink->state, &err);
    aif_reportd_ledger_give(sink->reportd);
    return rc < 0 ? aif_sink_fail(sink, "%s", err.text) : 0;
}

static int set_bad(struct aif_sink *sink, const char *place, const struct aif_record *record, const char *reason,
                   bool *ret_fresh, struct aif_error *err)
{
    struct aif_ledger *ledger = sink->reportd->ledger;

    if (!reason)
        return aif_reportstate_clear(ledger, place, record->db_index, err);
    return aif_reportstate_quarantine(ledger, place, record->db_index, record->job_id, reason, (int64_t)time(NULL),
                                      ret_fresh, err);
}

int aif_sink_quarantine(struct aif_sink *sink, const struct aif_record *record, const char *reason)
{
    char place[sizeof(AIF_BADROW_SINK) + AIF_SINK_NAME_MAX];
    struct aif_error err = {0};
    bool fresh = false;
    int rc;

    snprintf(place, sizeof(place), AIF_BADROW_SINK "%s", sink->conf->name);
    aif_reportd_ledger_take(sink->reportd);
    rc = set_bad(sink, place, record, reason, &fresh, &err);
    aif_reportd_ledger_give(sink->reportd);
    if (rc < 0)
        return aif_sink_fail(sink, "%s", err.text);
    if (fresh)
        aif_reportd_log("sink %s: job %u (row %llu of %s) is set aside: %s", sink->conf->name, record->job_id,
                        (unsigned long long)record->db_index, record->cluster, reason);
    return 0;
}

static int add_event(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct aif_sink_batch *batch = data;
    struct aif_sink_event *added = &batch->events[batch->count];

    if (aif_record_parse(event->body, &added->record, err) < 0)
        return -1;
    added->seq = event->seq;
    added->at = event->at;
    added->correction = strcmp(event->kind, "job") != 0;
    memcpy(added->hash, event->hash, sizeof(added->hash));
    batch->count++;
    return 0;
}

int aif_sink_batch_read(struct aif_sink *sink, uint64_t seq, struct aif_sink_batch *ret_batch)
{
    struct aif_error err = {0};
    int rc;

    ret_batch->count = 0;
    aif_reportd_ledger_take(sink->reportd);
    rc = aif_ledger_iterate_after(sink->reportd->ledger, seq, AIF_SINK_BATCH, add_event, ret_batch, &err);
    aif_reportd_ledger_give(sink->reportd);
    return rc < 0 ? aif_sink_fail(sink, "%s", err.text) : 0;
}

int aif_sink_before(struct aif_sink *sink, const struct aif_sink_event *event, struct aif_record *ret_record)
{
    struct aif_error err = {0};
    int rc;

    aif_reportd_ledger_take(sink->reportd);
    rc = aif_ledger_before(sink->reportd->ledger, &event->record, event->seq, ret_record, &err);
    aif_reportd_ledger_give(sink->reportd);
    return rc < 0 ? aif_sink_fail(sink, "%.390s", err.text) : rc;
}

int aif_sink_write_file(struct aif_sink *sink, const char *path, mode_t mode, const struct aif_text *text)
{
    struct aif_error err = {0};

    return aif_reportd_write_file(path, mode, text, &err) < 0 ? aif_sink_fail(sink, "%.390s", err.text) : 0;
}

int aif_sink_write_message(struct aif_sink *sink, const char *path, mode_t mode, const struct aif_text *text)
{
    struct aif_error err = {0};

    return aif_reportd_write_message(path, mode, text, &err) < 0 ? aif_sink_fail(sink, "%.390s", err.text) : 0;
}

/* ---- attempts ---- */

static uint32_t random_number(void)
{
    uint32_t number = 0;

    if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
        number = (uint32_t)time(NULL);
    return number;
}

enum aif_sink_outcome aif_sink_try(struct aif_sink *sink, aif_sink_attempt *attempt, void *data)
{
    enum aif_sink_outcome outcome = AIF_SINK_RETRY;
    struct aif_error err = {0};
    long retry_after = 0;

    for (unsigned i = 0; i < ATTEMPTS; i++) {
        if (i && !aif_reportd_pause(aif_delivery_wait_ms(i, sink->conf->backoff, random_number(), retry_after)))
            break;
        retry_after = 0;
        outcome = attempt(sink, data, &retry_after);
        if (outcome == AIF_SINK_TOKEN && aif_http_read_token(sink->http, &err) < 0)
            aif_sink_fail(sink, "%.390s", err.text);
        if ((outcome != AIF_SINK_RETRY && outcome != AIF_SINK_TOKEN) || aif_reportd_stopping())
            break;
    }
    return outcome;
}

/* The service's own words, made fit for one line. */
static void add_words(const struct aif_http_answer *answer, char *note, size_t size)
{
    size_t used = strlen(note);

    snprintf(note + used, size - used, ": %.200s", answer->body ? answer->body : "");
    for (char *p = note; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}

enum aif_sink_outcome aif_sink_judge(const struct aif_http_answer *answer, long expected, const char *what,
                                     bool *ret_refused, char *note, size_t size)
{
    enum aif_delivery_verdict verdict = aif_delivery_classify(answer->status, expected);

    *ret_refused = false;
    if (verdict == AIF_DELIVERY_DONE)
        return AIF_SINK_DONE;
    if (answer->status)
        snprintf(note, size, "cannot %s: HTTP status %ld", what, answer->status);
    else
        snprintf(note, size, "cannot %s: %s", what, answer->failure);
    if (answer->untrusted)
        return AIF_SINK_UNTRUSTED;
    if (verdict == AIF_DELIVERY_TOKEN)
        return AIF_SINK_TOKEN;
    if (verdict == AIF_DELIVERY_RETRY)
        return AIF_SINK_RETRY;
    *ret_refused = true;
    add_words(answer, note, size);
    return AIF_SINK_DONE;
}
