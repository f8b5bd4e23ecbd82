/* config_live.c - see config_live.h */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "config_live.h"
#include "dbd.h"
#include "gpusite.h"
#include "names.h"
#include "nametable.h"
#include "rules.h"
#include "slurmconn.h"

/* Bits of AccountingStorageEnforce, the same in all versions. */
#define ENFORCES_ASSOCS 0x1
#define ENFORCES_LIMITS 0x2
#define ENFORCES_QOS 0x8
#define ENFORCES_SAFE 0x10

static void __attribute__((format(printf, 4, 5))) say(struct aif_config_live *live, bool fault, const char *rule,
                                                      const char *fmt, ...)
{
    struct aif_config_live_line *lines = realloc(live->lines, (live->count + 1) * sizeof(*lines));
    va_list args;
    char *text = NULL;

    va_start(args, fmt);
    if (!lines || vasprintf(&text, fmt, args) < 0)
        abort(); /* as aif_tool_alloc() ends: nothing can be told */
    va_end(args);
    live->lines = lines;
    live->lines[live->count++] = (struct aif_config_live_line){.fault = fault, .rule = rule, .text = text};
}

/* "; did you mean "gpu"?", or what to do. malloc'ed */
static char *nearest(const struct aif_names_search *search, const char *otherwise)
{
    return search->best ? aif_tool_format("did you mean \"%s\"?", search->best) : aif_tool_strdup(otherwise);
}

/* ---- slurm.conf ---- */

static bool lists(const char *list, const char *word)
{
    const size_t length = strlen(word);

    for (; list && *list; list += strcspn(list, ","), list += *list == ',')
        if (strcspn(list, ",") == length && !strncasecmp(list, word, length))
            return true;
    return false;
}

static bool charges_gpus(const struct aif_snapshot *snapshot)
{
    for (size_t i = 0; i < aif_alloctable_count(snapshot->allocs); i++)
        if (aif_alloctable_at(snapshot->allocs, i)->charge.tres == AIF_CHARGE_GPU)
            return true;
    return false;
}

static void check_enforce(struct aif_config_live *live, unsigned bits)
{
    static const struct {
        unsigned bit;
        const char *name, *effect;
    } wanted[] = {
        {ENFORCES_ASSOCS, "associations", "everybody may use every account"},
        {ENFORCES_LIMITS, "limits", "Slurm itself does not keep the amounts"},
        {ENFORCES_QOS, "qos", "everybody may use every QOS"},
        {ENFORCES_SAFE, "safe", "jobs start that pass the amount before they end"},
    };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (!(bits & wanted[i].bit))
            say(live, true, AIF_C_REFERENCE, "AccountingStorageEnforce of slurm.conf has no \"%s\", so %s; write "
                "AccountingStorageEnforce=associations,limits,qos,safe", wanted[i].name, wanted[i].effect);
}

static void check_carrier(struct aif_config_live *live, const slurm_conf_t *conf)
{
    if (live->snapshot->policy->carrier != AIF_CARRIER_ASSOCIATION)
        return;
    if (conf->priority_decay_hl)
        say(live, true, AIF_C_CARRIER, "PriorityDecayHalfLife of slurm.conf is %u s, so used hours come back with the carrier "
            "\"association\"; set PriorityDecayHalfLife=0 and PriorityUsageResetPeriod=NONE", conf->priority_decay_hl);
    else if (conf->priority_reset_period)
        say(live, true, AIF_C_CARRIER, "PriorityUsageResetPeriod of slurm.conf is set, so used hours come back with the carrier "
            "\"association\"; set it to NONE");
}

/* slurmdbd cannot be asked about another one. */
static bool is_cluster(const struct aif_config_live *live, const slurm_conf_t *conf)
{
    return !conf->cluster_name || !strcasecmp(conf->cluster_name, live->snapshot->policy->cluster);
}

