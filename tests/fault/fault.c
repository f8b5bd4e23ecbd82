/*
 * fault.c - breaks a program at its N-th call that changes a file or sends something; loaded with LD_PRELOAD
 *
 * Counted are open (for writing), write, pwrite, ftruncate, fsync, fdatasync, rename, linkat, unlink, send and sendmsg, whoever in the
 * process calls them: the program, SQLite, libcurl with OpenSSL, libslurm, libmunge.
 *
 *     AIF_FAULT=kill:N         SIGKILL instead of the N-th call
 *     AIF_FAULT=torn:N         SIGKILL after half of the N-th call was written or sent; after it if it has no bytes
 *     AIF_FAULT=ERRNO:N[-M]    the N-th (to the M-th) call fails, of those on files: sockets and pipes do not count; ERRNO is a number
 *     AIF_FAULT=look:N-M       before each of the N-th to the M-th call it waits until the file AIF_FAULT_COUNT is removed, which is made
 *                              then: what the disk has at that moment is what SIGKILL would leave
 *     AIF_FAULT=half:N-M       the same, of calls on files, after half of each was written; the rest follows
 *     AIF_FAULT=hold:N         the N-th receiving from a socket waits until the file AIF_FAULT_COUNT is removed, which is made then
 *     AIF_FAULT=count:0        nothing; at its end the program leaves the number of calls in the file AIF_FAULT_COUNT: those that
 *                              kill counts, those on files, those that receive
 *     AIF_FAULT_CLOCK=SECONDS  what the clock is ahead of the truth
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum fault { FAULT_NONE, FAULT_KILL, FAULT_TORN, FAULT_ERRNO, FAULT_HOLD, FAULT_LOOK, FAULT_HALF };

static enum fault fault;
static unsigned long first, last;
static int code;
static time_t ahead;
static atomic_ulong all, on_files, received;

#define REAL(name) real_##name = (real_##name##_fn *)dlsym(RTLD_NEXT, #name)

typedef int real_open_fn(const char *path, int flags, ...);
typedef ssize_t real_write_fn(int fd, const void *data, size_t size);
typedef ssize_t real_pwrite_fn(int fd, const void *data, size_t size, off_t at);
typedef int real_ftruncate_fn(int fd, off_t size);
typedef int real_fsync_fn(int fd);
typedef int real_fdatasync_fn(int fd);
typedef int real_rename_fn(const char *from, const char *to);
typedef int real_unlink_fn(const char *path);
typedef int real_linkat_fn(int from_fd, const char *from, int to_fd, const char *to, int flags);
typedef ssize_t real_send_fn(int fd, const void *data, size_t size, int flags);
typedef ssize_t real_sendmsg_fn(int fd, const struct msghdr *message, int flags);
typedef ssize_t real_recv_fn(int fd, void *data, size_t size, int flags);
typedef int real_clock_gettime_fn(clockid_t clock, struct timespec *ret_now);

static real_open_fn *real_open;
static real_write_fn *real_write;
static real_pwrite_fn *real_pwrite;
static real_ftruncate_fn *real_ftruncate;
static real_fsync_fn *real_fsync;
static real_fdatasync_fn *real_fdatasync;
static real_rename_fn *real_rename;
static real_unlink_fn *real_unlink;
static real_linkat_fn *real_linkat;
static real_send_fn *real_send;
static real_sendmsg_fn *real_sendmsg;
static real_recv_fn *real_recv;
static real_clock_gettime_fn *real_clock_gettime;

static void find_real(void)
{
    REAL(open);
    REAL(write);
    REAL(pwrite);
    REAL(ftruncate);
    REAL(fsync);
    REAL(fdatasync);
    REAL(rename);
    REAL(unlink);
    REAL(linkat);
    REAL(send);
    REAL(sendmsg);
    REAL(recv);
    REAL(clock_gettime);
}

static void read_fault(const char *text)
{
    char *end = NULL;

    fault = !strncmp(text, "kill:", 5)    ? FAULT_KILL
            : !strncmp(text, "torn:", 5)  ? FAULT_TORN
            : !strncmp(text, "hold:", 5)  ? FAULT_HOLD
            : !strncmp(text, "look:", 5)  ? FAULT_LOOK
            : !strncmp(text, "half:", 5)  ? FAULT_HALF
            : !strncmp(text, "count:", 6) ? FAULT_NONE
                                          : FAULT_ERRNO;
    code = (int)strtol(text, NULL, 10);
    first = last = strtoul(strchr(text, ':') ? strchr(text, ':') + 1 : "", &end, 10);
    if (*end == '-')
        last = strtoul(end + 1, NULL, 10);
}

/* Libraries may call before it is our turn. */
__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("AIF_FAULT"), *clock = getenv("AIF_FAULT_CLOCK");

    if (real_clock_gettime)
        return;
    find_real();
    if (clock)
        ahead = (time_t)strtol(clock, NULL, 10);
    if (text)
        read_fault(text);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("AIF_FAULT_COUNT");
    char line[96];
    int length = snprintf(line, sizeof(line), "%lu %lu %lu\n", all, on_files, received);
    int fd;

    if (!path || fault == FAULT_HOLD || fault == FAULT_LOOK || fault == FAULT_HALF)
        return;
    fd = (int)syscall(SYS_open, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd >= 0 && syscall(SYS_write, fd, line, (size_t)length) == length)
        syscall(SYS_close, fd);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;) /* until it arrives */
        pause();
}

