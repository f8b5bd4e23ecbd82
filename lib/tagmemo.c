/* tagmemo.c - see tagmemo.h */
#include "tagmemo.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (1024 * 1024)
#define BYTES_EACH 1024 /* more than most entries need */

/* Complete before it is linked, and never changed afterwards, but for the note. */
struct entry {
    struct aif_tagmemo_tag known;
    const struct entry *next;
    const char *residency, *datasets;
    _Atomic uint64_t note;
};

struct aif_tagmemo {
    pthread_mutex_t lock; /* of used, and of who links */
    char *bytes;
    size_t size, used;
    _Atomic(const struct entry *) first[]; /* by allocation */
};

struct aif_tagmemo *aif_tagmemo_create(size_t count)
{
    struct aif_tagmemo *memo = calloc(1, sizeof(*memo) + count * sizeof(memo->first[0]));

    if (!memo)
        return NULL;
    memo->size = count < BYTES_MAX / (AIF_TAGMEMO_EACH * BYTES_EACH)
                     ? count * AIF_TAGMEMO_EACH * BYTES_EACH
                     : BYTES_MAX;
    memo->bytes = malloc(memo->size + 1); /* not touched before it is used */
    if (!memo->bytes || pthread_mutex_init(&memo->lock, NULL)) {
        free(memo->bytes);
        free(memo);
        return NULL;
    }
    return memo;
}

void aif_tagmemo_destroy(struct aif_tagmemo *memo)
{
    if (!memo)
        return;
    pthread_mutex_destroy(&memo->lock);
    free(memo->bytes);
    free(memo);
}

static const struct entry *first_of(const struct aif_tagmemo *memo, size_t index)
{
    return atomic_load_explicit(&memo->first[index], memory_order_acquire);
}

const struct aif_tagmemo_tag *aif_tagmemo_find(const struct aif_tagmemo *memo,
                                               const struct aif_tagmemo_key *key)
{
    const struct entry *entry = memo ? first_of(memo, key->index) : NULL;

    while (entry && (strcmp(entry->residency, key->residency) || strcmp(entry->datasets, key->datasets)))
        entry = entry->next;
    return entry ? &entry->known : NULL;
}

/* ---- remembering ---- */

/* NULL: no room. */
static void *take(struct aif_tagmemo *memo, size_t size)
{
    const size_t rounded = (size + sizeof(uint64_t) - 1) / sizeof(uint64_t) * sizeof(uint64_t);
    char *at = memo->bytes + memo->used;

    if (rounded > memo->size - memo->used)
        return NULL;
    memo->used += rounded;
    return at;
}

static const char *keep(struct aif_tagmemo *memo, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = take(memo, size);

    return copy ? memcpy(copy, text, size) : NULL;
}

static struct aif_marks *make_marks(const struct aif_tagmemo_key *key, const struct aif_alloc *alloc,
                                    const char *text, struct aif_marks_room *room)
{
    const struct aif_marks_of of = {alloc->mode->name, alloc->id, text, key->datasets};

    return aif_marks_make(&of, room);
}

/* Without room for the marks there is no room for more entries either. */
static bool keep_marks(struct aif_tagmemo *memo, const struct aif_marks *marks, struct entry *entry)
{
    struct aif_marks *copy;

    entry->known.marks = NULL;
    if (!marks)
        return true;
    copy = take(memo, aif_marks_size(marks));
    if (!copy)
        return false;
    aif_marks_copy(marks, copy);
    entry->known.marks = copy;
    return true;
}

static size_t length_of(const struct entry *entry)
{
    size_t length = 0;

    for (; entry; entry = entry->next)
        length++;
    return length;
}

/* The entry without its place in the list; NULL: no room. */
static struct entry *make_entry(struct aif_tagmemo *memo, const struct aif_tagmemo_key *key,
                                const struct aif_marks *marks, const char *text)
{
    const size_t before = memo->used;
    struct entry *entry = take(memo, sizeof(*entry));

    if (entry && (entry->residency = keep(memo, key->residency)) &&
        (entry->datasets = keep(memo, key->datasets)) && (entry->known.text = keep(memo, text)) &&
        keep_marks(memo, marks, entry))
        return entry;
    memo->used = before;
    return NULL;
}

static const struct aif_tagmemo_tag *put(struct aif_tagmemo *memo, const struct aif_tagmemo_key *key,
                                         const struct aif_marks *marks, const struct aif_restag *tag,
                                         const char *text)
{
    const struct aif_tagmemo_tag *known = aif_tagmemo_find(memo, key); /* another thread was faster */
    const struct entry *first = first_of(memo, key->index);
    struct entry *entry;

    if (known || length_of(first) >= AIF_TAGMEMO_EACH)
        return known;
    entry = make_entry(memo, key, marks, text);
    if (!entry)
        return NULL;
    entry->known.tag = *tag;
    atomic_init(&entry->note, 0);
    entry->known.note = &entry->note;
    entry->next = first;
    atomic_store_explicit(&memo->first[key->index], entry, memory_order_release);
    return &entry->known;
}

static bool is_full(const struct aif_tagmemo *memo, size_t index)
{
    return length_of(first_of(memo, index)) >= AIF_TAGMEMO_EACH;
}

const struct aif_tagmemo_tag *aif_tagmemo_put(struct aif_tagmemo *memo, const struct aif_tagmemo_key *key,
                                              const struct aif_alloc *alloc, const struct aif_restag *tag,
                                              const char *text)
{
    const struct aif_tagmemo_tag *known;
    struct aif_marks_room room;
    struct aif_marks *marks;

    if (!memo || is_full(memo, key->index))
        return NULL;
    marks = make_marks(key, alloc, text, &room);
    pthread_mutex_lock(&memo->lock);
    known = put(memo, key, marks, tag, text);
    pthread_mutex_unlock(&memo->lock);
    return known;
}
