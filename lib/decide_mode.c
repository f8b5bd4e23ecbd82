/* decide_mode.c - what the access mode says: open or closed, for whom, where, and how large a job
 * may be */
#include "decide_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policycategory.h"
#include "rules.h"

/* Whether the name of that length is just text. */
static bool is_name(const char *text, const char *name, size_t length)
{
    size_t i = 0;

    while (i < length && text[i] == name[i])
        i++;
    return i == length && !text[i];
}

static bool is_listed(char *const *partitions, const char *name, size_t length)
{
    for (; *partitions; partitions++)
        if (is_name(*partitions, name, length))
            return true;
    return false;
}

/* Names are short, and a call of strcspn() is not. */
static size_t name_length(const char *names)
{
    size_t length = 0;

    while (names[length] && names[length] != ',')
        length++;
    return length;
}

/* ---- open or closed ---- */

/* The first partition of a comma list that is, or is not, among the listed ones; *ret_length is its
 * length. */
__attribute__((hot)) static const char *find_partition(char *const *listed, bool among, const char *names,
                                  size_t *ret_length)
{
    for (size_t length; *names; names += length + (names[length] == ',')) {
        length = name_length(names);
        if (!length || is_listed(listed, names, length) != among)
            continue;
        *ret_length = length;
        return names;
    }
    return NULL;
}

const struct aif_closure *aif_decide_closure(const struct aif_mode *mode, const char *partitions,
                                             time_t when)
{
    size_t length;

    for (size_t i = 0; i < mode->closure_count; i++) {
        const struct aif_closure *closure = &mode->closures[i];

        if (when < closure->from || (closure->until && when > closure->until))
            continue;
        if (!closure->partitions ||
            (partitions && find_partition(closure->partitions, true, partitions, &length)))
            return closure;
    }
    return NULL;
}

/* "<note>; use another partition, or give --begin=2026-09-16" */
static void closure_advice(const struct aif_closure *closure, const char *day, char *ret_text,
                           size_t size)
{
    snprintf(ret_text, size, "%s%s%s%s%s", closure->note ? closure->note : "",
             closure->note ? "; " : "", closure->partitions ? "use another partition, or " : "",
             day ? "give --begin=" : "ask the site when it opens again", day ? day : "");
}

__attribute__((cold)) static bool refuse_closure(struct aif_decider *decider, const struct aif_closure *closure)
{
    char what[AIF_WHAT_TEXT], asked[AIF_DATE_TEXT + 16], limit[AIF_DATE_TEXT + 16];
    char begin[AIF_DATE_TEXT], opens[AIF_DATE_TEXT], next[AIF_NEXT_TEXT], until[AIF_NEXT_TEXT];
    const char *name = "here";
    size_t length = 4;

    if (closure->partitions)
        name = find_partition(closure->partitions, true, decider->request->partition, &length);
    snprintf(what, sizeof(what), "mode %s takes no new jobs %s%.*s",
             decider->out->alloc->mode->name, closure->partitions ? "in partition " : "",
             (int)(length < 64 ? length : 64), name);
    aif_message_date(decider->begin, begin);
    aif_message_date(closure->until + 1, opens);
    snprintf(asked, sizeof(asked), "start on %s", begin);
    snprintf(limit, sizeof(limit), "from %s on", opens);
    closure_advice(closure, closure->until ? opens : NULL, next, sizeof(next));
    snprintf(until, sizeof(until), "%s%sthe job is held until the mode opens again",
             closure->note ? closure->note : "", closure->note ? "; " : "");
    return aif_decide_hold(decider,
                           &(struct aif_message){.what = what,
                                                 .asked = closure->until ? asked : NULL,
                                                 .limit = closure->until ? limit : NULL,
                                                 .rule = AIF_M_CLOSED,
                                                 .next = next},
                           until);
}

__attribute__((cold)) static bool refuse_closed(struct aif_decider *decider, const struct aif_mode *mode)
{
    char what[AIF_WHAT_TEXT], until[AIF_NEXT_TEXT];
    const char *note = mode->closed_note;

    snprintf(what, sizeof(what), "mode %s takes no new jobs here", mode->name);
    snprintf(until, sizeof(until), "%s%sthe job is held until the mode opens again",
             note ? note : "", note ? "; " : "");
    return aif_decide_hold(
        decider,
        &(struct aif_message){.what = what,
                              .rule = AIF_M_CLOSED,
                              .next = note ? note : "ask the site when it opens again"},
        until);
}

__attribute__((cold)) static bool refuse_mismatch(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    char what[AIF_WHAT_TEXT], next[AIF_WHAT_TEXT];

    snprintf(what, sizeof(what), "allocation %s is of another mode", alloc->id);
    snprintf(next, sizeof(next), "use --ai-mode=%s, or leave it out", alloc->mode->name);
    return aif_decide_refuse(decider, &(struct aif_message){.what = what,
                                                            .asked = decider->asked_mode->name,
                                                            .limit = alloc->mode->name,
                                                            .rule = AIF_M_MISMATCH,
                                                            .next = next});
}

__attribute__((cold)) static bool check_closures(struct aif_decider *decider)
{
    const struct aif_closure *closure = aif_decide_closure(
        decider->out->alloc->mode, decider->request->partition, decider->begin);

    return !closure || refuse_closure(decider, closure);
}

bool aif_decide_mode(struct aif_decider *decider)
{
    const struct aif_mode *mode = decider->out->alloc->mode;

    if (decider->asked_mode && decider->asked_mode != mode)
        return refuse_mismatch(decider);
    if (!mode->open)
        return refuse_closed(decider, mode);
    return !mode->closure_count || check_closures(decider);
}

