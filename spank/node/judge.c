/* judge.c - see judge.h */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"
#include "nodeplace.h"
#include "rules.h"
#include "seal.h"
#include "shown.h"
#include "slurmdb.h"
#include "ticket.h"

#define PATH_SIZE 4096

/* ---- the ticket ---- */

static int parse_sealed(const struct aif_node_case *of, const char *text, size_t length, uid_t maker,
                        struct aif_ticket *ret_ticket, struct aif_error *err)
{
    if (maker != of->slurm_user && maker != 0)
        return aif_error_set(err, AIF_EINVAL, "the ticket was sealed by user %u, not by Slurm's user %u (%s)", maker,
                             of->slurm_user, AIF_R_TICKET);
    if (!of->text || strlen(of->text) != length || memcmp(of->text, text, length))
        return aif_error_set(err, AIF_EINVAL, "the ticket's seal does not hold what the job's record says (%s)", AIF_R_TICKET);
    if (aif_ticket_parse(text, length, ret_ticket, err))
        return -1;
    return aif_ticket_check(ret_ticket, of->cluster, of->job, of->uid, err);
}

/* -1: slurmctld does not say. */
static int is_of_array(uint32_t job, uint32_t array)
{
    job_info_msg_t *found = NULL;
    int answer = -1;

    if (slurm_load_job(&found, job, SHOW_ALL) != SLURM_SUCCESS)
        return -1;
    for (uint32_t i = 0; i < found->record_count && answer <= 0; i++) {
        if (AIF_JOB_ID(&found->job_array[i]) == job)
            answer = found->job_array[i].array_job_id == array;
    }
    slurm_free_job_info_msg(found);
    return answer;
}

static int check_array(const struct aif_ticket *ticket, uint32_t job, struct aif_error *err)
{
    const int answer = ticket->array ? is_of_array(job, ticket->job) : 1;

    if (answer > 0)
        return 0;
    return aif_error_set(err, AIF_EINVAL, "%s (%s)", answer < 0 ? "slurmctld does not say of which array the job is"
                         : "the job's ticket is of another array", AIF_R_TICKET);
}

static int read_ticket(const struct aif_node_case *of, struct aif_ticket *ret_ticket, struct aif_error *err)
{
    char socket[PATH_SIZE], *text = NULL;
    size_t length;
    uid_t maker;
    int rc;

    if (!of->seal || !of->seal[0])
        return aif_error_set(err, AIF_ENOENT, "the job has a residency tag, but no ticket (%s)", AIF_R_TICKET);
    if (aif_seal_socket(of->authinfo, socket, sizeof(socket)))
        return aif_error_set(err, AIF_ELIMIT, "the socket in AuthInfo is too long (%s)", AIF_R_TICKET);
    if (aif_seal_open(of->seal, socket, &text, &length, &maker, err))
        return -1;
    rc = parse_sealed(of, text, length, maker, ret_ticket, err);
    free(text);
    return rc ? rc : check_array(ret_ticket, of->job, err);
}

/* ---- the place ---- */

static bool is_named(void *arg, const char *hosts)
{
    return spank_aif_hosts_have(hosts, arg);
}

/* NULL: slurmctld does not say. malloc'ed. */
static char *load_features(const char *node)
{
    node_info_msg_t *found = NULL;
    char *features = NULL;

    if (slurm_load_node_single(&found, (char *)node, SHOW_ALL) != SLURM_SUCCESS)
        return NULL;
    if (found->record_count == 1 && found->node_array[0].name)
        features = strdup(found->node_array[0].features ? found->node_array[0].features : "");
    slurm_free_node_info_msg(found);
    return features;
}

static int compare(const struct aif_node_case *of, const struct aif_policy *policy, const struct aif_ticket *ticket,
                   struct aif_error *err)
{
    char *features = aif_nodeplace_needs_features(policy) ? load_features(of->node) : NULL;
    const struct aif_nodeplace node = {.features = features, .is_named = is_named, .arg = (void *)of->node};
    struct aif_restag tag;
    char where[64];
    int rc = 0;

    if (aif_restag_parse(ticket->tag, NULL, 0, &tag, NULL))
        rc = aif_error_set(err, AIF_EINVAL, "node %s does not understand the residency tag \"%s\" (%s)", of->node,
                           ticket->tag, AIF_R_NODE);
    else if (!aif_nodeplace_allows(policy, &node, &tag, where, sizeof(where)))
        rc = aif_error_set(err, AIF_EINVAL, "node %s is not inside the residency tag \"%s\": by its own policy.json it is in %s "
                           "(%s)", of->node, ticket->tag, where, AIF_R_NODE);
    free(features);
    return rc;
}

static int check_place(const struct aif_node_case *of, const struct aif_ticket *ticket, struct aif_error *err)
{
    char path[PATH_SIZE];
    struct aif_error why = {0};
    struct aif_policy *policy;
    int rc;

    snprintf(path, sizeof(path), "%s/policy.json", of->conf_dir);
    if (aif_policy_load(path, &policy, &why))
        return aif_error_set(err, why.code, "node %s does not know where it is: %s (%s)", of->node, why.text, AIF_R_NODE);
    rc = compare(of, policy, ticket, err);
    aif_policy_destroy(policy);
    return rc;
}

int aif_node_judge(const struct aif_node_case *of, uint32_t *ret_array, char ret_data[SPANK_AIF_GATING_LIST],
                   struct aif_error *err)
{
    struct aif_ticket ticket;

    if (read_ticket(of, &ticket, err) || check_place(of, &ticket, err) ||
        aif_node_shown(&ticket, of->node, of->conf_dir, ret_data, err))
        return -1;
    *ret_array = ticket.array ? ticket.job : 0;
    return 0;
}
