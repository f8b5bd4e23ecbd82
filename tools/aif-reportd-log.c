/* aif-reportd-log.c - lines and signals of the reporter; see aif-reportd.h */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <syslog.h>
#include <unistd.h>

#include "aif-reportd.h"

#define LINE_SIZE 1024

const char aif_reportd_log_retry[] = "the next round tries again";

static bool use_syslog;
static char last_line[TOPIC_COUNT][LINE_SIZE];
static atomic_int stop_requested;
static int wake_fd = -1;
static int stop_fd = -1; /* never read, so that all threads see it */

void aif_reportd_log_open(bool to_syslog)
{
    use_syslog = to_syslog;
    if (to_syslog)
        openlog("aif-reportd", LOG_PID, LOG_DAEMON);
}

static void put_line(const char *line)
{
    if (use_syslog)
        syslog(LOG_NOTICE, "%s", line);
    else
        fprintf(stderr, "aif-reportd: %s\n", line);
}

void aif_reportd_log(const char *fmt, ...)
{
    char line[LINE_SIZE];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    put_line(line);
}

void aif_reportd_log_change(enum aif_reportd_topic topic, const char *fmt, ...)
{
    char line[LINE_SIZE];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    if (!strcmp(line, last_line[topic]))
        return;
    memcpy(last_line[topic], line, sizeof(line));
    put_line(line);
}

void aif_reportd_log_fine(enum aif_reportd_topic topic)
{
    static const char *const names[TOPIC_COUNT] = {"configuration", "slurmdbd", "ledger",
                                                   "balances", "checkpoint", "metrics", "audit spool",
                                                   "reconciliation"};

    if (!last_line[topic][0])
        return;
    last_line[topic][0] = '\0';
    aif_reportd_log("%s is fine again", names[topic]);
}

static void on_signal(int number)
{
    const uint64_t one = 1;
    const int saved = errno;

    if (number != SIGHUP) {
        stop_requested = 1;
        if (write(stop_fd, &one, sizeof(one)) < 0)
            errno = saved; /* the counter is full: waits end anyway */
    }
    if (write(wake_fd, &one, sizeof(one)) < 0)
        errno = saved;
    errno = saved;
}

int aif_reportd_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0 || stop_fd < 0)
        return -1;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTERM, &action, NULL) < 0 || sigaction(SIGINT, &action, NULL) < 0 ||
        sigaction(SIGHUP, &action, NULL) < 0)
        return -1;
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

bool aif_reportd_stopping(void)
{
    return stop_requested;
}

bool aif_reportd_wait(uint32_t ms)
{
    struct pollfd wake = {.fd = wake_fd, .events = POLLIN};
    uint64_t count;

    if (!stop_requested && poll(&wake, 1, (int)ms) > 0 && read(wake_fd, &count, sizeof(count)) < 0)
        return !stop_requested;
    return !stop_requested;
}

bool aif_reportd_pause(uint32_t ms)
{
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};

    if (!stop_requested)
        poll(&stop, 1, (int)ms);
    return !stop_requested;
}