/* ---- for whom ---- */

bool aif_decide_eligible(const struct aif_mode *mode, int category)
{
    return !mode->categories || category == AIF_CATEGORY_UNKNOWN ||
           (mode->categories >> category & 1);
}

__attribute__((cold)) static bool refuse_category(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    char what[AIF_WHAT_TEXT], limit[AIF_WHAT_TEXT] = "";

    for (int i = 0; i < AIF_CATEGORIES; i++)
        if (alloc->mode->categories >> i & 1)
            snprintf(limit + strlen(limit), sizeof(limit) - strlen(limit), "%s%s",
                     *limit ? ", " : "", aif_category_name(i));
    snprintf(what, sizeof(what), "mode %s is not for the holder of allocation %s",
             alloc->mode->name, alloc->id);
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = what,
                                       .asked = aif_category_name(alloc->category),
                                       .limit = limit,
                                       .rule = AIF_A_CATEGORY,
                                       .next = "use another allocation, or ask the site"});
}

__attribute__((hot)) bool aif_decide_category(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;

    return aif_decide_eligible(alloc->mode, alloc->category) || refuse_category(decider);
}

/* ---- where ---- */

__attribute__((cold)) static bool refuse_partition(struct aif_decider *decider, const char *name, size_t length)
{
    const struct aif_mode *mode = decider->out->alloc->mode;
    char what[AIF_WHAT_TEXT], asked[65], limit[160] = "";

    snprintf(what, sizeof(what), "mode %s may not use this partition", mode->name);
    snprintf(asked, sizeof(asked), "%.*s", (int)(length < 64 ? length : 64), name);
    for (char **p = mode->partitions; *p; p++)
        snprintf(limit + strlen(limit), sizeof(limit) - strlen(limit), "%s%s", *limit ? ", " : "",
                 *p);
    return aif_decide_refuse(decider,
                             &(struct aif_message){.what = what,
                                                   .asked = asked,
                                                   .limit = limit,
                                                   .rule = AIF_M_PARTITION,
                                                   .next = "use --partition with one of those"});
}

static bool check_partition(struct aif_decider *decider)
{
    const struct aif_mode *mode = decider->out->alloc->mode;
    const char *name = decider->request->partition;
    size_t length = 0;

    if (mode->partitions && name)
        name = find_partition(mode->partitions, false, name, &length);
    return !mode->partitions || !name || refuse_partition(decider, name, length);
}

/* ---- how large ---- */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void range_text(const struct aif_range *range, const char *thing, char *ret_text,
                       size_t size)
{
    const uint32_t last = range->max ? range->max : range->min;

    if (!range->max)
        snprintf(ret_text, size, "at least %" PRIu32 " %s%s", last, thing, plural(last));
    else if (range->min)
        snprintf(ret_text, size, "%" PRIu32 " to %" PRIu32 " %s%s", range->min, last, thing,
                 plural(last));
    else
        snprintf(ret_text, size, "%" PRIu32 " %s%s", last, thing, plural(last));
}

__attribute__((cold)) static bool refuse_range(struct aif_decider *decider,
                                               const struct aif_range *range, uint64_t value,
                                               const char *thing, const char *kind,
                                               const char *rule)
{
    char what[AIF_WHAT_TEXT], asked[64], limit[64];

    snprintf(what, sizeof(what), "number of %ss per %s in mode %s", thing, kind,
             decider->out->alloc->mode->name);
    snprintf(asked, sizeof(asked), "%" PRIu64 " %s%s", value, thing, plural(value));
    range_text(range, thing, limit, sizeof(limit));
    return aif_decide_refuse(
        decider,
        &(struct aif_message){.what = what,
                              .asked = asked,
                              .limit = limit,
                              .rule = rule,
                              .next = value < range->min ? "ask for more" : "ask for fewer"});
}

/* kind is "job" or "interactive job". */
static bool check_range(struct aif_decider *decider, const struct aif_range *range, uint64_t value,
                        const char *thing, const char *kind, const char *rule)
{
    return (value >= range->min && (!range->max || value <= range->max)) ||
           refuse_range(decider, range, value, thing, kind, rule);
}

__attribute__((cold)) static bool check_interactive(struct aif_decider *decider)
{
    const struct aif_mode *mode = decider->out->alloc->mode;
    const struct aif_request *request = decider->request;
    char what[AIF_WHAT_TEXT];

    if (!mode->interactive.forbidden)
        return check_range(decider, &mode->interactive.gpus_per_job, request->gpus, "GPU",
                           "interactive job", AIF_M_INTERACTIVE) &&
               check_range(decider, &mode->interactive.nodes_per_job, request->nodes, "node",
                           "interactive job", AIF_M_INTERACTIVE);
    snprintf(what, sizeof(what), "mode %s takes no interactive jobs", mode->name);
    return aif_decide_refuse(decider, &(struct aif_message){.what = what,
                                                            .rule = AIF_M_INTERACTIVE,
                                                            .next = "submit a script with sbatch"});
}

bool aif_decide_size(struct aif_decider *decider)
{
    const struct aif_mode *mode = decider->out->alloc->mode;
    const struct aif_request *request = decider->request;

    return check_partition(decider) &&
           check_range(decider, &mode->gpus_per_job, request->gpus, "GPU", "job", AIF_M_GPUS) &&
           check_range(decider, &mode->nodes_per_job, request->nodes, "node", "job", AIF_M_NODES) &&
           (!request->interactive || check_interactive(decider));
}
