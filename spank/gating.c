/* gating.c - see gating.h */
#include "gating.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DAMAGED "the list of the job's data sets is damaged"
#define NONE "none"    /* the kernel does not look at it; valgrind does */
#define PATH_SIZE 256 /* of a path of the catalogue, with its NUL */

struct reason {
	char *text;
	size_t size;
};

/* A line of the list. */
struct entry {
	char word[8];
	char path[PATH_SIZE];
};

static int _fail(const struct reason *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int _fail(const struct reason *why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why->text, why->size, format, arguments);
	va_end(arguments);
	return -1;
}

/* ---- the list ---- */

extern int spank_aif_gating_add(char *list, size_t size, const char *word, const char *path)
{
	size_t used = strlen(list);
	int length = snprintf(list + used, size - used, "%s %s\n", word, path);

	if (length > 0 && (size_t)length < size - used)
		return 0;
	list[used] = '\0';
	return -1;
}

/* 1, 0 at the end, -1 if the list is damaged. */
static int _next(const char **at, struct entry *ret_entry)
{
	size_t length = strcspn(*at, "\n"), word = strcspn(*at, " ");

	if (!**at)
		return 0;
	if (!(*at)[length] || word >= length || word >= sizeof(ret_entry->word) || length - word > sizeof(ret_entry->path))
		return -1;
	snprintf(ret_entry->word, sizeof(ret_entry->word), "%.*s", (int)word, *at);
	snprintf(ret_entry->path, sizeof(ret_entry->path), "%.*s", (int)(length - word - 1), *at + word + 1);
	*at += length + 1;
	return ret_entry->path[0] == '/' ? 1 : -1;
}

/* ---- directories ---- */

static int _step(int dir, const char *name, size_t length)
{
	char one[PATH_SIZE];
	int fd, saved;

	snprintf(one, sizeof(one), "%.*s", (int)length, name);
	fd = openat(dir, one, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	saved = errno;
	close(dir);
	errno = saved;
	return fd;
}

/* From dir, which is closed, down a path, through no symbolic link. */
static int _walk(int dir, const char *path)
{
	while (dir >= 0 && *path) {
		size_t length;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		dir = _step(dir, path, length);
		path += length;
	}
	return dir;
}

static int _walk_from_root(const char *path)
{
	return _walk(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), path);
}

static int _open_staging(const char *path, const struct reason *why)
{
	int fd = _walk_from_root(path);
	struct stat found = {.st_mode = 0};

	if (fd < 0)
		return _fail(why, "staging directory %s, reached without symbolic links: %s", path, strerror(errno));
	if (!fstat(fd, &found) && !found.st_uid && !(found.st_mode & (S_IRWXG | S_IRWXO)))
		return fd;
	close(fd);
	return _fail(why, "staging directory %s is not root's alone: owner %u, mode %04o, limit 0700 of root", path, found.st_uid,
		     found.st_mode & 07777);
}

static int _open_staged(int staging, const struct entry *entry, const struct reason *why)
{
	int fd = _walk(fcntl(staging, F_DUPFD_CLOEXEC, 0), entry->path);

	return fd < 0 ? _fail(why, "%s in the staging directory, reached without symbolic links: %s", entry->path, strerror(errno))
		      : fd;
}

static int _open_point(const struct entry *entry, const struct reason *why)
{
	int fd = _walk_from_root(entry->path);

	return fd < 0 ? _fail(why, "mount point %s, reached without symbolic links: %s", entry->path, strerror(errno)) : fd;
}

/* ---- mounts ---- */

static void _proc_path(int fd, char ret_path[32])
{
	snprintf(ret_path, 32, "/proc/self/fd/%d", fd);
}

/* What the source's mount forbids stays forbidden. */
static unsigned long _flags(int source, bool writable)
{
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV;
	struct statvfs found;

	if (fstatvfs(source, &found))
		return flags | MS_RDONLY | MS_NOEXEC;
	if (!writable || (found.f_flag & ST_RDONLY))
		flags |= MS_RDONLY;
	return found.f_flag & ST_NOEXEC ? flags | MS_NOEXEC : flags;
}

