/* admincomment.c - see admincomment.h */
#include "admincomment.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonstrict.h"

#define READ_MAX                                                                                   \
    (64 * 1024) /* longest text looked at: somebody else's comment costs us no more than this */
#define VERSION 1

/* One member of ours: its JSON key and where it lives in the struct. */
struct member {
    const char *key;
    size_t offset;
    size_t size;
};

#define MEMBER(key, field)                                                                         \
    {                                                                                              \
        key, offsetof(struct aif_admincomment, field),                                             \
            sizeof(((struct aif_admincomment *)0)->field)                                          \
    }

static const struct member members[] = {
    MEMBER("mode", mode),       MEMBER("alloc", alloc),   MEMBER("res", residency),
    MEMBER("data", datasets),   MEMBER("place", placement), MEMBER("use", purpose),   MEMBER("rule", rule),
    MEMBER("hold", hold),       MEMBER("held", held),     MEMBER("over", override),
    MEMBER("pol", policy),      MEMBER("score", score),
    MEMBER("node", node),
};
#define MEMBER_COUNT (sizeof(members) / sizeof(members[0]))

/* The object that text is, or NULL when it is anything else. */
static struct json_object *parse_object(const char *text, size_t length)
{
    struct json_object *object =
        aif_jsonstrict_parse(text, length, JSON_TOKENER_DEFAULT_DEPTH, NULL, NULL);

    if (json_object_is_type(object, json_type_object))
        return object;
    json_object_put(object);
    return NULL;
}

static int add_string(struct json_object *object, const char *key, const char *value)
{
    struct json_object *string;

    if (!*value)
        return 0;
    string = json_object_new_string(value);
    if (!string)
        return -1;
    if (json_object_object_add(object, key, string) < 0) {
        json_object_put(string);
        return -1;
    }
    return 0;
}

static struct json_object *make_ours(const struct aif_admincomment *ours)
{
    struct json_object *object = json_object_new_object();

    if (!object)
        return NULL;
    if (json_object_object_add(object, "v", json_object_new_int(VERSION)) < 0)
        goto fail;
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (add_string(object, members[i].key, (const char *)ours + members[i].offset) < 0)
            goto fail;
    return object;
fail:
    json_object_put(object);
    return NULL;
}

/* Print whole with ours as its member "aif". */
static int print_merged(struct json_object *whole, const struct aif_admincomment *ours,
                        char **ret_text, struct aif_error *err)
{
    struct json_object *aif = make_ours(ours);
    const char *text;
    char *copy;

    if (!aif || json_object_object_add(whole, "aif", aif) < 0) {
        json_object_put(aif);
        return aif_error_set(err, AIF_ENOMEM, "admin_comment: out of memory");
    }
    text = json_object_to_json_string_ext(whole,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!text)
        return aif_error_set(err, AIF_ENOMEM, "admin_comment: out of memory");
    if (strlen(text) >= AIF_ADMINCOMMENT_MAX)
        return aif_error_set(err, AIF_ELIMIT,
                             "admin_comment: asked %zu bytes, limit %d; shorten what is there",
                             strlen(text), AIF_ADMINCOMMENT_MAX - 1);
    copy = strdup(text);
    if (!copy)
        return aif_error_set(err, AIF_ENOMEM, "admin_comment: out of memory");
    *ret_text = copy;
    return 0;
}

/* Append text at *at; false if it does not fit. */
static bool append(char **at, const char *end, const char *text)
{
    const size_t length = strlen(text);

    if (length > (size_t)(end - *at))
        return false;
    memcpy(*at, text, length);
    *at += length;
    return true;
}

/* The same for a value; false as well if it would have to be escaped. */
static bool append_value(char **at, const char *end, const char *value)
{
    for (const char *p = value; *p; p++) {
        const unsigned char c = (unsigned char)*p;

        if (c < ' ' || c > '~' || c == '"' || c == '\\')
            return false;
    }
    return append(at, end, value);
}

static bool append_member(char **at, const char *end, const char *key, const char *value)
{
    return append(at, end, ",\"") && append(at, end, key) && append(at, end, "\":\"") &&
           append_value(at, end, value) && append(at, end, "\"");
}

int aif_admincomment_format(const struct aif_admincomment *ours, char *ret_text, size_t size)
{
    char *at = ret_text;
    const char *end = ret_text + size - 1;
    bool fits = append(&at, end, "{\"aif\":{\"v\":1");

    for (size_t i = 0; fits && i < MEMBER_COUNT; i++) {
        const char *value = (const char *)ours + members[i].offset;

        fits = !*value || append_member(&at, end, members[i].key, value);
    }
    fits = fits && append(&at, end, "}}");
    *at = '\0';
    return fits ? 0 : -1;
}

int aif_admincomment_merge(const char *existing, const struct aif_admincomment *ours,
                           char **ret_text, struct aif_error *err)
{
    struct json_object *whole;
    int rc;

    *ret_text = NULL;
    while (existing && isspace((unsigned char)*existing))
        existing++;
    if (!existing || !*existing) {
        whole = json_object_new_object();
        if (!whole)
            return aif_error_set(err, AIF_ENOMEM, "admin_comment: out of memory");
    } else {
        size_t length = strnlen(existing, READ_MAX);

        whole = length < READ_MAX ? parse_object(existing, length) : NULL;
        if (!whole)
            return 1;
    }
    rc = print_merged(whole, ours, ret_text, err);
    json_object_put(whole);
    return rc;
}

static void read_member(struct json_object *object, const struct member *member,
                        struct aif_admincomment *out)
{
    char *field = (char *)out + member->offset;
    struct json_object *value;

    if (!json_object_object_get_ex(object, member->key, &value))
        return;
    if (!json_object_is_type(value, json_type_string) ||
        (size_t)json_object_get_string_len(value) >= member->size ||
        strlen(json_object_get_string(value)) != (size_t)json_object_get_string_len(value))
        memcpy(field, "?", 2);
    else
        memcpy(field, json_object_get_string(value), (size_t)json_object_get_string_len(value) + 1);
}

int aif_admincomment_read(const char *text, struct aif_admincomment *ret_ours)
{
    struct json_object *whole, *aif;
    size_t length = text ? strnlen(text, READ_MAX) : 0;
    int found = 0;

    if (!length || length == READ_MAX)
        return 0;
    whole = parse_object(text, length);
    if (!whole)
        return 0;
    if (json_object_object_get_ex(whole, "aif", &aif) &&
        json_object_is_type(aif, json_type_object)) {
        memset(ret_ours, 0, sizeof(*ret_ours));
        for (size_t i = 0; i < MEMBER_COUNT; i++)
            read_member(aif, &members[i], ret_ours);
        found = 1;
    }
    json_object_put(whole);
    return found;
}

void aif_admincomment_hold(struct aif_admincomment *ours, const char *rule, time_t now)
{
    const size_t length = strnlen(rule, sizeof(ours->hold) - 1);
    struct tm utc;

    if (!ours->hold[0] || !ours->held[0]) {
        gmtime_r(&now, &utc);
        strftime(ours->held, sizeof(ours->held), "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    if (!length)
        ours->held[0] = '\0';
    memcpy(ours->hold, rule, length);
    ours->hold[length] = '\0';
}
