/* residency_mask.c - see residency_mask.h */
#include "residency_mask.h"

#include <pthread.h>
#include <stdlib.h>

#include "audit_job.h"
#include "job_tag.h"
#include "select_job.h"
#include "select_nodes.h"
#include "snapwatch.h"
#include "stamp.h"

/* Of one of the policy's locations. */
struct place {
	bitstr_t *hosts; /* its host list; NULL where a feature is meant */
	bitstr_t *seen;	 /* the nodes that had its feature when somebody last asked for the generation; NULL: none */
};

/* Host lists of the policy's locations as bitmaps, for one snapshot and one node table. */
static struct {
	pthread_mutex_t mutex;
	struct aif_snapshot *snapshot; /* a reference, NULL: nothing expanded */
	struct place *at;	       /* [location_count] */
	size_t count;
	uint64_t generation; /* grows with each change of all that a mask is made of; never 0 where something is expanded */
} places = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void _clear(void)
{
	for (size_t i = 0; i < places.count; i++) {
		FREE_NULL_BITMAP(places.at[i].hosts);
		FREE_NULL_BITMAP(places.at[i].seen);
	}
	free(places.at);
	places.at = NULL;
	places.count = 0;
	places.generation++;
	stamp_renew();
	aif_snapshot_put(places.snapshot);
	places.snapshot = NULL;
}

/* Takes over the reference. Without memory nothing is expanded, and then nothing is inside of any
 * tag. */
static void _expand(struct aif_snapshot *snapshot)
{
	const struct aif_policy *policy = snapshot->policy;
	bool features = false;

	_clear();
	places.at = calloc(policy->location_count + 1, sizeof(*places.at));
	if (!places.at) {
		aif_snapshot_put(snapshot);
		return;
	}
	for (size_t i = 0; i < policy->location_count; i++) {
		if (policy->locations[i].nodes)
			places.at[i].hosts =
			    aif_compat_hosts_to_nodes(policy->locations[i].nodes, "locations of policy.json");
		else
			features = true;
	}
	stamp_set_features(features);
	places.count = policy->location_count;
	places.snapshot = snapshot;
}

/* Make places fit the current configuration and node table. Returns false if there is no
 * configuration. */
static bool _update(void)
{
	struct aif_snapshot *now = aif_snapwatch_get();

	if (!now) {
		_clear();
		return false;
	}
	if (now == places.snapshot)
		aif_snapshot_put(now);
	else
		_expand(now);
	return places.snapshot != NULL;
}

/* Nodes of one location; NULL if there are none. The caller frees only what it copied. */
static const bitstr_t *_nodes_at(size_t i)
{
	const struct aif_location *location = &places.snapshot->policy->locations[i];

	return location->nodes ? places.at[i].hosts : aif_compat_nodes_with_feature(location->feature);
}

static bool _fits(const bitstr_t *nodes, const bitstr_t *all)
{
	return bit_size((bitstr_t *)nodes) == bit_size((bitstr_t *)all);
}

/* Compare the nodes that have a location's feature with those that had it, which become the same. */
static bool _has_moved(size_t i)
{
	const bitstr_t *now = _nodes_at(i);
	bitstr_t **seen = &places.at[i].seen;

	if (places.snapshot->policy->locations[i].nodes || (!now && !*seen))
		return false;
	if (now && *seen && bit_equal((bitstr_t *)now, *seen))
		return false;
	FREE_NULL_BITMAP(*seen);
	*seen = now ? bit_copy((bitstr_t *)now) : NULL;
	return true;
}

extern uint64_t residency_mask_generation(void)
{
	uint64_t generation = 0;

	pthread_mutex_lock(&places.mutex);
	if (_update()) {
		for (size_t i = 0; i < places.count; i++)
			places.generation += _has_moved(i);
		generation = places.generation;
	}
	pthread_mutex_unlock(&places.mutex);
	return generation;
}

/* What locations say of the nodes in one respect. All empty: nothing. NULL: nobody wants to know. */
struct sides {
	bitstr_t *inside;
	bitstr_t *outside;
};

static struct sides _sides(void)
{
	return (struct sides) {bit_alloc(aif_compat_node_slots()), bit_alloc(aif_compat_node_slots())};
}

static void _put(struct sides *sides, const bitstr_t *nodes, bool inside)
{
	if (!_fits(nodes, sides->inside))
		bit_set_all(sides->outside); /* of another node table: nobody knows */
	else
		bit_or(inside ? sides->inside : sides->outside, (bitstr_t *)nodes);
}

/* A location that names no zone says nothing of zones. */
static void _sort_nodes(const struct aif_restag *tag, struct sides *countries, struct sides *zones)
{
	for (size_t i = 0; i < places.count; i++) {
		const struct aif_location *location = &places.snapshot->policy->locations[i];
		const bitstr_t *nodes = _nodes_at(i);

		if (!nodes)
			continue;
		_put(countries, nodes, aif_residency_has(&tag->set, location->country));
		if (zones->inside && location->zone)
			_put(zones, nodes, !xstrcmp(location->zone, tag->zone));
	}
}

