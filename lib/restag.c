/* restag.c - see restag.h */
#include "restag.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "rules.h"

#define FORM ";zone=NAME, ;class=NAME and ;permit=TEXT, each once at most"

static int fail(const char *text, const char *what, struct aif_error *err)
{
    return aif_error_set(err, AIF_ESYNTAX,
                         "residency: asked %.100s, %s (%s); after the countries write " FORM, text,
                         what, AIF_R_SYNTAX);
}

static bool is_one_of(char c, const char *others)
{
    return isascii((unsigned char)c) && (isalnum((unsigned char)c) || (c && strchr(others, c)));
}

static bool has_only(const char *text, size_t length, const char *others)
{
    for (size_t i = 0; i < length; i++)
        if (!is_one_of(text[i], others))
            return false;
    return length > 0;
}

bool aif_restag_is_name(const char *value)
{
    size_t length = strnlen(value, AIF_RESTAG_NAME_SIZE);

    return length < AIF_RESTAG_NAME_SIZE && has_only(value, length, "._-");
}

/* ---- permits ---- */

static int compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

    return order ? order : (a_length > b_length) - (a_length < b_length);
}

/* The first permit that is not before the given one, in order; *ret_same tells whether it is that one. */
static char *find_permit(char *permits, const char *permit, size_t length, bool *ret_same)
{
    char *at = permits;

    *ret_same = false;
    while (*at) {
        size_t here = strcspn(at, "+");
        int order = compare(at, here, permit, length);

        *ret_same = order == 0;
        if (order >= 0)
            return at;
        at += here + (at[here] == '+');
    }
    return at;
}

/* False if there is no room for one more. */
static bool add_permit(char permits[AIF_RESTAG_PERMITS_SIZE], const char *permit, size_t length)
{
    size_t used = strlen(permits);
    bool same;
    char *at = find_permit(permits, permit, length, &same);

    if (same)
        return true;
    if (used + (used > 0) + length >= AIF_RESTAG_PERMITS_SIZE)
        return false;
    if (*at) {
        memmove(at + length + 1, at, strlen(at) + 1);
        memcpy(at, permit, length);
        at[length] = '+';
    } else {
        if (used)
            *at++ = '+';
        memcpy(at, permit, length);
        at[length] = '\0';
    }
    return true;
}

static bool add_permits(char permits[AIF_RESTAG_PERMITS_SIZE], const char *more)
{
    while (*more) {
        size_t length = strcspn(more, "+");

        if (!add_permit(permits, more, length))
            return false;
        more += length + (more[length] == '+');
    }
    return true;
}

/* ---- reading ---- */

static int read_name(const char *text, const char *value, char *ret_name, struct aif_error *err)
{
    if (!aif_restag_is_name(value))
        return fail(text, "a zone or class is 1 to 31 letters, digits and . _ -", err);
    memcpy(ret_name, value, strlen(value) + 1);
    aif_names_lower(ret_name);
    return 0;
}

static int read_permits(const char *text, const char *value, char *ret_permits,
                        struct aif_error *err)
{
    for (const char *at = value;; at++) {
        size_t length = strcspn(at, "+");

        if (length > AIF_RESTAG_PERMIT_MAX || !has_only(at, length, "._-/:"))
            return fail(text, "a permit is 1 to 63 letters, digits and . _ - / :", err);
        if (!add_permit(ret_permits, at, length))
            return fail(text, "all permits together may have 127 characters", err);
        at += length;
        if (!*at)
            return 0;
    }
}

/* One "key=value"; text is the whole, for messages. */
static int read_attribute(const char *text, char *pair, struct aif_restag *tag,
                          struct aif_error *err)
{
    char *const fields[] = {tag->zone, tag->class, tag->permits};
    static const char *const keys[] = {"zone", "class", "permit"};
    char *value = strchr(pair, '=');
    size_t i = 0;

    if (!value)
        return fail(text, "something after ';' has no '='", err);
    *value++ = '\0';
    while (i < 3 && aif_names_compare(keys[i], pair))
        i++;
    if (i == 3)
        return fail(text, "there is no such attribute", err);
    if (*fields[i])
        return fail(text, "an attribute is given twice", err);
    return i == 2 ? read_permits(text, value, tag->permits, err)
                  : read_name(text, value, fields[i], err);
}

/* rest is the part of text that begins with the first ';', or "". */
static int read_rest(const char *text, const char *rest, struct aif_restag *ret_tag,
                     struct aif_error *err)
{
    struct aif_restag tag = {0};
    char copy[AIF_RESTAG_TEXT_MAX];
    char *at = copy, *pair;

    if (strlen(rest) >= sizeof(copy))
        return fail(text, "longer than 255 characters", err);
    memcpy(copy, rest, strlen(rest) + 1);
    if (*at && *at++ != ';')
        return fail(text, "a ';' is expected", err);
    while (*rest && (pair = strsep(&at, ";")))
        if (read_attribute(text, pair, &tag, err))
            return -1;
    tag.set = ret_tag->set;
    *ret_tag = tag;
    return 0;
}

int aif_restag_parse_rest(const char *text, struct aif_restag *ret_tag, struct aif_error *err)
{
    return read_rest(text, text, ret_tag, err);
}

