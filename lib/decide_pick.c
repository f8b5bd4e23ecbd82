/* decide_pick.c - which allocation a job means; see decide.h for the rule */
#include "decide_private.h"

#include <stdio.h>
#include <string.h>

#include "allocblock.h"
#include "names.h"
#include "rules.h"

#define LISTED_MAX 160 /* bytes of a list of names in a message */

static bool is_member(const struct aif_alloc *alloc, const char *user)
{
    return !user || aif_allocblock_lists(alloc, user);
}

/* Offers nothing that the later checks would refuse at once: a mode that is closed, or is not for
 * the holder. */
static bool is_usable(const struct aif_alloc *alloc, const struct aif_request *request)
{
    return alloc->state == AIF_STATE_OK && alloc->start <= request->begin &&
           request->begin <= alloc->end && is_member(alloc, request->user) && alloc->mode->open &&
           aif_decide_eligible(alloc->mode, alloc->category) &&
           !aif_decide_closure(alloc->mode, request->partition, request->begin);
}

/* Append name to a comma list; once full it ends in "...". */
__attribute__((cold)) static void list_add(char list[LISTED_MAX], const char *name)
{
    size_t used = strlen(list);
    size_t need = strlen(name) + (used ? 2 : 0);

    if (used >= 3 && !strcmp(list + used - 3, "..."))
        return;
    if (used + need + 6 > LISTED_MAX)
        name = "...";
    snprintf(list + used, LISTED_MAX - used, "%s%s", used ? ", " : "", name);
}

__attribute__((cold)) static bool refuse_no_allocation(struct aif_decider *decider)
{
    const char *account = decider->request->account;
    char what[AIF_WHAT_TEXT];

    if (account)
        snprintf(what, sizeof(what), "account %s has no allocation on this cluster", account);
    else
        snprintf(what, sizeof(what), "the job has no account, so no allocation");
    return aif_decide_refuse(
        decider,
        &(struct aif_message){
            .what = what,
            .rule = AIF_A_NONE,
            .next = "give the account or --ai-allocation of one that \"aif quota\" lists"});
}

/* The account has allocations, but none of the mode asked for. */
__attribute__((cold)) static bool refuse_mode_of_account(struct aif_decider *decider, const struct aif_alloc *first)
{
    const struct aif_policy *policy = decider->snapshot->policy;
    char what[AIF_WHAT_TEXT], modes[LISTED_MAX] = "";

    for (size_t i = 0; i < policy->mode_count; i++) {
        const struct aif_alloc *alloc = first;

        while (alloc && alloc->mode != &policy->modes[i])
            alloc = alloc->next_of_account;
        if (alloc)
            list_add(modes, alloc->mode->name);
    }
    snprintf(what, sizeof(what), "account %s has no allocation of that mode", first->account);
    return aif_decide_refuse(decider,
                             &(struct aif_message){.what = what,
                                                   .asked = decider->asked_mode->name,
                                                   .limit = modes,
                                                   .rule = AIF_M_MISMATCH,
                                                   .next = "use another --ai-mode or --account"});
}

__attribute__((cold)) static bool refuse_ambiguous(struct aif_decider *decider, const struct aif_alloc *first)
{
    char what[AIF_WHAT_TEXT], next[LISTED_MAX + 64], ids[LISTED_MAX] = "", one[160];

    for (const struct aif_alloc *alloc = first; alloc; alloc = alloc->next_of_account) {
        if (!is_usable(alloc, decider->request))
            continue;
        snprintf(one, sizeof(one), "%s (%s)", alloc->id, alloc->mode->name);
        list_add(ids, one);
    }
    snprintf(what, sizeof(what), "account %s has usable allocations of several modes",
             first->account);
    snprintf(next, sizeof(next), "say which by --ai-mode or --ai-allocation: %s", ids);
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = what, .rule = AIF_A_AMBIGUOUS, .next = next});
}

/* How near an unusable allocation is to being usable; larger is nearer. */
static int nearness(const struct aif_alloc *alloc, const struct aif_request *request)
{
    if (!is_member(alloc, request->user))
        return 0;
    if (request->begin > alloc->end)
        return 1;
    if (request->begin < alloc->start)
        return 2;
    return 3; /* only its state or its mode is in the way */
}

/* The list is in order of end: of expired ones the last is nearest, of future ones the first to
 * start. */
static bool is_nearer(const struct aif_alloc *alloc, const struct aif_alloc *best,
                      const struct aif_request *request)
{
    int mine = nearness(alloc, request), other = nearness(best, request);

    if (mine != other)
        return mine > other;
    return mine == 1 ? alloc->end >= best->end : alloc->start < best->start;
}

/* Who asks gets an answer here as well. */
__attribute__((cold)) static bool ignore(struct aif_decider *decider)
{
    const char *account = decider->request->account;
    char what[AIF_WHAT_TEXT];

    snprintf(what, sizeof(what), "%s%.64s has no allocation, so none is charged",
             account ? "account " : "the account", account ? account : "");
    if (decider->options->explain[0])
        aif_decide_note(decider, &(struct aif_message){.what = what, .rule = AIF_Q_NOTICE});
    return false;
}

