/* plan_assoc.c - accounts, users and associations: the part of plan.h that gives members access to their QOS */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "planning.h"

static bool is_member(const struct aif_alloc *alloc, const char *user)
{
    for (char **member = alloc->members; member && *member; member++)
        if (!strcmp(*member, user))
            return true;
    return false;
}

/* Associations are made for allocations that are mirrored and not over for good. */
static bool is_granted(const struct aif_planning *p, const struct aif_alloc *alloc)
{
    const struct aif_dbd_qos *qos = aif_dbd_find_qos(p->dbd, alloc->qos);

    return alloc->state != AIF_STATE_TERMINATED && (!qos || aif_planning_owns(qos));
}

static bool allows(const struct aif_planning *p, const struct aif_dbd_assoc *assoc, const struct aif_alloc *alloc)
{
    const struct aif_dbd_qos *qos = aif_dbd_find_qos(p->dbd, alloc->qos);

    return assoc && qos && aif_dbd_assoc_allows(assoc, qos->id);
}

static size_t chain_length(const struct aif_alloc *alloc)
{
    size_t length = 0;

    for (; alloc; alloc = alloc->next_of_account)
        length++;
    return length;
}

static char *join(const char **names)
{
    char *text = aif_tool_strdup("");

    for (; names && *names; names++) {
        char *longer = aif_tool_format("%s%s%s", text, *text ? "," : "", *names);

        free(text);
        text = longer;
    }
    return text;
}

static void show_grants(struct aif_change *change)
{
    if (change->grant[0])
        aif_planning_field(change, change->op == AIF_CHANGE_ADD ? "QOS" : "QOS +", NULL, join(change->grant));
    if (change->revoke[0])
        aif_planning_field(change, "QOS -", NULL, join(change->revoke));
    if (change->default_qos)
        aif_planning_field(change, "DefaultQOS", NULL, aif_tool_strdup(change->default_qos));
}

/* Make an association change with room for every QOS of the account. */
static struct aif_change *new_grants(struct aif_planning *p, const struct aif_alloc *head, const char *user,
                                     enum aif_change_op op, enum aif_change_object object)
{
    size_t room = chain_length(head) + 1;
    struct aif_change *change = aif_planning_add(p, op, object, object == AIF_OBJECT_ACCOUNT ? head->account : user);

    change->account = aif_tool_strdup(head->account);
    change->submits = NO_VAL;
    change->grant = aif_tool_alloc(room, sizeof(*change->grant));
    change->revoke = aif_tool_alloc(room, sizeof(*change->revoke));
    return change;
}

/* Drop the change if it changes nothing, else finish its texts. */
static void end_grants(struct aif_planning *p, struct aif_change *change, const struct aif_dbd_assoc *assoc, size_t grants,
                       size_t revokes)
{
    if (!assoc || grants || revokes) {
        show_grants(change);
        return;
    }
    aif_planning_drop_last(p);
}

static void take_away(struct aif_planning *p, struct aif_change *change, const struct aif_dbd_assoc *assoc,
                      const struct aif_alloc *alloc, size_t *revokes)
{
    change->revoke[(*revokes)++] = alloc->qos;
    if (assoc->default_qos == aif_dbd_find_qos(p->dbd, alloc->qos)->id)
        change->clear_default = true;
}

/* The account's own association carries the QOS of allocations without a member list. */
static void plan_account(struct aif_planning *p, const struct aif_alloc *head)
{
    const struct aif_dbd_assoc *assoc = aif_dbd_find_assoc(p->dbd, head->account, "");
    struct aif_change *change = new_grants(p, head, "", assoc ? AIF_CHANGE_MODIFY : AIF_CHANGE_ADD,
                                           assoc ? AIF_OBJECT_ASSOC : AIF_OBJECT_ACCOUNT);
    size_t grants = 0, revokes = 0;

    for (const struct aif_alloc *alloc = head; alloc; alloc = alloc->next_of_account) {
        bool has = allows(p, assoc, alloc);

        if (alloc->members && has)
            take_away(p, change, assoc, alloc, &revokes);
        else if (!alloc->members && !has && is_granted(p, alloc))
            change->grant[grants++] = alloc->qos;
    }
    if (!assoc) {
        change->parent = p->snapshot->policy->parent_account;
        change->new_account = !aif_dbd_has_account(p->dbd, head->account);
        change->description = aif_tool_format(AIF_PLANNING_MARK "%s", head->id);
        change->default_qos = grants == 1 ? change->grant[0] : NULL;
        aif_planning_field(change, "Parent", NULL, aif_tool_strdup(change->parent));
    }
    end_grants(p, change, assoc, grants, revokes);
}

