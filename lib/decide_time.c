/* decide_time.c - state and dates of the allocation, and the time limit that they, mode and site
 * leave a job */
#include "decide_private.h"

#include <stdio.h>
#include <string.h>

#include "rules.h"

/* ---- state and dates ---- */

__attribute__((cold)) static bool refuse_state(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    char what[AIF_WHAT_TEXT];
    const struct aif_message message = {
        .what = what,
        .rule = AIF_A_STATE,
        .next = "the manager of the award can tell why, or use another allocation"};

    snprintf(what, sizeof(what), "allocation %s is %s", alloc->id,
             aif_alloc_state_name(alloc->state));
    if (alloc->state == AIF_STATE_PAUSED)
        return aif_decide_hold(decider, &message,
                               "the job is held until the allocation may be used again");
    return aif_decide_refuse(decider, &message);
}

__attribute__((hot)) bool aif_decide_state(struct aif_decider *decider)
{
    return decider->out->alloc->state == AIF_STATE_OK || refuse_state(decider);
}

__attribute__((cold)) static bool refuse_date(struct aif_decider *decider, const char *event, time_t day,
                        const char *rule, const char *next)
{
    char what[AIF_WHAT_TEXT], asked[AIF_DATE_TEXT + 16];
    char begin[AIF_DATE_TEXT], limit[AIF_DATE_TEXT];

    snprintf(what, sizeof(what), "allocation %s %s", decider->out->alloc->id, event);
    aif_message_date(decider->begin, begin);
    aif_message_date(day, limit);
    if (!strcmp(begin, limit)) { /* an allocation may start and end in the middle of a day */
        aif_message_second(decider->begin, begin);
        aif_message_second(day, limit);
    }
    snprintf(asked, sizeof(asked), "start on %s", begin);
    return aif_decide_hold(
        decider,
        &(struct aif_message){
            .what = what, .asked = asked, .limit = limit, .rule = rule, .next = next},
        "the job is held until then");
}

__attribute__((cold)) static bool check_dates(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;

    if (decider->begin > alloc->end)
        return refuse_date(decider, "has ended", alloc->end, AIF_A_EXPIRED,
                           "use another allocation, or ask for an extension");
    if (!refuse_date(decider, "has not started", alloc->start, AIF_A_EARLY,
                     "submit then, or give --begin with that day"))
        return false;
    if (aif_decide_applies(decider, AIF_A_EARLY))
        decider->begin = alloc->start; /* held until then */
    return true;
}

__attribute__((hot)) bool aif_decide_dates(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;

    return (decider->begin >= alloc->start && decider->begin <= alloc->end) || check_dates(decider);
}

/* ---- time limit ---- */

/* A time limit that binds the job. */
struct time_cap {
    uint32_t minutes; /* 0: none is left, where the end of the allocation is near */
    const char *what;
    const char *rule;
    bool in_slurm; /* the mirror bounds jobs without a time limit */
};

static uint32_t asked_minutes(const struct aif_request *request)
{
    return request->minutes ? request->minutes : AIF_MINUTES_UNKNOWN;
}

__attribute__((cold)) static void time_texts(const struct aif_decider *decider, const struct time_cap *cap,
                       char asked[AIF_MINUTES_TEXT], char limit[AIF_MINUTES_TEXT])
{
    aif_message_minutes(asked_minutes(decider->request), asked);
    aif_message_minutes(cap->minutes, limit);
}

__attribute__((cold)) static void note_lowered(struct aif_decider *decider, const struct time_cap *cap)
{
    char asked[AIF_MINUTES_TEXT], limit[AIF_MINUTES_TEXT], what[AIF_WHAT_TEXT];

    time_texts(decider, cap, asked, limit);
    snprintf(what, sizeof(what), "time limit lowered: %s", cap->what);
    aif_decide_note(decider, &(struct aif_message){
                                 .what = what, .asked = asked, .limit = limit, .rule = cap->rule});
}

/* lowers: where it were applied, the time limit would only be lowered. */
__attribute__((cold)) static bool refuse_time(struct aif_decider *decider, const struct time_cap *cap, bool lowers)
{
    char asked[AIF_MINUTES_TEXT], limit[AIF_MINUTES_TEXT];
    const struct aif_message message = {.what = cap->what,
                                        .asked = asked,
                                        .limit = limit,
                                        .rule = cap->rule,
                                        .next = cap->minutes ? "ask for less time" : "use another allocation"};

    time_texts(decider, cap, asked, limit);
    return lowers ? aif_decide_pass(decider, &message, AIF_WOULD_LOWER) : aif_decide_refuse(decider, &message);
}