__attribute__((noinline)) static bool pick_of_account(struct aif_decider *decider)
{
    const struct aif_request *request = decider->request;
    const struct aif_alloc *first = NULL, *usable = NULL, *nearest = NULL;

    if (request->account)
        first = aif_alloctable_by_account(decider->snapshot->allocs, request->account);
    if (!first) {
        if (aif_options_empty(decider->options) && !decider->snapshot->policy->foreign_reject)
            return ignore(decider); /* the verdict stays AIF_IGNORE */
        return refuse_no_allocation(decider);
    }
    for (const struct aif_alloc *alloc = first; alloc; alloc = alloc->next_of_account) {
        if (decider->asked_mode && alloc->mode != decider->asked_mode)
            continue;
        if (!nearest || is_nearer(alloc, nearest, request))
            nearest = alloc;
        if (!is_usable(alloc, request))
            continue;
        if (usable && usable->mode != alloc->mode)
            return refuse_ambiguous(decider, first);
        if (!usable)
            usable = alloc;
    }
    if (!nearest)
        return refuse_mode_of_account(decider, first);
    decider->out->alloc = usable ? usable : nearest;
    return true;
}

__attribute__((cold)) static bool pick_named(struct aif_decider *decider)
{
    const struct aif_alloctable *allocs = decider->snapshot->allocs;
    const char *name = decider->options->allocation;

    decider->out->alloc = aif_alloctable_by_id(allocs, name);
    if (!decider->out->alloc)
        decider->out->alloc = aif_alloctable_by_qos(allocs, name);
    if (decider->out->alloc)
        return true;
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = "this cluster has no such allocation",
                                       .asked = name,
                                       .rule = AIF_A_UNKNOWN,
                                       .next = "see \"aif quota\" for the allocations there are"});
}

__attribute__((cold)) static bool refuse_account(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    const char *account = decider->request->account;
    char what[AIF_WHAT_TEXT], next[AIF_WHAT_TEXT];

    snprintf(what, sizeof(what), "allocation %s belongs to another account", alloc->id);
    snprintf(next, sizeof(next), "use --account=%s", alloc->account);
    return aif_decide_refuse(decider, &(struct aif_message){.what = what,
                                                            .asked = account,
                                                            .limit = alloc->account,
                                                            .rule = AIF_A_ACCOUNT,
                                                            .next = next});
}

static bool check_account(struct aif_decider *decider)
{
    const char *account = decider->request->account;

    return !account || aif_names_same(account, decider->out->alloc->account) ||
           refuse_account(decider);
}

__attribute__((cold)) static bool refuse_qos(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    const char *qos = decider->request->qos;
    char what[AIF_WHAT_TEXT];

    snprintf(what, sizeof(what), "allocation %s runs under its own QOS", alloc->id);
    return aif_decide_refuse(decider,
                             &(struct aif_message){.what = what,
                                                   .asked = qos,
                                                   .limit = alloc->qos,
                                                   .rule = AIF_A_QOS,
                                                   .next = "leave --qos out, it is set for you"});
}

static bool check_qos(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    const char *qos = decider->request->qos;

    return !qos || decider->snapshot->policy->carrier == AIF_CARRIER_ASSOCIATION ||
           aif_names_same(qos, alloc->qos) ||
           (alloc->free_qos && aif_names_same(qos, alloc->free_qos)) || refuse_qos(decider);
}

__attribute__((cold)) static bool refuse_member(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    char what[AIF_WHAT_TEXT];

    snprintf(what, sizeof(what), "user %s is no member of allocation %s", decider->request->user,
             alloc->id);
    return aif_decide_refuse(
        decider,
        &(struct aif_message){.what = what,
                              .rule = AIF_A_MEMBER,
                              .next = "ask the project's leader, or use another allocation"});
}

__attribute__((hot)) bool aif_decide_member(struct aif_decider *decider)
{
    return is_member(decider->out->alloc, decider->request->user) || refuse_member(decider);
}

/*
 * The allocation that a QOS mirrors. From Slurm 24.11 on a job may name several QOS: then the first
 * of them that mirrors one, so that check_qos() refuses the list instead of nobody looking at it.
 */
__attribute__((cold)) static const struct aif_alloc *
alloc_of_list(const struct aif_alloctable *allocs, const char *qos)
{
    const struct aif_alloc *alloc = NULL;
    char name[AIF_NAMES_LENGTH_MAX + 1];

    for (size_t length; !alloc && *qos; qos += length + (qos[length] == ',')) {
        length = strcspn(qos, ",");
        if (length >= sizeof(name))
            continue;
        memcpy(name, qos, length);
        name[length] = '\0';
        alloc = aif_alloctable_by_qos(allocs, name);
    }
    return alloc;
}

static const struct aif_alloc *alloc_of_qos(const struct aif_alloctable *allocs, const char *qos)
{
    const struct aif_alloc *alloc = aif_alloctable_by_qos(allocs, qos);

    return alloc ? alloc : alloc_of_list(allocs, qos);
}

bool aif_decide_pick(struct aif_decider *decider)
{
    const struct aif_request *request = decider->request;
    bool picked;

    if (decider->options->allocation[0]) {
        picked = pick_named(decider);
    } else {
        if (request->qos && decider->snapshot->policy->carrier == AIF_CARRIER_QOS)
            decider->out->alloc = alloc_of_qos(decider->snapshot->allocs, request->qos);
        picked = decider->out->alloc || pick_of_account(decider);
    }
    return picked && check_account(decider) && check_qos(decider) && aif_decide_member(decider);
}
