/* property_site.h - a random policy with lanes and shares, and allocations, for property tests */
#ifndef PROPERTY_SITE_H
#define PROPERTY_SITE_H

#include "alloc.h"
#include "policy.h"

#define MODES 3
#define ALLOCS 5
#define SHARES 4

extern struct aif_policy policy;
extern struct aif_alloc allocs[ALLOCS];
extern struct aif_share shares[SHARES]; /* as many as the policy has are in use */
extern uint64_t capacity;               /* GPUs of the cluster */

/* Another one, by chance(). */
void make_site(void);

#endif
