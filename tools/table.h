/*
 * table.h - rows of text as an aligned table, or separated by '|' for scripts
 */
#ifndef AIF_TOOL_TABLE_H
#define AIF_TOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct aif_table;

/*
 * titles: NULL-terminated. Signs before a title, which are not shown: '?' leaves the column out of the aligned table
 * when all its cells are empty, '>' (after it) aligns it to the right.
 */
struct aif_table *aif_table_create(const char *const *titles);
void aif_table_destroy(struct aif_table *table);

/* Append a cell; rows fill up from left to right. Takes over the malloc'ed text; NULL shows "-". */
void aif_table_add(struct aif_table *table, char *text);

/* A copy for a cell of sentences: '|' becomes '/', a newline a blank; NULL and "" become NULL. */
char *aif_table_cell(const char *text);

/* Print title line and rows to stdout. */
void aif_table_print(const struct aif_table *table, bool parsable);

#endif
