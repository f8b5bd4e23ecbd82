/* delivery.c - see delivery.h */
#include "delivery.h"

enum aif_delivery_verdict aif_delivery_classify(long status, long expected)
{
    if (status == expected)
        return AIF_DELIVERY_DONE;
    if (status == 401)
        return AIF_DELIVERY_TOKEN;
    /* A success that is not the one expected comes from something else than the service: never count it as done. */
    if (status < 300 || status == 408 || status == 425 || status == 429 || status >= 500)
        return AIF_DELIVERY_RETRY;
    return AIF_DELIVERY_REFUSED;
}

uint32_t aif_delivery_wait_ms(unsigned attempt, uint32_t base, uint32_t random, long retry_after)
{
    const uint64_t limit = AIF_DELIVERY_WAIT_MAX * 1000;
    uint64_t most = attempt >= 1 && attempt < 32 ? (uint64_t)base << (attempt - 1) : limit;
    uint32_t least;

    if (most > limit)
        most = limit;
    least = (uint32_t)most / 2 + random % ((uint32_t)most / 2 + 1);
    if (retry_after > AIF_DELIVERY_RETRY_AFTER_MAX)
        retry_after = AIF_DELIVERY_RETRY_AFTER_MAX;
    if (retry_after > 0 && least < (uint32_t)retry_after * 1000)
        return (uint32_t)retry_after * 1000;
    return least;
}
