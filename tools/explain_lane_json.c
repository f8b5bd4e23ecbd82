/* explain_lane_json.c - see explain_lane.h */
#include "config.h"

#include <json-c/json.h>

#include "explain.h"

static void put(struct json_object *object, const char *key, struct json_object *value)
{
    json_object_object_add(object, key, value); /* instead of the line of the same name */
}

static void put_number(struct json_object *object, const char *key, int64_t number)
{
    put(object, key, json_object_new_int64(number));
}

static struct json_object *parts_json(const struct aif_livejob *job,
                                      const struct aif_siteparts *parts)
{
    struct json_object *object = json_object_new_object();

    put_number(object, "site", job->site);
    put_number(object, "base", parts->base);
    put_number(object, "urgency", parts->urgency);
    put_number(object, "level", parts->level);
    put_number(object, "guard", parts->guard);
    put_number(object, "pace", parts->pace);
    put_number(object, "admin", parts->admin);
    return object;
}

static struct json_object *factors_json(const struct aif_livejob *job)
{
    struct json_object *object = job->has_factors ? json_object_new_object() : NULL;

    if (!object)
        return NULL;
    put_number(object, "age", job->factors[AIF_FACTOR_AGE]);
    put_number(object, "fair_share", job->factors[AIF_FACTOR_FAIR_SHARE]);
    put_number(object, "size", job->factors[AIF_FACTOR_SIZE]);
    put_number(object, "other", job->factors[AIF_FACTOR_OTHER]);
    return object;
}

static struct json_object *share_json(const struct aif_explain *e)
{
    struct aif_sharewindow_state state;
    const struct aif_share *share = aif_explain_lane_share(e, &state);
    struct json_object *object = share ? json_object_new_object() : NULL;

    if (!share)
        return NULL;
    put(object, "title", json_object_new_string(share->title));
    put(object, "used_percent", json_object_new_double(state.used_bp / 100.0));
    put_number(object, "limit_percent", share->percent);
    return object;
}

static const char *state_of(const struct aif_explain *e)
{
    if (!aif_livejob_lane(e->lane.job))
        return "none";
    if (!e->lane.data->jobs->plugin)
        return "off";
    return e->lane.parts.place == AIF_SITEPLACE_CLOSED ? "closed" : "open";
}

static struct json_object *lane_json(const struct aif_explain *e)
{
    const struct aif_mode *mode = aif_livejob_lane(e->lane.job);
    struct json_object *object = json_object_new_object();
    const bool placed = e->lane.ahead.place && e->lane.job->ready && !e->lane.data->jobs->hidden;

    put(object, "mode", mode ? json_object_new_string(mode->name) : NULL);
    put(object, "state", json_object_new_string(state_of(e)));
    put(object, "place", placed ? json_object_new_int64((int64_t)e->lane.ahead.place) : NULL);
    put(object, "of", placed ? json_object_new_int64((int64_t)e->lane.ahead.of) : NULL);
    put(object, "target",
        mode && mode->lane.target ? json_object_new_int64(mode->lane.target) : NULL);
    put_number(object, "waited", aif_livejob_wait(e->lane.job, e->now));
    put(object, "share", share_json(e));
    return object;
}

static struct json_object *kind_json(enum aif_ahead_kind kind, uint64_t jobs,
                                     const struct aif_mode *lane)
{
    struct json_object *object = json_object_new_object();

    put(object, "kind", json_object_new_string(aif_ahead_name(kind)));
    if (lane)
        put(object, "lane", json_object_new_string(lane->name));
    put_number(object, "jobs", (int64_t)jobs);
    return object;
}

static struct json_object *ahead_json(const struct aif_explain *e)
{
    const struct aif_ahead *ahead = &e->lane.ahead;
    struct json_object *object = json_object_new_object(), *kinds = json_object_new_array();

    for (int kind = 0; kind < AIF_AHEAD_KINDS; kind++)
        if (ahead->counts[kind] && kind != AIF_AHEAD_OTHER_LANE)
            json_object_array_add(kinds,
                                  kind_json((enum aif_ahead_kind)kind, ahead->counts[kind], NULL));
    for (size_t i = 0; i < ahead->lane_count; i++)
        json_object_array_add(
            kinds, kind_json(AIF_AHEAD_OTHER_LANE, ahead->lanes[i].jobs, ahead->lanes[i].mode));
    put_number(object, "total", (int64_t)ahead->total);
    put(object, "kinds", kinds);
    put(object, "others_hidden", json_object_new_boolean(e->lane.data->jobs->hidden));
    return object;
}

void aif_explain_lane_json(const struct aif_explain *e, struct json_object *object)
{
    if (!e->lane.job)
        return;
    put(object, "parts", parts_json(e->lane.job, &e->lane.parts));
    put(object, "factors", factors_json(e->lane.job));
    put(object, "lane", lane_json(e));
    put(object, "ahead", ahead_json(e));
    put(object, "expected", e->job->start > e->now ? json_object_new_int64(e->job->start) : NULL);
}
