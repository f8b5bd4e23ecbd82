/* audit_show.c - see audit_show.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "audit_show.h"
#include "common.h"
#include "table.h"

#define TIME_SIZE 32

struct aif_audit_show {
    enum aif_audit_format format;
    struct aif_table *table;
    struct json_object *array;
    size_t count;
};

/* Scripts count columns: new ones go to the end. The aligned table leaves out what nobody has ('?'). */
static const char *const titles[] = {"TIME",      ">JOB", "KIND",        "USER",      "ACCOUNT", "?NODES",  "?TAG", "?DATASETS",
                                     "?PERMIT",   "?BY",  "?ALLOCATION", "?SOURCES",  "?POLICY", "?RULE",   "?REASON", ">SEQ",
                                     NULL};

struct aif_audit_show *aif_audit_show_create(enum aif_audit_format format)
{
    struct aif_audit_show *show = aif_tool_alloc(1, sizeof(*show));

    show->format = format;
    show->table = aif_table_create(titles);
    show->array = json_object_new_array();
    if (format == AIF_AUDIT_CSV)
        puts("time,kind,job,parent,user,by,account,allocation,mode,policy,nodes,tag,permit,sources,datasets,rule,reason,lost,seq,hash");
    return show;
}

void aif_audit_show_destroy(struct aif_audit_show *show)
{
    aif_table_destroy(show->table);
    json_object_put(show->array);
    free(show);
}

static void format_time(int64_t at, char ret_text[TIME_SIZE])
{
    const time_t when = (time_t)at;
    struct tm tm;

    if (!gmtime_r(&when, &tm) || !strftime(ret_text, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm))
        snprintf(ret_text, TIME_SIZE, "?");
}

/* ---- the table ---- */

/* Tags have the sign that separates the columns for scripts: there it gets a backslash before it, as a backslash does. */
static char *escape(const char *text)
{
    char *copy = aif_tool_alloc(2 * strlen(text) + 1, 1), *place = copy;

    for (; *text; text++) {
        if (*text == '|' || *text == '\\')
            *place++ = '\\';
        *place++ = *text;
    }
    return copy;
}

static void add_text(struct aif_audit_show *show, const char *text)
{
    if (!text || !*text)
        aif_table_add(show->table, NULL);
    else
        aif_table_add(show->table, show->format == AIF_AUDIT_PARSABLE ? escape(text) : aif_tool_strdup(text));
}

static void add_number(struct aif_audit_show *show, uint64_t number)
{
    aif_table_add(show->table, number ? aif_tool_format("%llu", (unsigned long long)number) : NULL);
}

static void add_row(struct aif_audit_show *show, const struct aif_auditevent *event, const struct aif_event *carrier)
{
    char at[TIME_SIZE], permits[AIF_RESTAG_TEXT_MAX];

    format_time(event->at, at);
    aif_auditevent_permits(event, permits);
    add_text(show, at);
    add_number(show, event->job);
    add_text(show, aif_auditevent_kind_name(event->kind));
    add_text(show, event->user);
    add_text(show, event->account);
    add_text(show, event->nodes);
    add_text(show, event->tag);
    add_text(show, event->datasets);
    add_text(show, permits);
    add_text(show, event->by);
    add_text(show, event->allocation);
    add_text(show, event->sources);
    add_text(show, event->policy);
    add_text(show, event->rule);
    add_text(show, event->reason);
    add_number(show, carrier->seq);
}

/* ---- CSV ---- */

/* RFC 4180: quote what needs it, double the quotes inside. */
static void put_cell(const char *text, char end)
{
    const bool plain = !strpbrk(text, "\",\r\n");

    if (!plain)
        putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    if (!plain)
        putchar('"');
    putchar(end);
}

static void print_csv(const struct aif_auditevent *event, const struct aif_event *carrier)
{
    char at[TIME_SIZE], permits[AIF_RESTAG_TEXT_MAX];
    const char *const texts[] = {event->user,   event->by,      event->account, event->allocation, event->mode,
                                 event->policy, event->nodes,   event->tag,     permits,           event->sources,
                                 event->datasets, event->rule, event->reason};

    format_time(event->at, at);
    aif_auditevent_permits(event, permits);
    printf("%s,%s,%u,%u,", at, aif_auditevent_kind_name(event->kind), event->job, event->parent);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        put_cell(texts[i] ? texts[i] : "", ',');
    printf("%llu,%llu,%s\n", (unsigned long long)event->lost, (unsigned long long)carrier->seq, carrier->hash);
}

