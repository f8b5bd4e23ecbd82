/* modes_json.c - see modes_json.h */
#include "config.h"

#include <stdio.h>

#include <json-c/json.h>

#include "alloc.h"
#include "modes_json.h"
#include "modetext.h"
#include "policycategory.h"
#include "pace.h"

static void put_text(struct json_object *object, const char *key, const char *text)
{
    if (text)
        json_object_object_add(object, key, json_object_new_string(text));
}

static void put_count(struct json_object *object, const char *key, uint64_t count)
{
    if (count)
        json_object_object_add(object, key, json_object_new_int64((int64_t)count));
}

static void put_words(struct json_object *object, const char *key, char *const *words)
{
    struct json_object *array;

    if (!words)
        return;
    array = json_object_new_array();
    for (; *words; words++)
        json_object_array_add(array, json_object_new_string(*words));
    json_object_object_add(object, key, array);
}

static void put_bounds(struct json_object *object, const char *key, uint64_t min, uint64_t max)
{
    struct json_object *range;

    if (!min && !max)
        return;
    range = json_object_new_object();
    put_count(range, "min", min);
    put_count(range, "max", max);
    json_object_object_add(object, key, range);
}

static void put_range(struct json_object *object, const char *key, const struct aif_range *range)
{
    put_bounds(object, key, range->min, range->max);
}

static void put_closures(struct json_object *object, const struct aif_mode *mode, time_t now)
{
    struct json_object *array = json_object_new_array();

    for (size_t i = 0; i < mode->closure_count; i++) {
        const struct aif_closure *closure = &mode->closures[i];
        struct json_object *entry = json_object_new_object();

        json_object_object_add(entry, "now",
                               json_object_new_boolean(aif_modetext_closed_now(closure, now)));
        put_words(entry, "partitions", closure->partitions);
        put_count(entry, "from", (uint64_t)closure->from);
        put_count(entry, "until", (uint64_t)closure->until);
        put_text(entry, "note", closure->note);
        json_object_array_add(array, entry);
    }
    json_object_object_add(object, "closures", array);
}

static void put_categories(struct json_object *object, uint32_t categories)
{
    struct json_object *array = json_object_new_array();

    for (int i = 0; i < AIF_CATEGORIES; i++)
        if (!categories || categories & (UINT32_C(1) << i))
            json_object_array_add(array, json_object_new_string(aif_category_name(i)));
    json_object_object_add(object, "categories", array);
}

static void put_interactive(struct json_object *object, const struct aif_interactive *rules)
{
    struct json_object *entry = json_object_new_object();

    json_object_object_add(entry, "allowed", json_object_new_boolean(!rules->forbidden));
    put_count(entry, "wall_max_minutes", rules->wall_max_minutes);
    put_range(entry, "gpus_per_job", &rules->gpus_per_job);
    put_range(entry, "nodes_per_job", &rules->nodes_per_job);
    json_object_object_add(object, "interactive", entry);
}

static void put_pacing(struct json_object *object, const struct aif_pacing *pacing)
{
    struct json_object *entry = json_object_new_object();

    put_text(entry, "kind", aif_pacing_name(pacing->kind));
    if (pacing->kind == AIF_PACING_CEILING)
        put_count(entry, "percent", pacing->ceiling_percent);
    if (pacing->kind == AIF_PACING_LINEAR)
        put_count(entry, "priority", pacing->priority);
    if (pacing->kind == AIF_PACING_CUT) {
        put_count(entry, "months", pacing->cut_months);
        put_count(entry, "below", pacing->cut_percent);
        json_object_object_add(entry, "keep", json_object_new_int64(pacing->cut_keep_percent));
    }
    json_object_object_add(object, "pacing", entry);
}

static void put_lane(struct json_object *object, const struct aif_lane *lane)
{
    struct json_object *entry = json_object_new_object();

    json_object_object_add(entry, "base", json_object_new_int64(lane->base));
    if (lane->target) {
        put_count(entry, "target_seconds", lane->target);
        json_object_object_add(entry, "from", json_object_new_int64(lane->from));
        json_object_object_add(entry, "urgency", json_object_new_int64(lane->urgency));
    }
    json_object_object_add(entry, "level", json_object_new_boolean(lane->level));
    put_words(entry, "preempts", lane->preempts);
    json_object_object_add(entry, "preempts_free", json_object_new_boolean(lane->preempts_free));
    put_count(entry, "headroom", lane->headroom);
    put_text(entry, "headroom_partition", lane->headroom_partition);
    json_object_object_add(object, "lane", entry);
}

