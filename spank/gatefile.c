/* gatefile.c - see gatefile.h */
#include "gatefile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAME_SIZE 32
#define FILE_SIZE (SPANK_AIF_GATE_TEXT + SPANK_AIF_GATING_LIST + 32)

/* -1 unless it is a directory that nobody else can change. */
static int _open_dir(const char *dir)
{
	struct stat found;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (!fstat(fd, &found) && found.st_uid == geteuid() && !(found.st_mode & (S_IWGRP | S_IWOTH)))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

static int _make_dir(const char *dir)
{
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -1;
	return _open_dir(dir);
}

static void _name(uint32_t job, const char *end, char ret_name[NAME_SIZE])
{
	snprintf(ret_name, NAME_SIZE, "%u%s", job, end);
}

static int _write_all(int fd, const char *text, size_t length)
{
	ssize_t done = write(fd, text, length);

	/* A few pages at most: a part of them means that the disk is full. */
	return done >= 0 && (size_t)done == length ? 0 : -1;
}

static int _write_file(int dir, const char *name, const char *text, size_t length)
{
	int fd, rc;

	unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	rc = _write_all(fd, text, length);
	return close(fd) || rc ? -1 : 0;
}

extern int spank_aif_gatefile_write(const char *dir, uint32_t job, const struct spank_aif_gate *gate)
{
	char text[FILE_SIZE], name[NAME_SIZE], fresh[NAME_SIZE];
	int length, fd, rc;

	length = gate->open ? snprintf(text, sizeof(text), "1 ok %u\n%s", gate->array, gate->data)
			    : snprintf(text, sizeof(text), "1 no %s\n", gate->text);
	if (length < 0 || (size_t)length >= sizeof(text) || (fd = _make_dir(dir)) < 0)
		return -1;
	_name(job, "", name);
	_name(job, ".new", fresh);
	rc = _write_file(fd, fresh, text, (size_t)length) || renameat(fd, fresh, fd, name);
	close(fd);
	return rc ? -1 : 0;
}

static int _parse(char *text, struct spank_aif_gate *ret_gate)
{
	char *end = strchr(text, '\n'), *rest;
	unsigned long array;

	if (!end || text[strlen(text) - 1] != '\n')
		return -1;
	*end++ = '\0';
	if (*end && strncmp(end, "staging /", strlen("staging /")))
		return -1;
	*ret_gate = (struct spank_aif_gate){.open = false};
	if (!*end && !strncmp(text, "1 no ", 5)) {
		snprintf(ret_gate->text, sizeof(ret_gate->text), "%.*s", (int)sizeof(ret_gate->text) - 1, text + 5);
		return 0;
	}
	if (strncmp(text, "1 ok ", 5))
		return -1;
	array = strtoul(text + 5, &rest, 10);
	if (rest == text + 5 || *rest || array > UINT32_MAX || strlen(end) >= sizeof(ret_gate->data))
		return -1;
	strcpy(ret_gate->data, end);
	ret_gate->open = true;
	ret_gate->array = (uint32_t)array;
	return 0;
}

/* Length, or -1. */
static ssize_t _read_file(int dir, uint32_t job, char *ret_text, size_t size)
{
	char name[NAME_SIZE];
	ssize_t length;
	int fd;

	_name(job, "", name);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	length = read(fd, ret_text, size - 1);
	close(fd);
	if (length >= 0)
		ret_text[length] = '\0';
	return length;
}

extern int spank_aif_gatefile_read(const char *dir, uint32_t job, struct spank_aif_gate *ret_gate)
{
	char text[FILE_SIZE];
	int fd = _open_dir(dir);
	ssize_t length;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	errno = 0;
	length = _read_file(fd, job, text, sizeof(text));
	close(fd);
	if (length < 0)
		return errno == ENOENT ? 0 : -1;
	return _parse(text, ret_gate) ? -1 : 1;
}

extern int spank_aif_gatefile_remove(const char *dir, uint32_t job)
{
	char name[NAME_SIZE];
	int fd = _open_dir(dir), rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	_name(job, "", name);
	rc = unlinkat(fd, name, 0) && errno != ENOENT ? -1 : 0;
	close(fd);
	return rc;
}

extern void spank_aif_gatefile_prune(const char *dir, uint32_t days)
{
	time_t limit = time(NULL) - (time_t)days * 86400;
	int fd = _open_dir(dir);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	struct stat found;

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(stream))) {
		if (!fstatat(fd, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) && S_ISREG(found.st_mode) &&
		    found.st_mtime < limit)
			unlinkat(fd, entry->d_name, 0);
	}
	closedir(stream);
}
