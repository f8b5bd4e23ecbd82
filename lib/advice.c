/* advice.c - see advice.h */
#include "advice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "names.h"
#include "policycategory.h"
#include "policyenforce.h"
#include "projid.h"

/* First and last days are counted in more than one way. */
#define SLACK_SECONDS (3 * 86400)
#define COMPARE "compare with the award letter"

/* What is looked at, and who hears of it. */
struct look {
    const struct aif_policy *policy;
    const struct aif_alloc *alloc;
    aif_advice_fn give;
    void *arg;
};

static void advise(const struct look *look, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void advise(const struct look *look, const char *fmt, ...)
{
    char text[AIF_ADVICE_MAX], what[AIF_ADVICE_MAX - 80];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    snprintf(text, sizeof(text), "allocation %.63s: %s", look->alloc->id, what);
    look->give(look->arg, text);
}

/* "5000", "10000 to 50000", "at least 5", "at most 5"; 0 is open. */
static void format_range(uint64_t min, uint64_t max, char *ret_text, size_t size)
{
    if (min == max)
        snprintf(ret_text, size, "%" PRIu64, min);
    else if (!max)
        snprintf(ret_text, size, "at least %" PRIu64, min);
    else if (!min)
        snprintf(ret_text, size, "at most %" PRIu64, max);
    else
        snprintf(ret_text, size, "%" PRIu64 " to %" PRIu64, min, max);
}

static void look_at_amount(const struct look *look)
{
    const struct aif_award *award = &look->alloc->mode->award;
    const uint64_t secs = look->alloc->amount_secs;
    char range[64];

    if (secs >= award->amount_min * 3600 &&
        (!award->amount_max || secs <= award->amount_max * 3600))
        return;
    format_range(award->amount_min, award->amount_max, range, sizeof(range));
    advise(look, "amount: %.15g %ss, %s publishes %s; " COMPARE, (double)secs / 3600,
           aif_unit_name(look->alloc->unit), look->alloc->mode->name, range);
}

/* Amounts of different units cannot be compared. */
static void look_at_unit_and_amount(const struct look *look)
{
    const struct aif_award *award = &look->alloc->mode->award;

    if (!award->has_unit)
        return;
    if (award->unit == look->alloc->unit)
        look_at_amount(look);
    else
        advise(look, "unit: %s, %s publishes %s; " COMPARE, aif_unit_name(look->alloc->unit),
               look->alloc->mode->name, aif_unit_name(award->unit));
}

static time_t months_later(time_t start, uint32_t months)
{
    struct tm day;

    localtime_r(&start, &day);
    day.tm_year += (int)(months / 12);
    day.tm_mon += (int)(months % 12);
    day.tm_isdst = -1;
    return mktime(&day);
}

static void look_at_months(const struct look *look)
{
    const struct aif_alloc *alloc = look->alloc;
    const struct aif_range *months = &alloc->mode->award.months;
    char range[64], start[AIF_DATE_TEXT], end[AIF_DATE_TEXT];

    if (alloc->end + SLACK_SECONDS >= months_later(alloc->start, months->min) &&
        (!months->max || alloc->end - SLACK_SECONDS <= months_later(alloc->start, months->max)))
        return;
    format_range(months->min, months->max, range, sizeof(range));
    aif_message_date(alloc->start, start);
    aif_message_date(alloc->end, end);
    advise(look, "time: %s to %s, %s publishes %s months; " COMPARE, start, end, alloc->mode->name,
           range);
}

static bool looks_like_projid(const char *id)
{
    char start[] = "EHPC";

    for (size_t i = 0; i < strlen(start); i++)
        if (aif_names_fold(id[i]) != aif_names_fold(start[i]))
            return false;
    return strspn(id + strlen(start), "-_ .") > 0;
}

static void look_at_id(const struct look *look)
{
    const struct aif_mode *mode = look->alloc->mode, *said;
    struct aif_projid id;

    if (!looks_like_projid(look->alloc->id))
        return;
    if (aif_projid_parse(look->alloc->id, &id, NULL)) {
        advise(look, "id: not of the form EHPC-AIF-2026PG01-905; copy it from the award letter");
        return;
    }
    said = aif_policy_mode_by_code(look->policy, id.code);
    if (said && said != mode)
        advise(look, "mode: %s, the id's \"%s\" means %s; " COMPARE, mode->name, id.code,
               said->name);
}

static void look_at_category(const struct look *look)
{
    const struct aif_alloc *alloc = look->alloc;

    if (alloc->category == AIF_CATEGORY_UNKNOWN || !alloc->mode->categories ||
        alloc->mode->categories & UINT32_C(1) << alloc->category)
        return;
    advise(look, "category: %s, not eligible in %s: its jobs will be refused; " COMPARE,
           aif_category_name(alloc->category), alloc->mode->name);
}

static void look_at_end(const struct look *look, time_t now)
{
    char end[AIF_DATE_TEXT];

    if (look->alloc->end >= now || look->alloc->state == AIF_STATE_TERMINATED)
        return;
    aif_message_date(look->alloc->end, end);
    advise(look, "end: %s has passed; take it out once its usage is reported", end);
}

void aif_advice_give(const struct aif_policy *policy, const struct aif_alloc *alloc, time_t now,
                     aif_advice_fn give, void *arg)
{
    const struct look look = {policy, alloc, give, arg};

    look_at_unit_and_amount(&look);
    look_at_months(&look);
    look_at_id(&look);
    look_at_category(&look);
    look_at_end(&look, now);
}

/* ---- lanes ---- */

static void advise_lane(const struct aif_mode *mode, const char *what, aif_advice_fn give, void *arg)
{
    char text[AIF_ADVICE_MAX];

    snprintf(text, sizeof(text), "mode %s: lane: %s", mode->name, what);
    give(arg, text);
}

void aif_advice_lanes(const struct aif_policy *policy, aif_advice_fn give, void *arg)
{
    bool any = false;

    for (const struct aif_mode *mode = policy->modes; mode < policy->modes + policy->mode_count; mode++) {
        const struct aif_lane *lane = &mode->lane;

        any = any || lane->present;
        if (lane->target && !lane->urgency)
            advise_lane(mode, "target without urgency: late jobs come no further forward; give urgency", give, arg);
        if (lane->headroom_partition && !lane->headroom)
            advise_lane(mode, "headroom_partition without headroom: nothing is kept free; give headroom", give, arg);
    }
    if (any && !policy->lanes.guard_after)
        give(arg, "lanes: guard never: jobs without a lane may wait for ever; give guard.after");
}

static bool counts_any(const struct aif_placement_conf *conf, const struct aif_fabricmap *map)
{
    for (uint32_t l = 0; l < (map ? map->level_count : conf->level_count); l++)
        if ((map ? map->levels[l].conf.weight : conf->levels[l].weight))
            return true;
    return false;
}

void aif_advice_placement(const struct aif_policy *policy, const struct aif_fabricmap *map,
                          aif_advice_fn give, void *arg)
{
    const struct aif_placement_conf *conf = &policy->placement;
    const bool has_levels = map || conf->level_count;
    char text[AIF_ADVICE_MAX];

    if (has_levels && !aif_placement_is_wanted(conf))
        give(arg, "placement: levels without a mode: nothing is placed; give mode");
    else if (has_levels && !counts_any(conf, map))
        give(arg, "placement: every level has weight 0: islands do not count; give one a weight");
    for (size_t i = 0; i < conf->partition_count; i++) {
        if (conf->partitions[i].mode != conf->mode)
            continue;
        snprintf(text, sizeof(text),
                 "placement: partition %.64s is \"%s\", as all others are; leave it out",
                 conf->partitions[i].name, aif_placement_mode_name(conf->mode));
        give(arg, text);
    }
}

void aif_advice_enforce(const struct aif_policy *policy, aif_advice_fn give, void *arg)
{
    char text[AIF_ADVICE_MAX], rules[AIF_POLICYENFORCE_LIST];

    if (aif_policyenforce_list(policy, AIF_ENFORCE_ADVISE, rules)) {
        snprintf(text, sizeof(text), "enforce: these rules only advise and refuse nothing: %s; \"aif report advise\" tells what they would do", rules);
        give(arg, text);
    }
    if (aif_policyenforce_list(policy, AIF_ENFORCE_OFF, rules)) {
        snprintf(text, sizeof(text), "enforce: these rules are off: %s; \"advise\" would tell what they would do", rules);
        give(arg, text);
    }
}
