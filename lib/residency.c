/* residency.c - see residency.h */
#include "residency.h"

#include <stdio.h>
#include <string.h>

#include "names.h"
#include "rules.h"

#define DEPTH_MAX 16 /* nested parentheses */

/* Second letters of the 249 codes that ISO 3166-1 assigns, by first letter (as of 2025). */
static const char *const assigned[26] = {
    "DEFGILMOQRSTUWXZ",        /* A */
    "ABDEFGHIJLMNOQRSTVWYZ",   /* B */
    "ACDFGHIKLMNORUVWXYZ",     /* C */
    "EJKMOZ",                  /* D */
    "CEGHRST",                 /* E */
    "IJKMOR",                  /* F */
    "ABDEFGHILMNPQRSTUWY",     /* G */
    "KMNRTU",                  /* H */
    "DELMNOQRST",              /* I */
    "EMOP",                    /* J */
    "EGHIMNPRWYZ",             /* K */
    "ABCIKRSTUVY",             /* L */
    "ACDEFGHKLMNOPQRSTUVWXYZ", /* M */
    "ACEFGILOPRUZ",            /* N */
    "M",                       /* O */
    "AEFGHKLMNRSTWY",          /* P */
    "A",                       /* Q */
    "EOSUW",                   /* R */
    "ABCDEGHIJKLMNORSTVXYZ",   /* S */
    "CDFGHJKLMNORTVWZ",        /* T */
    "AGMSYZ",                  /* U */
    "ACEGINU",                 /* V */
    "FS",                      /* W */
    "",                        /* X */
    "ET",                      /* Y */
    "AMW",                     /* Z */
};

/*
 * The names that need no file. EU27, EU28, EEA30 and EEA31: W3C DPV-LOC 2.2 (EEA: Annex 2 of the
 * EEA agreement, the EU plus Iceland, Liechtenstein, Norway). EUROHPC: participating states of the
 * EuroHPC Joint Undertaking; the 27 Member States and those that its press release of 2025-11-11 on
 * Switzerland's return names, the newest statement that we found. What is here never changes, since
 * tags in job records are read with it; a membership that does is for membership.h.
 */
#define EU27 "ATBEBGCYCZDEDKEEESFIFRGRHRHUIEITLTLULVMTNLPLPTROSESISK"
static const struct {
    const char *name;
    const char *codes;
} builtin[] = {
    {"EU27", EU27},
    {"EEA30", EU27 "ISLINO"},
    {"EUROHPC", EU27 "ALCHGBILISMDMEMKNORSTR"},
    {"EU28", EU27 "GB"},
    {"EEA31", EU27 "GBISLINO"},
};

static int letter_index(char c)
{
    c = aif_names_fold(c);
    return c >= 'a' && c <= 'z' ? c - 'a' : -1;
}

int aif_residency_country(const char *code)
{
    int first = letter_index(code[0]);
    int second = first < 0 ? -1 : letter_index(code[1]);

    if (second < 0 || code[2])
        return -1;
    if (first == 'E' - 'A' && second == 'L' - 'A')
        return aif_residency_country("GR");
    if (first == 'U' - 'A' && second == 'K' - 'A')
        return aif_residency_country("GB");
    return strchr(assigned[first], 'A' + second) ? first * 26 + second : -1;
}

void aif_residency_country_name(int country, char ret_code[3])
{
    ret_code[0] = (char)('A' + country / 26);
    ret_code[1] = (char)('A' + country % 26);
    ret_code[2] = '\0';
}

bool aif_residency_has(const struct aif_residency *set, int country)
{
    if (country < 0 || country >= AIF_RESIDENCY_CODES)
        return false;
    return set->bits[country / 64] >> (country % 64) & 1;
}

bool aif_residency_empty(const struct aif_residency *set)
{
    for (int i = 0; i < AIF_RESIDENCY_WORDS; i++)
        if (set->bits[i])
            return false;
    return true;
}

bool aif_residency_equal(const struct aif_residency *a, const struct aif_residency *b)
{
    return !memcmp(a->bits, b->bits, sizeof(a->bits));
}

bool aif_residency_within(const struct aif_residency *inner, const struct aif_residency *outer)
{
    for (int i = 0; i < AIF_RESIDENCY_WORDS; i++)
        if (inner->bits[i] & ~outer->bits[i])
            return false;
    return true;
}

void aif_residency_add(struct aif_residency *set, int country)
{
    if (country >= 0 && country < AIF_RESIDENCY_CODES)
        set->bits[country / 64] |= UINT64_C(1) << (country % 64);
}

void aif_residency_intersect(struct aif_residency *set, const struct aif_residency *other)
{
    for (int i = 0; i < AIF_RESIDENCY_WORDS; i++)
        set->bits[i] &= other->bits[i];
}

void aif_residency_unite(struct aif_residency *set, const struct aif_residency *other)
{
    for (int i = 0; i < AIF_RESIDENCY_WORDS; i++)
        set->bits[i] |= other->bits[i];
}

static void subtract(struct aif_residency *set, const struct aif_residency *other)
{
    for (int i = 0; i < AIF_RESIDENCY_WORDS; i++)
        set->bits[i] &= ~other->bits[i];
}

/* Of the tables above, whose codes are upper case and no aliases; this runs for every job, so
 * nothing is looked up. */
static struct aif_residency set_of_codes(const char *codes)
{
    struct aif_residency set = {{0}};

    for (; *codes; codes += 2)
        aif_residency_add(&set, (codes[0] - 'A') * 26 + codes[1] - 'A');
    return set;
}

