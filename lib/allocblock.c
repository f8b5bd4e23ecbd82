/* allocblock.c - see allocblock.h */
#include "allocblock.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jsonschema.h"

/* In this order in the block: what each submission reads, then members, of which it reads the hashes and one name. */
struct sizes {
    size_t texts, marks, hashes, members, names;
};

static size_t rounded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static size_t text_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static uint32_t count_members(const struct aif_alloc *alloc)
{
    uint32_t count = 0;

    while (alloc->members && alloc->members[count])
        count++;
    return count;
}

static struct sizes measure(const struct aif_alloc *alloc, uint32_t members)
{
    struct sizes sizes = {0};

    sizes.marks = alloc->marks ? rounded(aif_marks_size(alloc->marks)) : 0;
    sizes.texts = rounded(text_size(alloc->account) + text_size(alloc->qos) + text_size(alloc->id) +
                          text_size(alloc->free_qos) + text_size(alloc->waldur_resource));
    if (!alloc->members)
        return sizes;
    sizes.hashes = rounded(members * sizeof(alloc->member_hashes[0]));
    sizes.members = (members + 1) * sizeof(alloc->members[0]);
    for (uint32_t i = 0; i < members; i++)
        sizes.names += text_size(alloc->members[i]);
    return sizes;
}

/* FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash_user(const char *user)
{
    uint32_t hash = UINT32_C(0x811c9dc5);

    for (; *user; user++)
        hash = (hash ^ (unsigned char)*user) * UINT32_C(0x01000193);
    return hash;
}

static void move_text(char **text, char **at)
{
    const size_t size = text_size(*text);

    if (!*text)
        return;
    memcpy(*at, *text, size);
    free(*text);
    *text = *at;
    *at += size;
}

static void move_marks(struct aif_alloc *alloc, void *to)
{
    if (!alloc->marks)
        return;
    aif_marks_copy(alloc->marks, to);
    free(alloc->marks);
    alloc->marks = to;
}

/* at: hashes, then pointers, then names. */
static void move_members(struct aif_alloc *alloc, const struct sizes *sizes, char *at)
{
    uint32_t *hashes = (uint32_t *)at;
    char **members = (char **)(at + sizes->hashes);

    if (!alloc->members)
        return;
    at += sizes->hashes + sizes->members;
    for (uint32_t i = 0; i < alloc->member_count; i++) {
        hashes[i] = hash_user(alloc->members[i]);
        members[i] = alloc->members[i];
        move_text(&members[i], &at);
    }
    members[alloc->member_count] = NULL;
    free(alloc->members);
    alloc->members = members;
    alloc->member_hashes = hashes;
}

int aif_allocblock_make(struct aif_alloc *alloc, struct aif_bigmem_pool *pool,
                        struct aif_error *err)
{
    const uint32_t members = count_members(alloc);
    const struct sizes sizes = measure(alloc, members);
    const size_t size = sizes.marks + sizes.texts + sizes.hashes + sizes.members + sizes.names;
    char *block = aif_bigmem_take(pool, size + 1); /* more than nothing, whatever it is */
    char *at;

    if (!block)
        return aif_error_set(err, AIF_ENOMEM, "allocation %.64s: out of memory", alloc->id);
    alloc->block = block;
    alloc->member_count = members;
    at = block;
    move_text(&alloc->qos, &at);
    move_text(&alloc->account, &at);
    move_text(&alloc->id, &at);
    move_text(&alloc->free_qos, &at);
    move_text(&alloc->waldur_resource, &at);
    move_marks(alloc, block + sizes.texts);
    move_members(alloc, &sizes, block + sizes.texts + sizes.marks);
    return 0;
}

void aif_allocblock_free(struct aif_alloc *alloc)
{
    if (alloc->block)
        return;
    free(alloc->id);
    free(alloc->marks);
    free(alloc->account);
    free(alloc->qos);
    free(alloc->free_qos);
    free(alloc->waldur_resource);
    aif_jsonschema_texts_destroy(alloc->members);
}

__attribute__((hot)) bool aif_allocblock_lists(const struct aif_alloc *alloc, const char *user)
{
    const uint32_t hash = alloc->members ? hash_user(user) : 0;

    for (uint32_t i = 0; i < alloc->member_count; i++)
        if (alloc->member_hashes[i] == hash && !strcmp(alloc->members[i], user))
            return true;
    return !alloc->members;
}
