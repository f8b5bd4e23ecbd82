/*
 * test_property_restag.c - tags are read as a slow reference reads them, and their algebra is that of plain sets
 *
 * The reference shares nothing with the code under test: sets are lists of words, an expression is worked off with a
 * stack of them, and attributes are cut out of the text as words. Random texts, most of them well formed and some broken
 * on the way, are given to both; what both take is formatted, intersected and compared in both.
 * AIF_PROPERTY_RUNS=1000000 runs so many texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#include "property_seed.h"
#include "restag.h"

#define RUNS 5000
#define RUNS_CHECKED 300
#define TEXT_MAX 600

#define broken(what, text) fail_msg("%s: \"%s\"; " REPEATS, what, text, (unsigned long long)seed)

/* Of all texts: that they reach what they are to test. */
static struct {
    unsigned taken, refused, empty, attributes, fits, clashes, within;
} seen;

/* ---- the reference: sets as lists of words ---- */

#define WORDS_MAX 300
#define WORD_MAX 80
struct words {
    char word[WORDS_MAX][WORD_MAX];
    size_t count;
};

static const char iso[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";
static const char eu27[] =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";

static bool has(const struct words *set, const char *word)
{
    for (size_t i = 0; i < set->count; i++)
        if (!strcmp(set->word[i], word))
            return true;
    return false;
}

static void add(struct words *set, const char *word)
{
    if (!has(set, word))
        snprintf(set->word[set->count++], WORD_MAX, "%s", word);
}

static void add_all(struct words *set, const char *text, const char *between)
{
    char copy[2048], *rest = copy, *word;

    snprintf(copy, sizeof(copy), "%s", text);
    while ((word = strsep(&rest, between)))
        if (*word)
            add(set, word);
}

static void keep(struct words *set, const struct words *other, bool common)
{
    size_t kept = 0;

    for (size_t i = 0; i < set->count; i++)
        if (has(other, set->word[i]) == common)
            memmove(set->word[kept++], set->word[i], WORD_MAX);
    set->count = kept;
}

static bool subset(const struct words *inner, const struct words *outer)
{
    for (size_t i = 0; i < inner->count; i++)
        if (!has(outer, inner->word[i]))
            return false;
    return true;
}

static bool same(const struct words *a, const struct words *b)
{
    return subset(a, b) && subset(b, a);
}

/* ---- the reference: expressions ---- */

static bool named(const char *name, struct words *ret_set)
{
    static const struct {
        const char *name, *more;
    } groups[] = {{"EU27", ""},
                  {"EU28", "GB"},
                  {"EEA30", "IS LI NO"},
                  {"EEA31", "IS LI NO GB"},
                  {"EUROHPC", "AL CH GB IL IS MD ME MK NO RS TR"}};
    static struct words all;
    const char *plain = !strcmp(name, "EL") ? "GR" : !strcmp(name, "UK") ? "GB" : name;

    ret_set->count = 0;
    if (!all.count)
        add_all(&all, iso, " ");
    if (has(&all, plain))
        add(ret_set, plain);
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (strcmp(name, groups[i].name))
            continue;
        add_all(ret_set, eu27, " ");
        add_all(ret_set, groups[i].more, " ");
    }
    return ret_set->count > 0;
}

#define LEVELS 18 /* one expression and 16 in parentheses, one of them to be refused */

struct level {
    struct words set;
    char sign; /* that waits for its right side; '|' before the first term */
};

static struct level levels[LEVELS];
static size_t depth;

static void apply(const struct words *term)
{
    struct level *level = &levels[depth];

    if (level->sign == '|')
        for (size_t i = 0; i < term->count; i++)
            add(&level->set, term->word[i]);
    else
        keep(&level->set, term, level->sign == '&');
    level->sign = 0;
}

static void open_level(void)
{
    levels[depth].set.count = 0;
    levels[depth].sign = '|';
}

/* Reads one word or sign; false if it cannot stand there. */
static bool step(const char **at)
{
    static struct words term;
    char name[TEXT_MAX];
    size_t length = 0;

    if (**at == '(')
        return levels[depth].sign && ++depth <= 16 && ++*at && (open_level(), true);
    if (**at == ')') {
        if (!depth || levels[depth].sign)
            return false;
        term = levels[depth--].set;
        apply(&term);
        return ++*at;
    }
    if (strchr("|&-", **at)) {
        if (levels[depth].sign)
            return false;
        levels[depth].sign = *(*at)++;
        return true;
    }
    for (; strchr("_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", (*at)[length]) &&
           (*at)[length];
         length++)
        name[length] = (char)((*at)[length] >= 'a' && (*at)[length] <= 'z' ? (*at)[length] - 'a' + 'A'
                                                                          : (*at)[length]);
    name[length] = '\0';
    *at += length;
    if (!length || !levels[depth].sign || !named(name, &term))
        return false;
    apply(&term);
    return true;
}

