/* placement.c - see placement.h */
#include "placement.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "timetext.h"

#define STRICT ",strict"

static const char *const names[] = {"", "pack", "spread", "any"};

const char *aif_placement_name(enum aif_placement placement)
{
    return placement <= AIF_PLACE_ANY ? names[placement] : "";
}

static bool read_word(const char *text, size_t length, enum aif_placement *ret_placement)
{
    for (int i = 0; i <= AIF_PLACE_ANY; i++) {
        if (strlen(names[i]) != length || strncasecmp(text, names[i], length))
            continue;
        *ret_placement = (enum aif_placement)i;
        return true;
    }
    return false;
}

/* What follows the word: nothing, ",strict" or ",strict@TIME". */
static bool read_strict(const char *text, struct aif_placement_wish *wish)
{
    if (!*text)
        return true;
    if (wish->placement != AIF_PLACE_PACK || strncasecmp(text, STRICT, strlen(STRICT)))
        return false;
    wish->strict = true;
    text += strlen(STRICT);
    return !*text || (*text == '@' && !aif_timetext_seconds(text + 1, &wish->strict_seconds));
}

int aif_placement_parse(const char *text, struct aif_placement_wish *ret_wish,
                        struct aif_error *err)
{
    const size_t length = strcspn(text, ",");
    struct aif_placement_wish wish = {0};

    if (!read_word(text, length, &wish.placement) || !read_strict(text + length, &wish))
        return aif_error_set(err, AIF_EINVAL, "placement is none of %s", AIF_PLACEMENT_FORMS);
    *ret_wish = wish;
    return 0;
}

/* As Slurm writes times: "[D-]H:MM:SS". */
static void write_time(uint32_t seconds, char *ret_text, size_t size)
{
    const uint32_t hours = seconds / 3600, minutes = seconds / 60 % 60;

    if (hours < 24)
        snprintf(ret_text, size, "%u:%02u:%02u", hours, minutes, seconds % 60);
    else
        snprintf(ret_text, size, "%u-%02u:%02u:%02u", hours / 24, hours % 24, minutes,
                 seconds % 60);
}

void aif_placement_format(const struct aif_placement_wish *wish, char ret_text[AIF_PLACEMENT_SIZE])
{
    char time[AIF_PLACEMENT_SIZE / 2] = "";

    if (wish->strict && wish->strict_seconds)
        write_time(wish->strict_seconds, time, sizeof(time));
    snprintf(ret_text, AIF_PLACEMENT_SIZE, "%s%s%s%s", aif_placement_name(wish->placement),
             wish->strict ? STRICT : "", *time ? "@" : "", time);
}
