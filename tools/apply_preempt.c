/* apply_preempt.c - Preempt lists of a plan as slurmdb calls; see applying.h and preempt.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "applying.h"
#include "common.h"
#include "preempt.h"

#define BYTES_MAX 60000 /* of one request: list and names are logged in columns of 64 KiB */
#define VISITS_MAX 20000000

/* ---- one list ---- */

/* NULL for a change whose allocation or list is none. */
static char **ids_of(const struct aif_applying *a, const struct aif_preempt *preempt, const struct aif_change *change)
{
    const struct aif_alloc *alloc = aif_alloctable_by_qos(a->snapshot->allocs, change->name);

    return alloc ? aif_preempt_list_ids(preempt, alloc, aif_dbd_find_qos(a->dbd, change->name)) : NULL;
}

static list_t *make_list(char **ids)
{
    list_t *list = slurm_list_create(NULL);

    for (; *ids; ids++)
        slurm_list_append(list, *ids);
    return list;
}

static bool same_ids(char **a, char **b)
{
    while (*a && *b && !strcmp(*a, *b))
        a++, b++;
    return !*a && !*b;
}

static bool is_listed(const struct aif_change *change)
{
    return change->object == AIF_OBJECT_QOS && change->preempts;
}

bool aif_applying_is_late(const struct aif_change *change)
{
    return is_listed(change) && change->op == AIF_CHANGE_ADD && !change->yields;
}

/* ---- new QOS: slurmdbd looks for loops in every list that is changed, at length, but not in one that is added ---- */

struct adding {
    list_t *recs;
    char ***ids; /* what the lists in the records point to */
    size_t count;
};

static void add_late(const struct aif_applying *a, const struct aif_preempt *preempt, struct adding *adding)
{
    for (size_t i = 0; i < a->plan->count; i++) {
        const struct aif_change *change = &a->plan->changes[i];
        slurmdb_qos_rec_t *rec;
        char **ids;

        if (!aif_applying_is_late(change))
            continue;
        rec = aif_applying_qos_rec(a, change);
        ids = ids_of(a, preempt, change);
        if (ids)
            rec->preempt_list = make_list(ids);
        adding->ids[adding->count++] = ids;
        slurm_list_append(adding->recs, rec);
    }
}

static int add_all_late(struct aif_applying *a, const struct aif_preempt *preempt)
{
    struct adding adding = {.recs = slurm_list_create(aif_applying_free_qos_rec)};
    int rc;

    adding.ids = aif_tool_alloc(a->plan->count, sizeof(*adding.ids));
    add_late(a, preempt, &adding);
    rc = aif_applying_add(a, slurmdb_qos_add, adding.recs, "add QOS");
    for (size_t i = 0; i < adding.count; i++)
        free(adding.ids[i]);
    free(adding.ids);
    return rc;
}

/* ---- QOS that are there ---- */

static size_t bytes_of(char **ids)
{
    size_t bytes = 0;

    for (; *ids; ids++)
        bytes += strlen(*ids) + 1;
    return bytes;
}

static bool is_alike(const struct aif_change *a, const struct aif_change *b)
{
    return is_listed(a) && a->op == b->op && a->unlists == b->unlists && !aif_applying_is_late(a);
}

/*
 * How many QOS may get the list in one request. For each of them and each entry that is new slurmdbd walks its list of QOS;
 * the bound is some seconds of that, so that no request takes longer than MessageTimeout.
 */
static size_t most_names(const struct aif_applying *a, char **ids)
{
    size_t entries = 0, most;

    for (; *ids; ids++)
        entries += **ids && **ids != '-';
    most = VISITS_MAX / (entries * a->dbd->qos_count / 2 + 1) + 1;
    return most < AIF_APPLYING_NAMES ? most : AIF_APPLYING_NAMES;
}

/* Send the list of one change, for all after it as well that change theirs in the same way. */
static int modify_list(struct aif_applying *a, const struct aif_preempt *preempt, size_t first, char **ids, bool *sent)
{
    const struct aif_change *changes = a->plan->changes;
    slurmdb_qos_rec_t *rec = aif_tool_alloc(1, sizeof(*rec));
    list_t *names = aif_applying_name(changes[first].name);
    char *what = aif_tool_format("change Preempt of QOS %s", changes[first].name);
    size_t count = 1, bytes = bytes_of(ids), most = most_names(a, ids);
    int rc;

    slurmdb_init_qos_rec(rec, false, NO_VAL);
    rec->preempt_list = make_list(ids);
    for (size_t i = first + 1; i < a->plan->count && count < most && bytes < BYTES_MAX; i++) {
        char **other = sent[i] || !is_alike(&changes[i], &changes[first]) ? NULL
                                                                                                : ids_of(a, preempt, &changes[i]);

        if (other && same_ids(ids, other)) {
            slurm_list_append(names, changes[i].name);
            bytes += strlen(changes[i].name) + 16;
            sent[i] = true;
            count++;
        }
        free(other);
    }
    rc = aif_applying_modify_qos(a, names, rec, what);
    free(what);
    return rc;
}

static int modify_all(struct aif_applying *a, const struct aif_preempt *preempt, bool unlists)
{
    bool *sent = aif_tool_alloc(a->plan->count, sizeof(*sent));
    int rc = AIF_EXIT_OK;

    for (size_t i = 0; rc == AIF_EXIT_OK && i < a->plan->count; i++) {
        const struct aif_change *change = &a->plan->changes[i];
        bool mine = !sent[i] && is_listed(change) && change->unlists == unlists && !aif_applying_is_late(change);
        char **ids = mine ? ids_of(a, preempt, change) : NULL;

        if (ids)
            rc = modify_list(a, preempt, i, ids, sent);
        free(ids);
    }
    free(sent);
    return rc;
}

/* ---- all of them ---- */

static bool has_lists(const struct aif_plan *plan, bool unlists)
{
    for (size_t i = 0; i < plan->count; i++)
        if (is_listed(&plan->changes[i]) && plan->changes[i].unlists == unlists)
            return true;
    return false;
}

static int change_lists(struct aif_applying *a, bool unlists)
{
    struct aif_preempt *preempt = NULL;
    int rc;

    if (!has_lists(a->plan, unlists))
        return AIF_EXIT_OK;
    rc = aif_preempt_make(a->snapshot, a->dbd, a->now, &preempt);
    if (rc != AIF_EXIT_OK)
        return rc;
    if (!unlists)
        rc = add_all_late(a, preempt);
    if (rc == AIF_EXIT_OK)
        rc = modify_all(a, preempt, unlists);
    aif_preempt_free(preempt);
    return rc;
}

int aif_applying_unlisted(struct aif_applying *a)
{
    return change_lists(a, true);
}

int aif_applying_preempt(struct aif_applying *a)
{
    int rc;

    if (!has_lists(a->plan, false))
        return AIF_EXIT_OK;
    rc = change_lists(a, false);
    if (rc == AIF_EXIT_OK)
        rc = aif_applying_commit(a);
    return rc == AIF_EXIT_OK ? aif_dbd_read_qos(a->conn, a->dbd) : rc;
}
