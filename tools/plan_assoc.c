/* plan_assoc.c - accounts, users and associations: the part of plan.h that gives members access to their allocations */
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

static bool by_qos(const struct aif_planning *p)
{
    return p->snapshot->policy->carrier == AIF_CARRIER_QOS;
}

/* ---- the QOS of an account's allocations ---- */

/*
 * One after the other: an allocation has one or two. With the carrier "association" there is none, since users keep the
 * QOS that they have.
 */
struct walk {
    const struct aif_alloc *alloc;
    const char *name; /* NULL at the end */
};

static struct walk first_qos(const struct aif_planning *p, const struct aif_alloc *head)
{
    return (struct walk){head, by_qos(p) ? head->qos : NULL};
}

static void next_qos(struct walk *at)
{
    if (at->alloc->free_qos && at->name != at->alloc->free_qos) {
        at->name = at->alloc->free_qos;
        return;
    }
    at->alloc = at->alloc->next_of_account;
    at->name = at->alloc ? at->alloc->qos : NULL;
}

static size_t count_qos(const struct aif_alloc *alloc)
{
    size_t count = 0;

    for (; alloc; alloc = alloc->next_of_account)
        count += alloc->free_qos ? 2 : 1;
    return count;
}

static bool is_over(const struct aif_alloc *alloc)
{
    return alloc->state == AIF_STATE_TERMINATED;
}

/* Associations are made for allocations that are mirrored and not over for good. */
static bool is_granted(const struct aif_planning *p, const struct walk *at)
{
    const struct aif_dbd_qos *qos = aif_dbd_find_qos(p->dbd, at->name);

    return !is_over(at->alloc) && (!qos || aif_planning_owns(qos));
}

static bool allows(const struct aif_planning *p, const struct aif_dbd_assoc *assoc, const char *name)
{
    const struct aif_dbd_qos *qos = aif_dbd_find_qos(p->dbd, name);

    return assoc && qos && aif_dbd_assoc_allows(assoc, qos->id);
}

/* ---- one change of an association ---- */

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
    size_t room = count_qos(head) + 1;
    struct aif_change *change = aif_planning_add(p, op, object, object == AIF_OBJECT_ACCOUNT ? head->account : user);

    change->account = aif_tool_strdup(head->account);
    change->grant = aif_tool_alloc(room, sizeof(*change->grant));
    change->revoke = aif_tool_alloc(room, sizeof(*change->revoke));
    return change;
}

/* Drop the change if it changes nothing, else finish its texts. */
static void end_grants(struct aif_planning *p, struct aif_change *change)
{
    show_grants(change);
    if (change->op == AIF_CHANGE_MODIFY && !change->field_count)
        aif_planning_drop_last(p);
}

static void grant(struct aif_change *change, const struct walk *at, size_t *grants)
{
    change->grant[(*grants)++] = at->name;
}

/* A new association has a default QOS where one allocation alone is granted. */
static void set_default(struct aif_change *change, size_t grants, const struct aif_alloc *last)
{
    if (grants && change->grant[0] == last->qos)
        change->default_qos = last->qos;
}

static void take_away(struct aif_planning *p, struct aif_change *change, const struct aif_dbd_assoc *assoc,
                      const struct walk *at, size_t *revokes)
{
    change->revoke[(*revokes)++] = at->name;
    if (assoc->default_qos == aif_dbd_find_qos(p->dbd, at->name)->id)
        change->clear_default = true;
}

/*
 * An association whose last QOS is taken away would fall back to the account's, "normal" for instance, and compute
 * uncharged: it is barred instead, until the user is a member again.
 */
static void bar(struct aif_change *change, bool barred)
{
    change->submits = barred ? 0 : AIF_LIMIT_NONE;
    aif_planning_field(change, "MaxSubmitJobs", barred ? NULL : aif_tool_strdup("0"), aif_tool_strdup(barred ? "0" : "none"));
}

/* ---- the account ---- */

static void describe_new_account(const struct aif_planning *p, const struct aif_alloc *head, struct aif_change *change)
{
    change->parent = p->snapshot->policy->parent_account;
    change->new_account = !aif_dbd_find_account(p->dbd, head->account);
    change->description = aif_tool_format(AIF_QOS_MARK "%s", head->id);
    aif_planning_field(change, "Parent", NULL, aif_tool_strdup(change->parent));
}

static void diff_account_limits(const struct aif_planning *p, const struct aif_alloc *head, const struct aif_dbd_assoc *assoc,
                                struct aif_change *change)
{
    struct aif_limits none, want;

    if (by_qos(p))
        return;
    aif_limits_fill(&none, AIF_LIMIT_NONE);
    aif_planning_account_limits(p, head, &want);
    aif_planning_diff(change, assoc ? assoc->limits : &none, &want);
}

