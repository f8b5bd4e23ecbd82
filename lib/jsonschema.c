/* jsonschema.c - see jsonschema.h */
#include "jsonschema.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "bigmem.h"
#include "names.h"
#include "rules.h"
#include "timetext.h"

#define SHOWN_MAX 80 /* bytes of a value in a message */
#define PATH_MAX_SHOWN 160
#define TEXT_MAX 255 /* of an array's texts */

static const char *const kind_names[] = {
    [AIF_JSON_OBJECT] = "an object, { ... }", [AIF_JSON_ARRAY] = "an array, [ ... ]",
    [AIF_JSON_TEXT] = "a text in quotes",     [AIF_JSON_BOOL] = "true or false",
    [AIF_JSON_INT] = "a whole number",        [AIF_JSON_NUMBER] = "a number",
    [AIF_JSON_ANY] = "anything",
};

struct aif_jsonnode aif_jsonschema_root(const struct aif_jsonfile *file)
{
    return (struct aif_jsonnode){.file = file, .value = file->root};
}

/* Steps from the root to node; the nesting is at most AIF_JSONTEXT_DEPTH. */
static size_t collect_steps(const struct aif_jsonnode *node, struct aif_jsontext_step *steps)
{
    size_t count = 0, i;

    for (const struct aif_jsonnode *n = node; n->up; n = n->up)
        count++;
    i = count;
    for (const struct aif_jsonnode *n = node; n->up; n = n->up)
        steps[--i] = (struct aif_jsontext_step){.key = n->key, .index = n->index};
    return count;
}

static void format_path(const struct aif_jsontext_step *steps, size_t count, char *path,
                        size_t size)
{
    size_t used = 0;

    snprintf(path, size, "top level");
    for (size_t i = 0; i < count && used < size; i++) {
        int added = steps[i].key
                        ? snprintf(path + used, size - used, "%s%s", used ? "." : "", steps[i].key)
                        : snprintf(path + used, size - used, "[%zu]", steps[i].index);

        used += (size_t)(added > 0 ? added : 0);
    }
}

static void format_place(const struct aif_jsonnode *node, char *place, size_t size)
{
    struct aif_jsontext_step steps[AIF_JSONTEXT_DEPTH + 1] = {{0}};
    size_t count = collect_steps(node, steps);
    size_t offset = aif_jsontext_find(node->file->text, node->file->length, steps, count);
    char path[PATH_MAX_SHOWN];

    format_path(steps, count, path, sizeof(path));
    snprintf(place, size, "%.200s:%zu:%zu: %s", node->file->name,
             aif_jsontext_line(node->file->text, offset), aif_jsontext_column(node->file->text, offset), path);
}

static int rule_code(const char *rule)
{
    if (!strcmp(rule, AIF_C_RANGE))
        return AIF_EINVAL;
    return strcmp(rule, AIF_C_REFERENCE) ? AIF_ESCHEMA : AIF_ENOENT;
}

int aif_jsonschema_fail(const struct aif_jsonnode *node, const char *rule, const char *next,
                        struct aif_error *err, const char *fmt, ...)
{
    char place[400], what[256];
    va_list args;

    if (!err)
        return -1;
    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    format_place(node, place, sizeof(place));
    return aif_error_set(err, rule_code(rule), "%s: %s (%s); %s", place, what, rule,
                         next ? next : "correct it, then run \"aif config check\"");
}

int aif_jsonschema_wrap(const struct aif_jsonnode *node, const struct aif_error *cause,
                        struct aif_error *err)
{
    char place[400];

    if (!err)
        return -1;
    format_place(node, place, sizeof(place));
    return aif_error_set(err, cause->code, "%s: %s", place, cause->text);
}

