/* aif-reportd-apel.c - messages for APEL, as files that SSM sends; see aif-reportd-sink.h */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aif-reportd-sink.h"
#include "apel.h"
#include "common.h"

/*
 * Names of files come from the numbers of events: after a crash the same messages are written again under the same names,
 * and what SSM has sent by then replaces itself at the server.
 */
struct writer {
    struct aif_sink *sink;
    uint64_t cursor; /* the sink's follows when all is written */
    int64_t since;   /* earliest end among the new rows; 0: there is none */
    struct aif_usagesum sum;
    struct aif_error err;
};

static int write_message(struct writer *writer, const char *what, uint64_t first, uint64_t last,
                         const struct aif_text *text)
{
    struct aif_sink *sink = writer->sink;
    char path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%s/aif-%s-%s-%llu-%llu", sink->conf->path, sink->conf->name, what,
                 (unsigned long long)first, (unsigned long long)last) >= (int)sizeof(path))
        return aif_sink_fail(sink, "%.300s: path too long", sink->conf->path);
    sink->sent++;
    return aif_sink_write_message(sink, path, 0640, text);
}

static int out_of_memory(struct writer *writer)
{
    return aif_sink_fail(writer->sink, "out of memory");
}

/* ---- jobs ---- */

/*
 * APEL's key of a job has its end: with another end it would count twice there, and nothing takes a record back.
 * 1: leave it out, 0, -1.
 */
static int moved(struct writer *writer, const struct aif_sink_event *event)
{
    struct aif_record before = {0};
    int known = event->correction ? aif_sink_before(writer->sink, event, &before) : 0;

    if (known <= 0 || !before.start || before.end == event->record.end)
        return known < 0 ? -1 : 0;
    if (aif_sink_quarantine(writer->sink, &event->record, "APEL has this job with another end, and would count it twice") < 0)
        return -1;
    return 1;
}

static int add_job(struct writer *writer, const struct aif_sink_event *event, struct aif_text *text)
{
    int skip = moved(writer, event);

    if (skip)
        return skip < 0 ? -1 : 0;
    if (aif_apel_job(text, writer->sink->conf->site, writer->sink->conf->service_level, &event->record) < 0)
        return out_of_memory(writer);
    return aif_sink_quarantine(writer->sink, &event->record, NULL);
}

/* Nothing is written where no row of the batch has a record. */
static int write_jobs(struct writer *writer, const struct aif_sink_batch *batch)
{
    struct aif_text text = {0};
    int rc = aif_text_printf(&text, AIF_APEL_JOB_HEADER);

    for (size_t i = 0; rc == 0 && i < batch->count; i++)
        if (batch->events[i].record.start)
            rc = add_job(writer, &batch->events[i], &text);
    if (rc == 0 && text.length > strlen(AIF_APEL_JOB_HEADER))
        rc = write_message(writer, "job", batch->events[0].seq, batch->events[batch->count - 1].seq, &text);
    aif_text_free(&text);
    return rc;
}

static int write_gpus(struct writer *writer, const struct aif_sink_batch *batch)
{
    const struct aif_sink_conf *conf = writer->sink->conf;
    struct aif_text text = {0};
    int rc = aif_text_printf(&text, AIF_APEL_GPU_HEADER);
    bool some = false;

    for (size_t i = 0; rc == 0 && i < batch->count; i++) {
        const struct aif_record *record = &batch->events[i].record;

        if (!record->start || !record->gpus)
            continue;
        if (some)
            rc = aif_text_printf(&text, ",");
        if (rc == 0)
            rc = aif_apel_gpu(&text, conf->site, conf->gpu_model, record);
        some = true;
    }
    if (rc == 0)
        rc = aif_text_printf(&text, AIF_APEL_GPU_END);
    if (rc < 0)
        out_of_memory(writer);
    else if (some)
        rc = write_message(writer, "gpu", batch->events[0].seq, batch->events[batch->count - 1].seq, &text);
    aif_text_free(&text);
    return rc;
}

