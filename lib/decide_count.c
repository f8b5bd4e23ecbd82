/* decide_count.c - how many jobs a user and an allocation may have queued and running at once */
#include "decide_private.h"

#include <inttypes.h>
#include <stdio.h>

#include "rules.h"

/* One limit of the mode. */
struct bound {
    const char *whose;
    uint32_t limit; /* 0: none */
    uint32_t now;   /* without the job */
    const char *rule;
};

static void jobs_text(uint64_t count, char ret_text[32])
{
    snprintf(ret_text, 32, "%" PRIu64 " job%s", count, count == 1 ? "" : "s");
}

static uint32_t tasks_of(const struct aif_decider *decider)
{
    return decider->request->array_tasks ? decider->request->array_tasks : 1;
}

__attribute__((cold)) static bool refuse_bound(struct aif_decider *decider,
                                               const struct bound *bound)
{
    const uint32_t tasks = tasks_of(decider);
    char what[AIF_WHAT_TEXT], asked[32], limit[32], used[32];

    snprintf(what, sizeof(what), "queued and running jobs of %s allocation %s", bound->whose,
             decider->out->alloc->id);
    jobs_text(tasks, asked);
    jobs_text(bound->limit, limit);
    jobs_text(bound->now, used);
    return aif_decide_refuse(
        decider, &(struct aif_message){
                     .what = what,
                     .asked = asked,
                     .limit = limit,
                     .used = used,
                     .rule = bound->rule,
                     .next = tasks > bound->limit ? "submit fewer array tasks at once"
                             : tasks > 1 ? "submit fewer array tasks, or wait for jobs to end"
                                         : "wait for jobs to end"});
}

__attribute__((hot)) static bool check_bound(struct aif_decider *decider, const struct bound *bound)
{
    return !bound->limit || (uint64_t)bound->now + tasks_of(decider) <= bound->limit ||
           refuse_bound(decider, bound);
}

bool aif_decide_count(struct aif_decider *decider)
{
    const struct aif_mode *mode = decider->out->alloc->mode;
    const struct aif_usage *usage = &decider->out->usage;

    return check_bound(decider, &(struct bound){"one user under", mode->submits_per_user,
                                                usage->user_submits, AIF_M_SUBMITS}) &&
           check_bound(decider, &(struct bound){"all users of", mode->submits_per_allocation,
                                                usage->submits, AIF_M_CROWDED});
}
