/*
 * steps.c - does to a slurmctld what it is told, one step after the other
 *
 *     steps CLOCKFILE < commands
 *
 * Each line of the input is one command, each is answered by one line: "ok" and what came of it, or "no" and why not.
 *
 *     submit KEY=VALUE ...                    -> ok JOBID        (keys: table below)
 *     het KEY=VALUE ... / KEY=VALUE ... [/ ...] -> ok JOBID
 *     update JOBID KEY=VALUE ...    kill JOBID    complete JOBID    suspend JOBID    resume JOBID    requeue JOBID
 *     node NAMES drain|resume|down
 *     reserve NAME NODES BEGIN MINUTES        (BEGIN: seconds from slurmctld's now)
 *     unreserve NAME
 *     reconfigure
 *     jobs                                    -> ok JOBID:STATE:NODES ...    (states as numbers, NODES how many)
 *     settle                                  -> ok, or "no" if a scheduler did not come by
 *     forward SECONDS                         the clock only
 *
 * "settle" puts the clock forward (clock.h) second by second until the main scheduler and backfill have both made a cycle,
 * as long as there is something for them to do.
 */
#include "slurmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define PARTS_MAX 8     /* components of a het job */
#define LOOKS_MAX 500  /* at the schedulers' counters before a step is given up as not settled */
#define LOOKS_SECOND 4  /* before the clock goes on by another second */

extern char **environ;

static struct step_clock *clock_page;

struct field {
    const char *key;
    size_t offset;
    char kind; /* 'h' uint16_t, 'w' uint32_t, 'l' uint64_t, 's' string */
};

#define FIELD(name, kind) {#name, offsetof(job_desc_msg_t, name), kind}
static const struct field fields[] = {
    FIELD(admin_comment, 's'),   FIELD(array_inx, 's'),     FIELD(bitflags, 'l'),
    FIELD(contiguous, 'h'),      FIELD(cpus_per_task, 'h'), FIELD(cpus_per_tres, 's'),
    FIELD(dependency, 's'),      FIELD(exc_nodes, 's'),     FIELD(features, 's'),
    FIELD(max_nodes, 'w'),       FIELD(mem_per_tres, 's'),  FIELD(min_cpus, 'w'),
    FIELD(min_nodes, 'w'),       FIELD(name, 's'),          FIELD(nice, 'w'),
    FIELD(ntasks_per_node, 'h'), FIELD(num_tasks, 'w'),     FIELD(partition, 's'),
    FIELD(pn_min_memory, 'l'),   FIELD(priority, 'w'),      FIELD(req_nodes, 's'),
    FIELD(req_switch, 'w'),      FIELD(requeue, 'h'),       FIELD(reservation, 's'),
    FIELD(shared, 'h'),          FIELD(time_limit, 'w'),    FIELD(time_min, 'w'),
    FIELD(tres_per_job, 's'),    FIELD(tres_per_node, 's'), FIELD(tres_per_task, 's'),
    FIELD(wait4switch, 'w'),
};

static void set_number(void *at, char kind, uint64_t value)
{
    if (kind == 'h')
        *(uint16_t *)at = (uint16_t)value;
    else if (kind == 'w')
        *(uint32_t *)at = (uint32_t)value;
    else
        *(uint64_t *)at = value;
}

static bool set_field(job_desc_msg_t *job, char *text)
{
    char *value = strchr(text, '=');

    if (!value)
        return false;
    *value++ = '\0';
    if (!strcmp(text, "segment")) {
        AIF_JOB_SEGMENT(job, (uint16_t)strtoul(value, NULL, 0));
        return true;
    }
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        char *at = (char *)job + fields[i].offset;

        if (strcmp(fields[i].key, text))
            continue;
        if (fields[i].kind == 's')
            memcpy(at, &value, sizeof(value));
        else
            set_number(at, fields[i].kind, strtoull(value, NULL, 0));
        return true;
    }
    return false;
}

/* The rest of the line up to its end or a lone "/"; false if a key is not known. */
static bool read_fields(job_desc_msg_t *job, char **rest)
{
    char *word;

    while ((word = strsep(rest, " \n"))) {
        if (!strcmp(word, "/"))
            return true;
        if (*word && !set_field(job, word))
            return false;
    }
    return true;
}

