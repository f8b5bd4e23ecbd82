/* slurmconn.c - see slurmconn.h */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "slurmconn.h"

#define HEARD_MAX (256 * 1024)

/* The process has one stderr, so its redirection is process-wide. */
static struct {
    int depth;
    int saved; /* the real stderr */
    int memory;
    bool initialising; /* libslurm is reading slurm.conf and may call exit() */
    char said[512];
} quiet = {.saved = -1, .memory = -1};

/*
 * Slurm's plugin for slurmdbd puts this word into what it says when slurmdbd was lost in the middle of a request. The function is
 * in the library of Slurm's own programs only, not in libslurm; where it is missing the dynamic linker ends the process.
 */
char *slurmdbd_msg_type_2_str(int type, int get_enum)
{
    static char word[] = "a request to slurmdbd";

    (void)type;
    (void)get_enum;
    return word;
}

/*
 * The connection to slurmdbd, where it could be found.
 *
 * libslurm and slurmdbd send each message in two pieces and leave Nagle's algorithm on, so that each side waits for
 * the other's delayed acknowledgement: 80 ms per request, minutes for 10,000 allocations. Our half is to send at once
 * and to acknowledge at once. The kernel forgets the latter with every piece that is sent, in the middle of libslurm's
 * calls, so a thread of its own says it again and again.
 */
static struct {
    int socket;
    atomic_bool stop;
    bool running;
    pthread_t thread;
} prompt = {.socket = -1};

#define PROMPT_NS 200000 /* much shorter than what slurmdbd needs for a request */

static void *be_prompt(void *arg)
{
    const struct timespec pause = {.tv_nsec = PROMPT_NS};
    int on = 1;

    while (!atomic_load(&prompt.stop)) {
        setsockopt(prompt.socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
        nanosleep(&pause, NULL);
    }
    return arg;
}

/* The API keeps its socket to itself; it is the only TCP connection of this process. Without the thread it is only slow. */
static void start_prompt(void)
{
    int on = 1;

    prompt.socket = -1;
    for (int fd = 3; fd < 64 && prompt.socket < 0; fd++)
        if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0)
            prompt.socket = fd;
    atomic_store(&prompt.stop, false);
    prompt.running = prompt.socket >= 0 && !pthread_create(&prompt.thread, NULL, be_prompt, NULL);
}

/* Before the socket is closed, since its number may then be somebody else's. */
static void stop_prompt(void)
{
    if (!prompt.running)
        return;
    atomic_store(&prompt.stop, true);
    pthread_join(prompt.thread, NULL);
    prompt.running = false;
}

void aif_slurm_quiet(void)
{
    if (quiet.depth++)
        return;
    fflush(stderr);
    quiet.said[0] = '\0';
    quiet.memory = memfd_create("aif-stderr", MFD_CLOEXEC);
    quiet.saved = dup(STDERR_FILENO);
    if (quiet.memory >= 0 && quiet.saved >= 0)
        dup2(quiet.memory, STDERR_FILENO);
}

/* Keep the last line: libslurm goes from the general to the particular, or repeats itself. */
static void keep_last_line(const char *text)
{
    const char *end = text + strlen(text);
    const char *line;

    while (end > text && end[-1] == '\n')
        end--;
    for (line = end; line > text && line[-1] != '\n';)
        line--;
    if (!strncmp(line, "error: ", 7) || !strncmp(line, "fatal: ", 7))
        line += 7;
    snprintf(quiet.said, sizeof(quiet.said), "%.*s", (int)(end - line), line);
}

static void read_memory(void)
{
    char text[4096];
    off_t size = lseek(quiet.memory, 0, SEEK_END);
    off_t from = size > (off_t)sizeof(text) - 1 ? size - (off_t)sizeof(text) + 1 : 0;
    ssize_t got = pread(quiet.memory, text, sizeof(text) - 1, from);

    if (got <= 0)
        return;
    text[got] = '\0';
    keep_last_line(text);
}

void aif_slurm_loud(void)
{
    if (--quiet.depth)
        return;
    fflush(stderr);
    if (quiet.saved >= 0) {
        dup2(quiet.saved, STDERR_FILENO);
        close(quiet.saved);
    }
    if (quiet.memory >= 0) {
        read_memory();
        close(quiet.memory);
    }
    quiet.saved = quiet.memory = -1;
}

char *aif_slurm_heard(void)
{
    char *text = aif_tool_alloc(HEARD_MAX + 1, 1);
    ssize_t got;

    fflush(stderr);
    got = quiet.memory < 0 ? 0 : pread(quiet.memory, text, HEARD_MAX, 0);
    text[got < 0 ? 0 : got] = '\0';
    return text;
}

const char *aif_slurm_said(void)
{
    return quiet.said;
}

