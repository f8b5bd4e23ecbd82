/* fuzz_report.c - what comes back from outside: exports to verify, records, a service's answers, resource counts */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "record.h"
#include "trestext.h"
#include "waldur.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A line that is taken must be the very line that its event is written as. */
static void check_line(const char *text)
{
    char *copy = strdup(text);
    struct aif_text again = {0};
    struct aif_event event;

    if (copy && aif_chain_parse(copy, &event, NULL) == 0) {
        if (aif_chain_format(&event, &again) < 0)
            abort();
        again.data[again.length - 1] = '\0';
        if (strcmp(again.data, text))
            abort();
    }
    aif_text_free(&again);
    free(copy);
}

/* What is read and written again is a fixed point. */
static void check_record(const char *text)
{
    struct aif_record record, back;
    char *first = NULL, *second = NULL;

    if (aif_record_parse(text, &record, NULL) < 0 || aif_record_canonical(&record, &first, NULL) < 0)
        return;
    if (aif_record_parse(first, &back, NULL) < 0 || aif_record_canonical(&back, &second, NULL) < 0 ||
        strcmp(first, second))
        abort();
    free(first);
    free(second);
}

static void check_reader(const char *text, size_t size)
{
    struct aif_chain_reader reader;
    char *copy = malloc(size + 1);

    if (!copy)
        return;
    memcpy(copy, text, size + 1);
    if (aif_chain_reader_start(&reader, NULL) < 0)
        abort();
    if (aif_chain_reader_line(&reader, copy, size, NULL) == 0 && aif_chain_reader_finish(&reader, NULL) == 0)
        abort(); /* one line is never a whole export */
    aif_chain_reader_end(&reader);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct aif_waldur_resource *resources = NULL;
    struct aif_waldur_usage usage;
    uint64_t number;
    size_t count, on_page;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    check_line(text);
    check_record(text);
    check_reader(text, size);
    aif_waldur_list_parse(text, size, "gpu_hours", &usage, NULL);
    if (aif_waldur_resources_parse(text, size, &resources, &count, &on_page, NULL) == 0 && count > on_page)
        abort();
    free(resources);
    aif_trestext_count(text, 1001, &number);
    if (aif_waldur_amount_parse(text, &number) == 0 && number > AIF_WALDUR_AMOUNT_MAX)
        abort();
    free(text);
    return 0;
}
