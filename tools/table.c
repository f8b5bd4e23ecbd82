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
    bool *optional;
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
    table->optional = aif_tool_alloc(table->columns, sizeof(*table->optional));
    for (size_t i = 0; i < table->columns; i++) {
        const char *title = titles[i];

        table->optional[i] = *title == '?';
        title += table->optional[i] ? 1 : 0;
        table->right[i] = *title == '>';
        title += table->right[i] ? 1 : 0;
        aif_table_add(table, aif_tool_strdup(title));
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
    free(table->optional);
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

static bool is_empty(const struct aif_table *table, size_t column)
{
    for (size_t i = table->columns + column; i < table->count; i += table->columns)
        if (table->cells[i])
            return false;
    return true;
}

/* Width of a column; 0: not shown. */
static size_t column_width(const struct aif_table *table, size_t column)
{
    size_t width = 0;

    if (table->optional[column] && is_empty(table, column))
        return 0;
    for (size_t i = column; i < table->count; i += table->columns) {
        size_t one = width_of(cell(table, i));

        width = one > width ? one : width;
    }
    return width;
}

static void print_cell(const struct aif_table *table, size_t index, size_t width, bool last)
{
    const char *text = cell(table, index);
    int pad = (int)(width - width_of(text));

    if (table->right[index % table->columns])
        printf("%*s%s", pad, "", text);
    else
        printf("%s%*s", text, last ? 0 : pad, "");
    fputs(last ? "\n" : "  ", stdout);
}

static void print_aligned(const struct aif_table *table)
{
    size_t *widths = aif_tool_alloc(table->columns, sizeof(*widths));
    size_t last = 0;

    for (size_t i = 0; i < table->columns; i++) {
        widths[i] = column_width(table, i);
        last = widths[i] ? i : last;
    }
    for (size_t i = 0; i < table->count; i++)
        if (widths[i % table->columns])
            print_cell(table, i, widths[i % table->columns], i % table->columns == last);
    free(widths);
}

char *aif_table_cell(const char *text)
{
    char *copy = text && *text ? aif_tool_strdup(text) : NULL;

    for (char *c = copy; c && *c; c++)
        if (*c == '|' || *c == '\n')
            *c = *c == '|' ? '/' : ' ';
    return copy;
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
