/* preempt.c - see preempt.h */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "preempt.h"
#include "rules.h"

#define LISTS " preempts="
#define YIELDS " yields="
#define SHOWN_MAX 6          /* names of one change of a list */
#define SIGNS_MAX 32         /* changes that are sent one by one: each is a function call in slurmdbd's SQL */
#define LIST_BYTES_MAX 60000 /* a list is a column of 64 KiB, and so is the log of its change */
#define ID_BYTES 12

struct rule {
    uint64_t *victims;  /* bits by QOS id */
    const char **fresh; /* names of victims that slurmdbd does not have yet */
    size_t fresh_count;
    size_t count;
    uint32_t digest;
};

struct aif_preempt {
    const struct aif_snapshot *snapshot;
    const struct aif_dbd *dbd;
    time_t now;
    const struct aif_dbd_qos **by_id;
    struct rule *rules; /* by mode; victims NULL: its lane preempts nobody */
    bool *yields;       /* by mode: some lane names it */
    bool free_yields;
};

/* ---- small things ---- */

static bool is_set(const uint64_t *bits, uint32_t id)
{
    return bits && bits[id / 64] >> id % 64 & 1;
}

static size_t mode_index(const struct aif_preempt *p, const struct aif_mode *mode)
{
    return (size_t)(mode - p->snapshot->policy->modes);
}

static const struct rule *rule_of(const struct aif_preempt *p, const struct aif_alloc *alloc)
{
    return &p->rules[mode_index(p, alloc->mode)];
}

static bool lane_preempts(const struct aif_lane *lane)
{
    return lane->preempts || lane->preempts_free;
}

bool aif_preempt_wanted(const struct aif_policy *policy)
{
    for (size_t i = 0; i < policy->mode_count; i++)
        if (lane_preempts(&policy->modes[i].lane))
            return true;
    return false;
}

static bool names_mode(const struct aif_lane *lane, const struct aif_mode *mode)
{
    for (char **name = lane->preempts; name && *name; name++)
        if (!strcasecmp(*name, mode->name))
            return true;
    return false;
}

static bool is_over(const struct aif_preempt *p, const struct aif_alloc *alloc)
{
    return alloc->state == AIF_STATE_TERMINATED || alloc->end < p->now;
}

static uint32_t hash_text(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return (hash ^ '\n') * 16777619u;
}

static uint32_t hash_rule(const struct aif_lane *lane)
{
    uint32_t hash = hash_text(2166136261u, lane->preempts_free ? "free" : "");

    for (char **name = lane->preempts; name && *name; name++)
        hash = hash_text(hash, *name);
    return hash;
}

static uint32_t hash_yield(uint16_t mode, uint32_t grace)
{
    char text[32];

    snprintf(text, sizeof(text), "%u %u", mode, grace);
    return hash_text(2166136261u, text);
}

/* The digest behind a word of a description. */
static bool read_mark(const char *description, const char *word, uint32_t *ret_digest)
{
    const char *found = strcasestr(description, word);

    if (!found)
        return false;
    *ret_digest = (uint32_t)strtoul(found + strlen(word), NULL, 16);
    return true;
}

static bool has_mark(const struct aif_dbd_qos *qos, const char *word)
{
    uint32_t digest;

    return qos && read_mark(qos->description, word, &digest);
}

/* ---- who yields to whom ---- */

static void add_victim(struct aif_preempt *p, struct rule *rule, const char *name)
{
    const struct aif_dbd_qos *qos = aif_dbd_find_qos(p->dbd, name);

    if (qos && !aif_dbd_is_ours(qos->description))
        return;
    if (qos)
        rule->victims[qos->id / 64] |= UINT64_C(1) << qos->id % 64;
    else
        rule->fresh[rule->fresh_count++] = name;
    rule->count++;
}

static void add_victims(struct aif_preempt *p, const struct aif_lane *lane, const struct aif_alloc *alloc,
                        struct rule *rule)
{
    bool named = names_mode(lane, alloc->mode);

    if (is_over(p, alloc))
        return;
    if (named)
        add_victim(p, rule, alloc->qos);
    if (alloc->free_qos && (named || lane->preempts_free))
        add_victim(p, rule, alloc->free_qos);
}

static int check_size(const struct aif_preempt *p, const struct aif_mode *mode, const struct rule *rule)
{
    size_t each = (size_t)snprintf(NULL, 0, ",%zu", p->dbd->qos_ids + rule->fresh_count), most = LIST_BYTES_MAX / each;

    if (rule->count <= most)
        return AIF_EXIT_OK;
    return aif_tool_fail(AIF_EXIT_FAILED, "lane of mode %s: %zu QOS yield to it, limit %zu, which is what slurmdbd can keep in a list (" AIF_C_PREEMPT "); take ended allocations out of allocations.json and run \"aif apply --prune\", or name fewer modes in its \"preempts\"",
                         mode->name, rule->count, most);
}