static void show_value(struct json_object *value, char *shown, size_t size)
{
    const char *text;

    if (json_object_is_type(value, json_type_object) ||
        json_object_is_type(value, json_type_array)) {
        snprintf(shown, size, "%s",
                 json_object_is_type(value, json_type_object) ? "{...}" : "[...]");
        return;
    }
    text = value ? json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
                                                             JSON_C_TO_STRING_NOSLASHESCAPE)
                 : "null";
    if (strlen(text) < size)
        snprintf(shown, size, "%s", text);
    else
        snprintf(shown, size, "%.*s...", (int)size - 4, text);
}

int aif_jsonschema_range(const struct aif_jsonnode *node, const char *limit, struct aif_error *err)
{
    char shown[SHOWN_MAX];

    show_value(node->value, shown, sizeof(shown));
    return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err, "out of range: %s, limit %s", shown,
                               limit);
}

static bool is_kind(struct json_object *value, enum aif_jsonkind kind)
{
    switch (kind) {
    case AIF_JSON_OBJECT:
        return json_object_is_type(value, json_type_object);
    case AIF_JSON_ARRAY:
        return json_object_is_type(value, json_type_array);
    case AIF_JSON_TEXT:
        return json_object_is_type(value, json_type_string);
    case AIF_JSON_BOOL:
        return json_object_is_type(value, json_type_boolean);
    case AIF_JSON_INT:
        return json_object_is_type(value, json_type_int);
    case AIF_JSON_NUMBER:
        return json_object_is_type(value, json_type_int) ||
               json_object_is_type(value, json_type_double);
    case AIF_JSON_ANY:
        return true;
    }
    return false;
}

static int check_kind(const struct aif_jsonnode *node, enum aif_jsonkind kind,
                      struct aif_error *err)
{
    char shown[SHOWN_MAX];

    if (is_kind(node->value, kind))
        return 0;
    show_value(node->value, shown, sizeof(shown));
    return aif_jsonschema_fail(node, AIF_C_TYPE, NULL, err, "wrong type: %s, must be %s", shown,
                               kind_names[kind]);
}

static const struct aif_jsonfield *find_field(const struct aif_jsonfield *fields, const char *key)
{
    for (; fields->key; fields++)
        if (!strcmp(fields->key, key))
            return fields;
    return NULL;
}

static int fail_unknown(const struct aif_jsonnode *node, const struct aif_jsonfield *fields,
                        struct aif_error *err)
{
    struct aif_names_search search = {.wanted = node->key};
    char next[320] = "known keys:";
    size_t used = strlen(next);

    for (; fields->key; fields++) {
        aif_names_offer(&search, fields->key);
        if (used < sizeof(next))
            used += (size_t)snprintf(next + used, sizeof(next) - used, " %s", fields->key);
    }
    if (search.best)
        snprintf(next, sizeof(next), "did you mean \"%s\"?", search.best);
    return aif_jsonschema_fail(node, AIF_C_UNKNOWN, next, err, "unknown key: \"%.64s\"", node->key);
}

static int check_unknown(const struct aif_jsonnode *node, const struct aif_jsonfield *fields,
                         struct aif_error *err)
{
    struct json_object_iterator it = json_object_iter_begin(node->value);
    struct json_object_iterator end = json_object_iter_end(node->value);

    for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        struct aif_jsonnode child = {
            .up = node, .file = node->file, .key = json_object_iter_peek_name(&it)};

        if (!find_field(fields, child.key))
            return fail_unknown(&child, fields, err);
    }
    return 0;
}

int aif_jsonschema_member(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_struct, struct aif_error *err)
{
    struct aif_jsonnode child = {.up = node, .file = node->file, .key = field->key};

    if (!json_object_object_get_ex(node->value, field->key, &child.value)) {
        if (!field->required)
            return 0;
        return aif_jsonschema_fail(&child, AIF_C_MISSING, "add it", err,
                                   "required key is missing: \"%s\"", field->key);
    }
    if (check_kind(&child, field->kind, err))
        return -1;
    return field->read(&child, field, (char *)ret_struct + field->offset, err);
}