static bool _is_same(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The mount that lies on the point now, and no other: its owner may have put something else there. */
static int _restrict(int source, const struct entry *entry, const struct reason *why)
{
	int fd = _open_point(entry, why), rc = 0;
	char path[32];

	if (fd < 0)
		return -1;
	_proc_path(fd, path);
	if (!_is_same(fd, source))
		rc = _fail(why, "mount point %s has changed meanwhile", entry->path);
	else if (mount(NONE, path, NONE, _flags(source, entry->word[1] == 'w'), NULL) ||
		 mount(NONE, path, NONE, MS_PRIVATE, NULL))
		rc = _fail(why, "access to %s cannot be restricted: %s", entry->path, strerror(errno));
	close(fd);
	return rc;
}

static int _bind(int source, const struct entry *entry, const struct reason *why)
{
	int point = _open_point(entry, why), rc;
	char from[32], to[32];

	if (point < 0)
		return -1;
	_proc_path(source, from);
	_proc_path(point, to);
	rc = mount(from, to, NONE, MS_BIND, NULL);
	if (rc)
		_fail(why, "%s cannot be mounted: %s", entry->path, strerror(errno));
	close(point);
	return rc ? -1 : _restrict(source, entry, why);
}

static int _show(int staging, const struct entry *entry, const struct reason *why)
{
	int source = _open_staged(staging, entry, why), rc;

	if (source < 0)
		return -1;
	rc = _bind(source, entry, why);
	close(source);
	return rc;
}

static int _show_all(int staging, const char *at, const struct reason *why)
{
	struct entry entry;
	int more;

	while ((more = _next(&at, &entry)) > 0) {
		if (strcmp(entry.word, "ro") && strcmp(entry.word, "rw"))
			return _fail(why, DAMAGED);
		if (_show(staging, &entry, why))
			return -1;
	}
	return more < 0 ? _fail(why, DAMAGED) : 0;
}

static int _leave_host(const struct reason *why)
{
	if (geteuid())
		return _fail(why, "slurmd does not run as root here");
	if (unshare(CLONE_NEWNS) || mount(NONE, "/", NONE, MS_REC | MS_SLAVE, NULL))
		return _fail(why, "the node gives no mount namespace: %s", strerror(errno));
	return 0;
}

extern int spank_aif_gating_enter(const char *list, char *ret_why, size_t size)
{
	const struct reason why = {ret_why, size};
	struct entry first;
	int staging, rc;

	if (_next(&list, &first) <= 0 || strcmp(first.word, "staging"))
		return _fail(&why, DAMAGED);
	if (_leave_host(&why))
		return -1;
	staging = _open_staging(first.path, &why);
	if (staging < 0)
		return -1;
	rc = _show_all(staging, list, &why);
	close(staging);
	return rc;
}

/* ---- before ---- */

/* -1: it cannot be read. */
static int _count_files(int point)
{
	int fd = openat(point, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = -2; /* . and .. */
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (count <= 0 && readdir(stream))
		count++;
	closedir(stream);
	return count;
}

static int _check_point(const struct entry *entry, const struct reason *why)
{
	int point = _open_point(entry, why), count;

	if (point < 0)
		return -1;
	count = _count_files(point);
	close(point);
	return count ? _fail(why, "mount point %s is not empty: all jobs see what is there", entry->path) : 0;
}

extern int spank_aif_gating_rehearse(const char *list, char *ret_why, size_t size)
{
	const struct reason why = {ret_why, size};
	const char *at = list;
	struct entry entry;

	while (_next(&at, &entry) > 0) {
		if (strcmp(entry.word, "staging") && _check_point(&entry, &why))
			return -1;
	}
	return spank_aif_gating_enter(list, ret_why, size);
}
