/* refusals.c - see refusals.h */
#include "refusals.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonstrict.h"

#define VERSION 1
#define DEPTH 2
#define KEYS 10
#define EPOCH_MAX INT64_C(253402300799) /* the year 9999 */

struct user {
    struct aif_refusal *list; /* NULL: the place is free; oldest first */
    size_t count;
};

struct aif_refusals {
    struct user users[AIF_REFUSALS_USERS];
};

struct aif_refusals *aif_refusals_create(void)
{
    return calloc(1, sizeof(struct aif_refusals));
}

void aif_refusals_destroy(struct aif_refusals *refusals)
{
    for (size_t i = 0; refusals && i < AIF_REFUSALS_USERS; i++)
        free(refusals->users[i].list);
    free(refusals);
}

void aif_refusal_set(char *member, size_t size, const char *text)
{
    size_t length = text ? strnlen(text, size - 1) : 0;

    for (size_t i = 0; i < length; i++)
        member[i] = text[i] == '\n' ? ' ' : text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    member[length] = '\0';
}

/* ---- remembering ---- */

static int64_t last_of(const struct user *user)
{
    return user->list[user->count - 1].at;
}

int aif_refusals_place(const struct aif_refusals *refusals, uint32_t uid)
{
    for (int i = 0; i < AIF_REFUSALS_USERS; i++)
        if (refusals->users[i].list && refusals->users[i].list[0].uid == uid)
            return i;
    return -1;
}

/* A free place, or that of who was refused least lately, if that is longer ago than at. */
static struct user *make_room(struct aif_refusals *refusals, int64_t at)
{
    struct user *least = NULL;

    for (size_t i = 0; i < AIF_REFUSALS_USERS; i++) {
        struct user *user = &refusals->users[i];

        if (!user->list) {
            user->list = calloc(AIF_REFUSALS_EACH, sizeof(*user->list));
            return user->list ? user : NULL;
        }
        if (!least || last_of(user) < last_of(least))
            least = user;
    }
    if (last_of(least) > at)
        return NULL;
    least->count = 0;
    return least;
}

static bool is_same(const struct aif_refusal *a, const struct aif_refusal *b)
{
    return a->job == b->job && a->by == b->by && !strcmp(a->name, b->name) && !strcmp(a->account, b->account) &&
           !strcmp(a->text, b->text);
}

static bool count_again(struct user *user, const struct aif_refusal *refusal)
{
    struct aif_refusal *last = user->count ? &user->list[user->count - 1] : NULL;

    if (!last || !is_same(last, refusal))
        return false;
    if (refusal->at > last->at)
        last->at = refusal->at;
    if (__builtin_add_overflow(last->times, refusal->times, &last->times))
        last->times = UINT32_MAX;
    return true;
}

static void insert(struct user *user, const struct aif_refusal *refusal)
{
    size_t place = user->count;

    while (place && user->list[place - 1].at > refusal->at)
        place--;
    if (user->count == AIF_REFUSALS_EACH) {
        if (!place)
            return;
        memmove(user->list, user->list + 1, (place - 1) * sizeof(*user->list));
        place--;
    } else {
        memmove(user->list + place + 1, user->list + place, (user->count - place) * sizeof(*user->list));
        user->count++;
    }
    user->list[place] = *refusal;
}

void aif_refusals_add(struct aif_refusals *refusals, const struct aif_refusal *refusal)
{
    int place = aif_refusals_place(refusals, refusal->uid);
    struct user *user = place < 0 ? make_room(refusals, refusal->at) : &refusals->users[place];

    if (user && !count_again(user, refusal))
        insert(user, refusal);
}

/* ---- asking ---- */

size_t aif_refusals_at(const struct aif_refusals *refusals, size_t place, struct aif_refusal ret_list[AIF_REFUSALS_EACH])
{
    const struct user *user = &refusals->users[place];

    if (!user->list)
        return 0;
    memcpy(ret_list, user->list, user->count * sizeof(*ret_list));
    return user->count;
}

