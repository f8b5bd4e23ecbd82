/* lane_file.c - see lane_file.h */
#include "lane_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "aif-lifted 1\n"
#define LINE_MAX_BYTES 24 /* two numbers of ten digits, a space, a newline, a NUL, rounded up */

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
