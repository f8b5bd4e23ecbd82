/*
 * members.h - the members of Slurm's records that the plugins use, and what of the library reads them
 */
#ifndef AIF_TESTS_LAYOUT_MEMBERS_H
#define AIF_TESTS_LAYOUT_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

struct layout_member {
	const char *name;
	size_t offset, size;
	bool is_text;
};

struct layout_record {
	const char *name;
	const char *writer; /* function of the library that writes such a record into a message */
	void (*write)(void *writer, void *record, void *buffer);
	const struct layout_member *members;
	unsigned count;
};

extern const struct layout_record layout_request, layout_job, layout_details, layout_partition, layout_node, layout_gres;

#endif
