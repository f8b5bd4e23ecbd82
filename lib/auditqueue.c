/* auditqueue.c - see auditqueue.h */
#include "auditqueue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct aif_auditqueue {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct aif_auditevent *first;
    struct aif_auditevent **end; /* where the next one is hung up */
    size_t count;
    size_t max;
    uint64_t lost;
    bool closed;
};

static void init_wake(struct aif_auditqueue *queue)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->wake, &attr);
    pthread_condattr_destroy(&attr);
}

struct aif_auditqueue *aif_auditqueue_create(size_t max)
{
    struct aif_auditqueue *queue = calloc(1, sizeof(*queue));

    if (!queue)
        return NULL;
    pthread_mutex_init(&queue->mutex, NULL);
    init_wake(queue);
    queue->end = &queue->first;
    queue->max = max;
    return queue;
}

void aif_auditqueue_destroy(struct aif_auditqueue *queue)
{
    if (!queue)
        return;
    while (queue->first) {
        struct aif_auditevent *event = queue->first;

        queue->first = event->next;
        aif_auditevent_destroy(event);
    }
    pthread_cond_destroy(&queue->wake);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

/* Whether there is room for it. What rules would have done must not take the place of what was done. */
static bool has_room(const struct aif_auditqueue *queue, const struct aif_auditevent *event)
{
    return queue->count < (event->kind == AIF_AUDIT_ADVISE ? queue->max / 2 : queue->max);
}

void aif_auditqueue_put(struct aif_auditqueue *queue, struct aif_auditevent *event)
{
    bool fits;

    pthread_mutex_lock(&queue->mutex);
    fits = event && has_room(queue, event);
    if (fits) {
        event->next = NULL;
        *queue->end = event;
        queue->end = &event->next;
        queue->count++;
    } else if (!event || event->kind != AIF_AUDIT_ADVISE) {
        queue->lost++;
    }
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
    if (!fits)
        aif_auditevent_destroy(event);
}

static struct timespec after(unsigned ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

bool aif_auditqueue_take(struct aif_auditqueue *queue, unsigned wait_ms, struct aif_auditevent **ret_list,
                         uint64_t *ret_lost)
{
    const struct timespec until = after(wait_ms);
    bool some;

    pthread_mutex_lock(&queue->mutex);
    while (!queue->closed && !queue->first && !queue->lost &&
           pthread_cond_timedwait(&queue->wake, &queue->mutex, &until) != ETIMEDOUT)
        ;
    some = queue->first || queue->lost || !queue->closed;
    *ret_list = queue->first;
    *ret_lost = queue->lost;
    queue->first = NULL;
    queue->end = &queue->first;
    queue->count = 0;
    queue->lost = 0;
    pthread_mutex_unlock(&queue->mutex);
    return some;
}

void aif_auditqueue_close(struct aif_auditqueue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
}
