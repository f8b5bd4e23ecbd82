/* rules.c - see rules.h */
#include "rules.h"

#include <string.h>
#include <strings.h>

static const struct aif_rule rules[] = {
    {AIF_A_UNKNOWN, "no such allocation",
     "The job names an allocation that this cluster does not have. Look at the list that \"aif "
     "quota\" prints; a new "
     "award appears there once the site has taken it over."},
    {AIF_A_EARLY, "allocation has not started",
     "The job could start before the first day of its allocation. Submit later, or give --begin "
     "with that day."},
    {AIF_A_EXPIRED, "allocation has ended",
     "The job could only start after the last day of its allocation. Use another allocation, or "
     "ask the programme "
     "that awarded it for an extension."},
    {AIF_A_STATE, "allocation is not active",
     "The federation paused, downscaled or terminated the allocation, so no new job may start "
     "under it. The people "
     "who manage the award know why."},
    {AIF_A_MEMBER, "not a member of the allocation",
     "The allocation has a list of members and the submitting user is not on it. The project's "
     "leader adds members."},
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
     "A key stands twice in one object, or two entries have the same id, QOS or name. Which one "
     "was meant cannot be "
     "known, so neither is taken."},
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
     "access mode cannot be "
     "judged. The administrator runs \"aif config check\"."},
    {AIF_M_UNKNOWN, "no such mode",
     "The site defines no access mode of that name. The message names the nearest one."},
    {AIF_M_MISMATCH, "allocation is of another mode",
     "The mode asked for is not the mode that the allocation, or any allocation of the account, "
     "was awarded in."},
    {AIF_M_CLOSED, "mode is closed", "The site takes no new jobs of this access mode for now."},
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
    {AIF_P_SYNTAX, "placement not understood",
     "--ai-placement takes pack, spread or any, each optionally followed by \",strict\"."},
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
    {AIF_R_SYNTAX, "residency tag not understood",
     "The expression of --data-residency has an unknown country or group, or is no expression. "
     "Countries are ISO "
     "3166-1 codes; groups are EU27, EEA30, EUROHPC and the site's own; they are joined by '|', "
     "'&' and '-'."},
    {AIF_R_EMPTY, "residency tags exclude each other",
     "No country lies in all of the allocation's, the mode's and the job's residency tag. The "
     "message names the two "
     "that clash; only the job's own can be changed by the user."},
    {AIF_R_NOWHERE, "no node lies inside the tag",
     "The cluster has no node, or none in the partition, in a country that the residency tag "
     "allows."},
    {AIF_R_INACTIVE, "residency cannot be enforced",
     "The job carries a residency tag, but the part of slurm-aif that keeps jobs on allowed nodes "
     "is not active in "
     "the controller. Such jobs are refused until the administrator repairs it; slurmctld's "
     "log says at its start whether the select wrapper is there."},
    {AIF_R_WIDEN, "a tag may only be narrowed",
     "An update of a job would let its data into a country that its tag excludes. Cancel the job "
     "and submit it anew."},
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
