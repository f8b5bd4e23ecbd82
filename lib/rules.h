/*
 * rules.h - the stable ids of every rule that can refuse, hold or warn
 *
 * An id is never reused and never changes its meaning; aif-rules(7) is written from the same table.
 */
#ifndef AIF_RULES_H
#define AIF_RULES_H

#include <stddef.h>

#define AIF_M_UNKNOWN "AIF-M001"   /* no such mode */
#define AIF_M_MISMATCH "AIF-M002"  /* the allocation is of another mode */
#define AIF_M_CLOSED "AIF-M003"    /* the mode is closed at this site */
#define AIF_M_PARTITION "AIF-M004" /* the mode may not use this partition */
#define AIF_M_GPUS "AIF-M005"      /* GPUs per job outside the mode's range */
#define AIF_M_NODES "AIF-M006"     /* nodes per job outside the mode's range */
#define AIF_M_WALL "AIF-M007"      /* time limit over the mode's */
#define AIF_M_SUBMITS "AIF-M008"   /* too many jobs of the user, queued and running */
#define AIF_M_CROWDED "AIF-M009"   /* too many jobs of the allocation, queued and running */
#define AIF_M_INTERACTIVE "AIF-M010" /* interactive job not allowed, or outside the mode's limits for those */

#define AIF_A_UNKNOWN "AIF-A001"   /* no such allocation */
#define AIF_A_EARLY "AIF-A002"     /* the allocation has not started */
#define AIF_A_EXPIRED "AIF-A003"   /* the allocation has ended */
#define AIF_A_STATE "AIF-A004"     /* paused, downscaled or terminated */
#define AIF_A_MEMBER "AIF-A005"    /* the user is no member */
#define AIF_A_AMBIGUOUS "AIF-A006" /* several allocations fit: say which */
#define AIF_A_NONE "AIF-A007"      /* the account has no allocation */
#define AIF_A_OUTLIVES "AIF-A008"  /* the job would outlive its allocation */
#define AIF_A_QOS "AIF-A009"       /* the QOS asked for is not the allocation's */
#define AIF_A_ACCOUNT "AIF-A010"   /* the allocation belongs to another account */
#define AIF_A_CATEGORY "AIF-A011"  /* the holder's category is not eligible in the mode */

#define AIF_Q_LEFT "AIF-Q001"      /* asks more than is left */
#define AIF_Q_NOLIMIT "AIF-Q002"   /* without a time limit the cost cannot be known */
#define AIF_Q_UNTRACKED "AIF-Q003" /* Slurm does not count the GPUs (AccountingStorageTRES) */
#define AIF_Q_INFERENCE "AIF-Q004" /* the share for inference is used up */
#define AIF_Q_PACE "AIF-Q005"      /* more than may be used by now */
#define AIF_Q_FREE "AIF-Q006"      /* notice: above the amount, runs on the free QOS */
#define AIF_Q_NOTICE "AIF-Q007"    /* notice: what is left after an accepted job */

#define AIF_R_SYNTAX "AIF-R001"  /* residency tag not understood */
#define AIF_R_EMPTY "AIF-R002"   /* nothing is left after intersecting the tags */
#define AIF_R_NOWHERE "AIF-R003" /* no node of the cluster lies inside the tag */
#define AIF_R_INACTIVE "AIF-R004" /* tagged job, but the select wrapper is not active */
#define AIF_R_WIDEN "AIF-R005"   /* an update may only narrow a tag */
#define AIF_R_DATASET "AIF-R006" /* no such data set */
#define AIF_R_ACCOUNT "AIF-R007" /* the account may not process the data set */
#define AIF_R_SIBLING "AIF-R008" /* a cluster asked for lies outside of the tag */
#define AIF_R_TICKET "AIF-R010"  /* tagged job without a valid ticket */
#define AIF_R_NODE "AIF-R011"    /* the node is outside of the tag, as it says itself */
#define AIF_R_GATING "AIF-R012"  /* a data set cannot be kept to its jobs alone */

#define AIF_P_SYNTAX "AIF-P001" /* placement not understood */
#define AIF_P_LINKS "AIF-P002"    /* Slurm gives the worst linked GPUs of a node */
#define AIF_P_INACTIVE "AIF-P003" /* placement is configured, but nothing chooses nodes */
#define AIF_P_FABRIC "AIF-P004"   /* levels or map do not fit the cluster */
#define AIF_P_STRANDED "AIF-P005" /* settings of Slurm that leave GPUs without cores or memory */

#define AIF_C_READ "AIF-C001"      /* a configuration file cannot be read */
#define AIF_C_SYNTAX "AIF-C002"    /* not JSON */
#define AIF_C_UNKNOWN "AIF-C003"   /* unknown key */
#define AIF_C_TYPE "AIF-C004"      /* value of the wrong type */
#define AIF_C_MISSING "AIF-C005"   /* required key is missing */
#define AIF_C_DUPLICATE "AIF-C006" /* key or id given twice */
#define AIF_C_RANGE "AIF-C007"     /* value out of range, impossible date */
#define AIF_C_REFERENCE "AIF-C008" /* names something that does not exist */
#define AIF_C_OPTION "AIF-C009"    /* malformed job option */
#define AIF_C_NOPOLICY "AIF-C010"  /* no valid policy is loaded */
#define AIF_C_CARRIER "AIF-C011"   /* Slurm's settings do not fit the carrier "association" */
#define AIF_C_PREEMPT "AIF-C012"   /* a lane preempts, but Slurm does not preempt by QOS */
#define AIF_C_HEADROOM "AIF-C013"  /* a lane's headroom cannot be kept */
#define AIF_C_TWICE "AIF-C014"     /* site_factor/aif beside priority/aif */
#define AIF_C_PLUGIN "AIF-C015"    /* a plugin is missing, or built for another Slurm */

struct aif_rule {
    const char *id;      /* "AIF-M001" */
    const char *title;   /* a few words */
    const char *meaning; /* one or two sentences for the manual: when it applies and what to do */
};

/* All rules in order of id. *ret_count gets their number. The table is constant. */
const struct aif_rule *aif_rules(size_t *ret_count);

/* The rule with this id, or NULL. */
const struct aif_rule *aif_rules_find(const char *id);

/* The rule that a message ends with: the last "(AIF-xnnn)" of the text, or NULL. */
const struct aif_rule *aif_rules_in(const char *text);

#endif
