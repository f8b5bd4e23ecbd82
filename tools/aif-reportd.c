/* aif-reportd.c - the reporter: options, set-up and rounds; see aif-reportd.h */
#include "config.h"

#include <curl/curl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aif-reportd-reconcile.h"
#include "aif-reportd-sink.h"
#include "common.h"
#include "slurmconn.h"

static const char help[] =
    "Usage: aif-reportd [--conf-dir DIR] [--once] [--no-send | --no-collect] [--foreground]\n"
    "Record the usage of AI Factory allocations and report it.\n"
    "Every round reads ended jobs from slurmdbd into the ledger that policy.json names, writes what\n"
    "each allocation has used for slurmctld, and tells the sinks of policy.json (Waldur and others)\n"
    "what is new to them. Runs as SlurmUser or root.\n"
    "\n"
    "  --conf-dir DIR  where policy.json and allocations.json are; default: \"aif\" beside\n"
    "                  slurm.conf (SLURM_CONF), else /etc/slurm/aif\n"
    "  --once          one round, then end\n"
    "  --no-send       record and write balances only\n"
    "  --no-collect    send only, what the ledger has already; slurmdbd is not asked\n"
    "  --foreground    do not go into the background; lines go to stderr instead of syslog\n"
    "  --version       print the version\n"
    "\n"
    "SIGTERM ends it between two steps; SIGHUP starts a round at once. Both files are read again\n"
    "before every round.\n"
    "Exit status: 0 ok, 1 something could not be recorded, written or sent, 2 wrong command line,\n"
    "3 slurmdbd cannot be reached.\n";

/* New files take effect between rounds; files with mistakes leave the old ones in force. */
static int load_conf(struct aif_reportd *reportd)
{
    struct aif_snapshot *snapshot;
    struct aif_error err = {0};

    if (aif_snapshot_load(reportd->conf_dir, &snapshot, &err) < 0) {
        aif_reportd_log_change(TOPIC_CONFIG, "%s%s", err.text,
                               reportd->snapshot ? "; going on with what was read before" : "");
        return -1;
    }
    if (reportd->snapshot &&
        strcmp(snapshot->policy->report.ledger, reportd->snapshot->policy->report.ledger)) {
        aif_reportd_log_change(TOPIC_CONFIG, "policy.json names another ledger, %s; restart aif-reportd to use it",
                               snapshot->policy->report.ledger);
        aif_snapshot_put(snapshot);
        return -1;
    }
    aif_snapshot_put(reportd->snapshot);
    aif_snapshot_swap(reportd->holder, snapshot);
    reportd->snapshot = aif_snapshot_get(reportd->holder);
    aif_reportd_log_fine(TOPIC_CONFIG);
    return 0;
}

/* A ledger that does not verify is not continued: what came after could not be told from what was forged. */
static int open_ledger(struct aif_reportd *reportd)
{
    const char *path = reportd->snapshot->policy->report.ledger;
    struct aif_error err = {0};
    struct aif_chain chain;

    if (aif_ledger_lock(path, &reportd->lock_fd, &err) == 0 &&
        aif_ledger_open(path, AIF_LEDGER_WRITE, &reportd->ledger, &err) == 0 &&
        aif_ledger_verify(reportd->ledger, &chain, &err) == 0)
        return 0;
    aif_reportd_log("%s", err.text);
    return -1;
}

static int audit(struct aif_reportd *reportd)
{
    int rc;

    aif_reportd_ledger_take(reportd);
    rc = aif_reportd_audit(reportd) < 0 ? AIF_EXIT_FAILED : AIF_EXIT_OK;
    aif_reportd_ledger_give(reportd);
    return rc;
}

static int write_balances(struct aif_reportd *reportd, struct aif_reportd_running *running, time_t at)
{
    int rc;

    aif_reportd_ledger_take(reportd);
    rc = aif_reportd_balances(reportd, running, at) < 0 ? AIF_EXIT_FAILED : AIF_EXIT_OK;
    aif_reportd_ledger_give(reportd);
    return rc;
}

static int checkpoint(struct aif_reportd *reportd)
{
    int rc;

    aif_reportd_ledger_take(reportd);
    rc = aif_reportd_checkpoint(reportd) < 0 ? AIF_EXIT_FAILED : AIF_EXIT_OK;
    aif_reportd_ledger_give(reportd);
    return rc;
}