/* Only where a lane takes the place of the mode's jobs, or of those on its free QOS. */
static void put_yield(struct json_object *object, const struct aif_policy *policy, const struct aif_mode *mode)
{
    struct json_object *entry;

    if (!aif_modetext_yields(policy, mode, true))
        return;
    entry = json_object_new_object();
    put_text(entry, "how", mode->yield == AIF_YIELD_CANCEL ? "cancel" : "requeue");
    put_count(entry, "grace_seconds", mode->yield_grace);
    json_object_object_add(object, "yield", entry);
}

static void put_award(struct json_object *object, const struct aif_award *award)
{
    struct json_object *entry = json_object_new_object();

    if (award->has_unit)
        put_text(entry, "unit", aif_unit_name(award->unit));
    put_bounds(entry, "amount", award->amount_min, award->amount_max);
    put_range(entry, "months", &award->months);
    if (json_object_object_length(entry))
        json_object_object_add(object, "award", entry);
    else
        json_object_put(entry);
}

static void put_shares(struct json_object *object, const struct aif_policy *policy,
                       const struct aif_mode *mode)
{
    struct json_object *array = json_object_new_array();

    for (size_t i = 0; i < policy->share_count; i++) {
        const struct aif_share *share = &policy->shares[i];
        struct json_object *entry;

        if (!aif_modetext_in_share(share, mode))
            continue;
        entry = json_object_new_object();
        put_text(entry, "title", share->title);
        json_object_object_add(entry, "percent", json_object_new_int64(share->percent));
        json_object_array_add(array, entry);
    }
    json_object_object_add(object, "shares", array);
}

static void put_limits(struct json_object *object, const struct aif_mode *mode)
{
    put_words(object, "partitions", mode->partitions);
    put_range(object, "gpus_per_job", &mode->gpus_per_job);
    put_range(object, "nodes_per_job", &mode->nodes_per_job);
    put_count(object, "wall_max_minutes", mode->wall_max_minutes);
    put_count(object, "jobs_per_user", mode->jobs_per_user);
    put_count(object, "submits_per_user", mode->submits_per_user);
    put_count(object, "jobs_per_allocation", mode->jobs_per_allocation);
    put_count(object, "submits_per_allocation", mode->submits_per_allocation);
    if (mode->has_inference_share)
        json_object_object_add(object, "inference_percent",
                               json_object_new_int64(mode->inference_percent));
    if (mode->lane.present)
        put_lane(object, &mode->lane);
}

static struct json_object *mode_json(const struct aif_policy *policy, const struct aif_mode *mode,
                                     time_t now)
{
    struct json_object *object = json_object_new_object();
    char residency[AIF_RESTAG_TEXT_MAX];

    put_text(object, "mode", mode->name);
    put_text(object, "code", mode->code);
    put_text(object, "title", mode->title);
    put_text(object, "state", aif_modetext_state(mode, now));
    if (!mode->open)
        put_text(object, "closed_note", mode->closed_note);
    put_closures(object, mode, now);
    put_categories(object, mode->categories);
    put_limits(object, mode);
    put_interactive(object, &mode->interactive);
    put_pacing(object, &mode->pacing);
    put_award(object, &mode->award);
    put_shares(object, policy, mode);
    put_yield(object, policy, mode);
    if (mode->residency && !aif_restag_format(mode->residency, residency, sizeof(residency)))
        put_text(object, "residency", residency);
    return object;
}

void aif_modes_json_print(const struct aif_policy *policy, const struct aif_mode *const *modes,
                          size_t count, time_t now)
{
    struct json_object *array = json_object_new_array();

    for (size_t i = 0; i < count; i++)
        json_object_array_add(array, mode_json(policy, modes[i], now));
    puts(json_object_to_json_string_ext(array,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(array);
}
