/* fuzz_policy.c - policy.json: taken whole or refused in one line; seeds: tests/data/config */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};

    if (aif_policy_parse((const char *)data, size, "f", &policy, &err)) {
        if (policy || !err.code || !err.text[0] || strchr(err.text, '\n'))
            abort();
        return 0;
    }
    for (size_t i = 0; i < policy->mode_count; i++)
        if (aif_policy_mode(policy, policy->modes[i].name) != &policy->modes[i])
            abort();
    for (size_t i = 0; i < policy->group_count; i++)
        if (aif_residency_empty(&policy->groups[i].set))
            abort();
    aif_policy_destroy(policy);
    return 0;
}
