/* table.c - see table.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "table.h"

struct aif_table {
    size_t columns;
    size_t count; /* cells, titles included */
    size_t room;
    char **cells;
    bool *right;
};

static const char *cell(const struct aif_table *table, size_t index)
{
    return table->cells[index] ? table->cells[index] : "-";
}

/* Terminal columns, near enough: UTF-8 continuation bytes take none. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

struct aif_table *aif_table_create(const char *const *titles)
{
    struct aif_table *table = aif_tool_alloc(1, sizeof(*table));

    while (titles[table->columns])
        table->columns++;
    table->right = aif_tool_alloc(table->columns, sizeof(*table->right));
    for (size_t i = 0; i < table->columns; i++) {
        table->right[i] = titles[i][0] == '>';
        aif_table_add(table, aif_tool_strdup(titles[i] + (table->right[i] ? 1 : 0)));
    }
    return table;
}

void aif_table_destroy(struct aif_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table->right);
    free(table);
}

void aif_table_add(struct aif_table *table, char *text)
{
    if (table->count == table->room) {
        size_t room = table->room ? table->room * 2 : 128;
        char **grown = aif_tool_alloc(room, sizeof(*grown));

        if (table->count)
            memcpy(grown, table->cells, table->count * sizeof(*grown));
        free(table->cells);
        table->cells = grown;
        table->room = room;
    }
    table->cells[table->count++] = text;
}

static void print_cell(const struct aif_table *table, size_t index, size_t width)
{
    size_t column = index % table->columns;
    bool last = column + 1 == table->columns;
    const char *text = cell(table, index);
    int pad = (int)(width - width_of(text));

    if (table->right[column])
        printf("%*s%s", pad, "", text);
    else
        printf("%s%*s", text, last ? 0 : pad, "");
    fputs(last ? "\n" : "  ", stdout);
}

static void print_aligned(const struct aif_table *table)
{
    size_t *widths = aif_tool_alloc(table->columns, sizeof(*widths));

    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(cell(table, i));

        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (size_t i = 0; i < table->count; i++)
        print_cell(table, i, widths[i % table->columns]);
    free(widths);
}

void aif_table_print(const struct aif_table *table, bool parsable)
{
    if (!parsable) {
        print_aligned(table);
        return;
    }
    for (size_t i = 0; i < table->count; i++)
        printf("%s%c", cell(table, i), (i + 1) % table->columns ? '|' : '\n');
}
