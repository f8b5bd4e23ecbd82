/*
 * probe LIBSLURMFULL - are Slurm's records laid out in the installed library as in the source that we were built with?
 *
 * The library is asked, not read: it allocates a record, whose size is then known, and it writes records into messages. A member
 * that it finds where our source has it changes the message by just the value that was put there. Exit 0: as in the source; 1: not;
 * 77: the library has nothing of this.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>

#include "plugins/compat/slurmctld.h"
#include "src/common/slurm_protocol_common.h"
#include "tests/layout/members.h"

static void *library;
static int wrong, right;

static void *find(const char *name)
{
	return dlsym(library, name);
}

static void check(int fine, const char *what)
{
	if (!fine)
		printf("%s: not as in the source of Slurm " SLURM_VERSION_STRING "\n", what);
	*(fine ? &right : &wrong) += 1;
}

static void check_size(void *record, size_t size, const char *what)
{
	size_t (*const size_of)(void *) = find("slurm_xsize");

	if (!record || !size_of)
		return;
	if (size_of(record) != size)
		printf("%s: %zu bytes, %zu in the source\n", what, size_of(record), size);
	check(size_of(record) == size, what);
}

/* What the library writes of a record; returns its length. */
static size_t written(const struct layout_record *kind, void *record, char *into, size_t room)
{
	buf_t *(*const make)(uint32_t) = find("init_buf");
	void (*const end)(buf_t *) = find("free_buf");
	buf_t *const buffer = make(room);
	size_t length;

	kind->write(find(kind->writer), record, buffer);
	length = buffer->processed;
	if (length > room)
		length = room;
	memcpy(into, buffer->head, length);
	end(buffer);
	return length;
}

/* A value that no other member has, in the order of bytes of a message; returns how long it is there. */
static size_t distinct(const struct layout_member *member, char *at, char *in_message, char *text, unsigned number)
{
	static const unsigned char bytes[] = {0x5a, 0xa6, 0x3c, 0xd2, 0x69, 0x96, 0x4b, 0xb4};

	if (member->is_text) {
		const int length = sprintf(text, "aif-layout-%u", number);

		memcpy(at, &text, sizeof(text));
		memcpy(in_message, text, (size_t)length);
		return (size_t)length;
	}
	for (size_t i = 0; i < member->size; i++) {
		in_message[i] = (char)(bytes[i] + (i == member->size - 1 ? number : 0));
		at[member->size - 1 - i] = in_message[i];
	}
	return member->size;
}

static void check_member(const struct layout_record *kind, const struct layout_member *member, char *record, unsigned number)
{
	static char before[65536], after[65536];
	char value[32], text[32], kept[8], name[128], *const at = record + member->offset;
	const size_t length = written(kind, record, before, sizeof(before));
	size_t wanted, now;

	memcpy(kept, at, member->size);
	wanted = distinct(member, at, value, text, number);
	now = written(kind, record, after, sizeof(after));
	memcpy(at, kept, member->size);
	snprintf(name, sizeof(name), "%s.%s", kind->name, member->name);
	check(!memmem(before, length, value, wanted) && memmem(after, now, value, wanted), name);
}

static void check_members(const struct layout_record *kind, void *record)
{
	if (!record || !kind->writer || !find(kind->writer)) {
		printf("%s: its members are not asked for\n", kind->name);
		return;
	}
	for (unsigned i = 0; i < kind->count; i++)
		check_member(kind, &kind->members[i], record, i);
}

/* Its size is in the library's own table of symbols. */
static void check_configuration(void)
{
	slurm_conf_t *const its = find("slurm_conf");
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;

	if (its && dladdr1(its, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol)
		check(symbol->st_size == sizeof(*its), "slurm_conf_t (size)");
}

/* slurm_init_job_desc_msg() clears all of it, and not one byte more. */
static void *described_job(void)
{
	void (*const clear)(job_desc_msg_t *) = find("slurm_init_job_desc_msg");
	static char room[4 * sizeof(job_desc_msg_t)];
	size_t last = sizeof(room);

	if (!clear)
		return NULL;
	memset(room, 0x5a, sizeof(room));
	clear((job_desc_msg_t *)room);
	while (last && room[last - 1] == 0x5a)
		last--;
	check(last == sizeof(job_desc_msg_t), "job_desc_msg_t (size)");
	return room;
}

static void *made(const char *maker, size_t size, const char *what)
{
	void *(*const make)(void) = find(maker);
	void *const record = make ? make() : NULL;

	check_size(record, size, what);
	return record;
}

static void check_jobs(void)
{
	job_record_t *const job = made("job_record_create", sizeof(job_record_t), "job_record_t (size)");
	void *const details = job ? job->details : NULL;

	check_size(details, sizeof(job_details_t), "job_details_t (size)");
	check_members(&layout_job, job);
	check_members(&layout_details, job ? job->details : NULL);
}

int main(int argc, char **argv)
{
	static node_record_t node;
	static gres_job_state_t gres;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2) {
		fprintf(stderr, "usage: probe LIBSLURMFULL\n");
		return 2;
	}
	library = dlopen(argv[1], RTLD_LAZY | RTLD_GLOBAL);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	check_configuration();
	check_members(&layout_request, described_job());
	check_jobs();
	check_members(&layout_partition, made("part_record_create", sizeof(part_record_t), "part_record_t (size)"));
	check_members(&layout_node, &node);
	check_members(&layout_gres, &gres);
	printf("%d of %d as in the source of Slurm " SLURM_VERSION_STRING "\n", right, right + wrong);
	return wrong ? 1 : right ? 0 : 77;
}
