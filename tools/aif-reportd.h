/*
 * aif-reportd.h - the parts of the reporter: collecting job rows, sending totals, and what they share
 *
 * A round reads job rows of slurmdbd into the ledger, writes the balances that slurmctld reads, then lets the sinks
 * (aif-reportd-sink.h) send what is new in the ledger.
 * One thread, and one for each sink; signals only set a flag and end a wait.
 */
#ifndef AIF_REPORTD_H
#define AIF_REPORTD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "ledger.h"
#include "pseudonym.h"
#include "reportstate.h"
#include "slurmdb.h"
#include "snapshot.h"

struct aif_reportd {
    char *conf_dir;
    bool once;
    bool no_send;
    bool no_collect;
    bool foreground;
    struct aif_snapshot *snapshot;
    struct aif_snapshot_holder *holder; /* from which the threads of sinks take theirs */
    struct aif_ledger *ledger;
    pthread_mutex_t ledger_lock; /* of the ledger, once sinks may run */
    int lock_fd;
    struct aif_reportd_workers *workers; /* of the sinks */
};

/* The ledger is whose lock it is. */
void aif_reportd_ledger_take(struct aif_reportd *reportd);
void aif_reportd_ledger_give(struct aif_reportd *reportd);

/* ---- what is said: one line each, to stderr or syslog ---- */

void aif_reportd_log_open(bool to_syslog);
void aif_reportd_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The same, but only when the text is another one than last time for this topic, so that an outage of hours is one
 * line. NULL as fmt: the topic is fine (again).
 */
enum aif_reportd_topic { TOPIC_CONFIG, TOPIC_SLURMDBD, TOPIC_LEDGER, TOPIC_BALANCES, TOPIC_CHECKPOINT, TOPIC_METRICS, TOPIC_AUDIT,
                           TOPIC_RECONCILE, TOPIC_COUNT };
