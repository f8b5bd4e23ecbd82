/* aif_quota.c - "aif quota": what allocations have, have used and have left */
#include "config.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "live.h"
#include "queue.h"
#include "quota_rows.h"
#include "rules.h"
#include "slurmconn.h"
#include "treslist.h"

static const char help[] =
    "Usage: aif quota [--all] [--json|--parsable] [ID]...\n"
    "Per allocation: amount, used, reserved by running jobs up to their time limits, and left, in "
    "hours\n"
    "of its unit: what slurmctld counts right now, or the ledger where that knows more. Where it "
    "applies\n"
    "also: pace (100% is on pace), what may be asked for now, this month's grant, what waiting "
    "jobs ask,\n"
    "use of the free QOS, the inference share. ID is a project ID, QOS or account.\n"
    "Without ID: for root all, for others those they may use. What others use is shown to root, SlurmUser\n"
    "and operators alone.\n"
    "  -a, --all       all allocations\n"
    "  -j, --json      as JSON, times in seconds too\n"
    "  -P, --parsable  all columns, separated by '|'\n"
    "Exit status: 0 ok, 1 unknown ID or something is not counted, 2 wrong command line,\n"
    "3 slurmctld cannot be reached.\n";

struct quota {
    const struct aif_snapshot *snapshot;
    struct aif_live *live;
    struct aif_queue *queue; /* NULL: the policy needs no look at it */
    struct aif_quota_rows *rows;
    const char *user; /* who asks; NULL: root, who is nobody's member */
    bool others;      /* may he see what others use? */
    time_t now;
    size_t shown;
    int rc;
};

static bool is_mirrored(const struct quota *q, const struct aif_alloc *alloc)
{
    if (q->snapshot->policy->carrier == AIF_CARRIER_ASSOCIATION)
        return aif_live_account(q->live, alloc->account);
    return aif_live_qos(q->live, alloc->qos);
}

/* Say why the numbers are missing; scripts see it by the exit code. */
static void explain_unknown(struct quota *q, const struct aif_alloc *alloc)
{
    bool by_account = q->snapshot->policy->carrier == AIF_CARRIER_ASSOCIATION;

    if (!is_mirrored(q, alloc))
        q->rc = aif_tool_fail(
            AIF_EXIT_FAILED, "allocation %s has no %s %s in Slurm; run \"aif apply\"", alloc->id,
            by_account ? "account" : "QOS", by_account ? alloc->account : alloc->qos);
    else
        q->rc = aif_tool_fail(
            AIF_EXIT_FAILED,
            "allocation %s: Slurm does not count %s (" AIF_Q_UNTRACKED
            "); put it into AccountingStorageTRES of slurm.conf and restart slurmctld",
            alloc->id, aif_treslist_name(q->snapshot->policy, &alloc->charge));
}

static void show(struct quota *q, const struct aif_alloc *alloc)
{
    struct aif_queue_sums sums;
    struct aif_usage usage;
    struct aif_standing standing;

    q->shown++;
    aif_live_usage(q->live, q->snapshot->policy, alloc, &usage);
    aif_queue_sums(q->queue, alloc, &sums);
    usage.pending_secs = sums.pending;
    usage.inference_secs = sums.inference;
    aif_standing_make(q->snapshot, alloc, &usage, q->now, &standing);
    aif_quota_rows_add(q->rows, alloc, &standing);
    if (!usage.known)
        explain_unknown(q, alloc);
}

static bool may_use(const struct quota *q, const struct aif_alloc *alloc)
{
    char **member = alloc->members;

    if (!aif_live_has_account(q->live, alloc->account))
        return false;
    while (member && *member && strcmp(*member, q->user))
        member++;
    return !member || *member;
}