static void new_job(job_desc_msg_t *job)
{
    slurm_init_job_desc_msg(job);
    job->min_nodes = 1;
    job->num_tasks = 1;
    job->time_limit = 60;
    job->user_id = getuid();
    job->group_id = getgid();
    job->name = (char *)"step";
    job->script = (char *)"#!/bin/sh\ntrue\n";
    job->work_dir = (char *)"/";
    job->std_out = (char *)"/dev/null";
    job->environment = environ;
    while (environ[job->env_size])
        job->env_size++;
}

static int say(int rc)
{
    int why = errno;

    if (rc)
        printf("no %s\n", slurm_strerror(why));
    else
        puts("ok");
    return rc;
}

static void say_submitted(int rc, submit_response_msg_t *response)
{
    if (rc || !response)
        (void)say(-1);
    else
        printf("ok %u\n", AIF_JOB_ID(response));
    slurm_free_submit_response_response_msg(response);
}

static void do_submit(char *rest)
{
    submit_response_msg_t *response = NULL;
    job_desc_msg_t job;
    int rc;

    new_job(&job);
    if (!read_fields(&job, &rest)) {
        puts("no such key");
        return;
    }
    rc = slurm_submit_batch_job(&job, &response);
    say_submitted(rc, response);
}

static void do_het(char *rest)
{
    submit_response_msg_t *response = NULL;
    job_desc_msg_t jobs[PARTS_MAX];
    list_t *list = slurm_list_create(NULL);
    int rc;

    for (int i = 0; i < PARTS_MAX && rest; i++) {
        new_job(&jobs[i]);
        if (i)
            jobs[i].script = NULL;
        if (!read_fields(&jobs[i], &rest)) {
            puts("no such key");
            slurm_list_destroy(list);
            return;
        }
        slurm_list_append(list, &jobs[i]);
    }
    rc = slurm_submit_batch_het_job(list, &response);
    say_submitted(rc, response);
    slurm_list_destroy(list);
}

static void do_update(uint32_t job_id, char *rest)
{
    job_desc_msg_t job;

    slurm_init_job_desc_msg(&job);
    AIF_JOB_ID(&job) = job_id;
    if (!read_fields(&job, &rest))
        puts("no such key");
    else
        (void)say(slurm_update_job(&job));
}

static void do_node(char *names, const char *state)
{
    update_node_msg_t node;

    slurm_init_update_node_msg(&node);
    node.node_names = names;
    node.reason = (char *)"step";
    AIF_NODE_REASON_BY(&node, getuid());
    if (!strcmp(state, "drain"))
        node.node_state = NODE_STATE_DRAIN;
    else if (!strcmp(state, "down"))
        node.node_state = NODE_STATE_DOWN;
    else
        node.node_state = NODE_RESUME;
    (void)say(slurm_update_node(&node));
}

static time_t their_now(void)
{
    return time(NULL) + atomic_load(&clock_page->ahead_ns) / 1000000000;
}

static void do_reserve(char *name, char *nodes, long begin, uint32_t minutes)
{
    resv_desc_msg_t reservation;

    slurm_init_resv_desc_msg(&reservation);
    reservation.name = name;
    reservation.node_list = nodes;
    reservation.start_time = their_now() + begin;
    reservation.duration = minutes;
    reservation.users = (char *)"root";
    reservation.flags = RESERVE_FLAG_IGN_JOBS;
    /* The name stays: how it is freed differs between versions, and few are made. */
    (void)say(slurm_create_reservation(&reservation) ? 0 : -1);
}

static void do_unreserve(char *name)
{
    reservation_name_msg_t message = {.name = name};

    (void)say(slurm_delete_reservation(&message));
}

static void do_jobs(void)
{
    job_info_msg_t *jobs = NULL;

    if (slurm_load_jobs(0, &jobs, SHOW_ALL)) {
        (void)say(-1);
        return;
    }
    printf("ok");
    for (uint32_t i = 0; i < jobs->record_count; i++) {
        const slurm_job_info_t *job = &jobs->job_array[i];

        printf(" %u:%u:%u", job->job_id, job->job_state & JOB_STATE_BASE, job->num_nodes);
    }
    puts("");
    slurm_free_job_info_msg(jobs);
}

static void forward(int64_t seconds)
{
    atomic_fetch_add(&clock_page->ahead_ns, seconds * 1000000000);
}

static void do_forward(int64_t seconds)
{
    forward(seconds);
    puts("ok");
}

/* Is there a job that a scheduler looks at? */
static bool waits(const slurm_job_info_t *job)
{
    return (job->job_state & JOB_STATE_BASE) == JOB_PENDING && job->priority && job->eligible_time <= their_now();
}

