/*
 * membership.h - membership.json: which countries belong to a named group, and from when until when
 *
 *     {"version": 1, "groups": {"EU": {"source": "...", "members": [{"country": "GB", "from": "1973-01-01",
 *      "until": "2020-01-31"}, ...]}}}
 *
 * A group is looked at as of a moment; days are those of the machine's time zone, and both count. A country may be
 * listed several times, once per time that it was a member. Immutable after loading.
 */
#ifndef AIF_MEMBERSHIP_H
#define AIF_MEMBERSHIP_H

#include <stddef.h>
#include <time.h>

#include "error.h"
#include "residency.h"

#define AIF_MEMBERSHIP_FILE "membership.json" /* beside policy.json */

struct aif_member {
    int country;  /* index, see residency.h */
    time_t from;  /* first second; 0: always was */
    time_t until; /* last second; 0: still is */
};

struct aif_membership_group {
    char *name;
    char *source; /* where the list is from, for people */
    struct aif_member *members;
    size_t member_count;
};

struct aif_membership {
    struct aif_membership_group *groups;
    size_t group_count;
};

/*
 * Read and check the file: at most 64 groups of at most 1024 members, with names of 3 to 63 letters, digits and '_' or "EU",
 * each once. Failure text as in policy.h. The caller owns the result.
 */
int aif_membership_parse(const char *text, size_t length, const char *name,
                         struct aif_membership **ret_membership, struct aif_error *err);
/* The same from a file. *ret_membership is NULL where there is no such file. */
int aif_membership_load(const char *path, struct aif_membership **ret_membership,
                        struct aif_error *err);
void aif_membership_destroy(struct aif_membership *membership);

/* The countries of a group at that moment; may be none. */
void aif_membership_set(const struct aif_membership_group *group, time_t when,
                        struct aif_residency *ret_set);

/* The first second after when at which some group is another; 0: never again. membership may be NULL. */
time_t aif_membership_next(const struct aif_membership *membership, time_t when);

/* Whether text is a name that a group may have: two letters would be a country. */
bool aif_membership_is_name(const char *text);

#endif
