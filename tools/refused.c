/* refused.c - see refused.h; how it asks is told in plugins/job_submit/refused.h */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "common.h"
#include "message.h"
#include "refused.h"
#include "refusals.h"
#include "rules.h"
#include "slurmconn.h"
#include "table.h"

#define RECORD "{\"v\":"

struct refused {
    struct aif_refusal *list; /* newest first */
    size_t count;
};

/* ---- asking ---- */

static int question_of(const struct aif_refused_wish *wish, char **ret_question)
{
    const struct passwd *entry;
    uint64_t uid;

    *ret_question = NULL;
    if (wish->all) {
        *ret_question = aif_tool_strdup(AIF_REFUSALS_QUESTION "=all");
    } else if (!wish->user) {
        *ret_question = aif_tool_strdup(AIF_REFUSALS_QUESTION);
    } else if (aif_text_to_u64(wish->user, &uid) == 0) {
        *ret_question = aif_tool_format(AIF_REFUSALS_QUESTION "=%llu", (unsigned long long)uid);
    } else {
        entry = getpwnam(wish->user);
        if (!entry)
            return aif_tool_fail(AIF_EXIT_FAILED, "there is no user %s here", wish->user);
        *ret_question = aif_tool_format(AIF_REFUSALS_QUESTION "=%u", entry->pw_uid);
    }
    return AIF_EXIT_OK;
}

/* A test of a job (nothing is queued) whose refusal is the answer; what libslurm prints of it, malloc'ed. */
static char *ask(char *question, int *ret_code)
{
    will_run_response_msg_t *response = NULL;
    char script[] = "#!/bin/sh\n", dir[] = "/", name[] = "aif-explain", variable[] = "AIF=1", host[256] = "";
    char *environment[] = {variable, NULL};
    job_desc_msg_t job;
    char *heard;

    slurm_init_job_desc_msg(&job);
    (void)gethostname(host, sizeof(host) - 1);
    job.comment = question;
    job.user_id = getuid();
    job.group_id = getgid();
    job.alloc_node = host;
    job.name = name;
    job.script = script;
    job.work_dir = dir;
    job.environment = environment;
    job.env_size = 1;
    job.min_nodes = job.max_nodes = 1;
    aif_slurm_quiet();
    errno = 0;
    *ret_code = slurm_job_will_run2(&job, &response) == SLURM_SUCCESS ? SLURM_SUCCESS : errno;
    heard = aif_slurm_heard();
    aif_slurm_loud();
    if (response)
        slurm_free_will_run_response_msg(response);
    return heard;
}

/* ---- understanding ---- */

/* Lines come as "error: ..." or "aif: error: ...", as libslurm likes. */
static void read_line(struct refused *refused, const char *line, size_t length)
{
    const char *found = memmem(line, length, RECORD, strlen(RECORD));
    struct aif_refusal refusal;
    struct aif_error err;

    if (!found || refused->count == AIF_REFUSALS_TOLD)
        return;
    if (aif_refusal_parse(found, length - (size_t)(found - line), &refusal, &err) == 0)
        refused->list[refused->count++] = refusal;
}

/* False where this is no answer. */
static bool read_answer(const char *heard, struct refused *refused)
{
    const char *line = strstr(heard, AIF_REFUSALS_ANSWER);

    if (!line)
        return false;
    while (*line) {
        size_t length = strcspn(line, "\n");

        read_line(refused, line, length);
        line += line[length] ? length + 1 : length;
    }
    return true;
}

/* Our sentence, if it is one, else Slurm's. */
static int no_answer(const char *heard, int code)
{
    const char *ours = strstr(heard, "aif: ");
    bool reached = code == SLURM_SUCCESS || code == ESLURM_ACCESS_DENIED;

    if (ours && reached)
        return aif_tool_fail(AIF_EXIT_FAILED, "%.*s", (int)strcspn(ours + 5, "\n"), ours + 5);
    if (reached)
        return aif_tool_fail(AIF_EXIT_FAILED, "slurmctld tells nothing of refusals: it runs without job_submit/aif, with an older "
                                              "one, or another job_submit plugin answers before it");
    return aif_slurmctld_failed("ask for refusals", code);
}

/* ---- showing ---- */

static char *user_name(uint32_t uid)
{
    const struct passwd *entry = getpwuid(uid);

    return entry ? aif_tool_strdup(entry->pw_name) : aif_tool_format("%u", uid);
}

/* "what ... (AIF-M005); ask for less" -> both parts, malloc'ed; next is NULL where there is none. */
static char *split(const struct aif_refusal *refusal, char **ret_next)
{
    const char *text = refusal->text;
    char *mark = aif_tool_format("(%s); ", refusal->rule);
    const char *found = refusal->rule[0] ? strstr(text, mark) : NULL;
    size_t length = found ? (size_t)(found - text) + strlen(mark) - 2 : strlen(text);

    *ret_next = found ? aif_tool_strdup(found + strlen(mark)) : NULL;
    free(mark);
    if (!strncmp(text, "aif: ", 5)) {
        text += 5;
        length -= 5;
    }
    return aif_tool_format("%.*s", (int)length, text);
}

