/* decisions_read.c - see decisions_read.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decisions_read.h"
#include "rules.h"
#include "timetext.h"

/* ---- JSON ---- */

struct json_object *member(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(object, key, &value);
    return value;
}

const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value = member(object, key);

    return value ? json_object_get_string(value) : NULL;
}

uint64_t number_of(struct json_object *object, const char *key, uint64_t none)
{
    struct json_object *value = member(object, key);

    return value ? json_object_get_uint64(value) : none;
}

/* A slip in a key's name would leave a case that tests nothing. */
static void check_keys(const struct subject *subject, struct json_object *object, const char *known)
{
    char key[64];

    if (!object)
        return;
    json_object_object_foreach(object, name, value)
    {
        (void)value;
        snprintf(key, sizeof(key), " %s ", name);
        if (!strstr(known, key))
            fail_msg("%s: %s: unknown key%s", subject->file, text_of(subject->entry, "name"), key);
    }
}

void check_form(const struct subject *subject)
{
    struct json_object *request = member(subject->entry, "request");

    assert_non_null(text_of(subject->entry, "name"));
    assert_non_null(request);
    assert_non_null(text_of(member(subject->entry, "expect"), "verdict"));
    check_keys(subject, subject->entry, " name cluster request usage balance expect ");
    check_keys(
        subject, request,
        " account user qos partition options comment env raw gpus nodes array_tasks minutes begin "
        "billing interactive also ");
    check_keys(subject, member(request, "options"),
               " mode allocation residency placement purpose explain dataset ");
    check_keys(subject, member(request, "also"), " alloc asked ");
    check_keys(
        subject, member(subject->entry, "usage"),
        " known used reserved pending free_used free_reserved inference submits user_submits ");
    check_keys(subject, member(subject->entry, "balance"),
               " id used inference free first_month months ");
    check_keys(subject, member(subject->entry, "expect"),
               " verdict rule message alloc minutes residency placement qos free ");
}

static time_t moment(const char *text)
{
    time_t when = 0;

    if (aif_timetext_date(text, AIF_DAY_START, &when))
        fail_msg("not a time: %s", text);
    return when;
}

/* ---- deciding ---- */

static void copy_raw(struct json_object *given, struct aif_options *options)
{
    const char *placement = text_of(given, "placement");

    snprintf(options->placement, sizeof(options->placement), "%s", placement ? placement : "");
}

/* As they come to the controller: through the parser, whichever way they travelled. */
static int read_options(struct json_object *request, struct aif_options *options,
                        struct aif_error *err)
{
    struct json_object *given = member(request, "options");
    const char *comment = text_of(request, "comment"), *env = text_of(request, "env");

    if (comment)
        return aif_options_from_comment(comment, options, err) < 0 ? -1 : 0;
    if (env)
        return aif_options_parse(env, options, err);
    if (!given)
        return 0;
    if (member(request, "raw")) {
        copy_raw(given, options);
        return 0;
    }
    json_object_object_foreach(given, key, value)
    {
        if (aif_options_set(options, key, json_object_get_string(value), err))
            return -1;
    }
    return 0;
}

static void give_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    struct subject *subject = arg;

    assert_non_null(alloc);
    subject->usage_calls++;
    *ret_usage = subject->usage;
}

static uint64_t seconds_of(struct json_object *object, const char *key)
{
    struct json_object *value = member(object, key);

    return value ? (uint64_t)llround(json_object_get_double(value) * 3600) : 0;
}

static void read_usage(struct subject *subject)
{
    struct json_object *usage = member(subject->entry, "usage");
    struct json_object *known = member(usage, "known");

    subject->usage = (struct aif_usage){
        .known = !known || json_object_get_boolean(known),
        .used_secs = seconds_of(usage, "used"),
        .reserved_secs = seconds_of(usage, "reserved"),
        .pending_secs = seconds_of(usage, "pending"),
        .free_used_secs = seconds_of(usage, "free_used"),
        .free_reserved_secs = seconds_of(usage, "free_reserved"),
        .inference_secs = seconds_of(usage, "inference"),
        .submits = (uint32_t)number_of(usage, "submits", 0),
        .user_submits = (uint32_t)number_of(usage, "user_submits", 0),
    };
}

