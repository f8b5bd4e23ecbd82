/* fabrics.c - see fabrics.h */
#include "fabrics.h"

#include <stdlib.h>
#include <string.h>

#include "select_nodes.h"
#include "snapwatch.h"

static struct {
	struct aif_snapshot *snapshot; /* a reference; NULL: nothing was tried yet */
	uint32_t count;		       /* of nodes then */
	struct aif_fabric *fabric;
	struct aif_place_scratch *scratch;
	uint32_t bytes; /* per node; read without a lock */
} made;

static void _drop(void)
{
	aif_place_scratch_destroy(made.scratch);
	aif_fabric_destroy(made.fabric);
	aif_snapshot_put(made.snapshot);
	memset(&made, 0, sizeof(made));
}

/* -- from Slurm's topology -------------------------------------------------------------------- */

/* Give the nodes of one leaf the path of the first that was looked up, which costs a look at each switch. */
static void _share_path(const char *path, const char **paths, uint32_t count)
{
	const char *leaf = strrchr(path, '.');
	bitstr_t *nodes = aif_compat_leaf_nodes(leaf ? leaf + 1 : path);
	bitoff_t first = nodes ? bit_ffs(nodes) : -1, last = nodes ? bit_fls(nodes) : -1;

	for (bitoff_t i = first; first >= 0 && i <= last && i < count; i++) {
		if (bit_test(nodes, i) && !paths[i])
			paths[i] = path;
	}
	FREE_NULL_BITMAP(nodes);
}

/* The path of each node into paths (NULL: in no switch); to free are ret_own[] of *ret_count. */
static void _read_paths(uint32_t count, const char **paths, char **ret_own, uint32_t *ret_count)
{
	uint32_t own = 0;

	for (uint32_t i = 0; i < count; i++) {
		const node_record_t *node = aif_compat_node_at(i);
		char *path = paths[i] || !node || !node->name ? NULL : aif_compat_node_path(node);

		if (!path)
			continue;
		ret_own[own++] = path;
		paths[i] = path;
		_share_path(path, paths, count);
	}
	*ret_count = own;
}

static int _make_of_topology(uint32_t count, const struct aif_placement_conf *placement, struct aif_error *err)
{
	const char **paths = calloc(count + 1, sizeof(*paths));
	char **own = calloc(count + 1, sizeof(*own));
	uint32_t owned = 0;
	int rc = -1;

	if (paths && own) {
		_read_paths(count, paths, own, &owned);
		rc = aif_fabric_from_addresses(count, paths, placement->levels, placement->level_count, &made.fabric, err);
	}
	for (uint32_t i = 0; i < owned; i++)
		xfree(own[i]);
	free(own);
	free(paths);
	return rc;
}

/* -- from a map file -------------------------------------------------------------------------- */

static void _draw_island(const char *hosts, uint32_t island, uint32_t count, uint32_t *ids)
{
	bitstr_t *nodes = aif_compat_hosts_to_nodes(hosts, "the map of islands");
	bitoff_t first = bit_ffs(nodes), last = bit_fls(nodes);

	for (bitoff_t i = first; first >= 0 && i <= last && i < count; i++) {
		if (bit_test(nodes, i))
			ids[i] = island;
	}
	FREE_NULL_BITMAP(nodes);
}

/* The island of each node on one level. */
static uint32_t *_draw_level(const struct aif_fabricmap_level *level, uint32_t count)
{
	uint32_t *ids = calloc(count + 1, sizeof(*ids));

	for (uint32_t i = 0; ids && i < count; i++)
		ids[i] = AIF_FABRICMAP_NONE;
	for (uint32_t k = 0; ids && k < level->island_count; k++)
		_draw_island(level->hosts[k], k, count, ids);
	return ids;
}

static int _make_of_map(uint32_t count, const struct aif_fabricmap *map, struct aif_error *err)
{
	uint32_t *ids[AIF_FABRIC_LEVELS_MAX] = { NULL };
	bool drawn_all = true;
	int rc = -1;

	for (uint32_t l = 0; l < map->level_count; l++) {
		ids[l] = _draw_level(&map->levels[l], count);
		drawn_all = drawn_all && ids[l];
	}
	if (drawn_all)
		rc = aif_fabricmap_fabric(map, count, ids, &made.fabric, err);
	for (uint32_t l = 0; l < map->level_count; l++)
		free(ids[l]);
	return rc;
}

/* -- what others call ------------------------------------------------------------------------- */

static void _log(void)
{
	char text[AIF_FABRIC_LEVELS_MAX * (AIF_FABRIC_NAME_SIZE + 48)] = "";
	size_t length = 0;

	for (uint32_t l = 0; l < made.fabric->level_count && length < sizeof(text); l++) {
		const struct aif_fabric_level *level = &made.fabric->levels[l];

		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s: %u islands of weight %u",
					   l ? ", " : "", level->conf.name, level->island_count, level->conf.weight);
	}
	debug("aif: fabric of %u nodes, %s", made.fabric->node_count, text);
}

/* Takes over the reference. */
static void _make(uint32_t count, struct aif_snapshot *snapshot)
{
	struct aif_error err = {0};
	int rc;

	_drop();
	made.snapshot = snapshot;
	made.count = count;
	if (snapshot->fabricmap)
		rc = _make_of_map(count, snapshot->fabricmap, &err);
	else
		rc = _make_of_topology(count, &snapshot->policy->placement, &err);
	if (!rc)
		made.scratch = aif_place_scratch_create(made.fabric);
	if (made.scratch) {
		_log();
		/* order, and of each level island_of; islands are fewer than nodes, and the scratch is of the same size again. */
		__atomic_store_n(&made.bytes, (uint32_t)((1 + made.fabric->level_count) * 2 * sizeof(uint32_t)),
				 __ATOMIC_RELAXED);
	} else {
		info("aif: islands are not known, so nothing is placed: %s", rc ? err.text : "memory is out");
	}
}

/* Fresh balances make a new snapshot, but its policy and map are the same ones then. */
static bool _is_made_for(uint32_t count, const struct aif_snapshot *snapshot)
{
	return made.snapshot && made.count == count && made.snapshot->policy == snapshot->policy &&
	       made.snapshot->fabricmap == snapshot->fabricmap;
}

extern bool fabrics_of(const part_record_t *part, struct fabric_in_use *ret)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	uint32_t count = aif_compat_node_slots();
	bool mapped = snapshot && snapshot->fabricmap;

	if (!snapshot || (!mapped && !aif_compat_has_main_topology(part))) {
		aif_snapshot_put(snapshot);
		return false;
	}
	if (_is_made_for(count, snapshot))
		aif_snapshot_put(snapshot);
	else
		_make(count, snapshot);
	ret->fabric = made.fabric;
	ret->scratch = made.scratch;
	ret->is_map = mapped;
	return made.scratch != NULL;
}

extern void fabrics_forget(void)
{
	_drop();
}

extern void fabrics_renew(void)
{
	struct aif_snapshot *snapshot = made.fabric ? aif_snapwatch_get() : NULL;

	_drop();
	if (snapshot)
		_make(aif_compat_node_slots(), snapshot);
}

extern void fabrics_destroy(void)
{
	_drop();
}

extern uint32_t fabrics_bytes_per_node(void)
{
	return __atomic_load_n(&made.bytes, __ATOMIC_RELAXED);
}