static void exit_handler(void)
{
    if (!quiet.initialising)
        return;
    while (quiet.depth)
        aif_slurm_loud();
    aif_tool_fail(0, "slurm.conf cannot be used: %s; check SLURM_CONF", quiet.said);
    _exit(AIF_EXIT_SLURM);
}

int aif_slurm_init(void)
{
    const char *conf = getenv("SLURM_CONF");
    static bool done;

    if (done)
        return AIF_EXIT_OK;
    if (conf && access(conf, R_OK) < 0)
        return aif_tool_fail(AIF_EXIT_SLURM, "cannot read %s: %s; check SLURM_CONF", conf, strerror(errno));
    if (atexit(exit_handler))
        return aif_tool_fail(AIF_EXIT_FAILED, "out of memory");
    quiet.initialising = true;
    aif_slurm_quiet();
    slurm_init(NULL);
    aif_slurm_loud();
    quiet.initialising = false;
    done = true;
    return AIF_EXIT_OK;
}

void *aif_slurmdb_open(void)
{
    uint16_t flags = 0;
    void *conn;
    int code;

    aif_slurm_quiet();
    errno = 0;
    conn = slurmdb_connection_get(&flags);
    code = errno;
    aif_slurm_loud();
    if (conn && !code) {
        start_prompt();
        return conn;
    }
    aif_slurmdb_failed("reach slurmdbd", code);
    if (conn)
        aif_slurmdb_close(&conn);
    return NULL;
}

void aif_slurmdb_close(void **conn)
{
    if (!*conn)
        return;
    stop_prompt();
    aif_slurm_quiet();
    slurmdb_connection_close(conn);
    aif_slurm_loud();
    *conn = NULL;
}

/* Slurm's own name for a code, or what it said aloud when the code says nothing. */
static const char *reason_text(int code)
{
    if (code && code != SLURM_ERROR)
        return slurm_strerror(code);
    return quiet.said[0] ? quiet.said : "no reason given";
}

int aif_slurmdb_failed(const char *what, int code)
{
    if (code == ESLURM_ACCESS_DENIED)
        return aif_tool_fail(AIF_EXIT_SLURM, "cannot %s: Slurm says you may not; run it as SlurmUser, root or a user with AdminLevel=Administrator",
                             what);
    return aif_tool_fail(AIF_EXIT_SLURM, "cannot %s: %s; is slurmdbd running and does AccountingStorageHost name it?",
                         what, reason_text(code));
}

int aif_slurmctld_failed(const char *what, int code)
{
    return aif_tool_fail(AIF_EXIT_SLURM, "cannot %s: %s; is slurmctld running?", what, reason_text(code));
}

int aif_slurm_each(list_t *list, int (*fn)(void *item, void *arg), void *arg)
{
    list_itr_t *walk;
    void *item;
    int rc = 0;

    if (!list)
        return 0;
    walk = slurm_list_iterator_create(list);
    while (!rc && (item = slurm_list_next(walk)))
        rc = fn(item, arg);
    slurm_list_iterator_destroy(walk);
    return rc;
}

struct tres_want {
    const char *type;
    const char *name; /* "" for those without one */
    uint32_t id;
};

static int match_tres(void *item, void *arg)
{
    const slurmdb_tres_rec_t *tres = item;
    struct tres_want *want = arg;

    if (!tres->type || strcasecmp(tres->type, want->type) || strcasecmp(tres->name ? tres->name : "", want->name))
        return 0;
    want->id = tres->id;
    return 1;
}

int aif_slurmdb_tres_id(void *conn, const char *name, uint32_t *ret_id)
{
    const char *slash = strchr(name, '/');
    char type[64];
    struct tres_want want = {.type = type, .name = slash ? slash + 1 : ""};
    slurmdb_tres_cond_t cond;
    list_t *list;
    int code;

    snprintf(type, sizeof(type), "%.*s", slash ? (int)(slash - name) : (int)strlen(name), name);
    slurmdb_init_tres_cond(&cond, false);
    aif_slurm_quiet();
    errno = 0;
    list = slurmdb_tres_get(conn, &cond);
    code = errno;
    aif_slurm_loud();
    if (!list)
        return aif_slurmdb_failed("read the TRES", code);
    aif_slurm_each(list, match_tres, &want);
    slurm_list_destroy(list);
    *ret_id = want.id;
    return AIF_EXIT_OK;
}

int aif_slurmctld_jobs(const char *what, job_info_msg_t **ret_jobs)
{
    int rc, code;

    setenv("SLURM_BITSTR_LEN", "0", 1); /* or a task list is cut, and could not be counted */
    aif_slurm_quiet();
    errno = 0;
    rc = slurm_load_jobs((time_t)0, ret_jobs, SHOW_ALL);
    code = errno;
    aif_slurm_loud();
    return rc == SLURM_SUCCESS ? AIF_EXIT_OK : aif_slurmctld_failed(what, code);
}
