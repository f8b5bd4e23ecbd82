/*
 * check.c - runs Slurm's pick of GPUs by Links on idle nodes; see check.sh, which cuts rule.c out of a Slurm source tree
 *
 * The types are stand-ins with the members that the rule uses.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define GPUS 8
#define ANY_SOCK_TEST -1

typedef struct {
	bool set[GPUS];
} bitstr_t;

static bool bit_test(const bitstr_t *bits, int at)
{
	return bits->set[at];
}

static void bit_set(bitstr_t *bits, int at)
{
	bits->set[at] = true;
}

static int64_t bit_size(const bitstr_t *bits)
{
	return sizeof(bits->set) / sizeof(bits->set[0]);
}

typedef struct {
	bitstr_t **gres_bit_select;
	uint64_t *gres_cnt_node_select;
} gres_job_state_t;

typedef struct {
	bitstr_t *gres_bit_alloc;
	int **links_cnt;
} gres_node_state_t;

typedef struct {
	void *gres_data;
} gres_state_t;

typedef struct {
	gres_state_t *gres_state_job;
	gres_state_t *gres_state_node;
	bitstr_t *bits_any_sock;
	bitstr_t **bits_by_sock;
	bool use_total_gres;
} sock_gres_t;

static int *sorting_links_cnt = NULL;

#include "rule.c"

/* A node whose GPUs are all on one socket. */
struct node {
	const char *name;
	int links[GPUS][GPUS];
};

static const struct node nodes[] = {
	{ "pairs (bridges 0-1 2-3 4-5 6-7)",
	  { { 0, 4, 0, 0, 0, 0, 0, 0 }, { 4, 0, 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 4, 0, 0, 0, 0 }, { 0, 0, 4, 0, 0, 0, 0, 0 },
	    { 0, 0, 0, 0, 0, 4, 0, 0 }, { 0, 0, 0, 0, 4, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0, 0, 4 }, { 0, 0, 0, 0, 0, 0, 4, 0 } } },
	{ "MI250X",
	  { { 0, 4, 1, 0, 0, 0, 2, 0 }, { 4, 0, 0, 1, 0, 1, 0, 0 }, { 1, 0, 0, 4, 2, 0, 0, 0 }, { 0, 1, 4, 0, 0, 0, 0, 1 },
	    { 0, 0, 2, 0, 0, 4, 1, 0 }, { 0, 1, 0, 0, 4, 0, 0, 1 }, { 2, 0, 0, 0, 1, 0, 0, 4 }, { 0, 0, 0, 1, 0, 1, 4, 0 } } },
};

static int links_inside(const struct node *node, unsigned set)
{
	int sum = 0;

	for (int i = 0; i < GPUS; i++)
		for (int j = i + 1; j < GPUS; j++)
			if (set >> i & set >> j & 1)
				sum += node->links[i][j];
	return sum;
}

/* The most that count GPUs with "first" among them can have: the rule never gives up its first. */
static int most_links(const struct node *node, unsigned first, int count)
{
	int most = 0;

	for (unsigned set = 0; set < 1u << GPUS; set++)
		if ((set & first) && __builtin_popcount(set) == count && links_inside(node, set) > most)
			most = links_inside(node, set);
	return most;
}

static unsigned pick(const struct node *node, int count)
{
	int *links[GPUS], links_cnt[GPUS] = { 0 }, sorted[GPUS];
	bitstr_t none = { { false } }, selected = { { false } }, all;
	bitstr_t *select[] = { &selected }, *by_sock[] = { &all };
	uint64_t select_cnt[] = { 0 };
	gres_job_state_t job = { select, select_cnt };
	gres_node_state_t on = { &none, links };
	gres_state_t job_state = { &job }, node_state = { &on };
	sock_gres_t sock = { &job_state, &node_state, NULL, by_sock, false };
	unsigned set = 0;

	for (int i = 0; i < GPUS; i++) {
		links[i] = (int *)(uintptr_t)node->links[i];
		sorted[i] = i;
		bit_set(&all, i);
	}
	_pick_gres_topo(&sock, count, 0, 0, sorted, links_cnt);
	for (int i = 0; i < GPUS; i++)
		set |= (unsigned)bit_test(&selected, i) << i;
	return set;
}

static bool show(const struct node *node, int count)
{
	const unsigned set = pick(node, count);
	const int got = links_inside(node, set), most = most_links(node, set & -set, count);

	printf("%s, %d GPUs: gets", node->name, count);
	for (int i = 0; i < GPUS; i++)
		if (set >> i & 1)
			printf(" %d", i);
	printf(", %d links of %d\n", got, most);
	return got == most && __builtin_popcount(set) == count;
}

int main(void)
{
	bool fine = true;

	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		for (int count = 2; count <= 4; count += 2)
			fine = show(&nodes[i], count) && fine;
	return fine ? 0 : 1;
}
