/* oodbalances.c - see oodbalances.h */
#include "oodbalances.h"

#define HOUR 3600

int aif_oodbalances_begin(struct aif_text *text, int64_t at, const char *unit)
{
    if (aif_text_printf(text, "{\"version\":1,\"timestamp\":%lld,\"config\":{\"unit\":", (long long)at) < 0 ||
        aif_text_json(text, unit) < 0)
        return -1;
    return aif_text_printf(text, ",\"project_type\":\"allocation\"},\"balances\":[");
}

/* Rounded down, also below zero. */
static int64_t hours_left(uint64_t amount_secs, uint64_t used_secs)
{
    if (used_secs <= amount_secs)
        return (int64_t)((amount_secs - used_secs) / HOUR);
    return -(int64_t)((used_secs - amount_secs - 1) / HOUR) - 1;
}

int aif_oodbalances_entry(struct aif_text *text, bool first, const char *user, const char *project,
                          uint64_t amount_secs, uint64_t used_secs)
{
    if (aif_text_printf(text, "%s\n{\"user\":", first ? "" : ",") < 0 || aif_text_json(text, user) < 0 ||
        aif_text_printf(text, ",\"project\":") < 0 || aif_text_json(text, project) < 0)
        return -1;
    return aif_text_printf(text, ",\"value\":%lld}", (long long)hours_left(amount_secs, used_secs));
}

int aif_oodbalances_end(struct aif_text *text)
{
    return aif_text_printf(text, "\n]}\n");
}