static int make_rule(struct aif_preempt *p, const struct aif_mode *mode)
{
    const struct aif_alloctable *allocs = p->snapshot->allocs;
    struct rule *rule = &p->rules[mode_index(p, mode)];

    rule->digest = hash_rule(&mode->lane);
    rule->victims = aif_tool_alloc(p->dbd->qos_ids / 64 + 1, sizeof(*rule->victims));
    rule->fresh = aif_tool_alloc(2 * aif_alloctable_count(allocs), sizeof(*rule->fresh));
    for (size_t i = 0; i < aif_alloctable_count(allocs); i++)
        add_victims(p, &mode->lane, aif_alloctable_at(allocs, i), rule);
    return check_size(p, mode, rule);
}

static void find_yielding(struct aif_preempt *p, const struct aif_lane *lane)
{
    const struct aif_policy *policy = p->snapshot->policy;

    p->free_yields |= lane->preempts_free;
    for (size_t i = 0; i < policy->mode_count; i++)
        p->yields[i] |= names_mode(lane, &policy->modes[i]);
}

int aif_preempt_make(const struct aif_snapshot *snapshot, const struct aif_dbd *dbd, time_t now,
                     struct aif_preempt **ret_preempt)
{
    const struct aif_policy *policy = snapshot->policy;
    struct aif_preempt *p = aif_tool_alloc(1, sizeof(*p));
    int rc = AIF_EXIT_OK;

    *p = (struct aif_preempt){.snapshot = snapshot, .dbd = dbd, .now = now};
    p->rules = aif_tool_alloc(policy->mode_count, sizeof(*p->rules));
    p->yields = aif_tool_alloc(policy->mode_count, sizeof(*p->yields));
    p->by_id = aif_tool_alloc(dbd->qos_ids, sizeof(*p->by_id));
    for (size_t i = 0; i < dbd->qos_count; i++)
        p->by_id[dbd->qos[i].id] = &dbd->qos[i];
    for (size_t i = 0; rc == AIF_EXIT_OK && i < policy->mode_count; i++) {
        if (!lane_preempts(&policy->modes[i].lane))
            continue;
        find_yielding(p, &policy->modes[i].lane);
        rc = make_rule(p, &policy->modes[i]);
    }
    if (rc == AIF_EXIT_OK)
        *ret_preempt = p;
    else
        aif_preempt_free(p);
    return rc;
}

void aif_preempt_free(struct aif_preempt *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->snapshot->policy->mode_count; i++) {
        free(p->rules[i].victims);
        free(p->rules[i].fresh);
    }
    free(p->rules);
    free(p->yields);
    free(p->by_id);
    free(p);
}

/* ---- what a QOS shall be ---- */

static void take_back(const struct aif_dbd_qos *have, struct aif_preempt_want *want)
{
    if (!has_mark(have, YIELDS))
        return;
    want->mode = 0;
    want->grace = 0;
}

void aif_preempt_of(const struct aif_preempt *p, const struct aif_alloc *alloc, bool free_qos,
                    const struct aif_dbd_qos *have, struct aif_preempt_want *ret_want)
{
    const struct aif_mode *mode = alloc->mode;
    struct aif_preempt_want want = {.mode = NO_VAL16, .grace = NO_VAL};

    if (!is_over(p, alloc)) {
        want.lists = !free_qos && rule_of(p, alloc)->victims;
        want.yields = p->yields[mode_index(p, mode)] || (free_qos && p->free_yields);
    }
    if (want.yields) {
        want.mode = mode->yield == AIF_YIELD_CANCEL ? PREEMPT_MODE_CANCEL : PREEMPT_MODE_REQUEUE;
        want.grace = mode->yield_grace;
    } else {
        take_back(have, &want);
    }
    *ret_want = want;
}

char *aif_preempt_mark(const struct aif_preempt *p, const struct aif_alloc *alloc, const struct aif_preempt_want *want)
{
    char lists[sizeof(LISTS) + 8] = "", yields[sizeof(YIELDS) + 8] = "";

    if (want->lists)
        snprintf(lists, sizeof(lists), LISTS "%08" PRIx32, rule_of(p, alloc)->digest);
    if (want->yields)
        snprintf(yields, sizeof(yields), YIELDS "%08" PRIx32, hash_yield(want->mode, want->grace));
    return aif_tool_format("%s%s", lists, yields);
}

bool aif_preempt_drifted(const struct aif_dbd_qos *have)
{
    uint32_t digest;

    return read_mark(have->description, YIELDS, &digest) && digest != hash_yield(have->preempt_mode, have->grace);
}

const char *aif_preempt_mode_text(uint16_t mode)
{
    switch (mode & (uint16_t)~(PREEMPT_MODE_WITHIN | PREEMPT_MODE_GANG)) {
    case PREEMPT_MODE_OFF:
        return "cluster";
    case PREEMPT_MODE_SUSPEND:
        return "suspend";
    case PREEMPT_MODE_REQUEUE:
        return "requeue";
    case PREEMPT_MODE_CANCEL:
        return "cancel";
    default:
        return "other";
    }
}

