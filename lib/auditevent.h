/*
 * auditevent.h - one decision about a job with a data residency tag, for whoever asks later where data was processed; and
 * one that a rule would have come to that only advises, for a site that wants to know before it applies the rule
 *
 * slurmctld notes it (auditqueue.h), writes it into a spool (auditspool.h), and aif-reportd moves it from there into the ledger
 * (auditintake.h). Everywhere it is one line of JSON with the same keys in the same order. All functions are pure and
 * thread-safe.
 */
#ifndef AIF_AUDITEVENT_H
#define AIF_AUDITEVENT_H

#include <stddef.h>
#include <stdint.h>

#include "datasetids.h"
#include "error.h"
#include "restag.h"
#include "text.h"

#define AIF_AUDITEVENT_LEDGER "residency" /* kind of the ledger's events that carry one */
#define AIF_AUDITEVENT_ADVICE "advice" /* the same of those about a rule that only advises */
#define AIF_AUDITEVENT_NAME 64            /* of users, accounts, allocations, modes; with NUL */
#define AIF_AUDITEVENT_REASON 641
#define AIF_AUDITEVENT_NODES_MAX 24576    /* bytes of a node list; of a longer one the end is left out, marked "..." */

enum aif_auditevent_kind {
    AIF_AUDIT_ACCEPT,   /* in the queue with this tag */
    AIF_AUDIT_REFUSE,   /* a submission or update turned down, or nodes not given */
    AIF_AUDIT_HOLD,     /* accepted or waiting, and held by us */
    AIF_AUDIT_NARROW,   /* the tag became narrower, or data sets were added */
    AIF_AUDIT_OVERRIDE, /* an operator did what the rules do not allow */
    AIF_AUDIT_PLACE,    /* started on these nodes */
    AIF_AUDIT_NODE,     /* a node refused the job after its own check */
    AIF_AUDIT_LOST,     /* so many events could not be kept */
    AIF_AUDIT_ADVISE,   /* the rule would have stood in the way, if it were on */
    AIF_AUDIT_KINDS
};

/* Texts are "" and numbers 0 where that is not known or means nothing. */
struct aif_auditevent {
    struct aif_auditevent *next; /* for lists; not written */
    enum aif_auditevent_kind kind;
    int64_t at;      /* when it was decided, seconds since 1970 */
    uint32_t job;    /* 0: refused before it had an id */
    uint32_t parent; /* the array or het job that it is part of */
    uint64_t lost;   /* AIF_AUDIT_LOST: how many */
    uint64_t gpu_secs; /* AIF_AUDIT_ADVISE only, as would: what the job asks; 0: none, or not known */
    char would[8];     /* what would have become of it: "refuse", "hold" or "lower" (the time limit) */
    char user[AIF_AUDITEVENT_NAME]; /* whose job; a number until it gets into the ledger */
    char by[AIF_AUDITEVENT_NAME];   /* who did it, where that is somebody else */
    char account[AIF_AUDITEVENT_NAME];
    char allocation[AIF_AUDITEVENT_NAME];
    char mode[AIF_AUDITEVENT_NAME];
    char policy[20]; /* first digits of the hash of the configuration */
    char tag[AIF_RESTAG_TEXT_MAX];
    char sources[64]; /* what gave the tag, joined by '+': allocation, mode, datasets, user */
    char datasets[AIF_DATASETIDS_SIZE];
    char rule[16];
    char reason[AIF_AUDITEVENT_REASON];
    char *nodes; /* a host list; malloc'ed, NULL: none */
};

/* One with this kind and time and nothing else; NULL when memory is out. destroy frees the nodes, too; NULL is fine. */
struct aif_auditevent *aif_auditevent_create(enum aif_auditevent_kind kind, int64_t at);
void aif_auditevent_destroy(struct aif_auditevent *event);

/* Frees what the event holds, not the event. */
void aif_auditevent_clear(struct aif_auditevent *event);

/* The kind that the event has in the ledger. */
const char *aif_auditevent_ledger(const struct aif_auditevent *event);

/* "accept", "refuse" and so on. */
const char *aif_auditevent_kind_name(enum aif_auditevent_kind kind);

/* Copy text into a member of that size, cut where it is too long; NULL is "". */
void aif_auditevent_set(char *member, size_t size, const char *text);

/* Copy a host list; without memory the event has none. */
void aif_auditevent_set_nodes(struct aif_auditevent *event, const char *nodes);

/* Add a word to sources. */
void aif_auditevent_add_source(struct aif_auditevent *event, const char *word);

/* The permits that the tag names, joined by '+', "" if none. */
void aif_auditevent_permits(const struct aif_auditevent *event, char ret_permits[AIF_RESTAG_TEXT_MAX]);

/*
 * Append the event as one line of JSON without a newline; gpu_secs and would only of AIF_AUDIT_ADVISE. Whatever is not printable ASCII is written as '?': names and
 * reasons may hold what users typed. -1 when memory is out.
 */
int aif_auditevent_write(const struct aif_auditevent *event, struct aif_text *text);

/*
 * Read such a line. *ret_event is the caller's to clear. -1, and nothing to clear, where a key is missing, unknown or of
 * the wrong type, or a text too long.
 */
int aif_auditevent_parse(const char *line, size_t length, struct aif_auditevent *ret_event, struct aif_error *err);

#endif
