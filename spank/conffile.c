/* conffile.c - see conffile.h */
#include "conffile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool _path(const char *name, char *ret_path, size_t size)
{
	const char *conf = getenv("SLURM_CONF");
	const char *slash = conf ? strrchr(conf, '/') : NULL;
	int length;

	if (!slash)
		return false;
	length = snprintf(ret_path, size, "%.*s/%s", (int)(slash - conf), conf, name);
	return length > 0 && (size_t)length < size;
}

static char *_read_all(int fd, size_t size, size_t *ret_length)
{
	char *text = malloc(size + 1);
	size_t length = 0;
	ssize_t got = 1;

	while (text && length < size && got) {
		got = read(fd, text + length, size - length);
		if (got < 0 && errno != EINTR) {
			free(text);
			return NULL;
		}
		length += got > 0 ? (size_t)got : 0;
	}
	if (text)
		text[length] = '\0';
	*ret_length = length;
	return text;
}

extern char *spank_aif_conffile_read(const char *name, size_t *ret_length)
{
	char path[PATH_MAX];
	struct stat found;
	char *text = NULL;
	int fd;

	/* Nothing that could block: a job waits for this. */
	if (!_path(name, path, sizeof(path)) ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return NULL;
	if (!fstat(fd, &found) && S_ISREG(found.st_mode) && found.st_size <= SPANK_AIF_CONFFILE_MAX)
		text = _read_all(fd, (size_t)found.st_size, ret_length);
	close(fd);
	return text;
}

extern bool spank_aif_conffile_exists(const char *name)
{
	char path[PATH_MAX];

	return _path(name, path, sizeof(path)) && !access(path, F_OK);
}