int aif_restag_parse(const char *text, const struct aif_residency_group *groups, size_t group_count,
                     struct aif_restag *ret_tag, struct aif_error *err)
{
    size_t length = strcspn(text, ";");
    char expr[AIF_RESIDENCY_TEXT_MAX];
    struct aif_restag tag = {0};

    if (strlen(text) >= AIF_RESTAG_TEXT_MAX)
        return fail(text, "longer than 255 characters", err);
    memcpy(expr, text, length);
    expr[length] = '\0';
    if (aif_residency_parse(expr, groups, group_count, &tag.set, err) ||
        (text[length] && read_rest(text, text + length, &tag, err)))
        return -1;
    *ret_tag = tag;
    return 0;
}

/* ---- writing ---- */

static int append(char *text, size_t size, size_t *used, const char *key, const char *value)
{
    int length = *value ? snprintf(text + *used, size - *used, ";%s=%s", key, value) : 0;

    if (length < 0 || (size_t)length >= size - *used)
        return -1;
    *used += (size_t)length;
    return 0;
}

/* text holds the set. */
static int append_rest(const struct aif_restag *tag, char text[AIF_RESTAG_TEXT_MAX], char *ret_text,
                       size_t size)
{
    size_t used = strlen(text);

    if (append(text, AIF_RESTAG_TEXT_MAX, &used, "zone", tag->zone) ||
        append(text, AIF_RESTAG_TEXT_MAX, &used, "class", tag->class) ||
        append(text, AIF_RESTAG_TEXT_MAX, &used, "permit", tag->permits) || used >= size)
        return -1;
    memcpy(ret_text, text, used + 1);
    return 0;
}

int aif_restag_format(const struct aif_restag *tag, char *ret_text, size_t size)
{
    char text[AIF_RESTAG_TEXT_MAX];

    return aif_residency_format(&tag->set, text, sizeof(text))
               ? -1
               : append_rest(tag, text, ret_text, size);
}

int aif_restag_expand(const char *canonical, char *ret_text, size_t size)
{
    char text[AIF_RESTAG_TEXT_MAX];
    struct aif_restag tag;

    return aif_restag_parse(canonical, NULL, 0, &tag, NULL) ||
                   aif_residency_format_codes(&tag.set, text, sizeof(text))
               ? -1
               : append_rest(&tag, text, ret_text, size);
}

/* ---- algebra ---- */

static bool clash(const char *a, const char *b)
{
    return *a && *b && strcmp(a, b) != 0;
}

enum aif_restag_clash aif_restag_intersect(struct aif_restag *tag, const struct aif_restag *other)
{
    struct aif_restag both = *tag;

    aif_residency_intersect(&both.set, &other->set);
    if (aif_residency_empty(&both.set))
        return AIF_RESTAG_COUNTRIES;
    if (clash(tag->zone, other->zone))
        return AIF_RESTAG_ZONE;
    if (clash(tag->class, other->class))
        return AIF_RESTAG_CLASS;
    if (!add_permits(both.permits, other->permits))
        return AIF_RESTAG_PERMITS;
    if (!*both.zone)
        memcpy(both.zone, other->zone, sizeof(both.zone));
    if (!*both.class)
        memcpy(both.class, other->class, sizeof(both.class));
    *tag = both;
    return AIF_RESTAG_FITS;
}

/* No recursion: the depth is the user's to choose. */
bool aif_restag_has_form(const char *expr, char *ret_plain)
{
    bool operand = false; /* the last thing read was a name or ')' */
    int depth = 0;
    const char *p = expr;

    while (*p) {
        if (*p == ' ' || *p == '\t') {
            p++;
            continue;
        }
        if (*p == '(') {
            if (operand)
                return false;
            depth++;
        } else if (*p == ')') {
            if (!operand || depth-- == 0)
                return false;
        } else if (strchr("|&-", *p)) {
            if (!operand)
                return false;
            operand = false;
        } else if (isascii((unsigned char)*p) && isalpha((unsigned char)*p)) {
            if (operand)
                return false;
            while (isascii((unsigned char)*p) && (isalnum((unsigned char)*p) || *p == '_'))
                *ret_plain++ = *p++;
            operand = true;
            continue;
        } else {
            return false;
        }
        *ret_plain++ = *p++;
    }
    *ret_plain = '\0';
    return operand && depth == 0;
}

static bool satisfies(const char *inner, const char *outer)
{
    return !*outer || !strcmp(inner, outer);
}

bool aif_restag_within(const struct aif_restag *inner, const struct aif_restag *outer)
{
    char permits[AIF_RESTAG_PERMITS_SIZE];

    memcpy(permits, inner->permits, sizeof(permits));
    return aif_residency_within(&inner->set, &outer->set) && satisfies(inner->zone, outer->zone) &&
           satisfies(inner->class, outer->class) && add_permits(permits, outer->permits) &&
           !strcmp(permits, inner->permits);
}

bool aif_restag_equal(const struct aif_restag *a, const struct aif_restag *b)
{
    return aif_residency_equal(&a->set, &b->set) && !strcmp(a->zone, b->zone) &&
           !strcmp(a->class, b->class) && !strcmp(a->permits, b->permits);
}

bool aif_restag_has(const struct aif_restag *tag, int country, const char *zone)
{
    return aif_residency_has(&tag->set, country) && satisfies(zone ? zone : "", tag->zone);
}
