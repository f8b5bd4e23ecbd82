/* modetext.c - see modetext.h */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "common.h"
#include "message.h"
#include "modetext.h"
#include "policycategory.h"
#include "sharewindow.h"

/* Append to a list of words; takes over both. */
static char *join(char *list, const char *separator, char *word)
{
    char *joined;

    if (!list || !word)
        return list ? list : word;
    joined = aif_tool_format("%s%s%s", list, separator, word);
    free(list);
    free(word);
    return joined;
}

static char *join_all(char *const *words)
{
    char *list = NULL;

    for (; words && *words; words++)
        list = join(list, ", ", aif_tool_strdup(*words));
    return list;
}

/* ---- open and closed ---- */

bool aif_modetext_closed_now(const struct aif_closure *closure, time_t now)
{
    return closure->from <= now && (!closure->until || closure->until >= now);
}

bool aif_modetext_closes_later(const struct aif_closure *closure, time_t now)
{
    return closure->from > now;
}

const char *aif_modetext_state(const struct aif_mode *mode, time_t now)
{
    bool partly = false;

    if (!mode->open)
        return "closed";
    for (size_t i = 0; i < mode->closure_count; i++) {
        if (!aif_modetext_closed_now(&mode->closures[i], now))
            continue;
        if (!mode->closures[i].partitions)
            return "closed";
        partly = true;
    }
    return partly ? "partly" : "open";
}

char *aif_modetext_closure(const struct aif_closure *closure)
{
    char *text = join_all(closure->partitions);
    char date[AIF_DATE_TEXT];

    if (!text)
        text = aif_tool_strdup("all partitions");
    if (closure->from) {
        aif_message_date(closure->from, date);
        text = join(text, " from ", aif_tool_strdup(date));
    }
    if (closure->until) {
        aif_message_date(closure->until, date);
        text = join(text, " until ", aif_tool_strdup(date));
    }
    return join(text, ": ", aif_tool_strdup(closure->note));
}

/* ---- limits ---- */

char *aif_modetext_range(const struct aif_range *range)
{
    if (range->min && range->min == range->max)
        return aif_tool_format("%u", range->min);
    if (range->min && range->max)
        return aif_tool_format("%u to %u", range->min, range->max);
    if (range->max)
        return aif_tool_format("up to %u", range->max);
    return range->min ? aif_tool_format("at least %u", range->min) : NULL;
}

char *aif_modetext_categories(uint32_t categories)
{
    char *list = NULL;

    for (int i = 0; i < AIF_CATEGORIES; i++)
        if (categories & (UINT32_C(1) << i))
            list = join(list, ", ", aif_tool_strdup(aif_category_name(i)));
    return list;
}

char *aif_modetext_partitions(const struct aif_mode *mode)
{
    return join_all(mode->partitions);
}

static char *count_text(uint32_t count, const char *what)
{
    return count ? aif_tool_format("%u %s", count, what) : NULL;
}

char *aif_modetext_jobs(const struct aif_mode *mode)
{
    char *text = count_text(mode->jobs_per_user, "running per user");

    text = join(text, ", ", count_text(mode->submits_per_user, "queued and running per user"));
    text = join(text, ", ", count_text(mode->jobs_per_allocation, "running per allocation"));
    return join(text, ", ",
                count_text(mode->submits_per_allocation, "queued and running per allocation"));
}

char *aif_modetext_inference(const struct aif_mode *mode)
{
    if (!mode->has_inference_share)
        return NULL;
    return aif_tool_format("up to %u %% of an allocation's amount", mode->inference_percent);
}

static char *range_of(const struct aif_range *range, const char *what)
{
    char *numbers = aif_modetext_range(range);

    return numbers ? join(numbers, " ", aif_tool_strdup(what)) : NULL;
}

char *aif_modetext_interactive(const struct aif_mode *mode)
{
    const struct aif_interactive *rules = &mode->interactive;
    char limit[AIF_MINUTES_TEXT];
    char *text = NULL;

    if (rules->forbidden)
        return aif_tool_strdup("not allowed");
    if (rules->wall_max_minutes) {
        aif_message_minutes(rules->wall_max_minutes, limit);
        text = aif_tool_format("up to %s", limit);
    }
    text = join(text, ", ", range_of(&rules->gpus_per_job, "GPUs"));
    return join(text, ", ", range_of(&rules->nodes_per_job, "nodes"));
}

char *aif_modetext_residency(const struct aif_mode *mode)
{
    char text[AIF_RESTAG_TEXT_MAX];

    if (!mode->residency || aif_restag_format(mode->residency, text, sizeof(text)))
        return NULL;
    return aif_tool_strdup(text);
}

/* ---- over time ---- */