static bool reference_set(const char *expr, struct words *ret_set)
{
    depth = 0;
    open_level();
    while (*expr) {
        if (*expr == ' ')
            expr++;
        else if (!step(&expr))
            return false;
    }
    *ret_set = levels[0].set;
    return !depth && !levels[0].sign && ret_set->count;
}

/* ---- the reference: tags ---- */

struct reference {
    struct words set, permits;
    char zone[WORD_MAX], class[WORD_MAX];
};

static bool made_of(const char *text, const char *others, size_t most)
{
    const size_t length = strlen(text);

    for (const char *p = text; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
              strchr(others, *p)))
            return false;
    return length >= 1 && length <= most;
}

static bool reference_name(const char *value, char *ret_name)
{
    if (*ret_name || !made_of(value, "._-", 31))
        return false;
    for (; *value; value++)
        *ret_name++ = (char)(*value >= 'A' && *value <= 'Z' ? *value - 'A' + 'a' : *value);
    *ret_name = '\0';
    return true;
}

static size_t joined(const struct words *set)
{
    size_t length = 0;

    for (size_t i = 0; i < set->count; i++)
        length += strlen(set->word[i]) + (i > 0);
    return length;
}

static bool reference_permits(char *value, struct words *permits)
{
    char *permit;

    if (permits->count)
        return false;
    while ((permit = strsep(&value, "+"))) {
        if (!made_of(permit, "._-/:", 63))
            return false;
        add(permits, permit);
        if (joined(permits) > 127)
            return false;
    }
    return true;
}

static bool reference_tag(const char *text, struct reference *ret_tag)
{
    char copy[TEXT_MAX], *rest = copy, *part;

    memset(ret_tag, 0, sizeof(*ret_tag));
    snprintf(copy, sizeof(copy), "%s", text);
    part = strsep(&rest, ";");
    if (strlen(text) > 255 || !reference_set(part, &ret_tag->set))
        return false;
    while ((part = strsep(&rest, ";"))) {
        char *equals = strchr(part, '=');

        if (!equals)
            return false;
        *equals++ = '\0';
        if (!strcasecmp(part, "zone") ? !reference_name(equals, ret_tag->zone)
            : !strcasecmp(part, "class") ? !reference_name(equals, ret_tag->class)
            : !strcasecmp(part, "permit") ? !reference_permits(equals, &ret_tag->permits)
                                          : true)
            return false;
    }
    return true;
}

/* ---- random texts ---- */

static char text_of_chance[TEXT_MAX];

static void put(const char *more)
{
    size_t used = strlen(text_of_chance);

    snprintf(text_of_chance + used, sizeof(text_of_chance) - used, "%s%s", more,
             chance(12) ? "" : " ");
}

static void put_name(void)
{
    static const char *const names[] = {"EU27", "EEA30", "EUROHPC", "EU28", "EEA31", "uk",
                                        "EL",   "eea30", "Fi",      "SE",   "CH",    "NORDIC"};
    char code[3] = "";

    if (chance(3)) {
        put(names[chance(chance(20) ? 11 : 12)]);
        return;
    }
    memcpy(code, iso + 3 * chance(sizeof(iso) / 3), 2);
    put(code);
}

static void put_expression(unsigned level)
{
    static const char *const signs[] = {"|", "|", "|", "-", "&"};
    const uint64_t terms = 1 + chance(4);

    for (uint64_t i = 0; i < terms; i++) {
        if (i)
            put(signs[chance(5)]);
        if (level < 18 && !chance(level < 3 ? 4 : 9)) {
            put("(");
            put_expression(level + 1);
            put(")");
        } else {
            put_name();
        }
    }
}

static void put_attributes(void)
{
    static const char *const some[] = {
        ";zone=spe",          ";zone=SPE",     ";Zone=open", ";class=ehds",  ";class=gdpr",
        ";permit=FI-2026-17", ";permit=b+a+b", ";permit=x",  ";permit=c/1:2", ";class=",
        ";zone=a b",          ";colour=red",   ";permit=a++b", ";",
        ";permit=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+b",
        ";permit=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb+c"};

    while (!chance(2)) {
        size_t used = strlen(text_of_chance);

        snprintf(text_of_chance + used, sizeof(text_of_chance) - used, "%s",
                 some[chance(chance(10) ? 9 : 16)]);
    }
}

/* A byte lost, doubled or replaced. */
static void damage(char *text)
{
    static const char bytes[] = "|&-()+;= _ZzEUx9%\303\t";
    const size_t length = strlen(text), at = chance(length);

    if (chance(2))
        text[at] = bytes[chance(sizeof(bytes) - 1)];
    else
        memmove(text + at, text + at + 1, length - at);
}

static const char *make_text(void)
{
    text_of_chance[0] = '\0';
    put_expression(0);
    put_attributes();
    if (!chance(6))
        damage(text_of_chance);
    return text_of_chance;
}

/* ---- both against each other ---- */

