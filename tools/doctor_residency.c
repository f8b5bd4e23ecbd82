/* doctor_residency.c - checks of "aif doctor": what data residency needs beside slurmctld: aif-node, and a spool that is read */
#include "config.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auditspool.h"
#include "common.h"
#include "doctor.h"
#include "rules.h"

#define PLUGIN "spank_aif.so"
#define PROGRAM "aif-node"

extern char **environ;

bool aif_doctor_names_places(const struct aif_doctor *doctor)
{
    const struct aif_policy *policy = doctor->snapshot ? doctor->snapshot->policy : NULL;

    return policy && (policy->home_country >= 0 || policy->location_count);
}

bool aif_doctor_has_places(struct aif_doctor *doctor)
{
    if (aif_doctor_names_places(doctor))
        return true;
    aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "policy.json does not say where nodes are");
    return false;
}

/* ---- aif-node ---- */

/* PROGRAM in the first directory of PluginDir that has our SPANK plugin; NULL: there is none on this host. */
static char *find_program(const char *dirs)
{
    for (const char *dir = dirs; dir && *dir;) {
        const size_t length = strcspn(dir, ":");
        char *plugin = aif_tool_format("%.*s/" PLUGIN, (int)length, dir);
        const bool found = !access(plugin, R_OK);

        free(plugin);
        if (found)
            return aif_tool_format("%.*s/" PROGRAM, (int)length, dir);
        dir += length + (dir[length] == ':');
    }
    return NULL;
}

/* Whether it starts at all, with every library that it needs. */
static bool starts(const char *path)
{
    char *const argv[] = {(char *)PROGRAM, (char *)"--help", NULL};
    posix_spawn_file_actions_t actions;
    int status = -1;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!posix_spawn(&pid, path, &actions, NULL, argv, environ) && waitpid(pid, &status, 0) != pid)
        status = -1;
    posix_spawn_file_actions_destroy(&actions);
    return status == 0;
}

void aif_doctor_node(struct aif_doctor *doctor)
{
    char *path;

    if (!aif_doctor_has_places(doctor))
        return;
    path = find_program(doctor->site->conf->plugindir);
    if (!path)
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "no " PLUGIN " in PluginDir on this host; run it on a node");
    else if (access(path, X_OK))
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, AIF_R_TICKET, "%s: is not there or cannot be run, so nodes installed like this host "
                       "refuse tagged jobs (" AIF_R_TICKET "); install it beside " PLUGIN, path);
    else if (!starts(path))
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, AIF_R_TICKET, "%s: does not start, so nodes installed like this host refuse tagged jobs "
                       "(" AIF_R_TICKET "); look with ldd for a library that is missing, such as libmunge", path);
    else
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "%s starts", path);
    free(path);
}

/* ---- the spool ---- */

/* slurmctld makes the directory 0700, for its own user. */
static bool may_read(uid_t user, const struct stat *spool)
{
    const mode_t all = S_IROTH | S_IWOTH | S_IXOTH;

    return !user || user == spool->st_uid || (spool->st_mode & all) == all;
}

static void compare(struct aif_doctor *doctor, const char *dir, const char *ledger)
{
    struct stat spool, file;

    if (stat(dir, &spool))
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "%s: is not there or cannot be seen; it is made with the first decision about a "
                       "tagged job", dir);
    else if (stat(ledger, &file))
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "%s: is not there or cannot be seen; aif-reportd makes it", ledger);
    else if (!may_read(file.st_uid, &spool))
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, AIF_C_READ, "%s: belongs to user %u, the ledger %s to %u, so aif-reportd cannot take decisions "
                       "about tagged jobs from there (" AIF_C_READ "); run aif-reportd as SlurmUser", dir, spool.st_uid, ledger, file.st_uid);
    else
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "the ledger's user can read %s", dir);
}

void aif_doctor_spool(struct aif_doctor *doctor)
{
    const char *ledger = doctor->snapshot ? doctor->snapshot->policy->report.ledger : NULL;
    const char *state = doctor->site->conf->state_save_location;
    char *dir;

    /* Rules that only advise fill it, too. */
    if (!(doctor->snapshot && doctor->snapshot->policy->enforce.relaxed) && !aif_doctor_has_places(doctor))
        return;
    dir = aif_tool_format("%s/" AIF_AUDITSPOOL_DIR, state ? state : "");
    compare(doctor, dir, ledger ? ledger : "");
    free(dir);
}
