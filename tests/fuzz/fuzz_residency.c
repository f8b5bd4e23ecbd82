/* fuzz_residency.c - residency expressions: what is taken and written out reads back to the same
 * set */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "residency.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct aif_residency *set)
{
    char text[AIF_RESIDENCY_TEXT_MAX];
    struct aif_residency back;

    if (aif_residency_empty(set))
        abort();
    if (aif_residency_format(set, text, sizeof(text)))
        return;
    if (aif_residency_parse(text, NULL, 0, &back, NULL) || !aif_residency_equal(set, &back))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct aif_residency set;
    struct aif_error err = {0};

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (!aif_residency_parse(text, NULL, 0, &set, &err))
        check_round_trip(&set);
    else if (!err.code || !strstr(err.text, "(AIF-R001)"))
        abort();
    free(text);
    return 0;
}