char *aif_modetext_pacing(const struct aif_pacing *pacing)
{
    switch (pacing->kind) {
    case AIF_PACING_MONTHLY:
        return aif_tool_strdup("monthly: each calendar month has its share of the amount; what is "
                               "not used of it lapses");
    case AIF_PACING_CREDIT:
        return aif_tool_strdup("credit: a monthly share, last month's rest, and as much on credit; "
                               "beyond it lowest priority");
    case AIF_PACING_LINEAR:
        return aif_tool_format("linear: priority falls by up to %u as the month's share is used up",
                               pacing->priority);
    case AIF_PACING_CEILING:
        return aif_tool_format(
            "ceiling: above 100 %% on a free QOS at lowest priority, up to %u %%",
            pacing->ceiling_percent);
    case AIF_PACING_CUT:
        return aif_tool_format(
            "cut: with less than %u %% used after %u months, %u %% of what is left stays",
            pacing->cut_percent, pacing->cut_months, pacing->cut_keep_percent);
    case AIF_PACING_NONE:
        break;
    }
    return NULL;
}

static char *amount_text(const struct aif_award *award)
{
    const char *unit =
        award->has_unit && award->unit == AIF_UNIT_NODE_HOUR ? "node-hours" : "GPU-hours";

    if (!award->amount_min && !award->amount_max)
        return NULL;
    if (award->amount_min == award->amount_max || !award->amount_max)
        return aif_tool_format("%s%" PRIu64 " %s", award->amount_max ? "" : "at least ",
                               award->amount_min, unit);
    if (!award->amount_min)
        return aif_tool_format("up to %" PRIu64 " %s", award->amount_max, unit);
    return aif_tool_format("%" PRIu64 " to %" PRIu64 " %s", award->amount_min, award->amount_max,
                           unit);
}

char *aif_modetext_award(const struct aif_award *award)
{
    return join(amount_text(award), ", ",
                range_of(&award->months, award->months.max == 1 ? "month" : "months"));
}

/* ---- lanes ---- */

static char *seconds_text(uint32_t seconds)
{
    char text[AIF_MINUTES_TEXT];

    if (seconds % 60)
        return aif_tool_format("%u seconds", seconds);
    aif_message_minutes(seconds / 60, text);
    return aif_tool_strdup(text);
}

static char *target_text(const struct aif_lane *lane)
{
    char *target, *text;

    if (!lane->target)
        return NULL;
    target = seconds_text(lane->target);
    text = lane->urgency ? aif_tool_format("to start within %s (from %u %% of it on more priority, %+d at its end)",
                                           target, lane->from, (int)lane->urgency)
                         : aif_tool_format("to start within %s", target);
    free(target);
    return text;
}

static char *preempts_text(const struct aif_lane *lane)
{
    char *text = join_all(lane->preempts);

    if (lane->preempts_free)
        text = join(text, ", ", aif_tool_strdup("free QOS"));
    return text ? join(aif_tool_strdup("takes the place of"), " ", text) : NULL;
}

char *aif_modetext_lane(const struct aif_lane *lane)
{
    char *text;

    if (!lane->present)
        return NULL;
    text = aif_tool_format("%+d priority", (int)lane->base);
    text = join(text, "; ", target_text(lane));
    text = join(text, "; ", lane->level ? aif_tool_strdup("first in, first out") : NULL);
    text = join(text, "; ", preempts_text(lane));
    return join(text, "; ", lane->headroom ? aif_tool_format("%u GPUs kept free", lane->headroom) : NULL);
}

bool aif_modetext_yields(const struct aif_policy *policy, const struct aif_mode *mode, bool free)
{
    for (size_t i = 0; i < policy->mode_count; i++) {
        const struct aif_lane *lane = &policy->modes[i].lane;

        if (free && lane->preempts_free)
            return true;
        for (char **name = lane->preempts; name && *name; name++)
            if (!strcasecmp(*name, mode->name))
                return true;
    }
    return false;
}

char *aif_modetext_yield(const struct aif_policy *policy, const struct aif_mode *mode)
{
    const bool all = aif_modetext_yields(policy, mode, false);
    char *grace, *text;

    if (!aif_modetext_yields(policy, mode, true))
        return NULL;
    grace = mode->yield_grace ? seconds_text(mode->yield_grace) : NULL;
    text = aif_tool_format("jobs%s are %s when a lane needs their place%s%s", all ? "" : " on the free QOS",
                           mode->yield == AIF_YIELD_CANCEL ? "cancelled" : "requeued", grace ? ", after " : "",
                           grace ? grace : "");
    free(grace);
    return text;
}

/* ---- shares of the machine ---- */

bool aif_modetext_in_share(const struct aif_share *share, const struct aif_mode *mode)
{
    if (share->categories && mode->categories && !(share->categories & mode->categories))
        return false;
    return aif_share_has_mode(share, mode);
}

char *aif_modetext_share(const struct aif_share *share)
{
    return aif_tool_format("%s: at most %u %% of the machine",
                           share->title ? share->title : "share", share->percent);
}
