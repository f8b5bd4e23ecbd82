/*
 * aif-reportd-sink.h - what receives usage: the interface of a sink, and what all of them share
 *
 * Each sink of policy.json runs in a thread of its own, once per round, and not again before it has ended: one that is dead
 * or slow delays neither the others nor the collecting of rows. Its state (struct aif_sinkstate) is in the ledger's file.
 * The ledger belongs to whoever holds its lock, so it is held for reads and writes only, never while something is sent.
 * A sink delivers again what it is not sure to have delivered, so every delivery must bear repetition.
 */
#ifndef AIF_REPORTD_SINK_H
#define AIF_REPORTD_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "aif-reportd.h"

struct aif_sink {
    struct aif_reportd *reportd;
    struct aif_snapshot *snapshot; /* of this round */
    const struct aif_sink_conf *conf;
    struct aif_http *http; /* where the sink has a URL */
    struct aif_sinkstate state;
    uint64_t last; /* number of the last event about a job row when the round began */
    unsigned sent; /* values, rows or files */
    char failure[400]; /* why it failed */
};

/*
 * Deliver what is due: everything up to the event sink->last. 0; -1 after aif_sink_fail(). What is done with is noted by
 * aif_sink_advance(), at the latest when all is done.
 */
typedef int aif_sink_send(struct aif_sink *sink);

aif_sink_send aif_sink_waldur;
aif_sink_send aif_sink_auditor;
aif_sink_send aif_sink_webhook;
aif_sink_send aif_sink_apel;
aif_sink_send aif_sink_furms;
aif_sink_send aif_sink_ood;

/* Start a round of all sinks of the policy that are not still at the last one. */
void aif_reportd_sinks_start(struct aif_reportd *reportd);

/* Wait for all of them. 0; -1 when one of them failed since it was started. */
int aif_reportd_sinks_wait(struct aif_reportd *reportd);

/* ---- for sinks ---- */

/* Note why; -1. */
int aif_sink_fail(struct aif_sink *sink, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* All events up to seq are delivered. 0; -1 after aif_sink_fail(). Takes the ledger's lock. */
int aif_sink_advance(struct aif_sink *sink, uint64_t seq);

/* Note that the sink cannot take a row (reason), or can again (NULL). Takes the ledger's lock. 0; -1 after aif_sink_fail(). */
int aif_sink_quarantine(struct aif_sink *sink, const struct aif_record *record, const char *reason);

/*
 * Events about job rows after number seq, as many as fit, as records. Takes the ledger's lock. ret_batch->count 0: there
 * are no more. A record that cannot be read is a failure. 0; -1 after aif_sink_fail().
 */
#define AIF_SINK_BATCH 256
struct aif_sink_event {
    uint64_t seq;
    int64_t at;
    bool correction;
    char hash[AIF_HASH_SIZE];
    struct aif_record record;
};
struct aif_sink_batch {
    size_t count;
    struct aif_sink_event events[AIF_SINK_BATCH];
};
int aif_sink_batch_read(struct aif_sink *sink, uint64_t seq, struct aif_sink_batch *ret_batch);

/* What the ledger had of the row before the event: 1, 0 if nothing, -1 after aif_sink_fail(). Takes the ledger's lock. */
int aif_sink_before(struct aif_sink *sink, const struct aif_sink_event *event, struct aif_record *ret_record);

/* aif_reportd_write_file(); 0; -1 after aif_sink_fail(). */
int aif_sink_write_file(struct aif_sink *sink, const char *path, mode_t mode, const struct aif_text *text);

/* aif_reportd_write_message(); the same. */
int aif_sink_write_message(struct aif_sink *sink, const char *path, mode_t mode, const struct aif_text *text);

/*
 * Try until it is done or hopeless: attempts with growing pauses, the token read again where that may help. The attempt
 * fills *ret_retry_after (seconds) where the service says it. DONE, or what the last attempt said.
 */
enum aif_sink_outcome {
    AIF_SINK_DONE,
    AIF_SINK_RETRY,
    AIF_SINK_TOKEN,
    AIF_SINK_UNTRUSTED, /* the other side is not who it should be: repeating is useless */
    AIF_SINK_LATER,     /* not in this round */
};
typedef enum aif_sink_outcome aif_sink_attempt(struct aif_sink *sink, void *data, long *ret_retry_after);
enum aif_sink_outcome aif_sink_try(struct aif_sink *sink, aif_sink_attempt *attempt, void *data);

/*
 * What an answer means; *ret_refused is set where the service will say no to this request again. note (size bytes) gets
 * a line about everything but success: "cannot <what>: …", with the service's own words where it refused.
 */
enum aif_sink_outcome aif_sink_judge(const struct aif_http_answer *answer, long expected, const char *what,
                                     bool *ret_refused, char *note, size_t size);

#endif
