/* lane_file.c - see lane_file.h */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strerrordesc_np() */
#endif

#include "lane_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_LINE "aif-lifted 1\n"
#define LINE_MAX_BYTES 24 /* two numbers of ten digits, a space, a newline, a NUL, rounded up */

/* ---- files ---- */

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

extern int aif_lane_file_write(const char *path, const char *text, struct aif_error *err)
{
	char temporary[PATH_MAX];
	int fd, error;

	if (!text)
		return 0;
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int) sizeof(temporary))
		return aif_error_set(err, AIF_ELIMIT, "%.128s...: path too long", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
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

extern int aif_lane_file_read(const char *path, size_t limit, char **ret_text, struct aif_error *err)
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

/* ---- jobs that were lifted ---- */

static bool _is_lifted(const struct aif_lane_entry *entry)
{
	return entry->given || (!entry->alloc && entry->flags & AIF_LANE_NOTED);
}

extern char *aif_lane_file_lifted(const struct aif_lane_book *book)
{
	size_t count = 0, at = strlen(FIRST_LINE);
	char *text;

	for (size_t i = 0; i < aif_lane_table_count(book->table); i++)
		count += _is_lifted(aif_lane_table_at(book->table, i));
	text = malloc(at + count * LINE_MAX_BYTES + 1);
	if (!text)
		return NULL;
	memcpy(text, FIRST_LINE, at + 1);
	for (size_t i = 0; i < aif_lane_table_count(book->table); i++) {
		const struct aif_lane_entry *entry = aif_lane_table_at(book->table, i);

		if (_is_lifted(entry))
			at += (size_t) snprintf(text + at, LINE_MAX_BYTES, "%u %u\n", entry->job_id,
						entry->site - (uint32_t) entry->given);
	}
	return text;
}

static int _by_job(const void *a, const void *b)
{
	const struct aif_lane_lifted *one = a, *other = b;

	return one->job_id < other->job_id ? -1 : one->job_id > other->job_id;
}

static bool _read_number(const char **text, char end, uint32_t *ret_number)
{
	unsigned long long number;
	char *rest;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	number = strtoull(*text, &rest, 10);
	if (errno || number > UINT32_MAX || *rest != end)
		return false;
	*ret_number = (uint32_t) number;
	*text = rest + 1;
	return true;
}

static bool _read_lifted(const char *text, struct aif_lane_lifted *lifted, size_t *ret_count)
{
	size_t count = 0;

	if (strncmp(text, FIRST_LINE, strlen(FIRST_LINE)))
		return false;
	for (text += strlen(FIRST_LINE); *text; count++) {
		if (!_read_number(&text, ' ', &lifted[count].job_id) || !_read_number(&text, '\n', &lifted[count].base))
			return false;
	}
	*ret_count = count;
	return true;
}

static size_t _lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines + 1;
}

extern int aif_lane_file_put_back(struct aif_lane_book *book, const char *text, struct aif_error *err)
{
	struct aif_lane_lifted *lifted = calloc(_lines(text), sizeof(*lifted));
	size_t count = 0;

	if (!lifted)
		return aif_error_set(err, AIF_ENOMEM, "out of memory");
	if (!_read_lifted(text, lifted, &count)) {
		free(lifted);
		return aif_error_set(err, AIF_ESYNTAX, "aif_lifted: not as slurm-aif writes it; remove it");
	}
	qsort(lifted, count, sizeof(*lifted), _by_job);
	free(book->lifted);
	book->lifted = lifted;
	book->lifted_count = count;
	return 0;
}
