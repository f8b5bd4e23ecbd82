/* rules.c - see rules.h */
#include "rules.h"

#include <string.h>
#include <strings.h>

#define ID_LENGTH 8 /* "AIF-M001" */

static const struct aif_rule rules[] = {
    {AIF_A_UNKNOWN, "no such allocation",
     "The job names an allocation that this cluster does not have. Look at the list that \"aif "
     "quota\" prints; a new "
     "award appears there once the site has taken it over."},
    {AIF_A_EARLY, "allocation has not started",
     "The job could start before the first day of its allocation. Submit later, or give --begin "
     "with that day. Sites may hold such jobs until then instead."},
    {AIF_A_EXPIRED, "allocation has ended",
     "The job could only start after the last day of its allocation. Use another allocation, or "
     "ask the programme "
     "that awarded it for an extension."},
    {AIF_A_STATE, "allocation is not active",
     "The federation paused, downscaled or terminated the allocation, so no new job may start "
     "under it. The people "
     "who manage the award know why."},
    {AIF_A_MEMBER, "not a member of the allocation",
     "The allocation has a list of members and the submitting user is not on it, or Slurm knows "
     "the user in no association with its account. The project's leader adds members."},
    {AIF_A_AMBIGUOUS, "several allocations fit",
     "The account has usable allocations of several modes and the job does not say which one it "
     "means. Give "
     "--ai-mode or --ai-allocation."},
    {AIF_A_NONE, "account has no allocation",
     "The job asks for an access mode, a residency tag or a placement, or the site takes no other "
     "jobs, but no "
     "allocation belongs to the job's account. Give the right --account, or submit without the "
     "--ai options."},
    {AIF_A_OUTLIVES, "job would outlive its allocation",
     "Counted from the earliest start, the time limit ends after the last second of the "
     "allocation. Ask for less "
     "time. Sites may set time_excess to cap the limit instead."},
    {AIF_A_QOS, "QOS is not the allocation's",
     "Every allocation is mirrored by one QOS, which carries its limits; the job asks for another "
     "one. Leave --qos "
     "out, or give the QOS named in the message."},
    {AIF_A_ACCOUNT, "allocation of another account",
     "The allocation asked for belongs to another account than the job's. Give that account, or "
     "leave --account out "
     "when you give --ai-allocation."},
    {AIF_A_CATEGORY, "holder's category is not eligible",
     "The access mode is for other kinds of organisations than the one that holds the allocation, "
     "by the \"categories\" "
     "of the mode and the \"category\" of the allocation. The site or the programme corrects "
     "whichever is wrong."},
    {AIF_C_READ, "configuration file cannot be read",
     "A configuration file is missing, is not a regular file, is too large, or its permissions "
     "keep the daemon out."},
    {AIF_C_SYNTAX, "not JSON",
     "A configuration file is not valid JSON (comments are allowed). The message names the line."},
    {AIF_C_UNKNOWN, "unknown key",
     "A configuration file has a key that is not known at this place, mostly a slip of the pen. "
     "Nothing of the file "
     "is used; the last valid configuration stays in force."},
    {AIF_C_TYPE, "value of the wrong type",
     "A key of a configuration file has, say, a number where a text is needed."},
    {AIF_C_MISSING, "required key is missing",
     "A configuration file lacks a key that has no default."},
    {AIF_C_DUPLICATE, "given twice",
     "A key stands twice in one object, two entries have the same id, QOS or name, or, where "
     "associations carry the limits, the same account. Which one was meant cannot be known, so "
     "neither is taken."},
    {AIF_C_RANGE, "value out of range",
     "A number, a time or a date of a configuration file is outside its limits or does not exist, "
     "such as 30 "
     "February, or an end before its start."},
    {AIF_C_REFERENCE, "names something that does not exist",
     "A configuration file refers to a mode, group or country that is defined nowhere."},
    {AIF_C_OPTION, "malformed job option",
     "A job option, or the \"aif:\" word of a job's comment, does not have the form that sbatch(1) "
     "options of "
     "slurm-aif have: wrong characters, too long, an unknown or repeated key."},
    {AIF_C_NOPOLICY, "no valid policy is loaded",
     "The controller has no valid policy.json and allocations.json, so a job that asks for an "
     "access mode, or for GPUs of a EuroHPC project, cannot be "
     "judged. The administrator runs \"aif config check\"."},
    {AIF_C_CARRIER, "Slurm forgets usage",
     "Where associations carry the limits (carrier \"association\"), slurm.conf must have "
     "PriorityDecayHalfLife=0 "
     "and PriorityUsageResetPeriod=NONE; otherwise Slurm forgets what was used, and allocations "
     "could be "
     "overspent."},
    {AIF_C_PREEMPT, "Slurm does not preempt by QOS",
     "The lane of a mode takes the place of other jobs (preempts), but slurm.conf does not let QOS do so. Set "
     "PreemptType=preempt/qos and a PreemptMode other than OFF, or take the key out."},
    {AIF_C_HEADROOM, "headroom of a lane cannot be kept",
     "The GPUs that a lane keeps free are more than there are, or in a partition that does not exist. Correct "
     "headroom and headroom_partition of the lane."},
    {AIF_C_TWICE, "priority/aif and site_factor/aif together",
     "Both would give the points of lanes. With PriorityType=priority/aif, site_factor/aif does nothing; take "
     "PrioritySiteFactorPlugin out of slurm.conf."},
    {AIF_C_PLUGIN, "a plugin does not fit",
     "slurm.conf or plugstack.conf names a plugin of slurm-aif that is not there, is no plugin, or was built for another "
     "version of Slurm. Install the one for this Slurm; UPGRADING.md tells what comes of it until then."},
    {AIF_M_UNKNOWN, "no such mode",
     "The site defines no access mode of that name. The message names the nearest one."},
    {AIF_M_MISMATCH, "allocation is of another mode",
     "The mode asked for is not the mode that the allocation, or any allocation of the account, "
     "was awarded in."},
    {AIF_M_CLOSED, "mode is closed",
     "The site takes no new jobs of this access mode for now, or not in this partition. The message "
     "says until when, if that is known. Sites may hold such jobs instead."},
    {AIF_M_PARTITION, "mode may not use this partition",
     "The site lets this access mode use certain partitions only, and the job may be started in "
     "another one. Every "
     "partition of a comma list must be allowed."},
    {AIF_M_GPUS, "number of GPUs outside the mode's range",
     "The job, or one task of its array, asks for fewer or more GPUs than the access mode allows "
     "per job."},
    {AIF_M_NODES, "number of nodes outside the mode's range",
     "The job, or one task of its array, asks for fewer or more nodes than the access mode allows "
     "per job."},
    {AIF_M_WALL, "time limit over the mode's",
     "The job asks for more time than the access mode allows per job. Ask for less and use "
     "checkpoints. Sites may set "
     "time_excess to cap the limit instead."},
    {AIF_M_SUBMITS, "too many jobs of the user",
     "With this job, tasks of an array counted one by one, the user would have more jobs queued "
     "and running under "
     "the allocation than the access mode allows. Submit again when some have ended."},
    {AIF_M_CROWDED, "too many jobs of the allocation",
     "With this job, tasks of an array counted one by one, all members together would have more "
     "jobs queued and "
     "running under the allocation than the access mode allows. Submit again when some have "
     "ended."},
    {AIF_M_INTERACTIVE, "interactive job outside the mode's rules",
     "The access mode allows no interactive jobs (salloc, srun), or smaller and shorter ones "
     "only. Ask for less, or "
     "submit a script with sbatch."},
    {AIF_P_SYNTAX, "placement not understood",
     "--ai-placement takes pack, spread or any; \",strict\" or \",strict@TIME\" may follow pack."},
    {AIF_P_LINKS, "Slurm gives unlinked GPUs",
     "Slurm 24.05 and later sort the GPUs of a node by Links the wrong way round: where GPUs of one "
     "socket are linked unequally, jobs that ask for GPUs per node, task or socket get the worst "
     "linked ones. Ask with --gpus, set correct_devices, or apply the patch in doc/upstream."},
    {AIF_P_INACTIVE, "nothing chooses nodes",
     "policy.json switches placement on, but the select wrapper is not where slurmctld looks first, "
     "or was built for another version of Slurm, so Slurm chooses alone. See "
     "select_cons_tres_aif(8)."},
    {AIF_P_FABRIC, "levels or map do not fit the cluster",
     "The levels or the map of placement name islands that the cluster does not have, or leave out "
     "nodes with GPUs. Placement goes on with what fits; correct policy.json or the map."},
    {AIF_P_STRANDED, "settings that leave GPUs unusable",
     "With these settings of Slurm a job that uses some GPUs of a node can block the cores or the "
     "memory that the other GPUs need, so that no placement can use them."},
    {AIF_Q_LEFT, "asks more than is left",
     "Up to its time limit the job (all tasks of an array together) could use more GPU-hours or "
     "node-hours than the "
     "allocation has left after what is used and what running jobs may still use. Ask for less "
     "time, fewer GPUs or "
     "fewer array tasks."},
    {AIF_Q_NOLIMIT, "no time limit",
     "The job has no time limit and its partition gives none, so what it may cost cannot be known. "
     "Give --time."},
    {AIF_Q_UNTRACKED, "Slurm does not count the GPUs",
     "The cluster's AccountingStorageTRES lacks gres/gpu, so every GPU quota would silently be "
     "empty. The "
     "administrator adds it and restarts slurmctld."},
    {AIF_Q_INFERENCE, "share for inference is used up",
     "The access mode lets inference jobs (--ai-purpose=inference) use only a share of an "
     "allocation, and this job "
     "would exceed it. Training and other jobs are not concerned."},
    {AIF_Q_PACE, "more than may be used by now",
     "The amount of the allocation is spread over its time, and the job asks more than the part "
     "that may be used by "
     "now: the month's grant or credit is used up, or too little was used by a date. Ask for "
     "less, or wait for the "
     "next month."},
    {AIF_Q_FREE, "runs above the amount, on the free QOS",
     "A notice, not a refusal: the amount of the allocation does not suffice for the job, so it "
     "runs with the lowest "
     "priority on the allocation's free QOS, up to the ceiling of its pacing."},
    {AIF_Q_NOTICE, "what is left after the job",
     "A notice, not a refusal: the job is accepted, and little of its allocation is left after it. "
     "Sites choose with notice_below from when on this is said; \"aif check\" always asks for it."},
    {AIF_R_SYNTAX, "residency tag not understood",
     "The expression of --data-residency has an unknown country or group, or is no expression, or "
     "something else than ;zone=NAME, ;class=NAME and ;permit=TEXT follows it. Countries are ISO "
     "3166-1 codes; groups are EU27, EEA30, EUROHPC and the site's own; they are joined by '|', "
     "'&' and '-'."},
    {AIF_R_EMPTY, "residency tags exclude each other",
     "Nothing satisfies all residency tags that apply to the job: the allocation's, the mode's, those of its "
     "data sets and its own. They have no country in common, or name different zones or classes. The message "
     "names the two that clash; only the job's own can be changed by the user."},
    {AIF_R_NOWHERE, "no node lies inside the tag",
     "The cluster has no node, or none in the partition, in a country that the residency tag "
     "allows."},
    {AIF_R_INACTIVE, "residency cannot be enforced",
     "The job carries a residency tag, but the part of slurm-aif that keeps jobs on allowed nodes "
     "is not active in "
     "the controller. Such jobs are refused until the administrator repairs it; slurmctld's "
     "log says at its start whether the select wrapper is there."},
    {AIF_R_WIDEN, "a tag may only be narrowed",
     "An update of a job would let its data into a country that its tag excludes, take a condition of the "
     "tag away, or drop a data set: cancel the job and submit it anew. Or a step asks for a tag that the job around it "
     "is not inside of, and whose nodes are given already: give the tag to sbatch or salloc."},
    {AIF_R_DATASET, "no such data set",
     "The job names a data set (--dataset) that is not in the site's catalogue. Ask the site for the id."},
    {AIF_R_ACCOUNT, "account may not process the data set",
     "The catalogue lists the accounts whose jobs may name a data set, and the job's is not one of them. "
     "Whoever gives out the data decides about that."},
    {AIF_R_SIBLING, "cluster lies outside of the tag",
     "None of the clusters of the federation that the job may go to (--clusters) is known to lie in a country "
     "that the residency tag allows. Leave --clusters out, or name others."},
    {AIF_R_TICKET, "no valid ticket for a tagged job",
     "A job with a residency tag starts only with a ticket that the controller has sealed, and a node runs it only if "
     "the ticket is the job's own. A job without one waits; on a node it is requeued and held, or cancelled if it has no "
     "script. Should it last, the administrator looks whether munged runs on the controller and on the node."},
    {AIF_R_NODE, "node outside of the residency tag",
     "The job was given to a node that is not inside its residency tag, or does not know where it is, by the policy.json "
     "that the node itself has. No task was started there; the job was requeued and held, or cancelled if it has no "
     "script. The administrator finds out why the controller chose that node; then the job can be released."},
    {AIF_R_GATING, "data set cannot be kept to its jobs",
     "The job names a data set with files that only its own jobs may see, and that cannot be had: the catalogue has no staging "
     "directory, so the job is refused, or a node does not know the data set or cannot mount it, so the job was requeued and held, or "
     "cancelled if it has no script. The log of slurmd on the node says what is missing there; set right, the job can be released."},
};

const struct aif_rule *aif_rules(size_t *ret_count)
{
    *ret_count = sizeof(rules) / sizeof(rules[0]);
    return rules;
}

const struct aif_rule *aif_rules_find(const char *id)
{
    for (size_t i = 0; id && i < sizeof(rules) / sizeof(rules[0]); i++)
        if (!strcasecmp(rules[i].id, id))
            return &rules[i];
    return NULL;
}

const struct aif_rule *aif_rules_in(const char *text)
{
    const struct aif_rule *rule = NULL;
    char id[ID_LENGTH + 1];

    for (const char *at = text ? strstr(text, "(AIF-") : NULL; at; at = strstr(at + 1, "(AIF-")) {
        if (strnlen(at, ID_LENGTH + 2) < ID_LENGTH + 2 || at[ID_LENGTH + 1] != ')')
            continue;
        memcpy(id, at + 1, ID_LENGTH);
        id[ID_LENGTH] = '\0';
        rule = aif_rules_find(id) ? aif_rules_find(id) : rule;
    }
    return rule;
}