int aif_jsonschema_object(const struct aif_jsonnode *node, const struct aif_jsonfield *fields,
                          void *ret_struct, struct aif_error *err)
{
    if (check_unknown(node, fields, err))
        return -1;
    for (; fields->key; fields++)
        if (aif_jsonschema_member(node, fields, ret_struct, err))
            return -1;
    return 0;
}

static int read_entry(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                      void *room, size_t *count, struct aif_error *err)
{
    void *entry = (char *)room + *count * entries->size;

    if (check_kind(node, entries->kind, err))
        return -1;
    ++*count;
    return entries->read(node, entry, err);
}

static int read_members(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                        void *room, size_t *count, struct aif_error *err)
{
    struct json_object_iterator it = json_object_iter_begin(node->value);
    struct json_object_iterator end = json_object_iter_end(node->value);

    for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        struct aif_jsonnode child = {.up = node, .file = node->file};

        child.key = json_object_iter_peek_name(&it);
        child.value = json_object_iter_peek_value(&it);
        if (read_entry(&child, entries, room, count, err))
            return -1;
    }
    return 0;
}

static int read_elements(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                         void *room, size_t *count, struct aif_error *err)
{
    for (size_t i = 0; i < json_object_array_length(node->value); i++) {
        struct aif_jsonnode child = {.up = node, .file = node->file, .index = i};

        child.value = json_object_array_get_idx(node->value, i);
        if (read_entry(&child, entries, room, count, err))
            return -1;
    }
    return 0;
}

static size_t count_entries(struct json_object *value)
{
    return json_object_is_type(value, json_type_object) ? (size_t)json_object_object_length(value)
                                                        : json_object_array_length(value);
}

static int check_count(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                       size_t count, struct aif_error *err)
{
    if (count <= entries->max)
        return 0;
    return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err, "too many entries: %zu, limit %zu",
                               count, entries->max);
}

void *aif_jsonschema_room(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                          struct aif_error *err)
{
    size_t count = count_entries(node->value);
    void *room;

    if (check_count(node, entries, count, err))
        return NULL;
    room = aif_bigmem_create((count + 1) * entries->size); /* both are small numbers */
    if (!room)
        aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    return room;
}

int aif_jsonschema_entries(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                           void *ret_room, size_t *ret_count, struct aif_error *err)
{
    *ret_count = 0;
    if (json_object_is_type(node->value, json_type_object))
        return read_members(node, entries, ret_room, ret_count, err);
    return read_elements(node, entries, ret_room, ret_count, err);
}

int aif_jsonschema_few(const struct aif_jsonnode *node, const struct aif_jsonentries *entries,
                       void *ret_array, uint32_t *ret_count, struct aif_error *err)
{
    size_t count = 0;
    int rc = check_count(node, entries, count_entries(node->value), err);

    if (!rc)
        rc = aif_jsonschema_entries(node, entries, ret_array, &count, err);
    *ret_count = (uint32_t)count;
    return rc;
}

static int check_number(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        struct aif_error *err)
{
    int64_t number = json_object_get_int64(node->value);
    char limit[64];

    if (number >= field->min && number <= field->max)
        return 0;
    if (field->min == field->max)
        snprintf(limit, sizeof(limit), "%" PRId64, field->min);
    else
        snprintf(limit, sizeof(limit), "%" PRId64 " to %" PRId64, field->min, field->max);
    return aif_jsonschema_range(node, limit, err);
}

int aif_jsonschema_u32(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    if (check_number(node, field, err))
        return -1;
    *(uint32_t *)ret_value = (uint32_t)json_object_get_int64(node->value);
    return 0;
}

int aif_jsonschema_i32(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    if (check_number(node, field, err))
        return -1;
    *(int32_t *)ret_value = (int32_t)json_object_get_int64(node->value);
    return 0;
}

