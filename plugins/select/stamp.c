/* stamp.c - see stamp.h */
#include "select_api.h"

#include "stamp.h"

extern AIF_EXPORT _Atomic uint64_t aif_select_stamp;
_Atomic uint64_t aif_select_stamp;

extern void stamp_renew(void)
{
	atomic_fetch_add(&aif_select_stamp, AIF_STAMP_CHANGE);
}

static void _set(uint64_t bit, bool on)
{
	if (on)
		atomic_fetch_or(&aif_select_stamp, bit);
	else
		atomic_fetch_and(&aif_select_stamp, ~bit);
	stamp_renew();
}

extern void stamp_set_active(bool active)
{
	_set(AIF_STAMP_ACTIVE, active);
}

extern void stamp_set_features(bool features)
{
	_set(AIF_STAMP_FEATURES, features);
}

extern bool stamp_is_active(void)
{
	return atomic_load(&aif_select_stamp) & AIF_STAMP_ACTIVE;
}
