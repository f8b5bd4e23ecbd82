/* treslist.c - see treslist.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "charge.h"
#include "treslist.h"

uint64_t aif_treslist_count(const char *text, const char *name)
{
    size_t length = strlen(name);

    while (text && *text) {
        if (!strncasecmp(text, name, length) && text[length] == '=')
            return strtoull(text + length + 1, NULL, 10);
        text = strchr(text, ',');
        text += text ? 1 : 0;
    }
    return 0;
}

/* The count that ends "a100:4", "4" or "a100"; the type may look like anything but a number. */
static uint64_t last_count(const char *text, size_t length)
{
    const char *end = text + length;
    const char *start = end;

    while (start > text && start[-1] >= '0' && start[-1] <= '9')
        start--;
    if (start == end || (start > text && start[-1] != ':'))
        return 1;
    return strtoull(start, NULL, 10);
}

uint64_t aif_treslist_gres(const char *text, const char *name)
{
    const size_t length = strlen(name);
    uint64_t sum = 0;

    while (text && *text) {
        const size_t item = strcspn(text, ",("); /* what follows "(" are sockets */

        if (!strncasecmp(text, name, length) && item >= length && (item == length || text[length] == ':'))
            sum += item == length ? 1 : last_count(text + length + 1, item - length - 1);
        text += item;
        if (*text == '(')
            text += strcspn(text, ")");
        text += strcspn(text, ",");
        text += *text == ',';
    }
    return sum;
}

const char *aif_treslist_name(const struct aif_policy *policy, const struct aif_charge *charge)
{
    return charge->tres == AIF_CHARGE_GPU ? policy->gpu_tres : aif_charge_tres_name(charge->tres);
}
