/* lanes_json.c - "aif lanes --json"; see lanes_show.h */
#include "config.h"

#include <stdio.h>

#include <json-c/json.h>

#include "lanes_show.h"

static void put(struct json_object *object, const char *key, struct json_object *value)
{
    json_object_object_add(object, key, value);
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
    put(object, key, text ? json_object_new_string(text) : NULL);
}

static void put_number(struct json_object *object, const char *key, uint64_t number)
{
    put(object, key, json_object_new_int64((int64_t)number));
}

/* null for less than 0 */
static void put_known(struct json_object *object, const char *key, int64_t number)
{
    put(object, key, number < 0 ? NULL : json_object_new_int64(number));
}

static struct json_object *percent(int64_t bp)
{
    char digits[32];

    if (bp < 0)
        return NULL;
    snprintf(digits, sizeof(digits), "%lld.%02d", (long long)bp / 100, (int)(bp % 100));
    return json_object_new_double_s((double)bp / 100, digits);
}

static struct json_object *wait_json(const struct aif_waits_sums *waits)
{
    static const char *const keys[AIF_WAITS_PERCENTILES] = {"p50", "p90", "p95", "p99"};
    struct json_object *object = json_object_new_object();

    for (int i = 0; i < AIF_WAITS_PERCENTILES; i++)
        put_known(object, keys[i], waits->percentile[i]);
    return object;
}

static void put_lane(struct json_object *object, const struct aif_lane *lane)
{
    put_number(object, "base", (uint64_t)lane->base);
    put_number(object, "urgency", (uint64_t)lane->urgency);
    put(object, "level", json_object_new_boolean(lane->level));
    put_known(object, "target", lane->target ? (int64_t)lane->target : -1);
}

static struct json_object *mode_json(const struct aif_lanedata *data,
                                     const struct aif_lanestat *stat)
{
    struct json_object *object = json_object_new_object();

    put_text(object, "mode", stat->mode ? stat->mode->name : NULL);
    put_text(object, "lane", aif_lanes_show_state(data, stat->mode));
    if (stat->mode && stat->mode->lane.present)
        put_lane(object, &stat->mode->lane);
    put_number(object, "queued", stat->queued);
    put_number(object, "running", stat->running);
    put_number(object, "outside", stat->outside);
    put_known(object, "longest", stat->longest);
    if (!stat->mode)
        return object;
    put_number(object, "started", stat->waits.started);
    put(object, "wait", wait_json(&stat->waits));
    put_number(object, "kept", stat->waits.kept);
    put_number(object, "broken", stat->waits.broken);
    put(object, "kept_percent", percent(stat->waits.kept_bp));
    return object;
}

static struct json_object *shares_json(const struct aif_lanedata *data)
{
    const struct aif_policy *policy = data->snapshot->policy;
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < policy->share_count; i++) {
        struct json_object *object = json_object_new_object();
        struct aif_sharewindow_state share;

        aif_sharewindow_get(data->windows, i, &share);
        put_text(object, "title", policy->shares[i].title);
        put(object, "used_percent", percent(share.used_bp));
        put_number(object, "limit_percent", policy->shares[i].percent);
        put_number(object, "used_gpu_seconds", share.used_secs);
        put_number(object, "running_gpus", share.running_gpus);
        put(object, "open", json_object_new_boolean(!share.closed));
        json_object_array_add(list, object);
    }
    return list;
}

static struct json_object *sources_json(const struct aif_lanedata *data)
{
    static const char *const shares[] = {
        [AIF_LANEDATA_CONTROLLER] = "controller",
        [AIF_LANEDATA_COMPUTED] = "computed",
        [AIF_LANEDATA_PARTIAL] = "partial",
    };
    struct json_object *object = json_object_new_object();

    put(object, "ledger", json_object_new_boolean(data->ledger));
    if (!data->ledger)
        put_text(object, "ledger_why", data->ledger_why);
    put_text(object, "shares", data->windows ? shares[data->shares] : NULL);
    put(object, "plugin", json_object_new_boolean(data->jobs->plugin));
    put(object, "others_hidden", json_object_new_boolean(data->jobs->hidden));
    return object;
}

void aif_lanes_show_json(const struct aif_lanedata *data, const struct aif_lanestat *stats)
{
    const struct aif_policy *policy = data->snapshot->policy;
    struct json_object *object = json_object_new_object(), *modes = json_object_new_array();

    for (size_t i = 0; i <= policy->mode_count; i++)
        json_object_array_add(modes, mode_json(data, &stats[i]));
    put_number(object, "now", (uint64_t)data->now);
    put_number(object, "since", (uint64_t)data->from);
    put(object, "sources", sources_json(data));
    put(object, "modes", modes);
    put(object, "shares", shares_json(data));
    put_known(object, "guard_after",
              policy->lanes.guard_after ? (int64_t)policy->lanes.guard_after : -1);
    puts(json_object_to_json_string_ext(object,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}