/* Each part takes the lock for itself, so that nobody waits for Slurm with it. */
static int collect(struct aif_reportd *reportd)
{
    struct aif_reportd_running running = {0};
    const time_t at = time(NULL);
    const int audited = audit(reportd);
    int rc = aif_reportd_collect(reportd, &running);
    int signed_rc;

    /* Without what runs, balances would fall. */
    if (rc == AIF_EXIT_OK)
        rc = write_balances(reportd, &running, at);
    if (rc == AIF_EXIT_OK)
        aif_reportd_reconcile(reportd);
    signed_rc = checkpoint(reportd);
    aif_reportd_running_free(&running);
    if (rc != AIF_EXIT_OK)
        return rc;
    return signed_rc == AIF_EXIT_OK ? audited : signed_rc;
}

static int round_of(struct aif_reportd *reportd)
{
    int rc = reportd->no_collect ? AIF_EXIT_OK : collect(reportd);

    aif_reportd_metrics(reportd, reportd->snapshot);
    /* What the ledger has can be sent whether slurmdbd answers or not. */
    if (!reportd->no_send && !aif_reportd_stopping())
        aif_reportd_sinks_start(reportd);
    if (reportd->once && aif_reportd_sinks_wait(reportd) < 0 && rc == AIF_EXIT_OK)
        rc = AIF_EXIT_FAILED;
    return rc;
}

static int run(struct aif_reportd *reportd)
{
    int rc = AIF_EXIT_OK;

    if (open_ledger(reportd) < 0)
        return AIF_EXIT_FAILED;
    if (!reportd->no_collect)
        rc = aif_slurm_init();
    if (rc != AIF_EXIT_OK)
        return rc;
    if (!reportd->once)
        aif_reportd_log("started; ledger %s, a round every %u s", reportd->snapshot->policy->report.ledger,
                        reportd->snapshot->policy->report.interval);
    do
        rc = round_of(reportd);
    while (!reportd->once && aif_reportd_wait(reportd->snapshot->policy->report.interval * 1000) &&
           (load_conf(reportd), true));
    aif_reportd_sinks_wait(reportd);
    if (!reportd->once)
        aif_reportd_log("ended");
    return reportd->once ? rc : AIF_EXIT_OK;
}

static int start(struct aif_reportd *reportd)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        aif_reportd_log("cannot set up libcurl");
        return AIF_EXIT_FAILED;
    }
    reportd->holder = aif_snapshot_holder_create();
    if (!reportd->holder || load_conf(reportd) < 0)
        return AIF_EXIT_FAILED;
    if (!reportd->foreground) {
        if (daemon(1, 0) < 0) {
            perror("aif-reportd: daemon");
            return AIF_EXIT_FAILED;
        }
        aif_reportd_log_open(true);
    }
    if (aif_reportd_signals() < 0) {
        aif_reportd_log("cannot set up signals");
        return AIF_EXIT_FAILED;
    }
    return run(reportd);
}

/* Exit code, or -1 to go on. */
static int options(struct aif_reportd *reportd, int argc, char **argv)
{
    static const struct option longs[] = {
        {"conf-dir", required_argument, NULL, 'c'}, {"once", no_argument, NULL, 'o'},
        {"no-send", no_argument, NULL, 'n'},        {"foreground", no_argument, NULL, 'f'},
        {"no-collect", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},           {"version", no_argument, NULL, 'V'},
        {0},
    };
    const char *conf_dir = NULL;
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hV", longs, help, &rc)) >= 0) {
        if (opt == 'c')
            conf_dir = optarg;
        else if (opt == 'n')
            reportd->no_send = true;
        else if (opt == 'k')
            reportd->no_collect = true;
        else if (opt == 'V')
            return puts("aif-reportd " PACKAGE_VERSION) < 0;
        if (opt == 'o')
            reportd->once = true;
        if (opt == 'o' || opt == 'f')
            reportd->foreground = true;
    }
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    if (optind < argc)
        return aif_tool_fail(AIF_EXIT_USAGE, "aif-reportd takes no argument %s; see \"aif-reportd --help\"", argv[optind]);
    reportd->conf_dir = aif_tool_conf_dir(conf_dir);
    return -1;
}

int main(int argc, char **argv)
{
    struct aif_reportd reportd = {.lock_fd = -1, .ledger_lock = PTHREAD_MUTEX_INITIALIZER};
    int rc = options(&reportd, argc, argv);

    if (rc < 0)
        rc = start(&reportd);
    aif_ledger_close(reportd.ledger);
    aif_snapshot_put(reportd.snapshot);
    aif_snapshot_holder_destroy(reportd.holder);
    free(reportd.workers);
    free(reportd.conf_dir);
    if (reportd.lock_fd >= 0)
        close(reportd.lock_fd);
    curl_global_cleanup();
    return rc;
}