static void show_all(struct quota *q, bool all)
{
    for (size_t i = 0; i < aif_alloctable_count(q->snapshot->allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(q->snapshot->allocs, i);

        if (q->user && !all && !may_use(q, alloc))
            continue;
        show(q, alloc);
    }
    if (q->user && !q->shown)
        aif_tool_fail(0, "no allocation lets %s compute here; the manager of an award can make you a member",
                      q->user);
}

static void show_one(struct quota *q, const struct aif_alloc *alloc)
{
    if (q->others || may_use(q, alloc))
        show(q, alloc);
    else
        q->rc = aif_tool_fail(AIF_EXIT_FAILED,
                              "%s may not use allocation %s (" AIF_A_MEMBER "); \"aif quota\" lists yours",
                              q->user, alloc->id);
}

static void show_named(struct quota *q, const char *name)
{
    const struct aif_alloctable *allocs = q->snapshot->allocs;
    const struct aif_alloc *alloc = aif_alloctable_by_id(allocs, name);

    if (!alloc)
        alloc = aif_alloctable_by_qos(allocs, name);
    if (alloc) {
        show_one(q, alloc);
        return;
    }
    alloc = aif_alloctable_by_account(allocs, name);
    if (!alloc)
        q->rc = aif_tool_fail(
            AIF_EXIT_FAILED,
            "no allocation, QOS or account \"%s\" in allocations.json (" AIF_A_UNKNOWN "); \"aif quota\" lists yours", name);
    for (; alloc; alloc = alloc->next_of_account)
        show_one(q, alloc);
}

static void run(struct quota *q, bool all, enum aif_quota_format format, int argc, char **argv)
{
    q->rows = aif_quota_rows_create(format, q->snapshot, q->now);
    if (!argc)
        show_all(q, all);
    for (int i = 0; i < argc; i++)
        show_named(q, argv[i]);
    aif_quota_rows_print(q->rows);
    aif_quota_rows_destroy(q->rows);
}

/* NULL for root. */
static char *caller(void)
{
    struct passwd *entry = getuid() ? getpwuid(getuid()) : NULL;

    return aif_tool_strdup(!getuid() ? NULL : entry ? entry->pw_name : "?");
}

static bool is_slurm_user(void)
{
    slurm_conf_t *conf = NULL;
    bool is;

    if (slurm_load_ctl_conf((time_t)0, &conf) != SLURM_SUCCESS)
        return false;
    is = conf->slurm_user_id == getuid();
    slurm_free_ctl_conf(conf);
    return is;
}

static bool sees_others(const struct quota *q)
{
    return !q->user || aif_live_is_operator(q->live, q->user) || is_slurm_user();
}

static bool needs_queue(const struct aif_policy *policy)
{
    if (policy->count_pending)
        return true;
    for (size_t i = 0; i < policy->mode_count; i++)
        if (policy->modes[i].has_inference_share)
            return true;
    return false;
}

static int load(struct aif_cmd_context *ctx, struct quota *q)
{
    int rc = aif_tool_snapshot(ctx);

    if (rc == AIF_EXIT_OK)
        rc = aif_slurm_init();
    if (rc != AIF_EXIT_OK)
        return rc;
    q->snapshot = ctx->snapshot;
    rc = aif_live_load(q->user ? q->user : "", &q->live);
    if (rc == AIF_EXIT_OK && needs_queue(q->snapshot->policy))
        rc = aif_queue_load(q->snapshot, &q->queue);
    return rc;
}

static int load_and_run(struct aif_cmd_context *ctx, bool all, enum aif_quota_format format,
                        int argc, char **argv)
{
    char *user = caller();
    struct quota q = {.user = user, .now = time(NULL)};
    int rc = load(ctx, &q);

    q.others = rc == AIF_EXIT_OK && sees_others(&q);
    if (rc == AIF_EXIT_OK && all && !q.others)
        rc = aif_tool_fail(AIF_EXIT_FAILED,
                           "--all is for root, SlurmUser and operators; \"aif quota\" lists yours");
    if (rc == AIF_EXIT_OK) {
        run(&q, all, format, argc, argv);
        rc = q.rc;
    }
    aif_queue_free(q.queue);
    aif_live_free(q.live);
    free(user);
    return rc;
}

int aif_cmd_quota(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"all", no_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},
        {"parsable", no_argument, NULL, 'P'},
        {0},
    };
    enum aif_quota_format format = AIF_QUOTA_TABLE;
    bool all = false;
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "ahjP", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        if (opt == 'a')
            all = true;
        else
            format = opt == 'j' ? AIF_QUOTA_JSON : AIF_QUOTA_PARSABLE;
    }
    return load_and_run(ctx, all, format, argc - optind, argv + optind);
}
