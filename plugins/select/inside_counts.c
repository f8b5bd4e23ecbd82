/* inside_counts.c - see inside_counts.h */
#include "select_api.h"

#include "inside_counts.h"

#include <pthread.h>

#include "gpu_counts.h"
#include "residency_mask.h"

#define KNOWN_MAX 32

/* Of all that the numbers are made of. */
struct state {
	uint64_t places, gpus; /* 0: nothing can be remembered */
};

struct known {
	struct state state;
	uint32_t nodes, gpus;
	struct aif_restag tag;
};

static struct {
	pthread_mutex_t mutex;
	struct known tags[KNOWN_MAX];
	uint32_t next; /* the oldest */
} known = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Read before the numbers are made: what changes meanwhile leaves them with a state that is over. */
static struct state _state(void)
{
	return (struct state) {residency_mask_generation(), gpu_counts_generation()};
}

static bool _is_known(const struct known *one, const struct state *state, const struct aif_restag *tag)
{
	return one->state.places == state->places && one->state.gpus == state->gpus && aif_restag_equal(&one->tag, tag);
}

static bool _recall(const struct state *state, const struct aif_restag *tag, uint32_t *ret_nodes, uint32_t *ret_gpus)
{
	uint32_t i = 0;

	pthread_mutex_lock(&known.mutex);
	while (i < KNOWN_MAX && !_is_known(&known.tags[i], state, tag))
		i++;
	if (i < KNOWN_MAX) {
		*ret_nodes = known.tags[i].nodes;
		*ret_gpus = known.tags[i].gpus;
	}
	pthread_mutex_unlock(&known.mutex);
	return i < KNOWN_MAX;
}

static void _remember(const struct state *state, const struct aif_restag *tag, uint32_t nodes, uint32_t gpus)
{
	pthread_mutex_lock(&known.mutex);
	known.tags[known.next] = (struct known) {*state, nodes, gpus, *tag};
	known.next = (known.next + 1) % KNOWN_MAX;
	pthread_mutex_unlock(&known.mutex);
}

extern void inside_counts_of(const struct aif_restag *tag, bool exact, uint32_t *ret_nodes, uint32_t *ret_gpus)
{
	const struct state state = _state();
	bool usable = !exact && state.places && state.gpus;
	bitstr_t *mask;

	if (usable && _recall(&state, tag, ret_nodes, ret_gpus))
		return;
	mask = residency_mask_of(tag);
	gpu_counts_of(mask, exact, ret_nodes, ret_gpus);
	FREE_NULL_BITMAP(mask);
	if (usable)
		_remember(&state, tag, *ret_nodes, *ret_gpus);
}