/* ---- JSON ---- */

static void put_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text ? text : ""));
}

static void put_number(struct json_object *object, const char *key, int64_t number)
{
    json_object_object_add(object, key, json_object_new_int64(number));
}

static void put_list(struct json_object *object, const char *key, const char *text, char separator)
{
    const char separators[] = {separator, '\0'};
    struct json_object *array = json_object_new_array();

    while (*text) {
        size_t length = strcspn(text, separators);

        json_object_array_add(array, json_object_new_string_len(text, (int)length));
        text += length + (text[length] ? 1 : 0);
    }
    json_object_object_add(object, key, array);
}

static void put_who(struct json_object *object, const struct aif_auditevent *event)
{
    put_number(object, "job", event->job);
    put_number(object, "parent", event->parent);
    put_text(object, "user", event->user);
    put_text(object, "by", event->by);
    put_text(object, "account", event->account);
    put_text(object, "allocation", event->allocation);
    put_text(object, "mode", event->mode);
}

static void put_what(struct json_object *object, const struct aif_auditevent *event)
{
    char permits[AIF_RESTAG_TEXT_MAX];

    aif_auditevent_permits(event, permits);
    put_text(object, "policy", event->policy);
    put_text(object, "nodes", event->nodes);
    put_text(object, "tag", event->tag);
    put_list(object, "permits", permits, '+');
    put_list(object, "sources", event->sources, '+');
    put_list(object, "datasets", event->datasets, ',');
    put_text(object, "rule", event->rule);
    put_text(object, "reason", event->reason);
    put_number(object, "lost", (int64_t)event->lost);
}

static void add_json(struct aif_audit_show *show, const struct aif_auditevent *event, const struct aif_event *carrier)
{
    struct json_object *object = json_object_new_object();

    put_number(object, "time", event->at);
    put_text(object, "kind", aif_auditevent_kind_name(event->kind));
    put_who(object, event);
    put_what(object, event);
    put_number(object, "recorded", carrier->at);
    put_number(object, "seq", (int64_t)carrier->seq);
    put_text(object, "hash", carrier->hash);
    json_object_array_add(show->array, object);
}

static void print_json(struct aif_audit_show *show, const struct aif_chain *chain, bool verified)
{
    struct json_object *whole = json_object_new_object(), *ledger = json_object_new_object();

    put_number(ledger, "events", (int64_t)chain->count);
    put_text(ledger, "head", chain->head);
    json_object_object_add(ledger, "verified", json_object_new_boolean(verified));
    json_object_object_add(whole, "ledger", ledger);
    json_object_object_add(whole, "events", json_object_get(show->array));
    puts(json_object_to_json_string_ext(whole, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(whole);
}

/* ---- the whole ---- */

void aif_audit_show_add(struct aif_audit_show *show, const struct aif_auditevent *event, const struct aif_event *carrier)
{
    show->count++;
    if (show->format == AIF_AUDIT_JSON)
        add_json(show, event, carrier);
    else if (show->format == AIF_AUDIT_CSV)
        print_csv(event, carrier);
    else
        add_row(show, event, carrier);
}

void aif_audit_show_end(struct aif_audit_show *show, const struct aif_chain *chain, bool verified)
{
    if (show->format == AIF_AUDIT_JSON)
        print_json(show, chain, verified);
    if (show->format == AIF_AUDIT_PARSABLE || (show->format == AIF_AUDIT_TABLE && show->count))
        aif_table_print(show->table, show->format == AIF_AUDIT_PARSABLE);
    if (show->format == AIF_AUDIT_TABLE)
        printf("%zu events; ledger of %llu events %s, head %s\n", show->count, (unsigned long long)chain->count,
               verified ? "verified" : "NOT verified beyond these", chain->head);
}
