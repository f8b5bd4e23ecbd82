/* siblings.c - see siblings.h */
#include "siblings.h"

#include <stdbool.h>
#include <string.h>

#include "names.h"

static bool is_allowed(const struct aif_policy *policy, const struct aif_restag *tag,
                       const char *name)
{
    if (!aif_names_compare(policy->cluster, name))
        return true;
    for (size_t i = 0; i < policy->sibling_count; i++)
        if (!aif_names_compare(policy->siblings[i].name, name))
            return aif_restag_has(tag, policy->siblings[i].country, NULL);
    return false;
}

static bool is_asked(const char *asked, const char *name)
{
    const size_t length = strlen(name);

    if (!asked || !*asked || !aif_names_compare(asked, "all"))
        return true;
    while (*asked) {
        const size_t here = strcspn(asked, ",");
        size_t same = 0;

        while (same < here && same < length &&
               aif_names_fold(asked[same]) == aif_names_fold(name[same]))
            same++;
        if (same == here && same == length)
            return true;
        asked += here + (asked[here] == ',');
    }
    return false;
}

int aif_siblings_allowed(const struct aif_policy *policy, const struct aif_restag *tag,
                         const char *const *names, const char *asked, char *ret_text, size_t size)
{
    size_t used = 0;
    int count = 0;

    ret_text[0] = '\0';
    for (; *names; names++) {
        const size_t length = strlen(*names);

        if (!is_asked(asked, *names) || !is_allowed(policy, tag, *names))
            continue;
        if (used + (count > 0) + length >= size)
            return -1;
        if (count++)
            ret_text[used++] = ',';
        memcpy(ret_text + used, *names, length + 1);
        used += length;
    }
    return count;
}
