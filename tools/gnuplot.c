/* gnuplot.c - see gnuplot.h */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "gnuplot.h"

#define NOT_FOUND 127 /* of the shell */

static bool is_png(const char *path)
{
    size_t length = path ? strlen(path) : 0;

    return length > 4 && !strcmp(path + length - 4, ".png");
}

/* gnuplot writes to its standard output, so no name has to be quoted for it. */
static FILE *start_with_stdout(int fd)
{
    int kept = dup(STDOUT_FILENO);
    FILE *script = NULL;

    fflush(stdout);
    if (kept >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
        script = popen("exec gnuplot 2>&2", "we");
    if (kept >= 0) {
        dup2(kept, STDOUT_FILENO);
        close(kept);
    }
    return script;
}

FILE *aif_gnuplot_start(const char *path, unsigned width, unsigned height)
{
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : dup(STDOUT_FILENO);
    FILE *script;

    if (fd < 0) {
        aif_tool_fail(0, "report plot: cannot write %s: %s", path ? path : "to stdout", strerror(errno));
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN); /* its exit status tells more */
    script = start_with_stdout(fd);
    close(fd);
    if (!script) {
        aif_tool_fail(0, "report plot: cannot start gnuplot: %s", strerror(errno));
        return NULL;
    }
    fprintf(script, "set terminal %s size %u,%u\nset encoding utf8\n", is_png(path) ? "png" : "svg", width, height);
    return script;
}

int aif_gnuplot_end(FILE *script)
{
    int status = pclose(script);

    if (status == 0)
        return AIF_EXIT_OK;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
        return aif_tool_fail(AIF_EXIT_FAILED, "report plot: gnuplot is not installed here; install it (Debian: gnuplot-nox), or draw "
                                              "from \"aif export --format=csv\"");
    return aif_tool_fail(AIF_EXIT_FAILED, "report plot: gnuplot failed (status %d)", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

void aif_gnuplot_word(const char *text, char ret_word[AIF_GNUPLOT_WORD_SIZE])
{
    size_t length = 0;

    for (; *text && length + 1 < AIF_GNUPLOT_WORD_SIZE; text++)
        ret_word[length++] = (char)(isalnum((unsigned char)*text) || strchr("._-", *text) ? *text : '-');
    ret_word[length] = '\0';
}