/* Nodes that are named nowhere are neither inside nor outside: those are at home. */
static void _add_home(struct sides *sides, bool fits)
{
	bitstr_t *rest;

	if (!fits)
		return;
	rest = bit_copy(sides->inside);
	bit_or(rest, sides->outside);
	bit_not(rest);
	bit_or(sides->inside, rest);
	FREE_NULL_BITMAP(rest);
}

/* The nodes that are inside and nowhere outside; frees both sides. */
static bitstr_t *_inside_only(struct sides *sides)
{
	bit_and_not(sides->inside, sides->outside);
	FREE_NULL_BITMAP(sides->outside);
	return sides->inside;
}

static void _fill(const struct aif_restag *tag, struct sides *countries, struct sides *zones)
{
	const struct aif_policy *policy = places.snapshot->policy;

	_sort_nodes(tag, countries, zones);
	_add_home(countries, policy->home_country >= 0 && aif_residency_has(&tag->set, policy->home_country));
	if (zones->inside)
		_add_home(zones, policy->home_zone && !xstrcmp(policy->home_zone, tag->zone));
}

extern bitstr_t *residency_mask_of(const struct aif_restag *tag)
{
	struct sides countries = _sides(), zones = {NULL, NULL};
	bitstr_t *mask, *in_zone;

	if (tag->zone[0])
		zones = _sides();
	pthread_mutex_lock(&places.mutex);
	if (_update())
		_fill(tag, &countries, &zones);
	pthread_mutex_unlock(&places.mutex);
	mask = _inside_only(&countries);
	if (zones.inside) {
		in_zone = _inside_only(&zones);
		bit_and(mask, in_zone);
		FREE_NULL_BITMAP(in_zone);
	}
	return mask;
}

/*
 * The nodes that the job may use; NULL: all of them. The caller frees. With ever set, what is not known now excludes
 * nothing.
 */
static bitstr_t *_mask_of_job(const job_record_t *job_ptr, bool ever)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	struct aif_restag tag;
	enum job_tag kind = job_tag_of(job_ptr, snapshot, &tag);
	bool known = snapshot && kind != JOB_TAG_UNREADABLE;

	aif_snapshot_put(snapshot);
	if (ever && !known)
		return NULL;
	switch (kind) {
	case JOB_TAG_NONE:
		return NULL;
	case JOB_TAG_SET:
		return residency_mask_of(&tag);
	case JOB_TAG_CLASH:
	case JOB_TAG_UNREADABLE:
		break;
	}
	debug("aif: %pJ has a data residency that %s, it gets no node", job_ptr,
	      kind == JOB_TAG_CLASH ? "no place satisfies" : "cannot be read");
	return bit_alloc(aif_compat_node_slots());
}

/* Remove from nodes what is outside of the tag of job_ptr. Returns false if it has none. */
static bool _remove_outside(const job_record_t *job_ptr, bool ever, bitstr_t *nodes)
{
	bitstr_t *mask = _mask_of_job(job_ptr, ever);

	if (!mask)
		return false;
	if (bit_size(mask) == bit_size(nodes))
		bit_and(nodes, mask);
	else
		bit_clear_all(nodes);
	FREE_NULL_BITMAP(mask);
	return true;
}

extern bool residency_mask_apply(job_record_t *job_ptr, bool ever, bitstr_t *nodes)
{
	const job_record_t *base = aif_compat_job_expanded(job_ptr);
	bitstr_t *required = job_ptr->details ? job_ptr->details->req_node_bitmap : NULL;
	bool tagged, possible, had_required = !required || bit_super_set(required, nodes);

	if (bit_ffs(nodes) < 0)
		return true;
	tagged = _remove_outside(job_ptr, ever, nodes);
	/* These nodes are to become the other job's: refusing only when it grows would leave this one half dead. */
	if (base && _remove_outside(base, ever, nodes))
		tagged = true;
	if (!tagged)
		return true;
	possible = bit_ffs(nodes) >= 0 && (!required || bit_super_set(required, nodes));
	debug2("aif: %pJ: data residency leaves %d nodes%s", job_ptr, bit_set_count(nodes),
	       possible ? "" : ", which is not enough");
	/* Nodes that are just busy are another matter. */
	if (!possible && had_required)
		audit_job_outside(job_ptr, NULL);
	return possible;
}

extern bool residency_mask_allows(job_record_t *job_ptr, const bitstr_t *nodes)
{
	bitstr_t *mask;
	bool inside;

	if (!nodes)
		return true;
	mask = _mask_of_job(job_ptr, false);
	inside = !mask || (bit_size(mask) == bit_size((bitstr_t *)nodes) &&
			   bit_super_set((bitstr_t *)nodes, mask));
	FREE_NULL_BITMAP(mask);
	return inside;
}

extern void residency_mask_forget(void)
{
	pthread_mutex_lock(&places.mutex);
	_clear();
	pthread_mutex_unlock(&places.mutex);
}

extern void residency_mask_renew(void)
{
	pthread_mutex_lock(&places.mutex);
	_clear();
	(void) _update();
	pthread_mutex_unlock(&places.mutex);
}

extern void residency_mask_destroy(void)
{
	residency_mask_forget();
}
