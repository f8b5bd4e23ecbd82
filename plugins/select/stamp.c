/* stamp.c - see stamp.h */
#include "select_api.h"

#include "stamp.h"

#define ACTIVE ((uint64_t) 1)

extern AIF_EXPORT _Atomic uint64_t aif_select_stamp;
_Atomic uint64_t aif_select_stamp;

extern void stamp_renew(void)
{
	atomic_fetch_add(&aif_select_stamp, 2 * ACTIVE);
}

extern void stamp_set_active(bool active)
{
	if (active)
		atomic_fetch_or(&aif_select_stamp, ACTIVE);
	else
		atomic_fetch_and(&aif_select_stamp, ~ACTIVE);
	stamp_renew();
}

extern bool stamp_is_active(void)
{
	return atomic_load(&aif_select_stamp) & ACTIVE;
}