static bool agrees(const struct aif_restag *tag, const struct reference *expected)
{
    struct words set = {.count = 0}, permits = {.count = 0};
    char code[3];

    for (int country = 0; country < AIF_RESIDENCY_CODES; country++) {
        aif_residency_country_name(country, code);
        if (aif_residency_has(&tag->set, country))
            add(&set, code);
    }
    add_all(&permits, tag->permits, "+");
    for (size_t i = 1; i < permits.count; i++)
        if (strcmp(permits.word[i - 1], permits.word[i]) >= 0)
            return false;
    return same(&set, &expected->set) && same(&permits, &expected->permits) &&
           joined(&permits) == strlen(tag->permits) && !strcmp(tag->zone, expected->zone) &&
           !strcmp(tag->class, expected->class);
}

/* Returns whether both take it. */
static bool check_reading(const char *text, struct aif_restag *ret_tag, struct reference *ret_expected)
{
    struct aif_error err = {0};
    const bool expected = reference_tag(text, ret_expected);
    const bool taken = !aif_restag_parse(text, NULL, 0, ret_tag, &err);

    if (taken != expected)
        broken(taken ? "taken" : err.text, text);
    if (!taken && !strstr(err.text, "(AIF-R001)"))
        broken(err.text, text);
    seen.taken += taken;
    seen.refused += !taken;
    seen.empty += err.code == AIF_EINVAL;
    seen.attributes += taken && strchr(text, ';');
    if (taken && !agrees(ret_tag, ret_expected))
        broken("read otherwise", text);
    return taken;
}

static void check_writing(const struct aif_restag *tag, const char *text)
{
    char canonical[AIF_RESTAG_TEXT_MAX], again[AIF_RESTAG_TEXT_MAX];
    struct aif_restag back;

    if (aif_restag_format(tag, canonical, sizeof(canonical)))
        return;
    if (aif_restag_parse(canonical, NULL, 0, &back, NULL) || !aif_restag_equal(&back, tag) ||
        aif_restag_format(&back, again, sizeof(again)) || strcmp(canonical, again))
        broken(canonical, text);
}

static bool either(char *one, const char *other)
{
    if (!*one)
        snprintf(one, WORD_MAX, "%s", other);
    return !*other || !strcmp(one, other);
}

/* Narrow a by b; false where nothing is left. */
static bool reference_intersect(struct reference *a, const struct reference *b)
{
    keep(&a->set, &b->set, true);
    for (size_t i = 0; i < b->permits.count; i++)
        add(&a->permits, b->permits.word[i]);
    return a->set.count && either(a->zone, b->zone) && either(a->class, b->class) &&
           joined(&a->permits) <= 127;
}

static bool reference_within(const struct reference *inner, const struct reference *outer)
{
    return subset(&inner->set, &outer->set) && subset(&outer->permits, &inner->permits) &&
           (!outer->zone[0] || !strcmp(inner->zone, outer->zone)) &&
           (!outer->class[0] || !strcmp(inner->class, outer->class));
}

static void check_algebra(const struct aif_restag *a, const struct reference *ref_a,
                          const struct aif_restag *b, const struct reference *ref_b,
                          const char *text)
{
    static struct reference both_expected;
    struct aif_restag both = *a, turned = *b;
    bool fits;

    both_expected = *ref_a;
    fits = reference_intersect(&both_expected, ref_b);
    if ((aif_restag_intersect(&both, b) == AIF_RESTAG_FITS) != fits ||
        (aif_restag_intersect(&turned, a) == AIF_RESTAG_FITS) != fits)
        broken("intersected otherwise", text);
    if (aif_restag_within(a, b) != reference_within(ref_a, ref_b))
        broken("within otherwise", text);
    seen.fits += fits;
    seen.clashes += !fits;
    seen.within += aif_restag_within(a, b);
    if (!fits && !aif_restag_equal(&both, a))
        broken("changed by a clash", text);
    if (fits && (!agrees(&both, &both_expected) || !aif_restag_equal(&both, &turned) ||
                 !aif_restag_within(&both, a) || !aif_restag_within(&both, b)))
        broken("not what is in both", text);
}

static void sequence(void)
{
    static struct reference expected, other_expected;
    static struct aif_restag tag, other;
    char text[TEXT_MAX];

    strcpy(text, make_text());
    if (!check_reading(text, &tag, &expected))
        return;
    check_writing(&tag, text);
    if (check_reading(make_text(), &other, &other_expected))
        check_algebra(&tag, &expected, &other, &other_expected, text);
}

static void test_agrees_with_the_reference(void **state)
{
    const char *runs = getenv("AIF_PROPERTY_RUNS");

    (void)state;
    if (!for_each_seed(runs ? strtoull(runs, NULL, 10) : RUNS, RUNS_CHECKED, sequence))
        return;
    assert_true(seen.taken > RUNS / 2 && seen.refused > RUNS / 10 && seen.empty > RUNS / 100);
    assert_true(seen.attributes > RUNS / 10 && seen.within > RUNS / 100);
    assert_true(seen.fits > RUNS / 10 && seen.clashes > RUNS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_the_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
