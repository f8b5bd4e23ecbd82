/* headroom.c - see headroom.h */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "headroom.h"
#include "planning.h"
#include "rules.h"
#include "slurmconn.h"
#include "treslist.h"

#define PREFIX "aif-"
#define FLAGS (RESERVE_FLAG_MAGNETIC | RESERVE_FLAG_FLEX | RESERVE_FLAG_IGN_JOBS | RESERVE_FLAG_REPLACE_DOWN | RESERVE_FLAG_NO_HOLD_JOBS)
#define FOREVER ((time_t)INFINITE) /* what Slurm itself takes for "no end" */

/* What slurmctld knows. */
struct known {
    reserve_info_msg_t *resvs;
    partition_info_msg_t *parts;
    node_info_msg_t *nodes;
};

/* ---- slurmctld ---- */

static int load(struct known *known, bool all)
{
    int rc, code;

    aif_slurm_quiet();
    errno = 0;
    rc = slurm_load_reservations(0, &known->resvs);
    if (rc == SLURM_SUCCESS && all)
        rc = slurm_load_partitions(0, &known->parts, SHOW_ALL);
    if (rc == SLURM_SUCCESS && all)
        rc = slurm_load_node(0, &known->nodes, SHOW_ALL);
    code = errno;
    aif_slurm_loud();
    return rc == SLURM_SUCCESS ? AIF_EXIT_OK : aif_slurmctld_failed("read the reservations, which headroom depends on", code);
}

static void unload(struct known *known)
{
    if (known->resvs)
        slurm_free_reservation_info_msg(known->resvs);
    if (known->parts)
        slurm_free_partition_info_msg(known->parts);
    if (known->nodes)
        slurm_free_node_info_msg(known->nodes);
}

static const reserve_info_t *find_resv(const struct known *known, const char *name)
{
    for (uint32_t i = 0; i < known->resvs->record_count; i++)
        if (!strcmp(known->resvs->reservation_array[i].name, name))
            return &known->resvs->reservation_array[i];
    return NULL;
}

/* name NULL: the default one. */
static const partition_info_t *find_part(const struct known *known, const char *name)
{
    for (uint32_t i = 0; i < known->parts->record_count; i++) {
        const partition_info_t *part = &known->parts->partition_array[i];

        if (name ? !strcmp(part->name, name) : part->flags & PART_FLAG_DEFAULT)
            return part;
    }
    return NULL;
}

/* GPUs of the node of the partition that has the fewest: which nodes the reservation gets is Slurm's choice. */
static uint64_t fewest_gpus(const struct known *known, const partition_info_t *part, const char *gpu_tres)
{
    uint64_t fewest = UINT64_MAX;

    for (const int32_t *range = part->node_inx; range && range[0] >= 0; range += 2) {
        for (int32_t i = range[0]; i <= range[1] && (uint32_t)i < known->nodes->record_count; i++) {
            uint64_t gpus = aif_treslist_count(known->nodes->node_array[i].tres_fmt_str, gpu_tres);

            fewest = gpus < fewest ? gpus : fewest;
        }
    }
    return fewest == UINT64_MAX ? 0 : fewest;
}

/* ---- what the policy wants ---- */

