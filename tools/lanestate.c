/* lanestate.c - see lanestate.h */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "lanestate.h"

#define SITE_NONE INT64_C(0x80000000) /* Slurm's site factor of no points */

/* Whatever lies there: nobody waits for it. NULL if it is no file that can be read; errno tells. */
static FILE *open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fdopen(fd, "r");
    close(fd);
    errno = EINVAL;
    return NULL;
}

/* All of the file; NULL if it cannot be read or is too large. */
static char *slurp(const char *path, size_t *ret_length)
{
    FILE *file = open_file(path);
    char *text;

    if (!file)
        return NULL;
    text = aif_tool_alloc(AIF_SHAREWINDOW_TEXT_MAX + 1, 1);
    *ret_length = fread(text, 1, AIF_SHAREWINDOW_TEXT_MAX + 1, file);
    if (ferror(file) || *ret_length > AIF_SHAREWINDOW_TEXT_MAX) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

int aif_lanestate_given(const char *state_dir, uint32_t job_id, int64_t *ret_points)
{
    char *path = state_dir ? aif_tool_format("%s/aif_lifted", state_dir) : NULL;
    FILE *file = path ? open_file(path) : NULL;
    unsigned id = 0, site = 0;
    char line[64];
    int rc = file || (path && errno == ENOENT) ? 0 : -1; /* the list of nobody is not there */

    while (file && !rc && fgets(line, sizeof(line), file))
        if (sscanf(line, "%u %u", &id, &site) == 2 && id == job_id) {
            *ret_points = (int64_t)site - SITE_NONE;
            rc = 1;
        }
    if (file)
        fclose(file);
    free(path);
    return rc;
}

int aif_lanestate_read(const char *state_dir, struct aif_sharewindow *windows, time_t *ret_at)
{
    char *path = state_dir ? aif_tool_format("%s/aif_lanes.json", state_dir) : NULL;
    size_t length = 0;
    char *text = path ? slurp(path, &length) : NULL;
    int rc = text ? aif_sharewindow_restore(windows, text, length, ret_at, NULL) : -1;

    free(text);
    free(path);
    return rc;
}