static void check_gpus(struct aif_config_live *live, const slurm_conf_t *conf)
{
    if (!charges_gpus(live->snapshot))
        return;
    if (!lists(conf->accounting_storage_tres, "gres/gpu"))
        say(live, true, AIF_C_REFERENCE, "AccountingStorageTRES of slurm.conf has no gres/gpu, so Slurm counts no GPU-hours and keeps no "
            "limit on them; add it, and restart slurmctld");
    if (conf->select_type && !strcmp(conf->select_type, "select/linear"))
        say(live, true, AIF_C_REFERENCE, "SelectType of slurm.conf is select/linear, which counts no GPUs of a job, so what is charged by "
            "gres/gpu is never used up; let allocations charge nodes (unit node-hour), or set select/cons_tres");
}

static void check_conf(struct aif_config_live *live, const slurm_conf_t *conf)
{
    if (!is_cluster(live, conf))
        say(live, true, AIF_C_REFERENCE, "\"cluster\" of policy.json is %s, ClusterName of slurm.conf is %s; they must be the same",
            live->snapshot->policy->cluster, conf->cluster_name);
    check_gpus(live, conf);
    if (!lists(conf->job_submit_plugins, "aif"))
        say(live, false, NULL, "JobSubmitPlugins of slurm.conf has no aif, so jobs are not decided about by slurm-aif; add it when the "
            "configuration is right");
    check_enforce(live, conf->accounting_storage_enforce);
    check_carrier(live, conf);
}

/* ---- partitions ---- */

static void check_partition(struct aif_config_live *live, const struct aif_gpusite *site, const char *where, const char *name)
{
    struct aif_names_search search = {.wanted = name};
    char *next;

    for (uint32_t i = 0; i < site->parts->record_count; i++) {
        const char *known = site->parts->partition_array[i].name;

        if (known && !strcmp(known, name))
            return;
        if (known)
            aif_names_offer(&search, known);
    }
    next = nearest(&search, "\"sinfo -s\" lists them");
    say(live, true, AIF_C_REFERENCE, "%s: Slurm has no partition \"%s\"; %s", where, name, next);
    free(next);
}

static void check_partitions(struct aif_config_live *live, const struct aif_gpusite *site, const char *mode, const char *key,
                             char *const *names)
{
    char *where = aif_tool_format("modes.%s.%s of policy.json", mode, key);

    for (; names && *names; names++)
        check_partition(live, site, where, *names);
    free(where);
}

static void check_all_partitions(struct aif_config_live *live, const struct aif_gpusite *site)
{
    const struct aif_policy *policy = live->snapshot->policy;

    for (size_t i = 0; i < policy->mode_count; i++) {
        const struct aif_mode *mode = &policy->modes[i];

        check_partitions(live, site, mode->name, "partitions", mode->partitions);
        for (size_t c = 0; c < mode->closure_count; c++)
            check_partitions(live, site, mode->name, "closures", mode->closures[c].partitions);
        if (mode->lane.headroom_partition)
            check_partitions(live, site, mode->name, "lane",
                             (char *const[]){mode->lane.headroom_partition, NULL});
    }
    for (size_t i = 0; i < policy->placement.partition_count; i++)
        check_partition(live, site, "placement.partitions of policy.json", policy->placement.partitions[i].name);
}

/* ---- nodes ---- */

static void check_nodes(struct aif_config_live *live, const struct aif_gpusite *site, size_t at, const char *list)
{
    struct aif_hosts hosts;
    const char *first = NULL;
    size_t missing = 0;

    aif_hosts_expand(list, &hosts);
    for (size_t i = 0; site->by_name && i < hosts.count; i++)
        if (!aif_nametable_get(site->by_name, hosts.names[i])) {
            first = first ? first : hosts.names[i];
            missing++;
        }
    if (missing)
        say(live, true, AIF_C_REFERENCE, "residency.locations[%zu].nodes of policy.json: Slurm has no node %s%s; correct the list, or add "
            "%s to slurm.conf", at, first, missing > 1 ? " (nor others of it)" : "", missing > 1 ? "them" : "it");
    aif_hosts_free(&hosts);
}

