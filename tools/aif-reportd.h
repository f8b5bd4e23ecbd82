/*
 * aif-reportd.h - the parts of the reporter: collecting job rows, sending totals, and what they share
 *
 * A round reads job rows of slurmdbd into the ledger, then brings the federation's totals up to date from the ledger.
 * One thread; signals only set a flag and end a wait.
 */
#ifndef AIF_REPORTD_H
#define AIF_REPORTD_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"
#include "reportstate.h"
#include "slurmdb.h"
#include "snapshot.h"

struct aif_reportd {
    char *conf_dir;
    bool once;
    bool no_send;
    bool foreground;
    struct aif_snapshot *snapshot;
    struct aif_ledger *ledger;
    int lock_fd;
};

/* ---- what is said: one line each, to stderr or syslog ---- */

void aif_reportd_log_open(bool to_syslog);
void aif_reportd_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The same, but only when the text is another one than last time for this topic, so that an outage of hours is one
 * line. NULL as fmt: the topic is fine (again).
 */
enum aif_reportd_topic { TOPIC_CONFIG, TOPIC_SLURMDBD, TOPIC_LEDGER, TOPIC_WALDUR, TOPIC_COUNT };
void aif_reportd_log_change(enum aif_reportd_topic topic, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void aif_reportd_log_fine(enum aif_reportd_topic topic);

/* ---- being stopped ---- */

int aif_reportd_signals(void);
bool aif_reportd_stopping(void);
/* Wait; false when the process shall end. SIGHUP ends the wait early. */
bool aif_reportd_wait(uint32_t ms);

/* ---- job rows ---- */

struct aif_reportd_names; /* QOS names by id */

struct aif_reportd_rows {
    const struct aif_snapshot *snapshot;
    const struct aif_reportd_names *qos;
    uint32_t gpu_tres; /* ids at slurmdbd */
    uint32_t node_tres;
    int64_t now;
};

/* The name of a QOS, "" if slurmdbd does not have it any more. */
const char *aif_reportd_qos_name(const struct aif_reportd_names *names, uint32_t id);

/*
 * Turn a row into a record. 1 if it belongs to one of our allocations, 0 if not, -1 if it cannot be used: err says
 * why, and cluster and db_index of *ret_record are set as far as known.
 */
int aif_reportd_row(const struct aif_reportd_rows *rows, const slurmdb_job_rec_t *job,
                    struct aif_record *ret_record, struct aif_error *err);

/* Read what is new at slurmdbd into the ledger. 0; -1 after a line: try again in the next round. */
int aif_reportd_collect(struct aif_reportd *reportd);

/* ---- the federation ---- */

/* Bring this and the previous month's totals at Waldur up to date. 0; -1 after a line. */
int aif_reportd_send(struct aif_reportd *reportd);

struct aif_http;
struct aif_http_answer {
    long status;      /* 0: there was no answer, see failure */
    bool untrusted;   /* the other side is not who it should be: repeating is useless */
    long retry_after; /* seconds, 0 if not said */
    char *body;       /* NUL-terminated */
    size_t length;
    char failure[256];
};

/* A connection to policy's Waldur; NULL after err was filled. It lives through many requests. */
struct aif_http *aif_http_open(const struct aif_report_conf *conf, struct aif_error *err);
void aif_http_close(struct aif_http *http);

/* Read the token file (again). */
int aif_http_read_token(struct aif_http *http, struct aif_error *err);

/*
 * GET (payload NULL) or POST. Always fills *ret_answer; free with aif_http_answer_free. Redirects are not followed,
 * the server's certificate is always verified, bodies over AIF_WALDUR_BODY_MAX are a failure.
 */
void aif_http_request(struct aif_http *http, const char *path, const char *payload,
                      struct aif_http_answer *ret_answer);
void aif_http_answer_free(struct aif_http_answer *answer);

#endif
