/* test_auditqueue.c - unit tests of auditqueue.h */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auditqueue.h"

#define PUTTERS 4
#define EACH 500

static void put(struct aif_auditqueue *queue, uint32_t job)
{
    struct aif_auditevent *event = aif_auditevent_create(AIF_AUDIT_PLACE, 1);

    assert_non_null(event);
    event->job = job;
    aif_auditqueue_put(queue, event);
}

static size_t drop(struct aif_auditevent *list)
{
    size_t count = 0;

    while (list) {
        struct aif_auditevent *event = list;

        list = event->next;
        aif_auditevent_destroy(event);
        count++;
    }
    return count;
}

static void test_in_order(void **state)
{
    struct aif_auditqueue *queue = aif_auditqueue_create(3);
    struct aif_auditevent *list;
    uint64_t lost;

    (void)state;
    assert_true(aif_auditqueue_take(queue, 1, &list, &lost));
    assert_null(list);
    for (uint32_t job = 1; job <= 5; job++)
        put(queue, job);
    aif_auditqueue_put(queue, NULL);
    assert_true(aif_auditqueue_take(queue, 1000, &list, &lost));
    assert_int_equal(lost, 3);
    assert_int_equal(list->job, 1);
    assert_int_equal(list->next->job, 2);
    assert_int_equal(drop(list), 3);
    put(queue, 6);
    assert_true(aif_auditqueue_take(queue, 1000, &list, &lost));
    assert_int_equal(lost, 0);
    assert_int_equal(drop(list), 1);
    put(queue, 7); /* is freed with the queue */
    aif_auditqueue_destroy(queue);
    aif_auditqueue_destroy(NULL);
}

/* Events about advice leave room for the others, and are no loss. */
static void test_advice(void **state)
{
    struct aif_auditqueue *queue = aif_auditqueue_create(4);
    struct aif_auditevent *list;
    uint64_t lost;

    (void)state;
    for (int i = 0; i < 5; i++)
        aif_auditqueue_put(queue, aif_auditevent_create(AIF_AUDIT_ADVISE, 1));
    for (uint32_t job = 1; job <= 3; job++)
        put(queue, job);
    aif_auditqueue_put(queue, aif_auditevent_create(AIF_AUDIT_ADVISE, 1));
    assert_true(aif_auditqueue_take(queue, 1000, &list, &lost));
    assert_int_equal(lost, 1);
    assert_int_equal(list->next->kind, AIF_AUDIT_ADVISE);
    assert_int_equal(list->next->next->job, 1);
    assert_int_equal(drop(list), 4);
    aif_auditqueue_destroy(queue);
}

static void test_closed(void **state)
{
    struct aif_auditqueue *queue = aif_auditqueue_create(3);
    struct aif_auditevent *list;
    uint64_t lost;

    (void)state;
    put(queue, 1);
    aif_auditqueue_close(queue);
    assert_true(aif_auditqueue_take(queue, 60000, &list, &lost));
    assert_int_equal(drop(list), 1);
    assert_false(aif_auditqueue_take(queue, 60000, &list, &lost));
    assert_null(list);
    aif_auditqueue_put(queue, NULL);
    assert_true(aif_auditqueue_take(queue, 60000, &list, &lost));
    assert_int_equal(lost, 1);
    aif_auditqueue_destroy(queue);
}

static void *put_many(void *arg)
{
    for (uint32_t job = 1; job <= EACH; job++)
        put(arg, job);
    return NULL;
}

/* Whatever the order of events: each is either taken or counted as lost. */
static void test_threads(void **state)
{
    struct aif_auditqueue *queue = aif_auditqueue_create(64);
    pthread_t threads[PUTTERS];
    struct aif_auditevent *list;
    uint64_t lost, all_lost = 0;
    size_t taken = 0;

    (void)state;
    for (int i = 0; i < PUTTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, queue), 0);
    while (taken + all_lost < PUTTERS * EACH) {
        assert_true(aif_auditqueue_take(queue, 1000, &list, &lost));
        taken += drop(list);
        all_lost += lost;
    }
    for (int i = 0; i < PUTTERS; i++)
        pthread_join(threads[i], NULL);
    aif_auditqueue_close(queue);
    assert_false(aif_auditqueue_take(queue, 1000, &list, &lost));
    assert_int_equal(taken + all_lost, PUTTERS * EACH);
    aif_auditqueue_destroy(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_closed),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
