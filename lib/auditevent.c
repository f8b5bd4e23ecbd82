/* auditevent.c - see auditevent.h */
#include "auditevent.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonstrict.h"

#define VERSION 1
#define DEPTH 2
#define EPOCH_MAX 253402300799LL /* year 9999 */
#define PERMIT ";permit="
#define CUT "..."
#define SHOWN 80 /* bytes of a line that is none */

static const char *const kind_names[AIF_AUDIT_KINDS] = {
    [AIF_AUDIT_ACCEPT] = "accept",     [AIF_AUDIT_REFUSE] = "refuse", [AIF_AUDIT_HOLD] = "hold", [AIF_AUDIT_NARROW] = "narrow",
    [AIF_AUDIT_OVERRIDE] = "override", [AIF_AUDIT_PLACE] = "place",   [AIF_AUDIT_NODE] = "node", [AIF_AUDIT_LOST] = "lost",
    [AIF_AUDIT_ADVISE] = "advise",
};

/* The members that are text, in the order in which they are written after the numbers; the nodes come last. */
static const struct member {
    const char *key;
    size_t offset;
    size_t size;
} members[] = {
#define MEMBER(name) {#name, offsetof(struct aif_auditevent, name), sizeof(((struct aif_auditevent *)0)->name)}
    MEMBER(user), MEMBER(by),      MEMBER(account),  MEMBER(allocation), MEMBER(mode), MEMBER(policy),
    MEMBER(tag),  MEMBER(sources), MEMBER(datasets), MEMBER(rule),       MEMBER(reason),
#undef MEMBER
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))
#define NUMBERS 4 /* at, job, parent, lost */
#define KEYS (2 + NUMBERS + MEMBERS + 1)
#define ADVISE_KEYS 2 /* more: gpu_secs, would */

struct aif_auditevent *aif_auditevent_create(enum aif_auditevent_kind kind, int64_t at)
{
    struct aif_auditevent *event = calloc(1, sizeof(*event));

    if (!event)
        return NULL;
    event->kind = kind;
    event->at = at;
    return event;
}

void aif_auditevent_clear(struct aif_auditevent *event)
{
    free(event->nodes);
    event->nodes = NULL;
}

void aif_auditevent_destroy(struct aif_auditevent *event)
{
    if (!event)
        return;
    aif_auditevent_clear(event);
    free(event);
}

const char *aif_auditevent_ledger(const struct aif_auditevent *event)
{
    return event->kind == AIF_AUDIT_ADVISE ? AIF_AUDITEVENT_ADVICE : AIF_AUDITEVENT_LEDGER;
}

const char *aif_auditevent_kind_name(enum aif_auditevent_kind kind)
{
    return kind_names[kind];
}

void aif_auditevent_set(char *member, size_t size, const char *text)
{
    size_t length = text ? strnlen(text, size - 1) : 0;

    memcpy(member, text ? text : "", length);
    member[length] = '\0';
}

void aif_auditevent_set_nodes(struct aif_auditevent *event, const char *nodes)
{
    size_t length = nodes ? strlen(nodes) : 0;

    free(event->nodes);
    event->nodes = NULL;
    if (!length)
        return;
    if (length <= AIF_AUDITEVENT_NODES_MAX) {
        event->nodes = strdup(nodes);
        return;
    }
    event->nodes = strndup(nodes, AIF_AUDITEVENT_NODES_MAX);
    if (event->nodes)
        memcpy(event->nodes + AIF_AUDITEVENT_NODES_MAX - strlen(CUT), CUT, strlen(CUT));
}

void aif_auditevent_add_source(struct aif_auditevent *event, const char *word)
{
    size_t used = strlen(event->sources);

    if (used && used < sizeof(event->sources) - 1)
        event->sources[used++] = '+';
    aif_auditevent_set(event->sources + used, sizeof(event->sources) - used, word);
}

void aif_auditevent_permits(const struct aif_auditevent *event, char ret_permits[AIF_RESTAG_TEXT_MAX])
{
    const char *found = strcasestr(event->tag, PERMIT);
    size_t length = 0;

    if (found) {
        found += strlen(PERMIT);
        length = strcspn(found, ";");
        memcpy(ret_permits, found, length);
    }
    ret_permits[length] = '\0';
}

/* ---- writing ---- */

/* Two bytes at most for each. */
static int write_text(struct aif_text *text, const char *key, const char *value)
{
    char *place;

    if (aif_text_printf(text, ",\"%s\":\"", key) < 0 || aif_text_reserve(text, 2 * strlen(value) + 1) < 0)
        return -1;
    place = text->data + text->length;
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            *place++ = '\\';
        *place++ = *value >= ' ' && *value <= '~' ? *value : '?';
    }
    *place++ = '"';
    text->length = (size_t)(place - text->data);
    *place = '\0';
    return 0;
}

