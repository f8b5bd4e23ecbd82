/* aif-reportd-audit.c - what slurmctld decided about data residency and by rules that only advise, from its spool into the ledger; see aif-reportd.h */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aif-reportd.h"
#include "auditintake.h"
#include "auditspool.h"
#include "common.h"
#include "rules.h"
#include "text.h"

#define PASSWD_SIZE 65536

/* As aif_slurm_init() has read it. In no public header, but in the public library. */
extern slurm_conf_t slurm_conf;

struct naming {
    enum aif_report_users users;
    struct aif_pseudonym pseudonym;
};

/* A user who is gone, or whom this host does not know, keeps the number. */
static void look_up(const char *number, char ret_name[AIF_AUDITEVENT_NAME])
{
    char *buffer = aif_tool_alloc(PASSWD_SIZE, 1);
    struct passwd entry, *found = NULL;
    uint64_t uid;

    if (aif_text_to_u64(number, &uid) == 0 && uid < UINT32_MAX)
        getpwuid_r((uid_t)uid, &entry, buffer, PASSWD_SIZE, &found);
    aif_auditevent_set(ret_name, AIF_AUDITEVENT_NAME, found ? found->pw_name : number);
    free(buffer);
}

static int name_user(const struct naming *naming, char user[AIF_AUDITEVENT_NAME], struct aif_error *err)
{
    char name[AIF_AUDITEVENT_NAME];

    if (!user[0])
        return 0;
    look_up(user, name);
    user[0] = '\0';
    if (naming->users == AIF_USERS_PLAIN)
        memcpy(user, name, sizeof(name));
    else if (naming->users == AIF_USERS_PSEUDONYM)
        return aif_pseudonym_name(&naming->pseudonym, name, user, err);
    return 0;
}

/* A message may name the user. */
static void hide_reason(struct aif_auditevent *event)
{
    const struct aif_rule *rule = aif_rules_find(event->rule);

    if (rule)
        aif_auditevent_set(event->reason, sizeof(event->reason), rule->title);
}

/* What the policy wants to be known of users, as in job rows. */
static int prepare(void *data, struct aif_auditevent *event, struct aif_error *err)
{
    const struct naming *naming = data;

    if (naming->users != AIF_USERS_PLAIN)
        hide_reason(event);
    return name_user(naming, event->user, err) < 0 ? -1 : name_user(naming, event->by, err);
}

static int take(struct aif_reportd *reportd, const char *dir, uint64_t *ret_count, struct aif_error *err)
{
    const struct aif_policy *policy = reportd->snapshot->policy;
    struct naming naming = {.users = policy->report.users};
    const struct aif_auditintake intake = {
        .ledger = reportd->ledger,
        .dir = dir,
        .cluster = policy->cluster,
        .now = time(NULL),
        .prepare = prepare,
        .data = &naming,
    };

    if (naming.users == AIF_USERS_PSEUDONYM && aif_reportd_pseudonym(reportd, &naming.pseudonym, err) < 0)
        return -1;
    return aif_auditintake_run(&intake, ret_count, err);
}

int aif_reportd_audit(struct aif_reportd *reportd)
{
    char *dir = aif_tool_format("%s/" AIF_AUDITSPOOL_DIR, slurm_conf.state_save_location);
    struct aif_error err = {0};
    uint64_t count = 0;
    int rc = take(reportd, dir, &count, &err);

    free(dir);
    if (count)
        aif_reportd_log("recorded %llu decisions of slurmctld", (unsigned long long)count);
    if (rc < 0)
        aif_reportd_log_change(TOPIC_AUDIT, "decisions of slurmctld are not in the ledger yet: %s", err.text);
    else
        aif_reportd_log_fine(TOPIC_AUDIT);
    return rc;
}
