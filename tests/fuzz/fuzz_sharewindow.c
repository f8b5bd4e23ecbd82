/* fuzz_sharewindow.c - saved share windows: what is taken is saved and taken again as the same */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sharewindow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW ((time_t)1795219200)

static struct aif_share shares[] = {{.title = (char[]){"a"}, .percent = 10},
                                    {.title = (char[]){"b"}, .percent = 100}};
static struct aif_mode mode = {.name = (char[]){"m"}};
static const struct aif_policy policy = {.modes = &mode,
                                         .mode_count = 1,
                                         .shares = shares,
                                         .share_count = 2,
                                         .lanes = {.window = 7 * 86400, .resume = 95}};

static void check_same(const struct aif_sharewindow *one, const struct aif_sharewindow *two)
{
    for (size_t i = 0; i < policy.share_count; i++) {
        struct aif_sharewindow_state state[2];

        aif_sharewindow_get(one, i, &state[0]);
        aif_sharewindow_get(two, i, &state[1]);
        if (state[0].used_secs != state[1].used_secs || state[0].closed != state[1].closed)
            abort();
    }
}

static void check_again(struct aif_sharewindow *windows)
{
    struct aif_sharewindow *again = aif_sharewindow_create(&policy, 10, NOW);
    char *text = aif_sharewindow_save(windows);
    time_t at;

    if (!again || !text)
        abort();
    if (!aif_sharewindow_restore(again, text, strlen(text), &at, NULL))
        check_same(windows, again);
    aif_sharewindow_advance(again, NOW + 86400);
    aif_sharewindow_destroy(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aif_sharewindow *windows = aif_sharewindow_create(&policy, 10, NOW);
    struct aif_error err = {0};
    time_t at = -1;

    if (!windows)
        return 0;
    if (!aif_sharewindow_restore(windows, (const char *)data, size, &at, &err))
        check_again(windows);
    else if (at != -1 || !err.code || !err.text[0] || strchr(err.text, '\n'))
        abort();
    aif_sharewindow_destroy(windows);
    return 0;
}
