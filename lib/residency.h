/*
 * residency.h - sets of countries in which a job's data may be processed
 *
 * A set is a bit per ISO 3166-1 alpha-2 code. Expressions:
 *     expr := term { ('|' | '-' | '&') term }      evaluated from left to right
 *     term := country | group | '(' expr ')'
 * for example "EEA30-CH", "FI|SE", "EU27&(DE|FR|IT)". Case does not matter; EL and UK are read as GR and GB.
 * Groups are those that the caller gives (a site's own and those of membership.h), then W3C DPV-LOC names (EU27, EU28, EEA30,
 * EEA31) and EUROHPC (participating states) as they are built in.
 * An unknown code or group is refused: residency fails closed.
 */
#ifndef AIF_RESIDENCY_H
#define AIF_RESIDENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define AIF_RESIDENCY_CODES 676 /* AA .. ZZ */
#define AIF_RESIDENCY_WORDS 11
#define AIF_RESIDENCY_TEXT_MAX 256 /* longest expression taken, with its NUL */

struct aif_residency {
    uint64_t bits[AIF_RESIDENCY_WORDS];
};

/* A named set: a site's own of policy.json, or one of the membership as it is on some day. */
struct aif_residency_group {
    char *name;
    struct aif_residency set;
};

/*
 * Index (0..675) of a country code that ISO 3166-1 assigns, aliases resolved; -1 if it is none.
 */
int aif_residency_country(const char *code);

/* The two letters of a country index, as a constant-size copy. */
void aif_residency_country_name(int country, char ret_code[3]);

/*
 * Parse an expression. groups (group_count of them) are looked up before the built-in ones. With none the same text
 * always means the same set.
 * An expression whose set is empty is refused as well (AIF_EINVAL). Rule id of failures: AIF-R001.
 */
int aif_residency_parse(const char *expr, const struct aif_residency_group *groups, size_t group_count,
                        struct aif_residency *ret_set, struct aif_error *err);

bool aif_residency_has(const struct aif_residency *set, int country);
bool aif_residency_empty(const struct aif_residency *set);
bool aif_residency_equal(const struct aif_residency *a, const struct aif_residency *b);
/* True if every country of inner is in outer. */
bool aif_residency_within(const struct aif_residency *inner, const struct aif_residency *outer);
void aif_residency_add(struct aif_residency *set, int country);
/* *set = *set AND *other */
void aif_residency_intersect(struct aif_residency *set, const struct aif_residency *other);
/* *set = *set OR *other */
void aif_residency_unite(struct aif_residency *set, const struct aif_residency *other);

/*
 * Write a set as an expression that aif_residency_parse() without groups reads back to the same set ("EEA30", "FI|SE", or, for a
 * set without a name, all codes joined by '|'), at most size bytes with the NUL. Returns -1 if it does not fit.
 */
int aif_residency_format(const struct aif_residency *set, char *ret_text, size_t size);

/* The same with codes alone, which mean the same whatever groups the reader knows. */
int aif_residency_format_codes(const struct aif_residency *set, char *ret_text, size_t size);

#endif