/* ---- lists ---- */

/* Walks the entries that differ. A QOS that the policy does not list and no mark of ours speaks of is left alone. */
struct walk {
    const struct aif_preempt *p;
    const struct rule *rule;
    const uint64_t *victims, *have; /* NULL: none */
    bool managed;
    uint32_t id;
};

static struct walk start_walk(const struct aif_preempt *p, const struct aif_alloc *alloc, const struct aif_dbd_qos *have)
{
    struct walk walk = {.p = p, .rule = rule_of(p, alloc), .have = have ? have->preempts : NULL};

    walk.victims = is_over(p, alloc) ? NULL : walk.rule->victims;
    walk.managed = walk.victims || has_mark(have, LISTS);
    return walk;
}

/* The sign of the next difference, '+' or '-', and its QOS; 0 at the end. */
static char next_difference(struct walk *walk, const struct aif_dbd_qos **ret_qos)
{
    while (walk->managed && walk->id < walk->p->dbd->qos_ids) {
        uint32_t id = walk->id++;
        bool listed = is_set(walk->have, id), wanted = is_set(walk->victims, id);
        const struct aif_dbd_qos *qos = walk->p->by_id[id];

        if (listed == wanted || !qos || (listed && !aif_dbd_is_ours(qos->description)))
            continue;
        *ret_qos = qos;
        return wanted ? '+' : '-';
    }
    return 0;
}

struct text {
    char *text;
    size_t count;
};

static void show(struct text *text, char sign, const char *name)
{
    char *longer;

    if (text->count++ >= SHOWN_MAX)
        return;
    longer = aif_tool_format("%s%s%c%s", text->text ? text->text : "", text->text ? "," : "", sign, name);
    free(text->text);
    text->text = longer;
}

char *aif_preempt_list_text(const struct aif_preempt *p, const struct aif_alloc *alloc, const struct aif_dbd_qos *have,
                            bool *ret_drift)
{
    struct walk walk = start_walk(p, alloc, have);
    const struct aif_dbd_qos *qos = NULL;
    struct text text = {0};
    uint32_t digest;
    bool same = have && read_mark(have->description, LISTS, &digest) && digest == walk.rule->digest;
    char sign;

    *ret_drift = false;
    while ((sign = next_difference(&walk, &qos))) {
        show(&text, sign, qos->name);
        /* By the same rule aif would have listed what is marked as yielding, and nothing else. */
        *ret_drift |= same && (sign == '-' || has_mark(qos, YIELDS));
    }
    for (size_t i = 0; walk.victims && i < walk.rule->fresh_count; i++)
        show(&text, '+', walk.rule->fresh[i]);
    if (text.count > SHOWN_MAX) {
        char *longer = aif_tool_format("%s and %zu more", text.text, text.count - SHOWN_MAX);

        free(text.text);
        text.text = longer;
    }
    return text.text;
}

struct ids {
    char **list;
    char *room; /* where the next id goes, behind the list */
    size_t count;
};

static void put_id(struct ids *ids, const char *sign, uint32_t id)
{
    ids->list[ids->count++] = ids->room;
    ids->room += snprintf(ids->room, ID_BYTES, "%s%u", sign, id) + 1;
}

static struct ids make_ids(size_t most)
{
    struct ids ids = {.list = aif_tool_alloc(most + 1, sizeof(*ids.list) + ID_BYTES)};

    ids.room = (char *)(ids.list + most + 1);
    return ids;
}

static char **changed_ids(struct walk walk, size_t count)
{
    struct ids ids = make_ids(count);
    const struct aif_dbd_qos *qos = NULL;
    char sign;

    while ((sign = next_difference(&walk, &qos)))
        put_id(&ids, sign == '+' ? "+" : "-", qos->id);
    return ids.list;
}

static bool stays(const struct walk *walk, uint32_t id)
{
    const struct aif_dbd_qos *qos = walk->p->by_id[id];

    return qos && (is_set(walk->victims, id) || (is_set(walk->have, id) && !aif_dbd_is_ours(qos->description)));
}

static char **all_ids(const struct walk *walk)
{
    struct ids ids = make_ids(walk->p->dbd->qos_ids + 1);

    for (uint32_t id = 0; id < walk->p->dbd->qos_ids; id++)
        if (stays(walk, id))
            put_id(&ids, "", id);
    if (!ids.count)
        ids.list[0] = ids.room; /* "" */
    return ids.list;
}

char **aif_preempt_list_ids(const struct aif_preempt *p, const struct aif_alloc *alloc, const struct aif_dbd_qos *have)
{
    struct walk walk = start_walk(p, alloc, have), counting;
    const struct aif_dbd_qos *qos = NULL;
    size_t count = 0;

    walk.managed = true; /* or it would not have been found to differ; the mark may be gone since */
    counting = walk;
    while (next_difference(&counting, &qos))
        count++;
    if (!count)
        return NULL;
    return have && count <= SIGNS_MAX ? changed_ids(walk, count) : all_ids(&walk);
}