/* The account's own association carries the QOS of allocations without a member list. */
static void plan_account(struct aif_planning *p, const struct aif_alloc *head)
{
    const struct aif_dbd_assoc *assoc = aif_dbd_find_assoc(p->dbd, head->account, "");
    struct aif_change *change = new_grants(p, head, "", assoc ? AIF_CHANGE_MODIFY : AIF_CHANGE_ADD,
                                           assoc ? AIF_OBJECT_ASSOC : AIF_OBJECT_ACCOUNT);
    const struct aif_alloc *last = NULL;
    size_t grants = 0, revokes = 0;

    if (!assoc)
        describe_new_account(p, head, change);
    for (struct walk at = first_qos(p, head); at.name; next_qos(&at)) {
        bool has = allows(p, assoc, at.name);

        if (at.alloc->members && has) {
            take_away(p, change, assoc, &at, &revokes);
        } else if (!at.alloc->members && !has && is_granted(p, &at)) {
            grant(change, &at, &grants);
            last = at.alloc;
        }
    }
    if (!assoc)
        set_default(change, grants, last);
    diff_account_limits(p, head, assoc, change);
    end_grants(p, change);
}

/* ---- members ---- */

/* With the QOS carrier whoever is barred lacks every QOS of the account; one who has some was stopped by somebody else. */
static bool is_barred(const struct aif_planning *p, const struct aif_alloc *head, const struct aif_dbd_assoc *assoc)
{
    if (!assoc || assoc->submits)
        return false;
    for (struct walk at = first_qos(p, head); at.name; next_qos(&at))
        if (allows(p, assoc, at.name))
            return false;
    return true;
}

static size_t grant_member(const struct aif_planning *p, const struct aif_alloc *head, const char *user,
                           struct aif_change *change, const struct aif_alloc **ret_last)
{
    const struct aif_dbd_assoc *assoc = aif_dbd_find_assoc(p->dbd, head->account, user);
    const struct aif_dbd_assoc *account = aif_dbd_find_assoc(p->dbd, head->account, "");
    size_t grants = 0;

    for (struct walk at = first_qos(p, head); at.name; next_qos(&at)) {
        /* What the account loses its users lose too, unless they have it themselves. */
        bool keeps = allows(p, assoc, at.name) && !(at.alloc->members && allows(p, account, at.name));

        if (keeps || !is_granted(p, &at) || (at.alloc->members && !is_member(at.alloc, user)))
            continue;
        grant(change, &at, &grants);
        *ret_last = at.alloc;
    }
    return grants;
}

/* One member of at least one allocation of the account, who may have no association yet. */
static void plan_member(struct aif_planning *p, const struct aif_alloc *head, const char *user)
{
    const struct aif_dbd_assoc *assoc = aif_dbd_find_assoc(p->dbd, head->account, user);
    bool new_user = !assoc && !aif_dbd_has_user(p->dbd, user);
    const struct aif_alloc *last = NULL;
    struct aif_change *change;
    size_t grants;

    if (new_user)
        aif_planning_add(p, AIF_CHANGE_ADD, AIF_OBJECT_USER, user);
    change = new_grants(p, head, user, assoc ? AIF_CHANGE_MODIFY : AIF_CHANGE_ADD, AIF_OBJECT_ASSOC);
    grants = grant_member(p, head, user, change, &last);
    if (!assoc) {
        set_default(change, grants, last);
        change->default_account = new_user;
    }
    if ((grants || !by_qos(p)) && is_barred(p, head, assoc))
        bar(change, false);
    end_grants(p, change);
}

/* May somebody who is in no list of the account's open allocations use it? */
static bool is_outsider(const struct aif_alloc *head, const char *user)
{
    for (; head; head = head->next_of_account)
        if (!is_over(head) && (!head->members || is_member(head, user)))
            return false;
    return true;
}

/* Users of the account who hold a QOS whose member list does not name them, or whom no list names. */
static void plan_leavers(struct aif_planning *p, const struct aif_alloc *head)
{
    size_t count;
    const struct aif_dbd_assoc *assocs = aif_dbd_account_assocs(p->dbd, head->account, &count);

    for (size_t i = 1; i < count; i++) {
        struct aif_change *change = new_grants(p, head, assocs[i].user, AIF_CHANGE_MODIFY, AIF_OBJECT_ASSOC);
        size_t revokes = 0;

        for (struct walk at = first_qos(p, head); at.name; next_qos(&at))
            if (at.alloc->members && allows(p, &assocs[i], at.name) && !is_member(at.alloc, assocs[i].user))
                take_away(p, change, &assocs[i], &at, &revokes);
        if (by_qos(p) ? revokes && revokes == assocs[i].qos_count : assocs[i].submits && is_outsider(head, assocs[i].user))
            bar(change, true);
        end_grants(p, change);
    }
}

/* With the QOS carrier an allocation whose QOS is somebody else's gives nobody an association. */
static bool has_members(const struct aif_planning *p, const struct aif_alloc *alloc)
{
    const struct walk at = {alloc, alloc->qos};

    return alloc->members && (by_qos(p) ? is_granted(p, &at) : !is_over(alloc));
}

/* Was this member met before, in this list or in that of an earlier allocation of the account? */
static bool met_before(const struct aif_planning *p, const struct aif_alloc *head, const struct aif_alloc *alloc, size_t index)
{
    const char *user = alloc->members[index];

    for (; head != alloc; head = head->next_of_account)
        if (has_members(p, head) && is_member(head, user))
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
        for (size_t i = 0; has_members(p, alloc) && alloc->members[i]; i++)
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
    change->new_account = !aif_dbd_find_account(p->dbd, parent);
    change->description = aif_tool_strdup(AIF_QOS_MARK "allocations");
    aif_planning_field(change, "Parent", NULL, aif_tool_strdup("root"));
}
