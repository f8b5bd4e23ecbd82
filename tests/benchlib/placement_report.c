/* placement_report.c - see placement_report.h */
#include "placement_report.h"

#include <stdio.h>
#include <stdlib.h>

#define BOUND_SECONDS 60 /* of the bounded slowdown */

enum class { GPU1, NODE, LEAF, GROUP, LARGER, CLASSES };

static const char *const class_names[] = {"gpu1", "node", "leaf", "group", "larger"};

static enum class class_of(const struct placement_shape *shape, const struct placement_job *job) {
    if (job->nodes == 1) return job->gpus == 1 ? GPU1 : NODE;
    if (job->nodes <= shape->leaf) return LEAF;
    return !shape->group || job->nodes <= shape->group ? GROUP : LARGER;
}

static void print(const char *key, const char *of, double value)
{
    printf("%s%s%s %.9g\n", key, *of ? "_" : "", of, value);
}

static double part(double of, double whole)
{
    return whole > 0 ? of / whole : 0;
}

/* ---- waits ---- */

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Of jobs with first <= class <= last; room for all of them. */
static void print_waits(const struct placement_sim *sim, const char *name, enum class first,
                        enum class last, uint32_t *waits)
{
    size_t count = 0;
    double total = 0;

    for (uint32_t i = 0; i < sim->count; i++) {
        const struct placement_job *job = &sim->jobs[i];
        const enum class is = class_of(&sim->shape, job);

        if (job->submit < sim->conf.begin || job->submit >= sim->conf.end || is < first ||
            is > last)
            continue;
        waits[count++] = job->start - job->submit;
        total += job->start - job->submit;
    }
    print("jobs", name, (double)count);
    if (!count)
        return;
    qsort(waits, count, sizeof(*waits), compare);
    print("wait", name, total / (double)count);
    print("wait_p50", name, waits[count / 2]);
    print("wait_p95", name, waits[count * 95 / 100]);
}

static double slowdown(const struct placement_job *job)
{
    const double run = job->duration > BOUND_SECONDS ? job->duration : BOUND_SECONDS;
    const double value = ((double)job->start - job->submit + job->run) / run;

    return value > 1 ? value : 1;
}

/* ---- islands ---- */

struct spans {
    double jobs, gpu_seconds, waited_gpu_seconds, turnaround, slowdown;
    double multi_jobs, multi_gpu_seconds;
    double needless_jobs, needless_gpu_seconds, group_gpu_seconds;
    double leaves, groups; /* sums of touched / least */
};

static void add_job(const struct placement_shape *shape, const struct placement_job *job,
                    struct spans *spans)
{
    const double work = (double)job->duration * job->nodes * job->gpus;
    const uint32_t leaves = placement_least_leaves(shape, job->nodes);
    const uint32_t groups = placement_least_groups(shape, job->nodes);
    const bool needless_groups = job->groups > groups;
    const bool needless = job->leaves > leaves || needless_groups;

    spans->jobs++;
    spans->gpu_seconds += work;
    spans->waited_gpu_seconds += work * ((double)job->start - job->submit);
    spans->slowdown += slowdown(job);
    spans->turnaround += (double)job->start - job->submit + job->run;
    if (job->nodes == 1)
        return;
    spans->multi_jobs++;
    spans->multi_gpu_seconds += work;
    spans->needless_jobs += needless;
    spans->needless_gpu_seconds += needless ? work : 0;
    spans->group_gpu_seconds += needless_groups ? work : 0;
    spans->leaves += (double)job->leaves / leaves;
    spans->groups += (double)job->groups / groups;
}

static void print_spans(const struct placement_sim *sim)
{
    struct spans spans = {0};

    for (uint32_t i = 0; i < sim->count; i++) {
        const struct placement_job *job = &sim->jobs[i];

        if (job->submit >= sim->conf.begin && job->submit < sim->conf.end)
            add_job(&sim->shape, job, &spans);
    }
    print("wait_weighted", "", part(spans.waited_gpu_seconds, spans.gpu_seconds));
    print("bounded_slowdown", "", part(spans.slowdown, spans.jobs));
    print("turnaround", "", part(spans.turnaround, spans.jobs));
    print("span_time", "", part(spans.needless_gpu_seconds, spans.multi_gpu_seconds));
    print("span_jobs", "", part(spans.needless_jobs, spans.multi_jobs));
    print("span_groups_time", "", part(spans.group_gpu_seconds, spans.multi_gpu_seconds));
    print("leaves_per_least", "", part(spans.leaves, spans.multi_jobs));
    print("groups_per_least", "", part(spans.groups, spans.multi_jobs));
}

/* ---- the machine ---- */

static void print_machine(const struct placement_sim *sim)
{
    const struct placement_meter *meter = &sim->meter;
    const double nodes = sim->shape.nodes, gpus = nodes * sim->shape.gpus;

    print("utilisation", "", part(meter->busy, meter->seconds * gpus));
    print("utilisation_queued", "", part(meter->queue_busy, meter->queue_seconds * gpus));
    print("queued_time", "", part(meter->queue_seconds, meter->seconds));
    print("stranded", "", part(meter->stranded, meter->seconds * gpus));
    print("stranded_90", "", part(meter->band_stranded, meter->band_seconds * gpus));
    print("band_time", "", part(meter->band_seconds, meter->seconds));
    print("fragments", "", part(meter->fragments, meter->seconds * gpus));
    print("starved_time", "", part(meter->starved_seconds, meter->seconds));
    print("starved_free", "", part(meter->starved_free, meter->starved_seconds * gpus));
    print("idle_nodes", "", part(meter->idle, meter->seconds * nodes));
    if (sim->shape.pairs)
        print("broken_pairs", "", part(meter->broken, meter->seconds * gpus / 2));
    print("choices", "", meter->choices);
    print("choice_us", "", part(meter->choice_ns, meter->choices * 1000));
    print("choice_us_max", "", meter->choice_ns_max / 1000);
}

int placement_report(const struct placement_sim *sim)
{
    uint32_t *waits = calloc(sim->count, sizeof(*waits));

    if (!waits)
        return -1;
    printf("arm %s\n", placement_arm_names[sim->arm]);
    print_machine(sim);
    print_spans(sim);
    print_waits(sim, "all", GPU1, LARGER, waits);
    print_waits(sim, "one", GPU1, NODE, waits);
    print_waits(sim, "multi", LEAF, LARGER, waits);
    for (enum class i = GPU1; i < CLASSES; i++)
        print_waits(sim, class_names[i], i, i, waits);
    free(waits);
    return 0;
}