size_t aif_refusals_newest(const struct aif_refusal *list, size_t count, int64_t since, struct aif_refusal *newest,
                           size_t had, size_t max)
{
    for (; count; count--) {
        const struct aif_refusal *refusal = &list[count - 1];
        size_t place = had;

        while (place && newest[place - 1].at < refusal->at)
            place--;
        if (refusal->at < since || place == max)
            continue;
        if (had < max)
            had++;
        memmove(newest + place + 1, newest + place, (had - place - 1) * sizeof(*newest));
        newest[place] = *refusal;
    }
    return had;
}

/* ---- lines ---- */

static int write_text(struct aif_text *text, const char *key, const char *value)
{
    return aif_text_printf(text, ",\"%s\":", key) < 0 ? -1 : aif_text_json(text, value);
}

int aif_refusal_write(const struct aif_refusal *refusal, struct aif_text *text)
{
    if (aif_text_printf(text, "{\"v\":%d,\"at\":%lld,\"uid\":%u,\"by\":%u,\"job\":%u,\"times\":%u", VERSION,
                        (long long)refusal->at, refusal->uid, refusal->by, refusal->job, refusal->times) < 0)
        return -1;
    if (write_text(text, "rule", refusal->rule) < 0 || write_text(text, "name", refusal->name) < 0 ||
        write_text(text, "account", refusal->account) < 0 || write_text(text, "text", refusal->text) < 0)
        return -1;
    return aif_text_append(text, "}\n", 2);
}

static bool read_number(json_object *object, const char *key, int64_t max, int64_t *ret_number)
{
    json_object *value;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_int))
        return false;
    *ret_number = json_object_get_int64(value);
    return *ret_number >= 0 && *ret_number <= max;
}

static bool read_u32(json_object *object, const char *key, uint32_t *ret_number)
{
    int64_t number;

    if (!read_number(object, key, UINT32_MAX, &number))
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

static bool read_text(json_object *object, const char *key, char *member, size_t size)
{
    json_object *value;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string) ||
        (size_t)json_object_get_string_len(value) >= size)
        return false;
    aif_refusal_set(member, size, json_object_get_string(value));
    return true;
}

static bool read_object(json_object *object, struct aif_refusal *refusal)
{
    int64_t version;

    return json_object_object_length(object) == KEYS && read_number(object, "v", VERSION, &version) &&
           version == VERSION && read_number(object, "at", EPOCH_MAX, &refusal->at) &&
           read_u32(object, "uid", &refusal->uid) && read_u32(object, "by", &refusal->by) &&
           read_u32(object, "job", &refusal->job) && read_u32(object, "times", &refusal->times) &&
           read_text(object, "rule", refusal->rule, sizeof(refusal->rule)) &&
           read_text(object, "name", refusal->name, sizeof(refusal->name)) &&
           read_text(object, "account", refusal->account, sizeof(refusal->account)) &&
           read_text(object, "text", refusal->text, sizeof(refusal->text));
}

int aif_refusal_parse(const char *line, size_t length, struct aif_refusal *ret_refusal, struct aif_error *err)
{
    struct aif_refusal refusal = {0};
    json_object *object = length < AIF_REFUSALS_LINE_MAX ? aif_jsonstrict_parse(line, length, DEPTH, NULL, NULL) : NULL;
    bool fine = json_object_is_type(object, json_type_object) && read_object(object, &refusal);

    json_object_put(object);
    if (!fine)
        return aif_error_set(err, AIF_ESCHEMA, "no refusal of version %d", VERSION);
    *ret_refusal = refusal;
    return 0;
}

size_t aif_refusals_read(struct aif_refusals *refusals, const char *text)
{
    struct aif_refusal refusal;
    struct aif_error err;
    size_t bad = 0;

    while (*text) {
        size_t length = strcspn(text, "\n");

        if (aif_refusal_parse(text, length, &refusal, &err) < 0)
            bad++;
        else
            aif_refusals_add(refusals, &refusal);
        text += text[length] ? length + 1 : length;
    }
    return bad;
}
