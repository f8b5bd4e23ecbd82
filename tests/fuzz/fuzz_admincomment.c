/* fuzz_admincomment.c - any text as a job's admin_comment: merging keeps or refuses, and what is merged reads back */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "admincomment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct aif_admincomment ours = {.mode = "playground", .alloc = "A-1", .residency = "FI"};
    struct aif_admincomment back;
    char *text = malloc(size + 1), *merged;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    aif_admincomment_read(text, &back);
    if (!aif_admincomment_merge(text, &ours, &merged, NULL)) {
        if (aif_admincomment_read(merged, &back) != 1 || strcmp(back.residency, "FI"))
            abort();
        free(merged);
    }
    free(text);
    return 0;
}