static int write_advice(const struct aif_auditevent *event, struct aif_text *text)
{
    if (aif_text_printf(text, ",\"gpu_secs\":%llu", (unsigned long long)event->gpu_secs) < 0)
        return -1;
    return write_text(text, "would", event->would);
}

int aif_auditevent_write(const struct aif_auditevent *event, struct aif_text *text)
{
    if (aif_text_printf(text, "{\"v\":%d,\"kind\":\"%s\",\"at\":%lld,\"job\":%u,\"parent\":%u,\"lost\":%llu", VERSION,
                        kind_names[event->kind], (long long)event->at, event->job, event->parent,
                        (unsigned long long)event->lost) < 0)
        return -1;
    for (size_t i = 0; i < MEMBERS; i++)
        if (write_text(text, members[i].key, (const char *)event + members[i].offset) < 0)
            return -1;
    if (write_text(text, "nodes", event->nodes ? event->nodes : "") < 0)
        return -1;
    if (event->kind == AIF_AUDIT_ADVISE && write_advice(event, text) < 0)
        return -1;
    return aif_text_append(text, "}", 1);
}

/* ---- reading ---- */

static bool read_number(json_object *object, const char *key, int64_t max, int64_t *ret_number)
{
    json_object *value;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_int))
        return false;
    *ret_number = json_object_get_int64(value);
    return *ret_number >= 0 && *ret_number <= max;
}

/* NULL where there is none, or one that is too long or has a NUL in it. */
static const char *read_text(json_object *object, const char *key, size_t size)
{
    json_object *value;
    const char *text;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
        return NULL;
    text = json_object_get_string(value);
    return strlen(text) == (size_t)json_object_get_string_len(value) && strlen(text) < size ? text : NULL;
}

static bool read_kind(json_object *object, enum aif_auditevent_kind *ret_kind)
{
    const char *name = read_text(object, "kind", AIF_AUDITEVENT_NAME);

    for (int i = 0; name && i < AIF_AUDIT_KINDS; i++)
        if (!strcmp(name, kind_names[i])) {
            *ret_kind = (enum aif_auditevent_kind)i;
            return true;
        }
    return false;
}

static bool read_numbers(json_object *object, struct aif_auditevent *event)
{
    int64_t version, job, parent, lost;

    if (!read_number(object, "v", VERSION, &version) || version != VERSION ||
        !read_number(object, "at", EPOCH_MAX, &event->at) || !read_number(object, "job", UINT32_MAX, &job) ||
        !read_number(object, "parent", UINT32_MAX, &parent) || !read_number(object, "lost", INT64_MAX, &lost))
        return false;
    event->job = (uint32_t)job;
    event->parent = (uint32_t)parent;
    event->lost = (uint64_t)lost;
    return true;
}

/* The keys that events about advice have more than others. */
static bool read_advice(json_object *object, struct aif_auditevent *event)
{
    const char *would = read_text(object, "would", sizeof(event->would));
    int64_t gpu_secs;

    if (!would || !read_number(object, "gpu_secs", INT64_MAX, &gpu_secs))
        return false;
    memcpy(event->would, would, strlen(would) + 1);
    event->gpu_secs = (uint64_t)gpu_secs;
    return true;
}

static bool read_keys(json_object *object, struct aif_auditevent *event)
{
    const int length = json_object_object_length(object);

    if (!read_kind(object, &event->kind) || !read_numbers(object, event))
        return false;
    return event->kind == AIF_AUDIT_ADVISE ? length == (int)(KEYS + ADVISE_KEYS) && read_advice(object, event)
                                           : length == (int)KEYS;
}

static bool read_object(json_object *object, struct aif_auditevent *event)
{
    const char *nodes = read_text(object, "nodes", AIF_AUDITEVENT_NODES_MAX + 1);

    if (!nodes || !read_keys(object, event))
        return false;
    for (size_t i = 0; i < MEMBERS; i++) {
        const char *text = read_text(object, members[i].key, members[i].size);

        if (!text)
            return false;
        memcpy((char *)event + members[i].offset, text, strlen(text) + 1);
    }
    aif_auditevent_set_nodes(event, nodes);
    return true;
}

int aif_auditevent_parse(const char *line, size_t length, struct aif_auditevent *ret_event, struct aif_error *err)
{
    struct aif_auditevent event = {0};
    json_object *object = aif_jsonstrict_parse(line, length, DEPTH, NULL, NULL);
    bool fine = json_object_is_type(object, json_type_object) && read_object(object, &event);

    json_object_put(object);
    if (!fine)
        return aif_error_set(err, AIF_ESCHEMA, "not an audit event of version %d: %.*s", VERSION,
                             (int)(length < SHOWN ? length : SHOWN), line);
    *ret_event = event;
    return 0;
}
