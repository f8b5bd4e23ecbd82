/*
 * site_factor_memory.c - counts what one plugin inside slurmctld has allocated (tests/bench
 * site_factor)
 *
 * Stands in front of glibc's allocator for all of slurmctld. An allocation counts when the call
 * comes from the plugin's own code, libaif included, which is linked into it; with what the
 * allocator really set aside for it, not with what was asked. Such blocks are remembered, so that
 * giving one back is noticed whoever does it.
 */
#include "site_factor_timer.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>

#define SLOTS (1u << 20)
#define WINDOW 32 /* slots in which a block may be */

/* glibc's own names of what is replaced here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);

struct block {
    void *memory; /* NULL: free */
    size_t size;
};

static uintptr_t code_start, code_end; /* of the plugin; 0: not known yet */
static struct block blocks[SLOTS + WINDOW];
static atomic_flag blocks_busy = ATOMIC_FLAG_INIT;
static _Atomic uint64_t held; /* blocks remembered now */

static void lock_blocks(void)
{
    while (atomic_flag_test_and_set_explicit(&blocks_busy, memory_order_acquire))
        ;
}

static void unlock_blocks(void)
{
    atomic_flag_clear_explicit(&blocks_busy, memory_order_release);
}

/* The slot that holds memory (NULL: one that is free), in the window that belongs to `of`. */
static struct block *find_slot(const void *of, const void *memory)
{
    struct block *window = &blocks[((uintptr_t)of >> 4) * 0x9E3779B97F4A7C15u >> 44];

    for (size_t i = 0; i < WINDOW; i++) {
        if (window[i].memory == memory)
            return &window[i];
    }
    return NULL;
}

bool bench_is_plugin(const void *address)
{
    return (uintptr_t)address - code_start < code_end - code_start;
}

static void *remember(void *memory)
{
    struct block *block;

    if (!memory)
        return NULL;
    lock_blocks();
    block = find_slot(memory, NULL);
    if (block) {
        *block = (struct block){memory, malloc_usable_size(memory)};
        atomic_fetch_add(&bench_board->plugin_bytes, (int64_t)block->size);
        atomic_fetch_add(&held, 1);
    } else {
        atomic_fetch_add(&bench_board->plugin_lost, 1);
    }
    unlock_blocks();
    return memory;
}

/* Before the memory is given back: somebody else may have it at once. */
static void forget(const void *memory)
{
    struct block *block;

    if (!memory || !atomic_load_explicit(&held, memory_order_relaxed))
        return;
    lock_blocks();
    block = find_slot(memory, memory);
    if (block) {
        block->memory = NULL;
        atomic_fetch_sub(&bench_board->plugin_bytes, (int64_t)block->size);
        atomic_fetch_sub(&held, 1);
    }
    unlock_blocks();
}

void *malloc(size_t size)
{
    void *memory = __libc_malloc(size);

    return bench_is_plugin(__builtin_return_address(0)) ? remember(memory) : memory;
}

void *calloc(size_t count, size_t size)
{
    void *memory = __libc_calloc(count, size);

    return bench_is_plugin(__builtin_return_address(0)) ? remember(memory) : memory;
}

void *realloc(void *old, size_t size)
{
    void *memory;

    forget(old);
    memory = __libc_realloc(old, size);
    return bench_is_plugin(__builtin_return_address(0)) ? remember(memory) : memory;
}

void free(void *memory)
{
    forget(memory);
    __libc_free(memory);
}

/* ---- where the plugin's code is ---- */

static int take_code(struct dl_phdr_info *info, size_t size, void *arg)
{
    const uintptr_t address = (uintptr_t)arg;

    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const uintptr_t start = info->dlpi_addr + part->p_vaddr;

        if (part->p_type == PT_LOAD && address - start < part->p_memsz) {
            code_end = start + part->p_memsz;
            code_start = start;
            return 1;
        }
    }
    return 0;
}

void bench_memory_watch(const void *address)
{
    dl_iterate_phdr(take_code, (void *)(uintptr_t)address);
}