static int take_batch(struct writer *writer, const struct aif_sink_batch *batch)
{
    const struct aif_sink_conf *conf = writer->sink->conf;

    for (size_t i = 0; i < batch->count; i++) {
        const struct aif_sink_event *event = &batch->events[i];
        struct aif_record before = {0};
        int known = event->correction ? aif_sink_before(writer->sink, event, &before) : 0;
        int64_t end = event->record.end;

        if (known < 0)
            return -1;
        /* A month that the row has left must be told, too. */
        if (known && before.end && before.end < end)
            end = before.end;
        if (!writer->since || end < writer->since)
            writer->since = end;
    }
    if (conf->individual && write_jobs(writer, batch) < 0)
        return -1;
    if (conf->gpu_model && write_gpus(writer, batch) < 0)
        return -1;
    writer->cursor = batch->events[batch->count - 1].seq;
    return 0;
}

static int take_events(struct writer *writer)
{
    struct aif_sink_batch *batch = aif_tool_alloc(1, sizeof(*batch));
    int rc;

    while ((rc = aif_sink_batch_read(writer->sink, writer->cursor, batch)) == 0 && batch->count) {
        rc = aif_reportd_stopping() ? -1 : take_batch(writer, batch);
        if (rc < 0)
            break;
    }
    free(batch);
    return rc;
}

/* ---- months ---- */

static int add_row(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct aif_record record;

    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    return aif_usagesum_add(data, &record, err);
}

static int read_months(struct writer *writer)
{
    int rc;

    aif_reportd_ledger_take(writer->sink->reportd);
    rc = aif_ledger_iterate_since(writer->sink->reportd->ledger, aif_record_month_start(writer->since, 0), add_row,
                                  &writer->sum, &writer->err);
    aif_reportd_ledger_give(writer->sink->reportd);
    return rc < 0 ? aif_sink_fail(writer->sink, "%.390s", writer->err.text) : 0;
}

/* In messages of as many records as one may have. */
static int write_summaries(struct writer *writer)
{
    const struct aif_sink_conf *conf = writer->sink->conf;
    const char *cluster = writer->sink->snapshot->policy->cluster;
    const struct aif_usagesum *sum = &writer->sum;
    int rc = 0;

    for (size_t first = 0; rc == 0 && first < sum->count; first += AIF_APEL_RECORDS_MAX) {
        struct aif_text text = {0};

        rc = aif_text_printf(&text, AIF_APEL_SUMMARY_HEADER);
        for (size_t i = first; rc == 0 && i < sum->count && i < first + AIF_APEL_RECORDS_MAX; i++)
            rc = aif_apel_summary(&text, conf->site, cluster, conf->service_level, &sum->items[i]);
        if (rc < 0)
            out_of_memory(writer);
        else
            rc = write_message(writer, "summary", writer->cursor, first, &text);
        aif_text_free(&text);
    }
    return rc;
}

/* Items are sorted by month. */
static int write_sync(struct writer *writer)
{
    const struct aif_usagesum *sum = &writer->sum;
    struct aif_text text = {0};
    uint64_t jobs = 0;
    int rc = aif_text_printf(&text, AIF_APEL_SYNC_HEADER);

    for (size_t i = 0; rc == 0 && i < sum->count; i++) {
        jobs += sum->items[i].jobs;
        if (i + 1 < sum->count && !strcmp(sum->items[i].month, sum->items[i + 1].month))
            continue;
        rc = aif_apel_sync(&text, writer->sink->conf->site, writer->sink->snapshot->policy->cluster, sum->items[i].month,
                           jobs);
        jobs = 0;
    }
    if (rc < 0)
        out_of_memory(writer);
    else if (sum->count)
        rc = write_message(writer, "sync", writer->cursor, 0, &text);
    aif_text_free(&text);
    return rc;
}

int aif_sink_apel(struct aif_sink *sink)
{
    struct writer writer = {.sink = sink, .cursor = sink->state.cursor};
    int rc = take_events(&writer);

    if (rc == 0 && writer.since) {
        rc = read_months(&writer);
        if (rc == 0 && !sink->conf->individual)
            rc = write_summaries(&writer);
        if (rc == 0)
            rc = write_sync(&writer);
    }
    aif_usagesum_free(&writer.sum);
    return rc < 0 ? -1 : aif_sink_advance(sink, writer.cursor);
}
