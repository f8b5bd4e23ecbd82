/* placed.c - see placed.h */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "placed.h"
#include "placescore.h"
#include "text.h"

struct level {
    char name[AIF_PLACESCORE_SIZE];
    unsigned islands;
    unsigned least;
};

/* The next "<level> <touched>/<least>" at *at, which moves on; false at the end. */
static bool next_level(const char **at, struct level *ret_level)
{
    int length = 0;

    if (sscanf(*at, " %95s %u/%u%n", ret_level->name, &ret_level->islands, &ret_level->least,
               &length) != 3)
        return false;
    *at += length;
    return true;
}

/* Where the levels begin; NULL where score is none. */
static const char *read_percent(const char *score, uint32_t *ret_percent)
{
    return aif_placescore_read(score, ret_percent, NULL) < 0 ? NULL : score + strcspn(score, " ");
}

char *aif_placed_text(const char *score)
{
    struct aif_text text = {0};
    struct level level;
    uint32_t percent;
    const char *at = read_percent(score, &percent);
    const char *before = ": ";
    char *words;

    if (!at || aif_text_printf(&text, "%u %% of the best possible then", percent) < 0)
        return NULL;
    for (; next_level(&at, &level); before = ", ")
        aif_text_printf(&text, "%s%s %u (least %u)", before, level.name, level.islands,
                        level.least);
    words = aif_tool_strdup(text.data);
    aif_text_free(&text);
    return words;
}

struct json_object *aif_placed_json(const char *score)
{
    struct json_object *object, *levels;
    struct level level;
    uint32_t percent;
    const char *at = read_percent(score, &percent);

    if (!at)
        return NULL;
    object = json_object_new_object();
    levels = json_object_new_array();
    json_object_object_add(object, "percent", json_object_new_int64(percent));
    while (next_level(&at, &level)) {
        struct json_object *entry = json_object_new_object();

        json_object_object_add(entry, "level", json_object_new_string(level.name));
        json_object_object_add(entry, "islands", json_object_new_int64(level.islands));
        json_object_object_add(entry, "least", json_object_new_int64(level.least));
        json_object_array_add(levels, entry);
    }
    json_object_object_add(object, "levels", levels);
    return object;
}
