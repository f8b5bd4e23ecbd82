/* policylane.c - see policylane.h */
#include "policylane.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "lane.h"
#include "policymodes.h"
#include "rules.h"

#define DAY 86400
#define POINTS_MAX                                                                                 \
    (AIF_LANE_BOOST_MAX /                                                                          \
     4) /* base and twice the urgency stay below what Slurm's site factor holds */
#define TARGET_MAX (30 * DAY)
#define WINDOW_MIN 60
#define WINDOW_MAX (366 * DAY)
#define FROM_DEFAULT 50

/* ---- of a mode ---- */

#define LANE(member) offsetof(struct aif_lane, member)
static const struct aif_jsonfield lane_fields[] = {
    {"base", AIF_JSON_INT, false, aif_jsonschema_i32, LANE(base), 0, POINTS_MAX},
    {"target", AIF_JSON_TEXT, false, aif_jsonschema_seconds, LANE(target), 1, TARGET_MAX},
    {"from", AIF_JSON_INT, false, aif_jsonschema_u32, LANE(from), 0, 99},
    {"urgency", AIF_JSON_INT, false, aif_jsonschema_i32, LANE(urgency), 0, POINTS_MAX},
    {"level", AIF_JSON_BOOL, false, aif_jsonschema_bool, LANE(level), 0, 0},
    {"preempts", AIF_JSON_ARRAY, false, aif_jsonschema_texts, LANE(preempts), 1, AIF_MODES_MAX},
    {"preempts_free", AIF_JSON_BOOL, false, aif_jsonschema_bool, LANE(preempts_free), 0, 0},
    {"headroom", AIF_JSON_INT, false, aif_jsonschema_u32, LANE(headroom), 0, AIF_GPUS_MAX},
    {"headroom_partition", AIF_JSON_TEXT, false, aif_jsonschema_text, LANE(headroom_partition), 1,
     255},
    {0},
};

/* A child of node by key, for messages; its value is NULL when it is not there. */
static struct aif_jsonnode child_of(const struct aif_jsonnode *node, const char *key)
{
    struct aif_jsonnode child = {.up = node, .file = node->file, .key = key};

    json_object_object_get_ex(node->value, key, &child.value);
    return child;
}

int aif_policylane_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    struct aif_lane *lane = ret_value;
    struct aif_jsonnode urgency;

    (void)field;
    lane->present = true;
    lane->from = FROM_DEFAULT;
    if (aif_jsonschema_object(node, lane_fields, lane, err))
        return -1;
    if (lane->target || !lane->urgency)
        return 0;
    urgency = child_of(node, "urgency");
    return aif_jsonschema_range(&urgency, "0 without \"target\"", err);
}

static int read_how(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                    void *ret_value, struct aif_error *err)
{
    static const char *const words[] = {"requeue", "cancel", NULL};
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, words, &index, err))
        return -1;
    *(enum aif_yield *)ret_value = index ? AIF_YIELD_CANCEL : AIF_YIELD_REQUEUE;
    return 0;
}

int aif_policylane_read_yield(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                              void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"how", AIF_JSON_TEXT, false, read_how, offsetof(struct aif_mode, yield), 0, 0},
        {"grace", AIF_JSON_TEXT, false, aif_jsonschema_seconds, offsetof(struct aif_mode, yield_grace), 1,
         TARGET_MAX},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

int aif_policylane_refuse_boost(const struct aif_jsonnode *mode, struct aif_error *err)
{
    struct aif_jsonnode boost = child_of(mode, "lane_boost");
    char next[80];

    if (!json_object_object_get_ex(mode->value, "lane_boost", NULL))
        return 0;
    snprintf(next, sizeof(next), "write \"lane\": {\"base\": %.20s}",
             json_object_get_string(boost.value));
    return aif_jsonschema_fail(&boost, AIF_C_UNKNOWN, next, err, "no longer known: \"lane_boost\"");
}

/* Whether the lane of "from" takes the place of jobs of "of", or of those that do, and so on. seen:
 * modes looked at. */