/* Cycles of the main scheduler and of backfill so far; false without an answer. */
static bool count_cycles(uint32_t *ret_main, uint32_t *ret_backfill)
{
    stats_info_request_msg_t request = {.command_id = STAT_COMMAND_GET};
    stats_info_response_msg_t *response = NULL;

    if (slurm_get_statistics(&response, &request))
        return false;
    *ret_main = response->schedule_cycle_counter;
    *ret_backfill = response->bf_cycle_counter;
    slurm_free_stats_response_msg(response);
    return true;
}

static bool has_pending(void)
{
    job_info_msg_t *jobs = NULL;
    bool found = false;

    if (slurm_load_jobs(0, &jobs, SHOW_ALL))
        return false;
    for (uint32_t i = 0; i < jobs->record_count && !found; i++)
        found = waits(&jobs->job_array[i]);
    slurm_free_job_info_msg(jobs);
    return found;
}

static void do_settle(void)
{
    uint32_t main_before, backfill_before, main_now = 0, backfill_now = 0;
    const struct timespec pause = {.tv_nsec = 3000000};
    int looks = 0;

    if (!count_cycles(&main_before, &backfill_before)) {
        (void)say(-1);
        return;
    }
    do {
        if (looks % LOOKS_SECOND == 0) {
            if (!has_pending())
                break;
            forward(1);
        }
        nanosleep(&pause, NULL);
    } while (++looks < LOOKS_MAX && (!count_cycles(&main_now, &backfill_now) || main_now == main_before ||
                                     backfill_now == backfill_before));
    puts(looks < LOOKS_MAX ? "ok" : "no cycle");
}

static void do_job(const char *verb, uint32_t job_id)
{
    if (!strcmp(verb, "kill"))
        (void)say(slurm_kill_job(job_id, SIGKILL, 0));
    else if (!strcmp(verb, "complete"))
        (void)say(AIF_COMPLETE_JOB(job_id, 0));
    else if (!strcmp(verb, "suspend"))
        (void)say(slurm_suspend(job_id));
    else if (!strcmp(verb, "resume"))
        (void)say(slurm_resume(job_id));
    else if (!strcmp(verb, "requeue"))
        (void)say(slurm_requeue(job_id, 0));
    else
        puts("no such command");
}

/* Commands that take one word, or what follows a first one. */
static void obey_one(const char *verb, char *first, char *rest)
{
    if (!strcmp(verb, "update"))
        do_update((uint32_t)strtoul(first, NULL, 10), rest);
    else if (!strcmp(verb, "node") && rest)
        do_node(first, strsep(&rest, " \n"));
    else if (!strcmp(verb, "unreserve"))
        do_unreserve(first);
    else if (!strcmp(verb, "forward"))
        do_forward(strtol(first, NULL, 10));
    else
        do_job(verb, (uint32_t)strtoul(first, NULL, 10));
}

static void obey_reserve(char *rest)
{
    char *name = strsep(&rest, " \n"), *nodes = rest ? strsep(&rest, " \n") : NULL;
    long begin = rest ? strtol(rest, &rest, 10) : 0;

    if (nodes)
        do_reserve(name, nodes, begin, (uint32_t)strtoul(rest, NULL, 10));
    else
        puts("no such reservation");
}

static void obey(char *line)
{
    char *rest = line;
    char *verb = strsep(&rest, " \n");
    char *first;

    if (!strcmp(verb, "submit"))
        do_submit(rest);
    else if (!strcmp(verb, "het"))
        do_het(rest);
    else if (!strcmp(verb, "settle"))
        do_settle();
    else if (!strcmp(verb, "jobs"))
        do_jobs();
    else if (!strcmp(verb, "reconfigure"))
        (void)say(slurm_reconfigure());
    else if (!strcmp(verb, "reserve"))
        obey_reserve(rest);
    else if ((first = strsep(&rest, " \n")))
        obey_one(verb, first, rest);
    else
        puts("no such command");
}

static bool map_clock(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *map;

    if (fd < 0 || ftruncate(fd, sizeof(*clock_page)))
        return false;
    map = mmap(NULL, sizeof(*clock_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    clock_page = map == MAP_FAILED ? NULL : map;
    return clock_page;
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t size = 0;

    if (argc != 2 || !map_clock(argv[1])) {
        fprintf(stderr, "usage: steps CLOCKFILE\n");
        return 2;
    }
    slurm_init(NULL);
    while (getline(&line, &size, stdin) > 0) {
        obey(line);
        fflush(stdout);
    }
    free(line);
    return 0;
}
