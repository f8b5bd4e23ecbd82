/* placescore.c - see placescore.h */
#include "placescore.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PERCENT 100

/* ---- writing ---- */

static uint32_t percent(const struct aif_place_result *best, const struct aif_place_result *actual)
{
    /* More than the best is possible where best is not exact. */
    if (!actual->key.span || best->key.span >= actual->key.span)
        return PERCENT;
    return (uint32_t)(best->key.span * PERCENT / actual->key.span);
}

static bool may_stand_in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/* A level's name as one word: other characters become '-'. */
static void write_name(const char *name, char ret_word[AIF_FABRIC_NAME_SIZE])
{
    size_t length = 0;

    for (; length < AIF_FABRIC_NAME_SIZE - 1 && name[length]; length++)
        ret_word[length] = may_stand_in_name(name[length]) ? name[length] : '-';
    ret_word[length] = '\0';
}

void aif_placescore_write(const struct aif_fabric *fabric, const struct aif_place_result *best,
                          const struct aif_place_result *actual, char ret_text[AIF_PLACESCORE_SIZE])
{
    size_t length;

    snprintf(ret_text, AIF_PLACESCORE_SIZE, "%" PRIu32, percent(best, actual));
    length = strlen(ret_text);
    for (uint32_t level = 0; level < fabric->level_count; level++) {
        const size_t room = AIF_PLACESCORE_SIZE - length;
        char name[AIF_FABRIC_NAME_SIZE];
        int wrote;

        if (!fabric->levels[level].conf.weight)
            continue;
        write_name(fabric->levels[level].conf.name, name);
        wrote = snprintf(ret_text + length, room, " %s %" PRIu32 "/%" PRIu32, name,
                         actual->islands[level], best->islands[level]);
        if (wrote < 0 || (size_t)wrote >= room) {
            ret_text[length] = '\0';
            return;
        }
        length += (size_t)wrote;
    }
}

/* ---- reading ---- */

/* A decimal number at *at that fits, without leading zeros; moves *at behind it. */
static bool read_number(const char **at, uint64_t limit, uint32_t *ret_number)
{
    const char *const first = *at;
    uint64_t number = 0;

    for (; **at >= '0' && **at <= '9'; ++*at) {
        number = number * 10 + (uint64_t)(**at - '0');
        if (number > limit)
            return false;
    }
    if (*at == first || (*first == '0' && *at > first + 1))
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

/* " name touched/least". */
static bool read_level(const char **at)
{
    const char *name = *at + 1;
    uint32_t touched, least;
    size_t length = 0;

    while (may_stand_in_name(name[length]))
        length++;
    if (!length || length >= AIF_FABRIC_NAME_SIZE || name[length] != ' ')
        return false;
    *at = name + length + 1;
    if (!read_number(at, UINT32_MAX, &touched) || *(*at)++ != '/')
        return false;
    return read_number(at, UINT32_MAX, &least);
}

int aif_placescore_read(const char *text, uint32_t *ret_percent, struct aif_error *err)
{
    const char *at = text;
    uint32_t number;
    bool sound = strnlen(text, AIF_PLACESCORE_SIZE) < AIF_PLACESCORE_SIZE &&
                 read_number(&at, PERCENT, &number);

    while (sound && *at)
        sound = *at == ' ' && read_level(&at);
    if (!sound)
        return aif_error_set(err, AIF_ESYNTAX,
                             "placement score \"%.*s\" is not \"<percent> <level> "
                             "<touched>/<least> …\"",
                             AIF_PLACESCORE_SIZE, text);
    *ret_percent = number;
    return 0;
}