static void print_when(const struct aif_refusal *refusal)
{
    long long ago = (long long)time(NULL) - refusal->at;
    char at[AIF_DATE_TEXT];

    aif_message_second((time_t)refusal->at, at);
    printf("%-10s  %s, ", "refused", at);
    if (ago < 120)
        printf("%lld second%s ago", ago < 0 ? 0 : ago, ago == 1 ? "" : "s");
    else if (ago < 2 * 3600)
        printf("%lld minutes ago", ago / 60);
    else
        printf("%lld hours ago", ago / 3600);
    if (refusal->times > 1)
        printf(", %u times the same", refusal->times);
    putchar('\n');
}

static void print_one(const struct aif_refusal *refusal)
{
    const struct aif_rule *rule = aif_rules_find(refusal->rule);
    char *user = user_name(refusal->uid), *by = user_name(refusal->by), *next, *why = split(refusal, &next);

    print_when(refusal);
    if (refusal->job)
        printf("%-10s  a change of job %u%s%s\n", "what", refusal->job, refusal->name[0] ? ", " : "", refusal->name);
    else
        printf("%-10s  a job%s%s\n", "what", refusal->name[0] ? " named " : "", refusal->name);
    printf("%-10s  %s%s%s%s%s\n", "user", user, refusal->by != refusal->uid ? ", submitted by " : "",
           refusal->by != refusal->uid ? by : "", refusal->account[0] ? ", account " : "", refusal->account);
    printf("%-10s  %s\n", "why", why);
    if (rule)
        printf("%-10s  %s: %s\n", "rule", rule->id, rule->title);
    if (next)
        printf("%-10s  %s\n", "next", next);
    free(user);
    free(by);
    free(next);
    free(why);
}

static void print_text(const struct refused *refused)
{
    if (!refused->count)
        printf("nothing was refused by slurm-aif lately; it remembers the last %d refusals of each user for a week\n", AIF_REFUSALS_EACH);
    for (size_t i = 0; i < refused->count; i++) {
        if (i)
            putchar('\n');
        print_one(&refused->list[i]);
    }
}

static void print_table(const struct refused *refused)
{
    /* Scripts count columns: new ones go to the end. */
    static const char *const titles[] = {"AT", "USER", "BY", "ACCOUNT", "JOB", "NAME", "TIMES", "RULE", "WHY", "NEXT", NULL};
    struct aif_table *table = aif_table_create(titles);

    for (size_t i = 0; i < refused->count; i++) {
        const struct aif_refusal *refusal = &refused->list[i];
        char *next, *why = split(refusal, &next);

        aif_table_add(table, aif_tool_format("%lld", (long long)refusal->at));
        aif_table_add(table, user_name(refusal->uid));
        aif_table_add(table, user_name(refusal->by));
        aif_table_add(table, aif_table_cell(refusal->account));
        aif_table_add(table, refusal->job ? aif_tool_format("%u", refusal->job) : NULL);
        aif_table_add(table, aif_table_cell(refusal->name));
        aif_table_add(table, aif_tool_format("%u", refusal->times));
        aif_table_add(table, refusal->rule[0] ? aif_tool_strdup(refusal->rule) : NULL);
        aif_table_add(table, aif_table_cell(why));
        aif_table_add(table, aif_table_cell(next));
        free(why);
        free(next);
    }
    aif_table_print(table, true);
    aif_table_destroy(table);
}

static json_object *to_json(const struct aif_refusal *refusal)
{
    json_object *object = json_object_new_object();
    char *user = user_name(refusal->uid), *by = user_name(refusal->by), *next, *why = split(refusal, &next);

    json_object_object_add(object, "at", json_object_new_int64(refusal->at));
    aif_jsonout_text(object, "user", user);
    aif_jsonout_text(object, "by", by);
    aif_jsonout_text(object, "account", refusal->account);
    json_object_object_add(object, "job", refusal->job ? json_object_new_int64(refusal->job) : NULL);
    aif_jsonout_text(object, "name", refusal->name);
    json_object_object_add(object, "times", json_object_new_int64(refusal->times));
    aif_jsonout_text(object, "rule", refusal->rule);
    aif_jsonout_text(object, "why", why);
    aif_jsonout_text(object, "next", next);
    aif_jsonout_text(object, "message", refusal->text);
    free(user);
    free(by);
    free(next);
    free(why);
    return object;
}

static void print_json(const struct refused *refused)
{
    json_object *list = json_object_new_array();

    for (size_t i = 0; i < refused->count; i++)
        json_object_array_add(list, to_json(&refused->list[i]));
    aif_jsonout_print(list, false);
}

int aif_refused_show(const struct aif_refused_wish *wish)
{
    struct refused refused = {.list = aif_tool_alloc(AIF_REFUSALS_TOLD, sizeof(*refused.list))};
    char *question, *heard = NULL;
    int code = SLURM_SUCCESS, rc = question_of(wish, &question);

    if (rc == AIF_EXIT_OK) {
        heard = ask(question, &code);
        if (!read_answer(heard, &refused))
            rc = no_answer(heard, code);
        else if (wish->format == AIF_FORMAT_JSON)
            print_json(&refused);
        else if (wish->format == AIF_FORMAT_PARSABLE)
            print_table(&refused);
        else
            print_text(&refused);
    }
    free(heard);
    free(question);
    free(refused.list);
    return rc;
}
