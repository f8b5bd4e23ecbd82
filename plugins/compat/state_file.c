/* state_file.c - see state_file.h */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strerrordesc_np() */
#endif

#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns 0 or an errno. Closes fd. */
static int _write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	int error = 0;

	while (left && !error) {
		ssize_t done = write(fd, text, left);

		if (done > 0) {
			text += done;
			left -= (size_t) done;
		} else if (errno != EINTR) {
			error = errno;
		}
	}
	if (!error && fsync(fd))
		error = errno;
	close(fd);
	return error;
}

extern int aif_state_file_write(const char *path, mode_t mode, const char *text, struct aif_error *err)
{
	char temporary[PATH_MAX];
	int fd, error;

	if (!text)
		return 0;
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int) sizeof(temporary))
		return aif_error_set(err, AIF_ELIMIT, "%.128s...: path too long", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	error = fd < 0 ? errno : _write_all(fd, text);
	if (!error && rename(temporary, path))
		error = errno;
	if (!error)
		return 0;
	if (fd >= 0)
		(void) unlink(temporary);
	return aif_error_set(err, AIF_EIO, "%s: cannot be written: %s", path, strerrordesc_np(error));
}

/* Returns what was read, at most limit bytes; -1: errno tells. */
static ssize_t _read_all(int fd, char *text, size_t limit)
{
	size_t length = 0;
	ssize_t done = 1;

	while (length < limit && done > 0) {
		done = read(fd, text + length, limit - length);
		if (done < 0 && errno == EINTR)
			done = 1;
		else if (done < 0)
			return -1;
		else
			length += (size_t) done;
	}
	return (ssize_t) length;
}

/* O_NONBLOCK: whatever lies there, slurmctld does not wait for it. */
static int _open(const char *path, size_t limit, size_t *ret_size, struct aif_error *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat file;

	if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0 || fstat(fd, &file)) {
		aif_error_set(err, AIF_EIO, "%s: cannot be read: %s", path, strerrordesc_np(errno));
	} else if (!S_ISREG(file.st_mode) || file.st_size < 0 || (uint64_t) file.st_size > limit) {
		aif_error_set(err, AIF_ELIMIT, "%s: no file of at most %zu bytes; remove it", path, limit);
	} else {
		*ret_size = (size_t) file.st_size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

extern int aif_state_file_read(const char *path, size_t limit, char **ret_text, struct aif_error *err)
{
	struct aif_error failure = { 0 };
	size_t size = 0;
	int fd = _open(path, limit, &size, &failure);
	ssize_t length = -1;
	char *text;

	*ret_text = NULL;
	if (fd < 0 && !failure.code)
		return 0;
	if (fd < 0) {
		*err = failure;
		return -1;
	}
	text = malloc(size + 1);
	if (text)
		length = _read_all(fd, text, size);
	close(fd);
	if (length < 0) {
		free(text);
		return aif_error_set(err, AIF_EIO, "%s: cannot be read", path);
	}
	text[length] = '\0';
	*ret_text = text;
	return 0;
}