static bool reaches(const struct aif_policy *policy, const struct aif_mode *from,
                    const struct aif_mode *of, bool *seen)
{
    for (char **name = from->lane.preempts; name && *name; name++) {
        const struct aif_mode *next = aif_policy_mode(policy, *name);

        if (next == of)
            return true;
        if (!next || seen[next - policy->modes])
            continue;
        seen[next - policy->modes] = true;
        if (reaches(policy, next, of, seen))
            return true;
    }
    return false;
}

/* Jobs that may take each other's place would do so for ever. */
static int check_circle(const struct aif_jsonnode *node, const struct aif_policy *policy,
                        const struct aif_mode *mode, const struct aif_mode *other,
                        struct aif_error *err)
{
    bool seen[AIF_MODES_MAX] = {false};

    if (!reaches(policy, other, mode, seen))
        return 0;
    return aif_jsonschema_fail(
        node, AIF_C_RANGE, "take one of them out", err,
        "out of range: \"%.64s\", limit modes that do not preempt \"%s\" in turn", other->name,
        mode->name);
}

static int check_preempts(const struct aif_jsonnode *node, const struct aif_policy *policy,
                          const struct aif_mode *mode, struct aif_error *err)
{
    for (char **name = mode->lane.preempts; *name; name++) {
        const struct aif_mode *other = aif_policy_mode(policy, *name);

        if (!other)
            return aif_jsonschema_fail(node, AIF_C_REFERENCE, "define it or take it out", err,
                                       "no such mode: \"%.64s\", limit those of \"modes\"", *name);
        if (other == mode)
            return aif_jsonschema_fail(node, AIF_C_RANGE, "take it out", err,
                                       "out of range: \"%.64s\", limit other modes than its own",
                                       *name);
        if (check_circle(node, policy, mode, other, err))
            return -1;
    }
    return 0;
}

int aif_policylane_check(const struct aif_jsonnode *node, const struct aif_policy *policy,
                         struct aif_error *err)
{
    for (const struct aif_mode *mode = policy->modes; mode < policy->modes + policy->mode_count;
         mode++) {
        const struct aif_jsonnode own = child_of(node, mode->name);
        const struct aif_jsonnode lane = child_of(&own, "lane");
        const struct aif_jsonnode preempts = child_of(&lane, "preempts");

        if (mode->lane.preempts && check_preempts(&preempts, policy, mode, err))
            return -1;
    }
    return 0;
}

void aif_policylane_free(struct aif_lane *lane)
{
    aif_jsonschema_texts_destroy(lane->preempts);
    free(lane->headroom_partition);
}

/* ---- of all lanes ---- */

static int read_after(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                      void *ret_value, struct aif_error *err)
{
    if (strcmp(json_object_get_string(node->value), "never"))
        return aif_jsonschema_seconds(node, field, ret_value, err);
    *(uint32_t *)ret_value = 0;
    return 0;
}

#define LANES(member) offsetof(struct aif_lanes_conf, member)
static int read_guard(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                      void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"after", AIF_JSON_TEXT, false, read_after, LANES(guard_after), 1, WINDOW_MAX},
        {"points", AIF_JSON_INT, false, aif_jsonschema_i32, LANES(guard_points), 0,
         AIF_LANE_BOOST_MAX},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

int aif_policylane_read_all(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"window", AIF_JSON_TEXT, false, aif_jsonschema_seconds, LANES(window), WINDOW_MIN, WINDOW_MAX},
        {"capacity", AIF_JSON_INT, false, aif_jsonschema_u32, LANES(capacity), 0, AIF_GPUS_MAX},
        {"resume", AIF_JSON_INT, false, aif_jsonschema_u32, LANES(resume), 1, 100},
        {"guard", AIF_JSON_OBJECT, false, read_guard, 0, 0, 0},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

void aif_policylane_init(struct aif_lanes_conf *ret_conf)
{
    *ret_conf = (struct aif_lanes_conf){.window = 7 * DAY, .resume = 95, .guard_after = 2 * DAY};
}

void aif_policylane_finish(struct aif_policy *policy)
{
    if (!policy->lanes.guard_points)
        policy->lanes.guard_points = aif_lane_top(policy);
}