/* The entry of the balances file that a case's balance, in hours, stands for. */
static struct json_object *balance_entry(struct json_object *balance)
{
    struct json_object *entry = json_object_new_object(), *months = json_object_new_array();
    struct json_object *hours = member(balance, "months");

    for (size_t i = 0; hours && i < json_object_array_length(hours); i++)
        json_object_array_add(
            months, json_object_new_int64(llround(
                        json_object_get_double(json_object_array_get_idx(hours, i)) * 3600)));
    json_object_object_add(entry, "id", json_object_new_string(text_of(balance, "id")));
    for (const char *const *key = (const char *const[]){"used", "inference", "free", NULL}; *key;
         key++)
        json_object_object_add(entry, *key,
                               json_object_new_int64((int64_t)seconds_of(balance, *key)));
    json_object_object_add(entry, "first_month",
                           json_object_new_string(text_of(balance, "first_month")));
    json_object_object_add(entry, "months", months);
    return entry;
}

static struct aif_balances *read_balance(const struct subject *subject)
{
    struct json_object *balance = member(subject->entry, "balance"), *entry;
    struct aif_balances *balances = NULL;
    struct aif_error err;
    char *text;

    if (!balance)
        return NULL;
    entry = balance_entry(balance);
    if (asprintf(&text, "{\"version\":1,\"at\":\"2026-11-21T00:00:00Z\",\"allocations\":[%s]}",
                 json_object_to_json_string(entry)) < 0)
        abort();
    if (aif_balances_parse(text, strlen(text), text_of(subject->entry, "name"), &balances, &err))
        fail_msg("%s", err.text);
    free(text);
    json_object_put(entry);
    return balances;
}

/* The id between the message's last "(AIF-" and ")", from the table; NULL if there is none. */
const struct aif_rule *rule_in(const char *message)
{
    const char *at = strstr(message, "(AIF-");
    char id[16];

    if (!at)
        return NULL;
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(at + 1, ")"), at + 1);
    return aif_rules_find(id);
}

/* Options that do not parse are refused by whoever parses them, with the parser's words. */
static void refuse_options(struct subject *subject, const struct aif_error *err)
{
    const struct aif_rule *rule = rule_in(err->text);

    subject->decision =
        (struct aif_decision){.verdict = AIF_REJECT, .rule = rule ? rule->id : NULL};
    snprintf(subject->decision.message, sizeof(subject->decision.message), "%.*s",
             AIF_MESSAGE_MAX - 1, err->text);
}

static struct aif_request read_request(const struct subject *subject,
                                       const struct aif_options *options)
{
    struct json_object *r = member(subject->entry, "request"), *also = member(r, "also");
    const char *begin = text_of(r, "begin");

    return (struct aif_request){
        .account = text_of(r, "account"),
        .user = text_of(r, "user"),
        .qos = text_of(r, "qos"),
        .partition = text_of(r, "partition"),
        .options = options,
        .gpus = number_of(r, "gpus", 0),
        .nodes = (uint32_t)number_of(r, "nodes", 1),
        .array_tasks = (uint32_t)number_of(r, "array_tasks", 1),
        .billing = number_of(r, "billing", AIF_BILLING_UNKNOWN),
        .interactive = json_object_get_boolean(member(r, "interactive")),
        .also_alloc = text_of(also, "alloc"),
        .also_secs = seconds_of(also, "asked"),
        .minutes = (uint32_t)number_of(r, "minutes", AIF_MINUTES_UNKNOWN),
        .begin = moment(begin ? begin : subject->now),
    };
}

void decide_case(const struct aif_snapshot *site, struct subject *subject)
{
    struct aif_options options = {0};
    struct aif_error err = {0};
    struct aif_snapshot now = site ? *site : (struct aif_snapshot){0};
    const struct aif_request request = read_request(subject, &options);

    read_usage(subject);
    memset(&subject->decision, 'x', sizeof(subject->decision));
    now.balances = read_balance(subject);
    if (read_options(member(subject->entry, "request"), &options, &err))
        refuse_options(subject, &err);
    else
        aif_decide(site ? &now : NULL, &request, give_usage, subject, &subject->decision);
    aif_balances_destroy(now.balances);
}
