/*
 * restag.h - a residency tag: the countries in which data may be processed, and under which conditions
 *
 *     tag := expression [ ";zone=" name ] [ ";class=" name ] [ ";permit=" permit { "+" permit } ]
 *
 * for example "EEA30-CH" or "FI|SE;zone=spe;class=ehds;permit=FI-2026-17"; the expression is that of residency.h. The
 * specification is doc/residency-tag.md. A zone is a part of a cluster that meets more than a country can say, such as a
 * secure processing environment; a class says which law the data falls under; permits say by whose leave they are
 * processed. Zone and class ignore case and are kept in lower case, permits are kept as written.
 *
 * Tags form a lattice: "narrower" means fewer countries, or a zone, class or permit more. Everything here is pure and
 * allocates nothing; any thread.
 */
#ifndef AIF_RESTAG_H
#define AIF_RESTAG_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "residency.h"

#define AIF_RESTAG_TEXT_MAX AIF_RESIDENCY_TEXT_MAX /* longest tag taken or written, with its NUL */
#define AIF_RESTAG_NAME_SIZE 32                    /* of a zone or class, with its NUL */
#define AIF_RESTAG_PERMIT_MAX 63                   /* bytes of one permit */
#define AIF_RESTAG_PERMITS_SIZE 128                /* of all permits together, with their NUL */

struct aif_restag {
    struct aif_residency set;
    char zone[AIF_RESTAG_NAME_SIZE];       /* "": any */
    char class[AIF_RESTAG_NAME_SIZE];      /* "": none */
    char permits[AIF_RESTAG_PERMITS_SIZE]; /* each once, in order of bytes, joined by '+'; "": none */
};

/* Why two tags have nothing in common. */
enum aif_restag_clash {
    AIF_RESTAG_FITS,
    AIF_RESTAG_COUNTRIES, /* no country is in both */
    AIF_RESTAG_ZONE,      /* both name a zone, and not the same */
    AIF_RESTAG_CLASS,
    AIF_RESTAG_PERMITS, /* more permits than a tag can carry */
};

/*
 * Read a tag. groups (group_count of them) are the site's and those of the membership, as aif_residency_parse() takes
 * them; none for a tag that aif_restag_format() wrote. Refused, besides what that function refuses: unknown, empty and
 * repeated attributes, and other characters than they may have. Rule id of failures: AIF-R001.
 */
int aif_restag_parse(const char *text, const struct aif_residency_group *groups, size_t group_count,
                     struct aif_restag *ret_tag, struct aif_error *err);

/*
 * The same for what follows the expression alone: "" or ";zone=...". Of *ret_tag all but the set is written. For
 * whoever does not know the groups and can only check the form.
 */
int aif_restag_parse_rest(const char *text, struct aif_restag *ret_tag, struct aif_error *err);

/*
 * Does expr have the form of a set expression? Which groups exist only the controller knows. ret_plain (as large as expr) gets
 * it without blanks, and holds a part of it where it has not.
 */
bool aif_restag_has_form(const char *expr, char *ret_plain);

/* Whether value is a name that a zone or class may have. */
bool aif_restag_is_name(const char *value);

/*
 * Write the canonical form, which aif_restag_parse() without groups reads back equal, at most size bytes with the NUL.
 * Two tags are equal exactly if their canonical forms are. Returns -1 if it does not fit.
 */
int aif_restag_format(const struct aif_restag *tag, char *ret_text, size_t size);

/*
 * Write a canonical tag with codes alone, so that it means the same where groups of the same names are known that mean
 * something else. -1 if it is no canonical tag or does not fit.
 */
int aif_restag_expand(const char *canonical, char *ret_text, size_t size);

/*
 * Narrow *tag to what other allows as well: countries of both, zone and class of either, the permits of both together
 * (each demands its own). Where that is nothing, the clash is returned and *tag stays as it was.
 */
enum aif_restag_clash aif_restag_intersect(struct aif_restag *tag, const struct aif_restag *other);

/* True if inner is as narrow as outer or narrower, so that what satisfies inner satisfies outer. */
bool aif_restag_within(const struct aif_restag *inner, const struct aif_restag *outer);

bool aif_restag_equal(const struct aif_restag *a, const struct aif_restag *b);

/* Whether a node in that country (-1: unknown) and zone (NULL: none) satisfies the tag. */
bool aif_restag_has(const struct aif_restag *tag, int country, const char *zone);

#endif
