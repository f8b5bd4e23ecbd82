/* jsonout.c - see jsonout.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "common.h"
#include "jsonout.h"
#include "table.h"

void aif_jsonout_text(json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, text && *text ? json_object_new_string(text) : NULL);
}

void aif_jsonout_number(json_object *object, const char *key, int64_t number)
{
    json_object_object_add(object, key, json_object_new_int64(number));
}

/* ---- lines ---- */

static void add(struct aif_table *table, const char *path, json_object *value);

/* Takes over the key. */
static void add_member(struct aif_table *table, const char *path, char *key, json_object *value)
{
    char *full = *path ? aif_tool_format("%s.%s", path, key) : aif_tool_strdup(key);

    add(table, full, value);
    free(full);
    free(key);
}

/* As deep as the objects of our own making are. */
static void add(struct aif_table *table, const char *path, json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
            add_member(table, path, aif_tool_strdup(key), member);
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            add_member(table, path, aif_tool_format("%zu", i + 1), json_object_array_get_idx(value, i));
    } else {
        aif_table_add(table, aif_tool_strdup(path));
        aif_table_add(table, aif_table_cell(value ? json_object_get_string(value) : NULL));
    }
}

static void print_lines(json_object *object)
{
    static const char *const titles[] = {"KEY", "TEXT", NULL};
    struct aif_table *table = aif_table_create(titles);

    add(table, "", object);
    aif_table_print(table, true);
    aif_table_destroy(table);
}

void aif_jsonout_print(json_object *object, bool parsable)
{
    if (parsable)
        print_lines(object);
    else
        puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}
