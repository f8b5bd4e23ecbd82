/* Would cons_tres take this node for that job? */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "room.h"

/* A node of 4 GPUs on 2 sockets of 16 cores with 2 threads, 1000 MiB, nothing on it. */
static const struct aif_node_shape shape = {.gpus = 4,
					    .sockets = 2,
					    .threads = 2,
					    .cores = 32,
					    .all_cores = 32,
					    .socket_cores = 16,
					    .memory = 1000,
					    .near = {1, 1, 2, 2}};
static const struct aif_place_node idle = {.gpus = 4, .free = 4, .free_mask = 15};
static const struct node_room empty = {.memory = 1000, .cores = 32, .by_socket = {16, 16}};
static const struct room_need one_gpu = {.gpus = 1, .cpus = 1, .sharing = AIF_SHARING_NODE};

static void an_idle_node_takes_what_it_has(void **state)
{
	struct room_need need = one_gpu;

	(void)state;
	assert_int_equal(room_for(&need, &shape, &idle, &empty), ROOM_YES);
	need.gpus = 5;
	assert_int_equal(room_for(&need, &shape, &idle, &empty), ROOM_NO);
	need = one_gpu;
	need.cpus = 64;
	need.gpus = 4;
	assert_int_equal(room_for(&need, &shape, &idle, &empty), ROOM_YES);
	need.cpus = 65;
	assert_int_equal(room_for(&need, &shape, &idle, &empty), ROOM_NO);
}

static void cores_of_the_other_socket_are_far(void **state)
{
	struct aif_place_node node = {.gpus = 4, .free = 1, .free_mask = 4}; /* on socket 1 */
	struct node_room room = {.memory = 1000, .cores = 20, .by_socket = {16, 4}, .sharing = AIF_SHARING_NODE};
	struct room_need need = one_gpu;

	(void)state;
	need.cpus = 8;
	assert_int_equal(room_for(&need, &shape, &node, &room), ROOM_YES);
	need.cpus = 9;
	assert_int_equal(room_for(&need, &shape, &node, &room), ROOM_FAR);
	need.cpus = 41;
	assert_int_equal(room_for(&need, &shape, &node, &room), ROOM_NO);
}

static void without_cores_no_job(void **state)
{
	struct node_room room = {.memory = 1000, .cores = 0, .sharing = AIF_SHARING_NODE};
	struct room_need need = one_gpu;

	(void)state;
	need.cpus = 0;
	assert_int_equal(room_for(&need, &shape, &idle, &room), ROOM_NO);
	/* Where cores are shared, none need be free. */
	need.sharing = room.sharing = AIF_SHARING_CORES;
	assert_int_equal(room_for(&need, &shape, &idle, &room), ROOM_YES);
}

static void unknown_sockets_are_no_reason(void **state)
{
	struct aif_node_shape unknown = shape;
	struct aif_place_node counted = {.gpus = 4, .free = 1};
	struct node_room room = {.memory = 1000, .cores = 4, .by_socket = {0, 4}};

	(void)state;
	assert_int_equal(room_for(&one_gpu, &shape, &counted, &room), ROOM_YES);
	unknown.sockets = 0;
	counted.free_mask = 1;
	assert_int_equal(room_for(&one_gpu, &unknown, &counted, &room), ROOM_YES);
	assert_int_equal(room_for(&one_gpu, &shape, &counted, &room), ROOM_FAR);
}

static void memory_in_part_and_as_a_whole(void **state)
{
	struct node_room room = empty;
	struct room_need need = one_gpu;

	(void)state;
	room.memory = 400;
	need.memory = 401;
	assert_int_equal(room_for(&need, &shape, &idle, &room), ROOM_YES); /* memory is not handed out */
	need.kind = ROOM_MEMORY_PART;
	assert_int_equal(room_for(&need, &shape, &idle, &room), ROOM_NO);
	need.memory = 400;
	assert_int_equal(room_for(&need, &shape, &idle, &room), ROOM_YES);
	need.kind = ROOM_MEMORY_ALL;
	assert_int_equal(room_for(&need, &shape, &idle, &room), ROOM_NO);
	assert_int_equal(room_for(&need, &shape, &idle, &empty), ROOM_YES);
}

static void kinds_of_sharing_keep_apart(void **state)
{
	static const uint8_t kinds[] = {AIF_SHARING_CORES, AIF_SHARING_NODE, AIF_SHARING_NOTHING};

	(void)state;
	for (int mine = 0; mine < 3; mine++) {
		for (int there = 0; there < 3; there++) {
			struct room_need need = one_gpu;
			struct node_room room = empty;
			bool fits = mine == there && kinds[mine] != AIF_SHARING_NOTHING;

			need.sharing = kinds[mine];
			room.sharing = kinds[there];
			assert_int_equal(room_for(&need, &shape, &idle, &room) == ROOM_YES, fits);
			need.whole = true;
			assert_int_equal(room_for(&need, &shape, &idle, &room), ROOM_NO);
			assert_int_equal(room_for(&need, &shape, &idle, &empty), ROOM_YES);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_node_takes_what_it_has),
		cmocka_unit_test(cores_of_the_other_socket_are_far),
		cmocka_unit_test(without_cores_no_job),
		cmocka_unit_test(unknown_sockets_are_no_reason),
		cmocka_unit_test(memory_in_part_and_as_a_whole),
		cmocka_unit_test(kinds_of_sharing_keep_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
