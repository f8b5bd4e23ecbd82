/* projid.c - see projid.h */
#include "projid.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "names.h"
#include "rules.h"

/* Longer words first where one starts another. */
static const char *const calls[] = {"AIF", "AI", "BEN", "DEV", "REG", "EXT", NULL};
static const char *const codes[] = {"PG", "FL", "LS", "SC", "A", "B", "D", "R", "E", NULL};

static bool take_word(const char **at, const char *word)
{
    size_t i;

    for (i = 0; word[i]; i++)
        if (aif_names_fold((*at)[i]) != aif_names_fold(word[i]))
            return false;
    *at += i;
    return true;
}

static bool take_one_of(const char **at, const char *const *words, char *ret_word)
{
    for (; *words; words++) {
        if (take_word(at, *words)) {
            strcpy(ret_word, *words);
            return true;
        }
    }
    return false;
}

/* Stops at the first character that is no digit, so that the message points there. */
static bool take_digits(const char **at, int least, int most, int *ret_number)
{
    int number = 0, count = 0;

    for (; count < most && **at >= '0' && **at <= '9'; count++, ++*at)
        number = number * 10 + (**at - '0');
    *ret_number = number;
    return count >= least;
}

/* What follows EHPC-, up to the last digit. */
static bool take_body(const char **at, struct aif_projid *id)
{
    int year = 0;

    if (!take_one_of(at, calls, id->call) || !take_word(at, "-20") || !take_digits(at, 2, 2, &year))
        return false;
    id->year = 2000 + year;
    return take_one_of(at, codes, id->code) && take_digits(at, 2, 2, &id->cutoff) &&
           take_word(at, "-") && take_digits(at, 2, 4, &id->number);
}

static bool take_all(const char **at, struct aif_projid *id)
{
    return take_word(at, "EHPC-") && take_body(at, id) && !**at;
}

/* JUPITER: e-aif-2026fl01-991. */
static bool take_short(const char *at, struct aif_projid *id)
{
    return take_word(&at, "E-") && take_body(&at, id) && !*at;
}

/* Deucalion: eehpc-ben-2025b09-021x, the last letter for the kind of node. */
static bool take_doubled(const char *at, struct aif_projid *id)
{
    char last;

    if (!take_word(&at, "EEHPC-") || !take_body(&at, id))
        return false;
    last = aif_names_fold(*at);
    return !last || (last >= 'a' && last <= 'z' && !at[1]);
}

/* Leonardo: AIFAC_P02_222, EUHPC_B38_121; the year is not told. */
static bool take_lettered(const char *at, struct aif_projid *id)
{
    static const struct {
        const char *start, *call, *code;
    } spellings[] = {
        {"AIFAC_P", "AIF", "PG"}, {"AIFAC_F", "AIF", "FL"}, {"AIFAC_L", "AIF", "LS"},
        {"AIFAC_S", "AIF", "SC"}, {"EUHPC_A", "AI", "A"},   {"EUHPC_B", "BEN", "B"},
        {"EUHPC_D", "DEV", "D"},  {"EUHPC_R", "REG", "R"},  {"EUHPC_E", "EXT", "E"},
    };

    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        if (!take_word(&at, spellings[i].start))
            continue;
        strcpy(id->call, spellings[i].call);
        strcpy(id->code, spellings[i].code);
        return take_digits(&at, 2, 2, &id->cutoff) && take_word(&at, "_") &&
               take_digits(&at, 2, 4, &id->number) && !*at;
    }
    return false;
}

int aif_projid_of_account(const char *account, struct aif_projid *ret_id)
{
    bool (*const forms[])(const char *, struct aif_projid *) = {take_short, take_doubled,
                                                                take_lettered};

    if (!aif_projid_parse(account, ret_id, NULL))
        return 0;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct aif_projid id = {0};

        if (!forms[i](account, &id))
            continue;
        *ret_id = id;
        return 0;
    }
    return -1;
}

int aif_projid_parse(const char *text, struct aif_projid *ret_id, struct aif_error *err)
{
    struct aif_projid id = {0};
    const char *at = text;

    if (take_all(&at, &id)) {
        *ret_id = id;
        return 0;
    }
    return aif_error_set(err, AIF_ESYNTAX,
                         "project ID: asked %.64s, not of the form EHPC-AIF-2026PG01-905 from "
                         "character %zu, \"%.8s\" "
                         "(%s); copy it from the award letter",
                         text, (size_t)(at - text) + 1, at, AIF_A_UNKNOWN);
}