/* Until whoever looks has seen enough. Calls the kernel itself: this is none of the calls that are counted. */
static void wait_for_look(void)
{
    const char *path = getenv("AIF_FAULT_COUNT");
    const int before = errno;

    if (!path)
        die();
    close((int)syscall(SYS_open, path, O_WRONLY | O_CREAT, 0644));
    while (access(path, F_OK) == 0)
        usleep(500);
    errno = before;
}

/* What is to become of a call: 0 let it be, 1 do half of it and see halfway(), -1 with errno: it fails. */
static int meet(bool file)
{
    const unsigned long n = ++all;
    const unsigned long m = file ? ++on_files : 0;

    begin();
    if (fault == FAULT_KILL && n == first)
        die();
    if (fault == FAULT_LOOK && n >= first && n <= last)
        wait_for_look();
    if ((fault == FAULT_TORN && n == first) || (fault == FAULT_HALF && file && m >= first && m <= last))
        return 1;
    if (fault != FAULT_ERRNO || !file || m < first || m > last)
        return 0;
    errno = code;
    return -1;
}

/* Half of it is done, or all of what has no bytes: the end, or a look. */
static void halfway(void)
{
    if (fault == FAULT_TORN)
        die();
    wait_for_look();
}

/* What a call returns whose first half returned rc, the rest rest. */
static ssize_t whole(ssize_t rc, ssize_t rest)
{
    return rest < 0 ? rc : rc + rest;
}

static bool is_file(int fd)
{
    struct stat st;
    int before = errno;
    bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

    errno = before;
    return file;
}

/* ---- with bytes ---- */

ssize_t write(int fd, const void *data, size_t size)
{
    int met = meet(is_file(fd));
    ssize_t rc;

    if (met < 0)
        return -1;
    rc = real_write(fd, data, met ? size / 2 : size);
    if (!met || rc < 0)
        return rc;
    halfway();
    return whole(rc, real_write(fd, (const char *)data + rc, size - (size_t)rc));
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    int met = meet(is_file(fd));
    ssize_t rc;

    if (met < 0)
        return -1;
    rc = real_pwrite(fd, data, met ? size / 2 : size, at);
    if (!met || rc < 0)
        return rc;
    halfway();
    return whole(rc, real_pwrite(fd, (const char *)data + rc, size - (size_t)rc, at + rc));
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    return pwrite(fd, data, size, at);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    int met = meet(false);
    ssize_t rc = real_send(fd, data, met ? size / 2 : size, flags);

    if (met)
        die();
    return rc;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    int met = meet(false);
    ssize_t rc = real_sendmsg(fd, message, flags);

    if (met)
        die();
    return rc;
}

/* ---- without ---- */

static int open_for(const char *path, int flags, mode_t mode)
{
    int met, rc;

    begin();
    met = flags & (O_WRONLY | O_RDWR | O_CREAT) ? meet(true) : 0;
    rc = met < 0 ? -1 : real_open(path, flags, mode);
    if (met > 0)
        halfway();
    return rc;
}

static mode_t mode_of(int flags, va_list args)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = mode_of(flags, args);
    va_end(args);
    return open_for(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

#define PLAIN(name, params, args)                                                                                     \
    int name params                                                                                                   \
    {                                                                                                                 \
        int met = meet(true);                                                                                         \
        int rc = met < 0 ? -1 : real_##name args;                                                                     \
                                                                                                                      \
        if (met > 0)                                                                                                  \
            halfway();                                                                                                \
        return rc;                                                                                                    \
    }

PLAIN(ftruncate, (int fd, off_t size), (fd, size))
PLAIN(fsync, (int fd), (fd))
PLAIN(fdatasync, (int fd), (fd))
PLAIN(rename, (const char *from, const char *to), (from, to))
PLAIN(unlink, (const char *path), (path))
PLAIN(linkat, (int from_fd, const char *from, int to_fd, const char *to, int flags), (from_fd, from, to_fd, to, flags))

int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

/* ---- receiving ---- */

ssize_t recv(int fd, void *data, size_t size, int flags)
{
    const char *path = getenv("AIF_FAULT_COUNT");

    begin();
    if (++received == first && fault == FAULT_HOLD && path) {
        close((int)syscall(SYS_open, path, O_WRONLY | O_CREAT, 0644));
        while (access(path, F_OK) == 0)
            usleep(10000);
    }
    return real_recv(fd, data, size, flags);
}

/* ---- the clock ---- */

int clock_gettime(clockid_t clock, struct timespec *ret_now)
{
    int rc;

    begin();
    rc = real_clock_gettime(clock, ret_now);
    if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        ret_now->tv_sec += ahead;
    return rc;
}

time_t time(time_t *ret_now)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (ret_now)
        *ret_now = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict ret_now, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *ret_now = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}
