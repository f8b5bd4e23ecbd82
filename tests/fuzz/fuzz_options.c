/* fuzz_options.c - AIF_REQUEST and job comments: whatever is taken must survive a round trip */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct aif_options *options)
{
    char text[AIF_OPTIONS_TEXT_MAX];
    struct aif_options back;

    if (aif_options_format(options, text, sizeof(text)) < 0 || aif_options_parse(text, &back, NULL) < 0)
        abort();
    if (strcmp(back.mode, options->mode) || strcmp(back.allocation, options->allocation) ||
        strcmp(back.residency, options->residency) || strcmp(back.placement, options->placement) ||
        strcmp(back.datasets, options->datasets))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct aif_options options = {0};
    struct aif_error err;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (!aif_options_parse(text, &options, &err))
        check_round_trip(&options);
    if (aif_options_from_comment(text, &options, &err) == 1)
        check_round_trip(&options);
    for (int i = 0; aif_options_keys[i]; i++) {
        memset(&options, 0, sizeof(options));
        if (!aif_options_set(&options, aif_options_keys[i], text, &err))
            check_round_trip(&options);
    }
    free(text);
    return 0;
}
