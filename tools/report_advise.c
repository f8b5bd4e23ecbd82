/* report_advise.c - "aif report advise": what rules that only advise would have done, from the ledger */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auditevent.h"
#include "common.h"
#include "ledger.h"
#include "ledger_tool.h"
#include "message.h"
#include "report_tool.h"
#include "table.h"

#define WEEK (7 * 86400)
#define TIME_SIZE 32

/* Events that have rule, mode, account and outcome in common. */
struct group {
    uint64_t count;
    uint64_t gpu_secs;
    struct aif_auditevent last;
};

struct advice {
    int64_t from, to;
    struct group *groups;
    size_t count;
};

/* ---- collecting ---- */

static bool is_same(const struct aif_auditevent *a, const struct aif_auditevent *b)
{
    return !strcmp(a->rule, b->rule) && !strcmp(a->mode, b->mode) && !strcmp(a->account, b->account) &&
           !strcmp(a->would, b->would);
}

static struct group *group_of(struct advice *advice, const struct aif_auditevent *event)
{
    struct group *more;

    for (size_t i = 0; i < advice->count; i++)
        if (is_same(&advice->groups[i].last, event))
            return &advice->groups[i];
    more = realloc(advice->groups, (advice->count + 1) * sizeof(*more));
    if (!more)
        return NULL;
    advice->groups = more;
    more[advice->count] = (struct group){.last = *event};
    more[advice->count].last.nodes = NULL;
    return &more[advice->count++];
}

static int add(struct advice *advice, const struct aif_auditevent *event, struct aif_error *err)
{
    struct group *group = group_of(advice, event);

    if (!group)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    group->count++;
    if (__builtin_add_overflow(group->gpu_secs, event->gpu_secs, &group->gpu_secs))
        group->gpu_secs = UINT64_MAX;
    if (event->at >= group->last.at) {
        group->last = *event;
        group->last.nodes = NULL;
    }
    return 0;
}

static int visit(const struct aif_event *carrier, void *data, struct aif_error *err)
{
    struct advice *advice = data;
    struct aif_auditevent event;
    int rc = 0;

    if (strcmp(carrier->kind, AIF_AUDITEVENT_ADVICE))
        return 0;
    if (aif_auditevent_parse(carrier->body, strlen(carrier->body), &event, err) < 0)
        return -1;
    if (event.at >= advice->from && event.at < advice->to)
        rc = add(advice, &event, err);
    aif_auditevent_clear(&event);
    return rc;
}

/* By rule, then what comes most often. */
static int compare(const void *a, const void *b)
{
    const struct group *one = a, *other = b;
    int rc = strcmp(one->last.rule, other->last.rule);

    if (!rc && one->count != other->count)
        rc = one->count > other->count ? -1 : 1;
    if (!rc)
        rc = strcmp(one->last.mode, other->last.mode);
    return rc ? rc : strcmp(one->last.account, other->last.account);
}

/* ---- showing ---- */

static void format_time(int64_t at, char ret_text[TIME_SIZE])
{
    const time_t when = (time_t)at;
    struct tm tm;

    if (!gmtime_r(&when, &tm) || !strftime(ret_text, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm))
        snprintf(ret_text, TIME_SIZE, "?");
}

static char *or_null(const char *text)
{
    return *text ? aif_tool_strdup(text) : NULL;
}

static void print_table(const struct advice *advice, bool parsable)
{
    /* Scripts count columns: new ones go to the end. */
    static const char *const titles[] = {"RULE", "MODE", "ACCOUNT", "WOULD", ">COUNT", ">GPU-HOURS", "LAST", ">JOB", "USER", "EXAMPLE", NULL};
    struct aif_table *table = aif_table_create(titles);
    char hours[AIF_AMOUNT_TEXT], at[TIME_SIZE];

    for (size_t i = 0; i < advice->count; i++) {
        const struct group *group = &advice->groups[i];
        const struct aif_auditevent *last = &group->last;

        aif_message_hours(group->gpu_secs, hours);
        format_time(last->at, at);
        aif_table_add(table, aif_tool_strdup(last->rule));
        aif_table_add(table, or_null(last->mode));
        aif_table_add(table, or_null(last->account));
        aif_table_add(table, aif_tool_strdup(last->would));
        aif_table_add(table, aif_tool_format("%llu", (unsigned long long)group->count));
        aif_table_add(table, aif_tool_strdup(hours));
        aif_table_add(table, aif_tool_strdup(at));
        aif_table_add(table, last->job ? aif_tool_format("%u", last->job) : NULL);
        aif_table_add(table, or_null(last->user));
        aif_table_add(table, or_null(last->reason));
    }
    aif_table_print(table, parsable);
    aif_table_destroy(table);
}

static json_object *text_json(const char *text)
{
    return *text ? json_object_new_string(text) : NULL;
}

static json_object *number_json(uint64_t number)
{
    return json_object_new_int64(number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

static void print_json(const struct advice *advice)
{
    json_object *list = json_object_new_array();

    for (size_t i = 0; i < advice->count; i++) {
        const struct group *group = &advice->groups[i];
        const struct aif_auditevent *last = &group->last;
        json_object *object = json_object_new_object();

        json_object_object_add(object, "rule", json_object_new_string(last->rule));
        json_object_object_add(object, "mode", text_json(last->mode));
        json_object_object_add(object, "account", text_json(last->account));
        json_object_object_add(object, "would", json_object_new_string(last->would));
        json_object_object_add(object, "count", number_json(group->count));
        json_object_object_add(object, "gpu_seconds", number_json(group->gpu_secs));
        json_object_object_add(object, "last", json_object_new_int64(last->at));
        json_object_object_add(object, "job", last->job ? json_object_new_int64(last->job) : NULL);
        json_object_object_add(object, "user", text_json(last->user));
        json_object_object_add(object, "example", text_json(last->reason));
        json_object_array_add(list, object);
    }
    puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(list);
}

/* ---- the command ---- */

int aif_report_advise(const struct aif_report_wish *wish)
{
    const int64_t now = (int64_t)time(NULL);
    struct advice advice = {.to = wish->has_to ? wish->to : now + 1};
    struct aif_ledger *ledger;
    struct aif_error err = {0};
    int rc;

    advice.from = wish->has_from ? wish->from : advice.to - WEEK;
    if (aif_ledger_open(wish->ledger, AIF_LEDGER_READ, &ledger, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    rc = aif_ledger_tell_archived(ledger, advice.from, &err);
    if (rc == 0)
        rc = aif_ledger_iterate(ledger, visit, &advice, &err);
    aif_ledger_close(ledger);
    if (rc == 0) {
        if (advice.count)
            qsort(advice.groups, advice.count, sizeof(*advice.groups), compare);
        if (wish->json)
            print_json(&advice);
        else
            print_table(&advice, wish->parsable);
    }
    free(advice.groups);
    return rc == 0 ? AIF_EXIT_OK : aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
}
