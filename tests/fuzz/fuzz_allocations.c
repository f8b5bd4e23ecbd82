/* fuzz_allocations.c - allocations.json: all that is taken can be found again; seeds:
 * tests/data/config */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char policy_text[] =
    "{\"version\": 1, \"cluster\": \"c\","
    " \"residency\": {\"groups\": {\"NORDIC\": \"FI|SE\"}},"
    " \"modes\": {\"playground\": {}, \"fast-lane\": {\"pacing\": {\"kind\": \"ceiling\", \"percent\": 150}},"
    " \"bare\": {}}}";

static void check_table(const struct aif_alloctable *table)
{
    for (size_t i = 0; i < aif_alloctable_count(table); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(table, i), *other;

        if (aif_alloctable_by_id(table, alloc->id) != alloc ||
            aif_alloctable_by_qos(table, alloc->qos) != alloc || !alloc->mode ||
            !alloc->amount_secs || alloc->end < alloc->start || !alloc->charge.millionths)
            abort();
        if ((alloc->free_qos != NULL) != (alloc->pacing.kind == AIF_PACING_CEILING) ||
            (alloc->free_qos && aif_alloctable_by_qos(table, alloc->free_qos) != alloc))
            abort();
        other = aif_alloctable_by_account(table, alloc->account);
        while (other && other != alloc)
            other = other->next_of_account;
        if (!other)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct aif_policy *policy;
    struct aif_alloctable *table = NULL;
    struct aif_error err = {0};

    if (!policy && aif_policy_parse(policy_text, strlen(policy_text), "p", &policy, NULL))
        abort();
    if (!aif_alloctable_parse((const char *)data, size, "f", policy, &table, &err))
        check_table(table);
    else if (table || !err.code || !err.text[0] || strchr(err.text, '\n'))
        abort();
    aif_alloctable_destroy(table);
    return 0;
}
