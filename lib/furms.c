/* furms.c - see furms.h */
#include "furms.h"

#include <time.h>

int aif_furms_message(struct aif_text *text, const char *project, const char *allocation, uint64_t hundredths, int64_t at)
{
    time_t when = (time_t)at;
    char probed[32] = "";
    struct tm tm;

    if (gmtime_r(&when, &tm))
        strftime(probed, sizeof(probed), "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (aif_text_printf(text, "{\"header\":{\"version\":1,\"messageCorrelationId\":null,\"status\":\"OK\"},"
                              "\"body\":{\"CumulativeResourceUsageRecord\":{\"projectIdentifier\":") < 0 ||
        aif_text_json(text, project) < 0 || aif_text_printf(text, ",\"allocationIdentifier\":") < 0 ||
        aif_text_json(text, allocation) < 0)
        return -1;
    return aif_text_printf(text, ",\"cumulativeConsumption\":%llu.%02u,\"probedAt\":\"%s\"}}}",
                           (unsigned long long)(hundredths / 100), (unsigned)(hundredths % 100), probed);
}
