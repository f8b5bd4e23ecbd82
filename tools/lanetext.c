/* lanetext.c - see lanetext.h */
#include "config.h"

#include <stddef.h>

#include "common.h"
#include "lanetext.h"

char *aif_lanetext_secs(int64_t secs)
{
    const long long days = secs / 86400, hours = secs / 3600 % 24;
    const int minutes = (int)(secs / 60 % 60), seconds = (int)(secs % 60);

    if (secs < 0)
        return NULL;
    if (days)
        return aif_tool_format("%lld-%02lld:%02d:%02d", days, hours, minutes, seconds);
    return aif_tool_format("%lld:%02d:%02d", hours, minutes, seconds);
}

char *aif_lanetext_percent(int64_t bp)
{
    if (bp < 0)
        return NULL;
    if (bp % 100 == 0)
        return aif_tool_format("%lld%%", (long long)bp / 100);
    if (bp % 10 == 0)
        return aif_tool_format("%lld.%d%%", (long long)bp / 100, (int)(bp % 100 / 10));
    return aif_tool_format("%lld.%02d%%", (long long)bp / 100, (int)(bp % 100));
}
