/* sbatch.c - see sbatch.h */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "sbatch.h"

#define KEPT (64 * 1024)
#define CANNOT_EXEC 127

static void run_child(char **argv, int out, int err)
{
    setenv("AIF_EXPLAIN", "1", 1);
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
        _exit(CANNOT_EXEC);
    execvp(argv[0], argv);
    _exit(CANNOT_EXEC);
}

static char **command_line(int count, char *const *arguments)
{
    char **argv = aif_tool_alloc((size_t)count + 3, sizeof(*argv));

    argv[0] = "sbatch";
    argv[1] = "--test-only";
    memcpy(argv + 2, arguments, (size_t)count * sizeof(*argv));
    return argv;
}

/* Exit status of sbatch, or -1. */
static int run(char **argv, int out, int err)
{
    pid_t child = fork();
    int status;

    if (child == 0)
        run_child(argv, out, err);
    if (child < 0)
        return -1;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static char *read_back(int fd)
{
    char *text = aif_tool_alloc(KEPT + 1, 1);
    ssize_t got = pread(fd, text, KEPT, 0);

    text[got < 0 ? 0 : got] = '\0';
    return text;
}

int aif_sbatch_test(int count, char *const *arguments, struct aif_sbatch *ret_sbatch)
{
    int out = memfd_create("sbatch-stdout", MFD_CLOEXEC);
    int err = memfd_create("sbatch-stderr", MFD_CLOEXEC);
    char **argv = command_line(count, arguments);
    int status = out < 0 || err < 0 ? -1 : run(argv, out, err);

    free(argv);
    ret_sbatch->status = status;
    ret_sbatch->out = out < 0 ? NULL : read_back(out);
    ret_sbatch->err = err < 0 ? NULL : read_back(err);
    if (out >= 0)
        close(out);
    if (err >= 0)
        close(err);
    if (status == CANNOT_EXEC)
        return aif_tool_fail(AIF_EXIT_FAILED, "cannot run sbatch; is it in PATH?");
    return status < 0 ? aif_tool_fail(AIF_EXIT_FAILED, "cannot start sbatch: %s", strerror(errno))
                      : AIF_EXIT_OK;
}

void aif_sbatch_free(struct aif_sbatch *sbatch)
{
    free(sbatch->out);
    free(sbatch->err);
    memset(sbatch, 0, sizeof(*sbatch));
}