int aif_jsonschema_checked(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                           void *ret_value, struct aif_error *err)
{
    (void)ret_value;
    return check_number(node, field, err);
}

int aif_jsonschema_bool(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    (void)field;
    (void)err;
    *(bool *)ret_value = json_object_get_boolean(node->value);
    return 0;
}

int aif_jsonschema_date(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    if (aif_timetext_date(json_object_get_string(node->value), (enum aif_day_edge)field->min,
                          ret_value))
        return aif_jsonschema_range(node,
                                    "a date that exists, \"YYYY-MM-DD\" or \"YYYY-MM-DDTHH:MM:SS\" "
                                    "with Z or +HH:MM, years 2000 to 2199",
                                    err);
    return 0;
}

int aif_jsonschema_seconds(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                           void *ret_value, struct aif_error *err)
{
    uint32_t seconds;
    char limit[96];

    if (!aif_timetext_seconds(json_object_get_string(node->value), &seconds) &&
        seconds >= field->min && seconds <= field->max) {
        *(uint32_t *)ret_value = seconds;
        return 0;
    }
    snprintf(limit, sizeof(limit),
             "a Slurm time, \"HH:MM:SS\" or \"D-HH:MM:SS\", %" PRId64 " seconds to %" PRId64
             " days",
             field->min, field->max / (24 * 60 * 60));
    return aif_jsonschema_range(node, limit, err);
}

/* Texts end up in log lines and in front of users: a control character would break both. */
static int copy_text(const struct aif_jsonnode *node, int64_t min, int64_t max, char **ret_text,
                     struct aif_error *err)
{
    const char *text = json_object_get_string(node->value);
    int length = json_object_get_string_len(node->value);
    char limit[64];

    snprintf(limit, sizeof(limit), "%" PRId64 " to %" PRId64 " bytes", min, max);
    if (length < min || length > max)
        return aif_jsonschema_range(node, limit, err);
    for (int i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127)
            return aif_jsonschema_range(node, "text without control characters", err);
    free(*ret_text);
    *ret_text = strdup(text);
    if (!*ret_text)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    return 0;
}

int aif_jsonschema_text(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    return copy_text(node, field->min, field->max, ret_value, err);
}

int aif_jsonschema_slurm_name(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                              void *ret_value, struct aif_error *err)
{
    char **text = ret_value;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    if (**text && !aif_names_slurm(*text))
        return aif_jsonschema_range(node, AIF_JSONSCHEMA_NAME, err);
    aif_names_lower(*text);
    return 0;
}

static int read_text_entry(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    return copy_text(node, 1, TEXT_MAX, ret_entry, err);
}

int aif_jsonschema_texts(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_TEXT, sizeof(char *), (size_t)field->max,
                                            read_text_entry};
    size_t count = 0;
    char **texts;

    if ((int64_t)json_object_array_length(node->value) < field->min)
        return aif_jsonschema_range(node, "at least one entry", err);
    texts = aif_jsonschema_room(node, &entries, err);
    *(char ***)ret_value = texts;
    return texts ? aif_jsonschema_entries(node, &entries, texts, &count, err) : -1;
}

void aif_jsonschema_texts_destroy(char **texts)
{
    for (char **text = texts; text && *text; text++)
        free(*text);
    free(texts);
}

int aif_jsonschema_choice(const struct aif_jsonnode *node, const char *const *words, int *ret_index,
                          struct aif_error *err)
{
    const char *text = json_object_get_string(node->value);
    char limit[128] = "";
    size_t used = 0;

    for (int i = 0; words[i]; i++) {
        if (!strcmp(words[i], text)) {
            *ret_index = i;
            return 0;
        }
    }
    for (int i = 0; words[i] && used < sizeof(limit); i++)
        used += (size_t)snprintf(limit + used, sizeof(limit) - used, "%s\"%s\"", i ? " or " : "",
                                 words[i]);
    return aif_jsonschema_range(node, limit, err);
}
