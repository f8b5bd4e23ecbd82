/* devices.c - see devices.h */
#include "devices.h"

#include "select_devices.h"
#include "select_nodes.h"
#include "snapwatch.h"

static bool _is_wanted(const struct aif_job_test *test)
{
	struct aif_snapshot *snapshot;
	bool wanted;

	if (!aif_compat_devices_apply(test))
		return false;
	snapshot = aif_snapwatch_get();
	wanted = snapshot && snapshot->policy->placement.correct_devices;
	aif_snapshot_put(snapshot);
	return wanted;
}

/* Once: it would be the same for every job. */
static void _say_odd(const job_record_t *job_ptr, uint32_t node_index)
{
	static bool said;

	if (!said)
		info("aif: %pJ: the GPUs chosen on %s are not as this Slurm is known to keep them; "
		     "they and all such "
		     "choices stay as they are (correct_devices)",
		     job_ptr, aif_compat_node_at(node_index)->name);
	said = true;
}

static void _correct_node(const struct aif_job_test *test, uint32_t node_index)
{
	struct aif_compat_devices devices;
	enum aif_devices_found found = aif_compat_devices_read(test, node_index, &devices);
	uint32_t best;

	if (found == AIF_DEVICES_ODD)
		_say_odd(test->job_ptr, node_index);
	if (found != AIF_DEVICES_FOUND)
		return;
	best = aif_devicepick(&devices.node, devices.free, devices.chosen);
	if (best == devices.chosen)
		return;
	aif_compat_devices_write(&devices, best);
	debug("aif: %pJ: GPUs %#x instead of %#x on %s, %u links instead of %u", test->job_ptr,
	      best, devices.chosen, aif_compat_node_at(node_index)->name,
	      aif_devicepick_inside(&devices.node, best),
	      aif_devicepick_inside(&devices.node, devices.chosen));
}

extern void devices_correct(const struct aif_job_test *test)
{
	bitoff_t first, last;

	if (!_is_wanted(test))
		return;
	first = bit_ffs(test->bitmap);
	last = bit_fls(test->bitmap);
	for (bitoff_t i = first; first >= 0 && i <= last; i++) {
		if (bit_test(test->bitmap, i))
			_correct_node(test, (uint32_t)i);
	}
}