static void check_feature(struct aif_config_live *live, const struct aif_gpusite *site, size_t at, const char *feature)
{
    for (uint32_t i = 0; i < site->nodes->record_count; i++)
        if (lists(site->nodes->node_array[i].features, feature))
            return;
    say(live, false, AIF_C_REFERENCE, "residency.locations[%zu].feature of policy.json: no node has the feature \"%s\"; give it to nodes in "
        "slurm.conf (Feature=%s), or correct it", at, feature, feature);
}

static void check_locations(struct aif_config_live *live, const struct aif_gpusite *site)
{
    const struct aif_policy *policy = live->snapshot->policy;

    for (size_t i = 0; i < policy->location_count; i++) {
        if (policy->locations[i].nodes)
            check_nodes(live, site, i, policy->locations[i].nodes);
        if (policy->locations[i].feature)
            check_feature(live, site, i, policy->locations[i].feature);
    }
}

/* ---- slurmdbd ---- */

/* What the mirror of an allocation needs; NULL: it is there. */
static const char *missing_of(const struct aif_dbd *dbd, const struct aif_policy *policy, const struct aif_alloc *alloc)
{
    if (policy->carrier == AIF_CARRIER_QOS && !aif_dbd_find_qos(dbd, alloc->qos))
        return "QOS";
    return aif_dbd_find_account(dbd, alloc->account) ? NULL : "account";
}

static void check_mirror(struct aif_config_live *live, const struct aif_dbd *dbd)
{
    const struct aif_policy *policy = live->snapshot->policy;
    size_t count = aif_alloctable_count(live->snapshot->allocs), missing = 0;
    const struct aif_alloc *first = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(live->snapshot->allocs, i);
        const struct aif_dbd_qos *qos = policy->carrier == AIF_CARRIER_QOS ? aif_dbd_find_qos(dbd, alloc->qos) : NULL;

        if (qos && !aif_dbd_is_ours(qos->description))
            say(live, true, AIF_C_REFERENCE, "allocation %s: QOS %s exists, but was not made by aif, which leaves it alone; give the "
                "allocation another \"qos\", or set qos_prefix", alloc->id, alloc->qos);
        if (missing_of(dbd, policy, alloc)) {
            first = first ? first : alloc;
            missing++;
        }
    }
    if (missing)
        say(live, false, AIF_C_REFERENCE, "%zu of %zu allocations are not in Slurm's accounting yet, the first is %s (no %s %s); \"aif plan\" "
            "shows what \"aif apply\" would add", missing, count, first->id, missing_of(dbd, policy, first),
            strcmp(missing_of(dbd, policy, first), "QOS") ? first->account : first->qos);
}

static int check_dbd(struct aif_config_live *live)
{
    struct aif_dbd dbd = {0};
    void *conn = aif_slurmdb_open();
    int rc = conn ? aif_dbd_read(conn, live->snapshot->policy, &dbd) : AIF_EXIT_SLURM;

    if (rc == AIF_EXIT_OK)
        check_mirror(live, &dbd);
    aif_dbd_free(&dbd);
    if (conn)
        aif_slurmdb_close(&conn);
    return rc;
}

/* ---- all of it ---- */

int aif_config_live_run(struct aif_config_live *live)
{
    struct aif_gpusite *site = NULL;
    int rc = aif_slurm_init();
    bool of_it;

    if (rc == AIF_EXIT_OK)
        rc = aif_gpusite_load(&site);
    if (rc != AIF_EXIT_OK)
        return rc;
    check_conf(live, site->conf);
    check_all_partitions(live, site);
    check_locations(live, site);
    of_it = is_cluster(live, site->conf);
    aif_gpusite_free(site);
    return of_it ? check_dbd(live) : AIF_EXIT_OK;
}

void aif_config_live_free(struct aif_config_live *live)
{
    for (size_t i = 0; i < live->count; i++)
        free(live->lines[i].text);
    free(live->lines);
    live->lines = NULL;
    live->count = 0;
}
