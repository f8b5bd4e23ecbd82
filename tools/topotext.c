/* topotext.c - see topotext.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "topotext.h"

/* The value of "key=" in a line of blank-separated pairs; malloc'ed; NULL: not there. */
static char *value_of(const char *line, size_t length, const char *key)
{
    const size_t size = strlen(key);

    for (const char *at = line, *end = line + length; at < end;) {
        const size_t word = strcspn(at, " \n");

        if (word > size + 1 && !strncmp(at, key, size) && at[size] == '=')
            return aif_tool_format("%.*s", (int)(word - size - 1), at + size + 1);
        at += word + 1;
    }
    return NULL;
}

static uint32_t number_of(const char *line, size_t length, const char *key)
{
    char *text = value_of(line, length, key);
    const uint32_t number = text ? (uint32_t)strtoul(text, NULL, 10) : 0;

    free(text);
    return number;
}

/* Fill unit from a line; returns whether it is one. */
static bool read_unit(const char *line, size_t length, struct aif_topotext_unit *unit,
                      bool *ret_block)
{
    char *name = value_of(line, length, "SwitchName");

    *ret_block = !name;
    if (!name)
        name = value_of(line, length, "BlockName");
    if (!name)
        name = value_of(line, length, "AggregatedBlock");
    if (!name)
        return false;
    for (char *dot = name; (dot = strchr(dot, '.'));)
        *dot = '_';
    unit->name = name;
    unit->nodes = value_of(line, length, "Nodes");
    unit->rank = number_of(line, length, *ret_block ? "BlockSize" : "Level");
    return true;
}

/* Rank by rank, of which there are few; equals stay as printed. */
static void sort_units(struct aif_topotext *topo)
{
    struct aif_topotext_unit *sorted = aif_tool_alloc(topo->count, sizeof(*sorted));
    size_t done = 0;

    while (done < topo->count) {
        uint32_t highest = 0;
        bool any = false;

        for (size_t i = 0; i < topo->count; i++)
            if (topo->units[i].name && (!any || topo->units[i].rank > highest)) {
                highest = topo->units[i].rank;
                any = true;
            }
        for (size_t i = 0; i < topo->count; i++)
            if (topo->units[i].name && topo->units[i].rank == highest) {
                sorted[done++] = topo->units[i];
                topo->units[i].name = NULL;
            }
    }
    free(topo->units);
    topo->units = sorted;
}

void aif_topotext_parse(const char *text, struct aif_topotext *ret_topo)
{
    size_t lines = 1;

    *ret_topo = (struct aif_topotext){0};
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    ret_topo->units = aif_tool_alloc(lines, sizeof(*ret_topo->units));
    while (*text) {
        const size_t length = strcspn(text, "\n");
        bool block;

        if (read_unit(text, length, &ret_topo->units[ret_topo->count], &block)) {
            ret_topo->blocks = ret_topo->blocks || block;
            ret_topo->count++;
        }
        text += length + (text[length] == '\n');
    }
    sort_units(ret_topo);
}

void aif_topotext_free(struct aif_topotext *topo)
{
    for (size_t i = 0; i < topo->count; i++) {
        free(topo->units[i].name);
        free(topo->units[i].nodes);
    }
    free(topo->units);
    *topo = (struct aif_topotext){0};
}