struct parser {
    const char *expr; /* whole, for messages */
    const char *at;
    int depth;
    const struct aif_residency_group *groups;
    size_t group_count;
    struct aif_error *err;
};

static int fail(const struct parser *parser, const char *what)
{
    return aif_error_set(
        parser->err, AIF_ESYNTAX,
        "residency: asked %.100s, %s (%s); write country codes, EU27, EEA30, EUROHPC or the site's "
        "groups, joined by | & -",
        parser->expr, what, AIF_R_SYNTAX);
}

static void skip_blanks(struct parser *parser)
{
    while (*parser->at == ' ')
        parser->at++;
}

static bool is_name_char(char c)
{
    return letter_index(c) >= 0 || (c >= '0' && c <= '9') || c == '_';
}

static int find_name(const struct parser *parser, const char *name, struct aif_residency *set)
{
    int country = aif_residency_country(name);

    if (country >= 0) {
        aif_residency_add(set, country);
        return 0;
    }
    for (size_t i = 0; i < parser->group_count; i++) {
        if (!aif_names_compare(parser->groups[i].name, name)) {
            *set = parser->groups[i].set;
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof(builtin) / sizeof(builtin[0]); i++) {
        if (!aif_names_compare(builtin[i].name, name)) {
            *set = set_of_codes(builtin[i].codes);
            return 0;
        }
    }
    return -1;
}

static int parse_name(struct parser *parser, struct aif_residency *set)
{
    char name[AIF_RESIDENCY_TEXT_MAX], what[128];
    size_t length = 0;

    while (is_name_char(parser->at[length]))
        length++;
    if (!length) {
        snprintf(what, sizeof(what), "a country or group is missing before \"%.20s\"", parser->at);
        return fail(parser, what);
    }
    memcpy(name, parser->at, length);
    name[length] = '\0';
    parser->at += length;
    if (!find_name(parser, name, set))
        return 0;
    snprintf(what, sizeof(what), "\"%.64s\" is no country code or group known here", name);
    return fail(parser, what);
}

static int parse_expr(struct parser *parser, struct aif_residency *set);

static int parse_term(struct parser *parser, struct aif_residency *set)
{
    skip_blanks(parser);
    if (*parser->at != '(')
        return parse_name(parser, set);
    if (++parser->depth > DEPTH_MAX)
        return fail(parser, "too many nested parentheses");
    parser->at++;
    if (parse_expr(parser, set))
        return -1;
    if (*parser->at != ')')
        return fail(parser, "a ')' is missing");
    parser->at++;
    parser->depth--;
    return 0;
}

static int parse_expr(struct parser *parser, struct aif_residency *set)
{
    if (parse_term(parser, set))
        return -1;
    for (skip_blanks(parser); *parser->at && strchr("|&-", *parser->at); skip_blanks(parser)) {
        struct aif_residency other = {{0}};
        char sign = *parser->at++;

        if (parse_term(parser, &other))
            return -1;
        if (sign == '|')
            aif_residency_unite(set, &other);
        else if (sign == '&')
            aif_residency_intersect(set, &other);
        else
            subtract(set, &other);
    }
    return 0;
}

int aif_residency_parse(const char *expr, const struct aif_residency_group *groups,
                        size_t group_count, struct aif_residency *ret_set, struct aif_error *err)
{
    struct parser parser = {expr, expr, 0, groups, group_count, err};
    struct aif_residency set = {{0}};

    if (strlen(expr) >= AIF_RESIDENCY_TEXT_MAX)
        return fail(&parser, "longer than 255 characters");
    if (parse_expr(&parser, &set))
        return -1;
    if (*parser.at)
        return fail(&parser, "an operator is expected between countries");
    if (aif_residency_empty(&set)) {
        fail(&parser, "which no country satisfies");
        if (err)
            err->code = AIF_EINVAL;
        return -1;
    }
    *ret_set = set;
    return 0;
}

static size_t count_countries(const struct aif_residency *set)
{
    size_t count = 0;

    for (int i = 0; i < AIF_RESIDENCY_WORDS; i++)
        count += (size_t)__builtin_popcountll(set->bits[i]);
    return count;
}

/* This runs for every tagged job, and most tags are no group. */
static const char *builtin_name(const struct aif_residency *set)
{
    const size_t count = count_countries(set);

    for (size_t i = 0; i < sizeof(builtin) / sizeof(builtin[0]); i++) {
        struct aif_residency group;

        if (strlen(builtin[i].codes) != 2 * count)
            continue;
        group = set_of_codes(builtin[i].codes);
        if (aif_residency_equal(&group, set))
            return builtin[i].name;
    }
    return NULL;
}

static size_t join_codes(const struct aif_residency *set, char *text)
{
    size_t used = 0;

    for (int word = 0; word < AIF_RESIDENCY_WORDS; word++) {
        for (uint64_t rest = set->bits[word]; rest; rest &= rest - 1) {
            if (used)
                text[used++] = '|';
            aif_residency_country_name(word * 64 + __builtin_ctzll(rest), text + used);
            used += 2;
        }
    }
    return used;
}

int aif_residency_format_codes(const struct aif_residency *set, char *ret_text, size_t size)
{
    char text[AIF_RESIDENCY_CODES * 3 + 1] = "";
    size_t used = join_codes(set, text);

    if (used >= size)
        return -1;
    memcpy(ret_text, text, used + 1);
    return 0;
}

int aif_residency_format(const struct aif_residency *set, char *ret_text, size_t size)
{
    const char *name = builtin_name(set);

    if (!name)
        return aif_residency_format_codes(set, ret_text, size);
    if (strlen(name) >= size)
        return -1;
    memcpy(ret_text, name, strlen(name) + 1);
    return 0;
}