static bool is_usable(const struct aif_alloc *alloc, const struct aif_mode *mode, time_t now)
{
    return alloc->mode == mode && alloc->state == AIF_STATE_OK && alloc->start <= now && alloc->end >= now;
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *join_once(const char **names, size_t count)
{
    size_t bytes = 1;
    char *text, *end;

    for (size_t i = 0; i < count; i++)
        bytes += strlen(names[i]) + 1;
    end = text = aif_tool_alloc(bytes, 1);
    for (size_t i = 0; i < count; i++) {
        if (i && !strcmp(names[i], names[i - 1]))
            continue;
        if (end != text)
            *end++ = ',';
        end = stpcpy(end, names[i]);
    }
    return text;
}

/* "a,b", in order, each once; "" if nobody may use it; malloc'ed. */
static char *accounts_of(const struct aif_snapshot *snapshot, const struct aif_mode *mode, time_t now)
{
    size_t all = aif_alloctable_count(snapshot->allocs), count = 0;
    const char **names = aif_tool_alloc(all, sizeof(*names));
    char *text;

    for (size_t i = 0; i < all; i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(snapshot->allocs, i);

        if (is_usable(alloc, mode, now))
            names[count++] = alloc->account;
    }
    if (count)
        qsort(names, count, sizeof(*names), compare_text);
    text = join_once(names, count);
    free(names);
    return text;
}

static bool is_wanted(const struct aif_snapshot *snapshot, const struct aif_mode *mode, time_t now)
{
    char *accounts = mode->lane.headroom ? accounts_of(snapshot, mode, now) : NULL;
    bool wanted = accounts && accounts[0];

    free(accounts);
    return wanted;
}

/* Made by aif? Where reservations have no comment, the name and what it is for must do. */
static bool is_ours(const reserve_info_t *resv)
{
    const uint64_t kind = RESERVE_FLAG_MAGNETIC | RESERVE_FLAG_FLEX;

    return !strncmp(resv->name, PREFIX, strlen(PREFIX)) && (resv->flags & kind) == kind && AIF_RESV_IS_OURS(resv);
}

/* ---- planning ---- */

static void plan_conflict(struct aif_planning *p, const char *name, char *why)
{
    struct aif_change *change = aif_planning_add(p, AIF_CHANGE_CONFLICT, AIF_OBJECT_RESERVATION, name);

    aif_planning_field(change, "Reservation", NULL, why);
    p->plan->conflicts++;
}

static uint32_t nodes_for(struct aif_planning *p, const struct known *known, const struct aif_mode *mode,
                          const partition_info_t *part, const char *name)
{
    const struct aif_lane *lane = &mode->lane;
    const char *gpu_tres = p->snapshot->policy->gpu_tres;
    uint64_t each = part ? fewest_gpus(known, part, gpu_tres) : 0, nodes = each ? (lane->headroom + each - 1) / each : 0;

    if (!part && lane->headroom_partition)
        plan_conflict(p, name, aif_tool_format("headroom_partition of the lane of mode %s: no partition \"%s\" in Slurm (" AIF_C_HEADROOM "); name one that there is",
                                               mode->name, lane->headroom_partition));
    else if (!part)
        plan_conflict(p, name, aif_tool_format("headroom of the lane of mode %s: Slurm has no default partition (" AIF_C_HEADROOM "); name one in \"headroom_partition\"",
                                               mode->name));
    else if (!each)
        plan_conflict(p, name, aif_tool_format("headroom of the lane of mode %s: partition %s has nodes without %s (" AIF_C_HEADROOM "); name one of GPU nodes alone in \"headroom_partition\"",
                                               mode->name, part->name, gpu_tres));
    else if (nodes > part->total_nodes)
        plan_conflict(p, name, aif_tool_format("headroom of the lane of mode %s: asked %u GPUs, limit %" PRIu64 " in the %u nodes of partition %s (" AIF_C_HEADROOM "); keep fewer",
                                               mode->name, lane->headroom, each * part->total_nodes, part->total_nodes, part->name));
    else
        return (uint32_t)nodes;
    return 0;
}

static void diff_text(struct aif_change *change, const char *field, const char *from, const char *to)
{
    if (!from || strcmp(from, to) != 0)
        aif_planning_field(change, field, aif_tool_strdup(from), aif_tool_strdup(to));
}

/* What cannot be changed in a reservation: it is made anew. */
static void diff_kind(struct aif_change *change, const reserve_info_t *have, const struct aif_headroom *want)
{
    diff_text(change, "Partition", have && have->partition ? have->partition : NULL, want->partition);
    if (!have || (have->flags & FLAGS) != FLAGS)
        aif_planning_field(change, "Flags", NULL, aif_tool_strdup("MAGNETIC,FLEX,IGNORE_JOBS,REPLACE_DOWN,NO_HOLD_JOBS_AFTER_END"));
    change->headroom->anew = have && change->field_count;
}

static void diff_resv(struct aif_change *change, const reserve_info_t *have, const struct aif_headroom *want)
{
    diff_kind(change, have, want);
    if (!have || have->node_cnt != want->nodes)
        aif_planning_field(change, "NodeCnt", have ? aif_tool_format("%u", have->node_cnt) : NULL,
                           aif_tool_format("%u", want->nodes));
    diff_text(change, "Accounts", have ? have->accounts : NULL, want->accounts);
    if (have && have->end_time != FOREVER)
        aif_planning_field(change, "EndTime", NULL, aif_tool_strdup("none"));
}

static void plan_mode(struct aif_planning *p, const struct known *known, const struct aif_mode *mode)
{
    const partition_info_t *part = find_part(known, mode->lane.headroom_partition);
    char *name = aif_tool_format(PREFIX "%s", mode->name);
    const reserve_info_t *have = find_resv(known, name);
    uint32_t nodes = 0;

    if (have && !is_ours(have))
        plan_conflict(p, name, aif_tool_format("exists but was not made by aif, so the lane of mode %s has no headroom (" AIF_C_HEADROOM "); delete it, or take \"headroom\" out",
                                               mode->name));
    else
        nodes = nodes_for(p, known, mode, part, name);
    if (nodes) {
        struct aif_change *change = aif_planning_add(p, have ? AIF_CHANGE_MODIFY : AIF_CHANGE_ADD, AIF_OBJECT_RESERVATION, name);

        change->headroom = aif_tool_alloc(1, sizeof(*change->headroom));
        *change->headroom = (struct aif_headroom){.nodes = nodes, .partition = aif_tool_strdup(part->name),
                                                  .accounts = accounts_of(p->snapshot, mode, p->now)};
        diff_resv(change, have, change->headroom);
        if (!change->field_count)
            aif_planning_drop_last(p);
    }
    free(name);
}

int aif_headroom_plan(const struct aif_snapshot *snapshot, time_t now, struct aif_plan *plan)
{
    struct aif_planning p = {.snapshot = snapshot, .now = now, .plan = plan};
    const struct aif_policy *policy = snapshot->policy;
    struct known known = {0};
    int rc = AIF_EXIT_OK;

    for (size_t i = 0; rc == AIF_EXIT_OK && i < policy->mode_count; i++) {
        if (!is_wanted(snapshot, &policy->modes[i], now))
            continue;
        rc = known.resvs ? AIF_EXIT_OK : load(&known, true);
        if (rc == AIF_EXIT_OK)
            plan_mode(&p, &known, &policy->modes[i]);
    }
    unload(&known);
    return rc;
}

int aif_headroom_prune(const struct aif_snapshot *snapshot, time_t now, struct aif_plan *plan)
{
    struct aif_planning p = {.snapshot = snapshot, .now = now, .plan = plan};
    struct known known = {0};
    int rc = load(&known, false);

    for (uint32_t i = 0; rc == AIF_EXIT_OK && i < known.resvs->record_count; i++) {
        const reserve_info_t *resv = &known.resvs->reservation_array[i];
        const struct aif_mode *mode;

        if (!is_ours(resv))
            continue;
        mode = aif_policy_mode(snapshot->policy, resv->name + strlen(PREFIX));
        if (!mode || !is_wanted(snapshot, mode, now))
            aif_planning_field(aif_planning_add(&p, AIF_CHANGE_REMOVE, AIF_OBJECT_RESERVATION, resv->name), "Accounts",
                               aif_tool_strdup(resv->accounts), aif_tool_strdup("no lane wants it, or nobody may use it"));
    }
    unload(&known);
    return rc;
}

/* ---- applying ---- */

#define ACCOUNT_WAITS 20 /* half seconds until slurmctld has heard of an account that is new */

static void fill(resv_desc_msg_t *desc, const struct aif_change *change, uint32_t nodes[2])
{
    slurm_init_resv_desc_msg(desc);
    nodes[0] = change->headroom->nodes;
    nodes[1] = 0;
    AIF_RESV_NODES(desc, nodes);
    desc->name = change->name;
    desc->accounts = change->headroom->accounts;
    desc->end_time = FOREVER;
}

/* Returns 0 or Slurm's error code. */
static int create(const struct aif_change *change)
{
    uint32_t nodes[2];
    resv_desc_msg_t desc;
    char *made;

    fill(&desc, change, nodes);
    desc.partition = change->headroom->partition;
    desc.flags = FLAGS;
    AIF_RESV_MARK(&desc);
    errno = 0;
    made = slurm_create_reservation(&desc);
    return made ? 0 : errno ? errno : SLURM_ERROR;
}

static int update(const struct aif_change *change)
{
    uint32_t nodes[2];
    resv_desc_msg_t desc;

    fill(&desc, change, nodes);
    errno = 0;
    return slurm_update_reservation(&desc) == SLURM_SUCCESS ? 0 : errno ? errno : SLURM_ERROR;
}

static int delete(const struct aif_change *change)
{
    reservation_name_msg_t msg = {.name = change->name};

    errno = 0;
    return slurm_delete_reservation(&msg) == SLURM_SUCCESS ? 0 : errno ? errno : SLURM_ERROR;
}

static int send_once(const struct aif_change *change)
{
    int code;

    if (change->op == AIF_CHANGE_REMOVE)
        return delete(change);
    if (change->op == AIF_CHANGE_MODIFY && !change->headroom->anew)
        return update(change);
    code = change->op == AIF_CHANGE_MODIFY ? delete(change) : 0;
    return code && code != ESLURM_RESERVATION_INVALID ? code : create(change);
}

static int failed(const struct aif_change *change, int code)
{
    char *what = aif_tool_format("%s reservation %s", change->op == AIF_CHANGE_REMOVE ? "remove" : "keep", change->name);
    int rc;

    if (code == ESLURM_RESERVATION_BUSY)
        rc = aif_tool_fail(AIF_EXIT_FAILED, "cannot %s: jobs run in it (" AIF_C_HEADROOM "); try again when they have ended", what);
    else if (code == ESLURM_NODES_BUSY || code == ESLURM_RESERVATION_OVERLAP || code == ESLURM_REQUESTED_NODE_CONFIG_UNAVAILABLE)
        rc = aif_tool_fail(AIF_EXIT_FAILED, "cannot %s: not so many nodes are up and free of other reservations (" AIF_C_HEADROOM "); see \"scontrol show reservations\", or keep fewer GPUs",
                           what);
    else
        rc = aif_slurmctld_failed(what, code);
    free(what);
    return rc;
}

static int carry_out(const struct aif_change *change)
{
    const struct timespec half = {.tv_nsec = 500000000};
    int code = 0;

    for (int i = 0; i < ACCOUNT_WAITS; i++) {
        aif_slurm_quiet();
        code = send_once(change);
        aif_slurm_loud();
        if (code != ESLURM_INVALID_ACCOUNT)
            break;
        nanosleep(&half, NULL);
    }
    return code ? failed(change, code) : AIF_EXIT_OK;
}

int aif_headroom_apply(const struct aif_plan *plan)
{
    int rc = AIF_EXIT_OK;

    for (size_t i = 0; i < plan->count; i++) {
        const struct aif_change *change = &plan->changes[i];
        int one = AIF_EXIT_OK;

        if (change->object == AIF_OBJECT_RESERVATION && change->op != AIF_CHANGE_CONFLICT)
            one = carry_out(change);
        rc = one == AIF_EXIT_OK ? rc : one;
    }
    return rc;
}
