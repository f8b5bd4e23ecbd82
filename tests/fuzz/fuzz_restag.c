/*
 * fuzz_restag.c - residency tags: what is taken and written out reads back to the same tag, and narrowing by itself
 * changes nothing
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "restag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct aif_restag *tag)
{
    char text[AIF_RESTAG_TEXT_MAX];
    struct aif_restag back, narrowed = *tag;

    if (aif_residency_empty(&tag->set) || !aif_restag_within(tag, tag))
        abort();
    if (aif_restag_intersect(&narrowed, tag) != AIF_RESTAG_FITS || !aif_restag_equal(&narrowed, tag))
        abort();
    if (aif_restag_format(tag, text, sizeof(text)))
        return;
    if (aif_restag_parse(text, NULL, 0, &back, NULL) || !aif_restag_equal(tag, &back))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct aif_restag tag;
    struct aif_error err = {0};

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (!aif_restag_parse(text, NULL, 0, &tag, &err))
        check_round_trip(&tag);
    else if (!err.code || !strstr(err.text, "(AIF-R001)"))
        abort();
    free(text);
    return 0;
}