/* Only the tightest of the caps that lower a time limit is named. */
__attribute__((cold)) static bool apply_caps(struct aif_decider *decider, const struct time_cap *caps, size_t count)
{
    const bool may_lower =
        decider->snapshot->policy->time_excess == AIF_EXCESS_CAP && !decider->second_look;
    const struct time_cap *lowered = NULL;
    bool lowers;

    for (const struct time_cap *cap = caps; cap < caps + count; cap++) {
        if (decider->out->minutes <= cap->minutes)
            continue;
        /* Slurm's own limits hold a job without one; its cost is refused with the budget. */
        if (decider->out->minutes == AIF_MINUTES_UNKNOWN && cap->minutes && !may_lower &&
            cap->in_slurm)
            continue;
        lowers = may_lower && cap->minutes;
        if (!lowers || !aif_decide_applies(decider, cap->rule)) {
            if (!refuse_time(decider, cap, lowers))
                return false;
            continue;
        }
        decider->out->minutes = cap->minutes;
        lowered = cap;
    }
    if (lowered)
        note_lowered(decider, lowered);
    return true;
}

/* Whole minutes from the earliest start to the allocation's end; a job that may start after it, as the policy says, has no end. */
static uint32_t minutes_until_end(const struct aif_decider *decider)
{
    const uint64_t secs = (uint64_t)decider->out->alloc->end - (uint64_t)decider->begin + 1;

    return secs / 60 < AIF_MINUTES_UNKNOWN - 1 ? (uint32_t)(secs / 60) : AIF_MINUTES_UNKNOWN;
}

__attribute__((cold)) static void end_text(const struct aif_alloc *alloc, char ret_text[AIF_WHAT_TEXT])
{
    char day[AIF_DATE_TEXT];

    aif_message_date(alloc->end, day);
    snprintf(ret_text, AIF_WHAT_TEXT, "allocation %s ends on %s", alloc->id, day);
}

bool aif_decide_end(struct aif_decider *decider)
{
    char what[AIF_WHAT_TEXT];
    const struct time_cap end = {minutes_until_end(decider), what, AIF_A_OUTLIVES, true};

    decider->out->minutes = asked_minutes(decider->request);
    if (decider->out->minutes <= end.minutes)
        return true;
    end_text(decider->out->alloc, what);
    return apply_caps(decider, &end, 1);
}

static uint32_t or_unlimited(uint32_t minutes)
{
    return minutes ? minutes : AIF_MINUTES_UNKNOWN;
}

/* Some of the three is below the job's time limit. */
__attribute__((cold)) static bool bound(struct aif_decider *decider, uint32_t wall, uint32_t interactive, uint32_t end)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    const struct aif_mode *mode = alloc->mode;
    char wall_what[AIF_WHAT_TEXT], inter_what[AIF_WHAT_TEXT], end_what[AIF_WHAT_TEXT];
    const struct time_cap caps[] = {{wall, wall_what, AIF_M_WALL, true},
                                    {interactive, inter_what, AIF_M_INTERACTIVE, false},
                                    {end, end_what, AIF_A_OUTLIVES, true}};

    snprintf(wall_what, sizeof(wall_what), "time limit of mode %s", mode->name);
    snprintf(inter_what, sizeof(inter_what), "time limit of interactive jobs in mode %s",
             mode->name);
    end_text(alloc, end_what);
    return apply_caps(decider, caps, sizeof(caps) / sizeof(caps[0]));
}

bool aif_decide_time(struct aif_decider *decider)
{
    const struct aif_mode *mode = decider->out->alloc->mode;
    const uint32_t wall = or_unlimited(mode->wall_max_minutes), end = minutes_until_end(decider);
    const uint32_t interactive = decider->request->interactive
                                     ? or_unlimited(mode->interactive.wall_max_minutes)
                                     : AIF_MINUTES_UNKNOWN;
    const uint32_t minutes = asked_minutes(decider->request);

    decider->out->minutes = minutes;
    return (minutes <= end && minutes <= wall && minutes <= interactive) ||
           bound(decider, wall, interactive, end);
}