void aif_reportd_log_change(enum aif_reportd_topic topic, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void aif_reportd_log_fine(enum aif_reportd_topic topic);

/* When what slurmdbd did not answer is asked again: these lines are worded by whoever runs, the reporter or aif. */
extern const char aif_reportd_log_retry[];

/* ---- being stopped ---- */

int aif_reportd_signals(void);
bool aif_reportd_stopping(void);
/* Wait; false when the process shall end. SIGHUP ends the wait early. */
bool aif_reportd_wait(uint32_t ms);
/* The same for threads of sinks: only the end of the process ends it early. */
bool aif_reportd_pause(uint32_t ms);

/* ---- job rows ---- */

/* QOS names by id. */
struct aif_reportd_name {
    uint32_t id;
    char *text;
};
struct aif_reportd_names {
    struct aif_reportd_name *items; /* in order of the id */
    size_t count;
};

/* Fill it (it starts as {0}) from a list of slurmdb_qos_rec_t; free what was filled in. */
void aif_reportd_names_fill(struct aif_reportd_names *names, list_t *qos);
void aif_reportd_names_free(struct aif_reportd_names *names);

struct aif_reportd_rows {
    const struct aif_snapshot *snapshot;
    const struct aif_reportd_names *qos;
    uint32_t gpu_tres; /* ids at slurmdbd */
    uint32_t node_tres;
    uint32_t billing_tres;
    int64_t now;
    const struct aif_pseudonym *pseudonym; /* NULL: users keep their names, or have none */
};

/* The name of a QOS, "" if slurmdbd does not have it any more. */
const char *aif_reportd_qos_name(const struct aif_reportd_names *names, uint32_t id);

/*
 * Turn a row into a record. 1 if it belongs to one of our allocations, 0 if not, -1 if it cannot be used: err says
 * why, and cluster and db_index of *ret_record are set as far as known.
 */
int aif_reportd_row(const struct aif_reportd_rows *rows, const slurmdb_job_rec_t *job,
                    struct aif_record *ret_record, struct aif_error *err);

/* Jobs that have not ended. */
struct aif_reportd_running {
    struct aif_record *rows; /* some perhaps repeated */
    size_t count;
    size_t room;
};

/* Add one; it counts up to its time limit in minutes. */
void aif_reportd_running_add(struct aif_reportd_running *running, const struct aif_record *record,
                             uint32_t minutes);
void aif_reportd_running_free(struct aif_reportd_running *running);

/* The key of users' pseudonyms, made where there is none: from then on it must be kept, or people get other names. */
int aif_reportd_pseudonym(const struct aif_reportd *reportd, struct aif_pseudonym *ret_pseudonym, struct aif_error *err);

/*
 * Read what is new at slurmdbd into the ledger, and what runs. Takes the ledger's lock for some rows at a time, not while slurmdbd is
 * asked. AIF_EXIT_OK; another exit code after a line: some rows may be in the ledger then, and the next round tries again.
 */
int aif_reportd_collect(struct aif_reportd *reportd, struct aif_reportd_running *ret_running);

/*
 * Show every row of our allocations that runs or ended since then to visit, some repeatedly, as a record. An ended row that
 * cannot be used is shown as far as it could be read, with usable false. A visit that returns -1 (err filled) ends it.
 * Nothing is written. 0; -1 after a line.
 */
typedef int aif_reportd_visit(const struct aif_record *record, bool usable, void *data, struct aif_error *err);
int aif_reportd_each_row(struct aif_reportd *reportd, int64_t since, aif_reportd_visit *visit, void *data);

/*
 * Bring the file of balances up to date; at: when collecting began, so that what ended before is in them. 0; -1 after a
 * line.
 */
int aif_reportd_balances(struct aif_reportd *reportd, struct aif_reportd_running *running, time_t at);

/* Move what slurmctld decided about data residency from its spool into the ledger. 0; -1 after a line. */
int aif_reportd_audit(struct aif_reportd *reportd);

/* Sign the ledger if there is a key and enough has come in since it was signed last. 0; -1 after a line. */
int aif_reportd_checkpoint(struct aif_reportd *reportd);

/* ---- files for others ---- */

/* Replace a file by "<path>.new", fsync, rename and fsync of the directory, with this mode whatever the umask. */
int aif_reportd_write_file(const char *path, mode_t mode, const struct aif_text *text, struct aif_error *err);

/*
 * Make a file in a directory whose reader takes whatever has a name there: it gets its name when it is complete. Like
 * aif_reportd_write_file() where the file system has no files without names.
 */
int aif_reportd_write_message(const char *path, mode_t mode, const struct aif_text *text, struct aif_error *err);

/* Write the file of metrics, if the policy names one; a failure is logged. Any thread; takes the ledger's lock. */
void aif_reportd_metrics(struct aif_reportd *reportd, const struct aif_snapshot *snapshot);

/* ---- HTTPS ---- */

struct aif_http;
struct aif_http_answer {
    long status;      /* 0: there was no answer, see failure */
    bool untrusted;   /* the other side is not who it should be: repeating is useless */
    long retry_after; /* seconds, 0 if not said */
    char *body;       /* NUL-terminated */
    size_t length;
    char failure[256];
};

/*
 * A connection to a sink's service; NULL after err was filled. It lives through many requests, and belongs to one thread.
 * Proxies are taken from the environment (https_proxy, no_proxy), as libcurl does.
 */
struct aif_http *aif_http_open(const struct aif_sink_conf *conf, struct aif_error *err);
void aif_http_close(struct aif_http *http);

/* Read the token file (again); fine where there is none. */
int aif_http_read_token(struct aif_http *http, struct aif_error *err);

/*
 * Always fills *ret_answer; free with aif_http_answer_free. Redirects are not followed, the server's certificate is always
 * verified, bodies over AIF_DELIVERY_BODY_MAX are a failure.
 */
struct aif_http_call {
    const char *method;  /* "GET", "POST", "PUT" */
    const char *path;    /* with the query; after the sink's URL */
    const char *payload; /* JSON; NULL: no body */
    const char *header;  /* one more; NULL: none */
};
void aif_http_request(struct aif_http *http, const struct aif_http_call *call, struct aif_http_answer *ret_answer);
void aif_http_answer_free(struct aif_http_answer *answer);

#endif
