/* decisions_relaxed.c - see decisions_relaxed.h */
#include "decisions_relaxed.h"

#include <string.h>

#include "policyenforce.h"

static size_t place_of(const char *rule)
{
    size_t count;

    return (size_t)(aif_rules_find(rule) - aif_rules(&count));
}

/* Everything that may be relaxed is. */
static void relax(struct aif_policy *policy, enum aif_enforce enforce)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);

    memset(&policy->enforce, 0, sizeof(policy->enforce));
    for (size_t i = 0; i < count; i++)
        if (aif_policyenforce_scope(rules[i].id) != AIF_ENFORCE_ALWAYS)
            policy->enforce.rules[i] = (uint8_t)enforce;
    policy->enforce.relaxed = true;
}

static struct aif_decision again(const struct aif_snapshot *site, const struct subject *subject)
{
    struct subject other = *subject;

    decide_case(site, &other);
    return other.decision;
}

static bool is_same(const struct aif_decision *a, const struct aif_decision *b)
{
    const char *left = a->rule ? a->rule : "", *right = b->rule ? b->rule : "";

    return a->verdict == b->verdict && !strcmp(left, right) && a->alloc == b->alloc && a->qos == b->qos && a->free == b->free &&
           a->minutes == b->minutes && a->asked_secs == b->asked_secs && a->left_secs == b->left_secs &&
           !strcmp(a->message, b->message) && !strcmp(a->residency_text, b->residency_text);
}

static bool advises(const struct aif_decision *decision, const char *rule, size_t *ret_index)
{
    for (*ret_index = 0; *ret_index < decision->advised_count; ++*ret_index)
        if (!strcmp(decision->advised.items[*ret_index].rule, rule))
            return true;
    return false;
}

/* A time limit that is no longer lowered makes a job dearer. */
static bool is_dearer(const struct aif_decision *decision)
{
    for (size_t i = 0; i < decision->advised_count; i++)
        if (decision->advised.items[i].would == AIF_WOULD_LOWER)
            return true;
    return false;
}

static bool is_told_alike(const struct aif_decision *was, const struct aif_decision *now, size_t index)
{
    const char *text = aif_decision_advised(now, index);

    return is_dearer(now) || was->verdict == AIF_HOLD || !*text || !strcmp(text, was->message);
}

static const char *check_barred(const struct aif_decision *was, const struct aif_decision *now)
{
    size_t index;

    if (aif_policyenforce_scope(was->rule) == AIF_ENFORCE_ALWAYS)
        return now->advised_count || is_same(was, now) ? NULL : "a rule that is always on is not";
    if (aif_policyenforce_scope(was->rule) == AIF_ENFORCE_BOOKING)
        return now->verdict == AIF_IGNORE || is_same(was, now) ? NULL : "a job without allocation is neither left alone nor refused";
    if (!advises(now, was->rule, &index))
        return "the rule that was in the way is not advised";
    return is_told_alike(was, now, index) ? NULL : "advised in other words";
}

/* What the rules are the reason of, and nothing else, is gone. */
static const char *check_advised(const struct aif_decision *was, const struct aif_decision *now)
{
    if (now->rule && aif_policyenforce_scope(now->rule) == AIF_ENFORCE_LIMIT)
        return "a limit that only advises refuses";
    if (was->verdict == AIF_REJECT || was->verdict == AIF_HOLD)
        return check_barred(was, now);
    return now->advised_count || is_same(was, now) ? NULL : "another decision although nothing is advised";
}

/* The rule that refused is the only one that is on: it refuses as before, whatever would have come before it. */
static const char *check_one_on(struct aif_snapshot *site, const struct subject *subject)
{
    const struct aif_decision *was = &subject->decision;
    struct aif_decision now;

    if (was->verdict != AIF_REJECT || aif_policyenforce_scope(was->rule) == AIF_ENFORCE_ALWAYS)
        return NULL;
    relax(site->policy, AIF_ENFORCE_ADVISE);
    site->policy->enforce.rules[place_of(was->rule)] = AIF_ENFORCE_ON;
    now = again(site, subject);
    if (is_dearer(&now) && now.verdict == AIF_REJECT && !strcmp(now.rule, was->rule))
        return NULL;
    return is_same(was, &now) ? NULL : "a rule that is on refuses no longer";
}

const char *check_relaxed(struct aif_snapshot *site, const struct subject *subject)
{
    const struct aif_enforce_conf before = site->policy->enforce;
    struct aif_decision advised, off;
    const char *wrong;

    relax(site->policy, AIF_ENFORCE_ADVISE);
    advised = again(site, subject);
    wrong = check_advised(&subject->decision, &advised);
    relax(site->policy, AIF_ENFORCE_OFF);
    off = again(site, subject);
    if (!wrong && (off.advised_count || !is_same(&advised, &off)))
        wrong = "off differs from advise in more than what is told";
    if (!wrong)
        wrong = check_one_on(site, subject);
    site->policy->enforce = before;
    return wrong;
}
