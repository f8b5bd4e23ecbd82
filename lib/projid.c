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

static bool take_all(const char **at, struct aif_projid *id)
{
    int year = 0;

    if (!take_word(at, "EHPC-") || !take_one_of(at, calls, id->call) || !take_word(at, "-20") ||
        !take_digits(at, 2, 2, &year))
        return false;
    id->year = 2000 + year;
    return take_one_of(at, codes, id->code) && take_digits(at, 2, 2, &id->cutoff) &&
           take_word(at, "-") && take_digits(at, 2, 4, &id->number) && !**at;
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
