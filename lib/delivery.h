/*
 * delivery.h - what all deliveries by HTTP have in common: what an answer means, how long to wait before the next attempt
 *
 * Source: RFC 9110 (status codes, Retry-After); back-off is exponential with jitter, so that many senders that failed
 * together do not come back together. Pure, thread-safe.
 */
#ifndef AIF_DELIVERY_H
#define AIF_DELIVERY_H

#include <stdint.h>

#define AIF_DELIVERY_BODY_MAX (1024 * 1024) /* bytes of an answer; more is refused */

/* What an HTTP status means for the request. */
enum aif_delivery_verdict {
    AIF_DELIVERY_DONE,    /* the one that was expected */
    AIF_DELIVERY_TOKEN,   /* 401: read the token again */
    AIF_DELIVERY_RETRY,   /* 408, 425, 429, 5xx: later */
    AIF_DELIVERY_REFUSED, /* anything else: the same request will fail again */
};
enum aif_delivery_verdict aif_delivery_classify(long status, long expected);

/*
 * Milliseconds to wait before attempt number attempt (1 is the first repetition): doubling from base milliseconds up to
 * AIF_DELIVERY_WAIT_MAX seconds, of which a random part between half and all is taken. With the service's Retry-After in
 * seconds (0: none), at least that, but never more than AIF_DELIVERY_RETRY_AFTER_MAX.
 */
#define AIF_DELIVERY_WAIT_MAX 60
#define AIF_DELIVERY_RETRY_AFTER_MAX 600
uint32_t aif_delivery_wait_ms(unsigned attempt, uint32_t base, uint32_t random, long retry_after);

#endif
