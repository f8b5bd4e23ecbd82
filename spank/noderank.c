/* noderank.c - see noderank.h */
#include "noderank.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hosts.h"

#define DEPTH_MAX 32 /* switches above each other */
#define NAME_MAX_LENGTH 255
#define NONE UINT32_MAX
#define EXPANDED_MAX 2000000

/* A line of the file; its texts lie in the copy of it. */
struct vertex {
	const char *name;
	const char *switches; /* host list of those below; NULL: none */
	const char *nodes;
	struct vertex *above;
};

struct place {
	char *host;
	uint32_t index; /* among the job's nodes */
	struct vertex *leaf;
};

struct order {
	struct vertex *vertices; /* sorted by name */
	uint32_t vertex_count;
	struct place *places; /* sorted by host, later by place */
	uint32_t place_count;
	struct vertex *present; /* whose list is being expanded */
	uint32_t expanded;	/* hosts and switches in lists so far */
};

/* ---- reading the file ---- */

/* Cut the next line off at *at, continued ones joined, comments away. NULL at the end. */
static char *_next_line(char **at)
{
	char *line = *at;
	char *newline = line;

	if (!*line)
		return NULL;
	while ((newline = strchr(newline, '\n')) && newline > line && newline[-1] == '\\')
		newline[-1] = *newline = ' ';
	*at = newline ? newline + 1 : line + strlen(line);
	if (newline)
		*newline = '\0';
	line[strcspn(line, "#")] = '\0';
	return line;
}

/* "SwitchName=s1 Nodes=n[1-4] LinkSpeed=1": what counts of it. */
static void _read_vertex(char *line, struct vertex *ret_vertex)
{
	char *word;

	memset(ret_vertex, 0, sizeof(*ret_vertex));
	while ((word = strsep(&line, " \t\r"))) {
		char *value = strchr(word, '=');

		if (!value)
			continue;
		*value++ = '\0';
		if (!strcasecmp(word, "SwitchName") || !strcasecmp(word, "BlockName"))
			ret_vertex->name = value;
		else if (!strcasecmp(word, "Switches"))
			ret_vertex->switches = value;
		else if (!strcasecmp(word, "Nodes"))
			ret_vertex->nodes = value;
	}
}

static int _by_name(const void *a, const void *b)
{
	return strcmp(((const struct vertex *)a)->name, ((const struct vertex *)b)->name);
}

static int _read_vertices(char *text, struct order *order)
{
	uint32_t room = 0;
	char *line;

	while ((line = _next_line(&text))) {
		struct vertex vertex;

		_read_vertex(line, &vertex);
		if (!vertex.name)
			continue;
		if (order->vertex_count == SPANK_AIF_NODERANK_SWITCHES_MAX)
			return -1;
		if (order->vertex_count == room) {
			struct vertex *more =
			    realloc(order->vertices, (room = 2 * room + 64) * sizeof(*more));

			if (!more)
				return -1;
			order->vertices = more;
		}
		order->vertices[order->vertex_count++] = vertex;
	}
	if (order->vertex_count)
		qsort(order->vertices, order->vertex_count, sizeof(*order->vertices), _by_name);
	return order->vertex_count ? 0 : -1;
}

/* ---- what is below what ---- */

static bool _put_below(void *arg, const char *name)
{
	struct order *order = arg;
	struct vertex key = {.name = name};
	struct vertex *below =
	    bsearch(&key, order->vertices, order->vertex_count, sizeof(*order->vertices), _by_name);

	/* A switch below two is no tree; one that has no line of its own has no nodes either. */
	if (order->expanded++ == EXPANDED_MAX || (below && below->above))
		return false;
	if (below)
		below->above = order->present;
	return true;
}

static int _by_host(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->host, ((const struct place *)b)->host);
}

static bool _put_on(void *arg, const char *host)
{
	struct order *order = arg;
	struct place key = {.host = (char *)host};
	struct place *place =
	    bsearch(&key, order->places, order->place_count, sizeof(*order->places), _by_host);

	if (order->expanded++ == EXPANDED_MAX || (place && place->leaf))
		return false;
	if (place)
		place->leaf = order->present;
	return true;
}

