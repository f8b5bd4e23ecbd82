/* names.c - see names.h */
#include "names.h"

#include <stddef.h>
#include <string.h>

#define DISTANCE_LENGTH_MAX 64 /* longer names are never "near" */
#define PREFIX_MIN 3           /* "fast" is near "fast-lane", "f" is not */

void aif_names_lower(char *text)
{
    for (; *text; text++)
        *text = aif_names_fold(*text);
}

__attribute__((hot)) int aif_names_compare(const char *a, const char *b)
{
    while (*a && (*a == *b || aif_names_fold(*a) == aif_names_fold(*b))) {
        a++;
        b++;
    }
    return (unsigned char)aif_names_fold(*a) - (unsigned char)aif_names_fold(*b);
}

static bool is_plain(char c)
{
    c = aif_names_fold(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool aif_names_slurm(const char *name)
{
    if (!is_plain(name[0]) || strlen(name) > AIF_NAMES_LENGTH_MAX)
        return false;
    for (; *name; name++)
        if (!is_plain(*name) && !strchr(".-@", *name))
            return false;
    return true;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: rows[0] is the current row, rows[1] and rows[2] the two before it. */
static void fill_row(const char *a, size_t i, const char *b, size_t width, unsigned char *rows[3])
{
    rows[0][0] = (unsigned char)i;
    for (size_t j = 1; j <= width; j++) {
        bool same = aif_names_fold(a[i - 1]) == aif_names_fold(b[j - 1]);
        unsigned cost = least(rows[1][j], rows[0][j - 1]) + 1u;

        cost = least(cost, rows[1][j - 1] + !same);
        if (i > 1 && j > 1 && aif_names_fold(a[i - 1]) == aif_names_fold(b[j - 2]) &&
            aif_names_fold(a[i - 2]) == aif_names_fold(b[j - 1]))
            cost = least(cost, rows[2][j - 2] + 1u);
        rows[0][j] = (unsigned char)cost;
    }
}

unsigned aif_names_distance(const char *a, const char *b)
{
    unsigned char table[3][DISTANCE_LENGTH_MAX + 1] = {{0}};
    unsigned char *rows[3] = {table[0], table[1], table[2]};
    size_t height = strlen(a), width = strlen(b);

    if (height > DISTANCE_LENGTH_MAX || width > DISTANCE_LENGTH_MAX)
        return DISTANCE_LENGTH_MAX + 1;
    for (size_t j = 0; j <= width; j++)
        rows[0][j] = (unsigned char)j;
    for (size_t i = 1; i <= height; i++) {
        unsigned char *oldest = rows[2];

        rows[2] = rows[1];
        rows[1] = rows[0];
        rows[0] = oldest;
        fill_row(a, i, b, width, rows);
    }
    return rows[0][width];
}

static bool is_prefix(const char *prefix, const char *text)
{
    size_t length = 0;

    for (; *prefix; prefix++, text++, length++)
        if (aif_names_fold(*prefix) != aif_names_fold(*text))
            return false;
    return length >= PREFIX_MIN;
}

void aif_names_offer(struct aif_names_search *search, const char *candidate)
{
    unsigned allowed = (unsigned)strlen(search->wanted) / 3;
    unsigned distance =
        is_prefix(search->wanted, candidate) ? 1 : aif_names_distance(search->wanted, candidate);

    if (distance > (allowed ? allowed : 1))
        return;
    if (!search->best || distance < search->distance) {
        search->best = candidate;
        search->distance = distance;
    }
}