/*
 * An association whose last QOS is taken away would fall back to the account's, "normal" for instance, and compute
 * uncharged: it is barred instead, until the user is a member again.
 */
static void bar(struct aif_change *change)
{
    change->submits = 0;
    aif_planning_field(change, "MaxSubmitJobs", NULL, aif_tool_strdup("0"));
}

static bool is_barred(const struct aif_planning *p, const struct aif_alloc *head, const struct aif_dbd_assoc *assoc)
{
    if (!assoc || assoc->submits)
        return false;
    for (; head; head = head->next_of_account)
        if (allows(p, assoc, head))
            return false;
    return true;
}

/* One member of at least one allocation of the account, who may have no association yet. */
static void plan_member(struct aif_planning *p, const struct aif_alloc *head, const char *user)
{
    const struct aif_dbd_assoc *assoc = aif_dbd_find_assoc(p->dbd, head->account, user);
    const struct aif_dbd_assoc *account = aif_dbd_find_assoc(p->dbd, head->account, "");
    bool new_user = !assoc && !aif_dbd_has_user(p->dbd, user);
    struct aif_change *change;
    size_t grants = 0;

    if (new_user)
        aif_planning_add(p, AIF_CHANGE_ADD, AIF_OBJECT_USER, user);
    change = new_grants(p, head, user, assoc ? AIF_CHANGE_MODIFY : AIF_CHANGE_ADD, AIF_OBJECT_ASSOC);
    for (const struct aif_alloc *alloc = head; alloc; alloc = alloc->next_of_account) {
        /* What the account loses its users lose too, unless they have it themselves. */
        bool keeps = allows(p, assoc, alloc) && !(alloc->members && allows(p, account, alloc));

        if (!keeps && is_granted(p, alloc) && (!alloc->members || is_member(alloc, user)))
            change->grant[grants++] = alloc->qos;
    }
    if (!assoc) {
        change->default_qos = grants == 1 ? change->grant[0] : NULL;
        change->default_account = new_user;
    }
    if (grants && is_barred(p, head, assoc)) {
        change->submits = INFINITE;
        aif_planning_field(change, "MaxSubmitJobs", aif_tool_strdup("0"), aif_tool_strdup("none"));
    }
    end_grants(p, change, assoc, grants, 0);
}

/* Users of the account who hold a QOS whose member list does not name them. */
static void plan_leavers(struct aif_planning *p, const struct aif_alloc *head)
{
    size_t count;
    const struct aif_dbd_assoc *assocs = aif_dbd_account_assocs(p->dbd, head->account, &count);

    for (size_t i = 1; i < count; i++) {
        struct aif_change *change = new_grants(p, head, assocs[i].user, AIF_CHANGE_MODIFY, AIF_OBJECT_ASSOC);
        size_t revokes = 0;

        for (const struct aif_alloc *alloc = head; alloc; alloc = alloc->next_of_account)
            if (alloc->members && allows(p, &assocs[i], alloc) && !is_member(alloc, assocs[i].user))
                take_away(p, change, &assocs[i], alloc, &revokes);
        if (revokes && revokes == assocs[i].qos_count)
            bar(change);
        end_grants(p, change, &assocs[i], 0, revokes);
    }
}

/* Was this member met before, in this list or in that of an earlier allocation of the account? */
static bool met_before(const struct aif_planning *p, const struct aif_alloc *head, const struct aif_alloc *alloc, size_t index)
{
    const char *user = alloc->members[index];

    for (; head != alloc; head = head->next_of_account)
        if (is_granted(p, head) && is_member(head, user))
            return true;
    for (size_t i = 0; i < index; i++)
        if (!strcmp(alloc->members[i], user))
            return true;
    return false;
}

void aif_planning_associations(struct aif_planning *p, const struct aif_alloc *head)
{
    plan_account(p, head);
    for (const struct aif_alloc *alloc = head; alloc; alloc = alloc->next_of_account)
        for (size_t i = 0; is_granted(p, alloc) && alloc->members && alloc->members[i]; i++)
            if (!met_before(p, head, alloc, i))
                plan_member(p, head, alloc->members[i]);
    plan_leavers(p, head);
}

void aif_planning_parent(struct aif_planning *p)
{
    const char *parent = p->snapshot->policy->parent_account;
    struct aif_change *change;

    if (aif_dbd_find_assoc(p->dbd, parent, ""))
        return;
    change = aif_planning_add(p, AIF_CHANGE_ADD, AIF_OBJECT_ACCOUNT, parent);
    change->parent = "root";
    change->new_account = !aif_dbd_has_account(p->dbd, parent);
    change->description = aif_tool_strdup(AIF_PLANNING_MARK "allocations");
    aif_planning_field(change, "Parent", NULL, aif_tool_strdup("root"));
}