/* No name twice, and no circles: nothing is deeper than DEPTH_MAX. */
static bool _is_tree(const struct order *order)
{
	for (uint32_t i = 0; i < order->vertex_count; i++) {
		const struct vertex *vertex = &order->vertices[i];
		int depth = 0;

		if (i && !strcmp(vertex->name, vertex[-1].name))
			return false;

		while ((vertex = vertex->above) && depth < DEPTH_MAX)
			depth++;
		if (vertex)
			return false;
	}
	return true;
}

static int _connect(struct order *order)
{
	for (uint32_t i = 0; i < order->vertex_count; i++) {
		struct vertex *vertex = order->present = &order->vertices[i];

		if ((vertex->switches &&
		     spank_aif_hosts_each(vertex->switches, _put_below, order)) ||
		    (vertex->nodes && spank_aif_hosts_each(vertex->nodes, _put_on, order)))
			return -1;
	}
	if (!_is_tree(order))
		return -1;
	for (uint32_t i = 0; i < order->place_count; i++) {
		if (!order->places[i].leaf)
			return -1;
	}
	return 0;
}

/* ---- the job's nodes ---- */

static bool _add_host(void *arg, const char *host)
{
	struct order *order = arg;
	struct place *place;

	if (order->place_count == SPANK_AIF_NODERANK_NODES_MAX || strlen(host) > NAME_MAX_LENGTH)
		return false;
	/* Room doubles at the powers of two. */
	if (!(order->place_count & (order->place_count - 1))) {
		struct place *more =
		    realloc(order->places,
			    (order->place_count ? 2 * order->place_count : 1) * sizeof(*more));

		if (!more)
			return false;
		order->places = more;
	}
	place = &order->places[order->place_count];
	*place = (struct place){.host = strdup(host), .index = order->place_count};
	order->place_count += place->host != NULL;
	return place->host != NULL;
}

static uint32_t _path(const struct vertex *leaf, const struct vertex *ret_path[DEPTH_MAX + 1])
{
	uint32_t depth = 0;

	for (const struct vertex *vertex = leaf; vertex; vertex = vertex->above)
		depth++;
	for (uint32_t i = depth; leaf; leaf = leaf->above)
		ret_path[--i] = leaf;
	return depth;
}

/* From the root down, level by level; in the end as Slurm lists them. */
static int _by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	const struct vertex *x_path[DEPTH_MAX + 1], *y_path[DEPTH_MAX + 1];
	const uint32_t x_depth = _path(x->leaf, x_path), y_depth = _path(y->leaf, y_path);

	for (uint32_t i = 0; i < x_depth && i < y_depth; i++) {
		if (x_path[i] != y_path[i])
			return strverscmp(x_path[i]->name, y_path[i]->name);
	}
	if (x_depth != y_depth)
		return x_depth < y_depth ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static uint32_t _find(const struct order *order, const char *node, const char *leaf)
{
	for (uint32_t i = 0; i < order->place_count; i++) {
		if (!strcmp(order->places[i].host, node))
			return strcmp(order->places[i].leaf->name, leaf) ? NONE : i;
	}
	return NONE;
}

static int _rank(char *conf, const char *hosts, const char *node, const char *leaf,
		 struct order *order, struct spank_aif_noderank *ret_rank)
{
	uint32_t rank;

	if (_read_vertices(conf, order) || spank_aif_hosts_each(hosts, _add_host, order) ||
	    !order->place_count)
		return -1;
	qsort(order->places, order->place_count, sizeof(*order->places), _by_host);
	if (_connect(order))
		return -1;
	qsort(order->places, order->place_count, sizeof(*order->places), _by_place);
	rank = _find(order, node, leaf);
	if (rank == NONE)
		return -1;
	*ret_rank = (struct spank_aif_noderank){.rank = rank, .count = order->place_count};
	return 0;
}

extern int spank_aif_noderank(const char *conf, const char *hosts, const char *node,
			      const char *leaf, struct spank_aif_noderank *ret_rank)
{
	struct order order = {0};
	char *copy = strdup(conf);
	int rc = copy ? _rank(copy, hosts, node, leaf, &order, ret_rank) : -1;

	for (uint32_t i = 0; i < order.place_count; i++)
		free(order.places[i].host);
	free(order.places);
	free(order.vertices);
	free(copy);
	return rc;
}
