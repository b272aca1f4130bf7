/*
 * The room for code. It is mapped twice, to write and to execute, so that no page is ever both.
 */
#include "jit.h"

#include "zfacet/reserve.h"

#include <string.h>
#include <sys/mman.h>

/* Addresses for a view: it begins where a huge page may. */
static uint8_t *reserve_view(size_t size, int where) {
    const int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    uint8_t *p = mmap(NULL, size + ZF_HUGE_PAGE, PROT_NONE, how | where, -1, 0);
    if (p == MAP_FAILED) {
        return NULL;
    }
    size_t before = -(uintptr_t)p & (ZF_HUGE_PAGE - 1);
    munmap(p, before);
    munmap(p + before + size, ZF_HUGE_PAGE - before);
    return p + before;
}

/* Both views, at addresses that nobody else takes: `code` is executed. Not a file's: the guest may
 * have opened all that there may be, and perf looks for names only in memory that is anonymous. */
static bool map_views(uint8_t *code, uint8_t *write, size_t size) {
    const int how = MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
    void *execute = mmap(code, size, PROT_READ | PROT_EXEC, how, -1, 0);
    return execute != MAP_FAILED &&
           mremap(execute, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, write) == write &&
           !mprotect(write, size, PROT_READ | PROT_WRITE);
}

static void widen_arrays(const struct jit *jit) {
    zf_reserve_widen(jit->ops, jit->ops_room * sizeof *jit->ops, jit->ops_used * sizeof *jit->ops);
    zf_reserve_widen(jit->ways, jit->ways_room * sizeof *jit->ways,
                     jit->ways_used * sizeof *jit->ways);
    zf_reserve_widen(jit->passes, jit->ways_room * sizeof *jit->passes,
                     jit->ways_used * sizeof *jit->passes);
    zf_reserve_widen(jit->blocks, jit->blocks_room * sizeof *jit->blocks,
                     jit->blocks_used * sizeof *jit->blocks);
}

/* What a compiler executes is more than the host's TLB has pages of 4 KiB for: with huge ones cc1
 * takes 0.7 of the time. A host that has none to give goes on without. */
void zf_jit_widen(struct jit *jit) {
    const uint32_t least = ZF_HUGE_PAGE / 8; /* a small program has no use for one */
    while (jit->used >= jit->wide + least && jit->wide + ZF_HUGE_PAGE <= jit->size) {
        zf_reserve_collapse(jit->write + jit->wide, ZF_HUGE_PAGE);
        zf_reserve_collapse(jit->code + jit->wide, ZF_HUGE_PAGE);
        jit->wide += ZF_HUGE_PAGE;
    }
    if (jit->blocks_used == ZF_RESERVE_MANY) {
        widen_arrays(jit);
    }
}

void zf_jit_separate(struct zf_tier *tier) {
    struct jit *jit = (struct jit *)tier;
    uint8_t own[OWN_MARGIN];
    memcpy(own, jit->write, jit->start);
    /* the host may give no address space beside; there is no other thread to take it meanwhile */
    munmap(jit->write, jit->size);
    bool mapped = map_views(jit->code, jit->write, jit->size);
    ZF_ASSERT(mapped);
    memcpy(jit->write, own, jit->start);
    jit->wide = 0;
}

static void align(struct jit *jit, uint32_t to) {
    jit->used = (jit->used + to - 1) & ~(to - 1);
}

/* Constants of the stencils, and jumps to C functions that may be too far for a call. */
static void put_shared(struct jit *jit, unsigned access) {
    const struct zf_stencil_table *table = table_of(access);
    align(jit, 32);
    jit->data[access] = jit->used;
    memcpy(jit->write + jit->used, table->data, table->data_size);
    jit->used += table->data_size;
    align(jit, THUNK_SIZE);
    jit->functions[access] = jit->used;
    for (uint32_t i = 0; i < table->functions; i++) {
        static const uint8_t jump_to_what_follows[] = {0xff, 0x25, 0, 0, 0, 0};
        uint8_t *thunk = jit->write + jit->used;
        memcpy(thunk, jump_to_what_follows, sizeof jump_to_what_follows);
        memcpy(thunk + sizeof jump_to_what_follows, &table->function[i], sizeof(void *));
        jit->used += THUNK_SIZE;
    }
}

/* The pieces that there is one of: they go on to each other only. */
static void put_parts(struct jit *jit) {
    static const enum zf_part parts[] = {ZF_PART_leave, ZF_PART_chain, ZF_PART_indirect,
                                         ZF_PART_enter};
    const struct zf_stencil *stencils = table_of(ACCESS_LINEAR)->parts;
    struct holes holes = {.hot = 0};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(parts); i++) {
        const struct zf_stencil *stencil = &stencils[parts[i]];
        align(jit, ENTRY_ALIGNMENT);
        jit->part[parts[i]] = jit->used;
        holes.hot = (uintptr_t)jit->code + jit->used;
        holes.cold = holes.hot + stencil->hot.size;
        zf_jit_put(jit, ACCESS_LINEAR, &stencil->hot, jit->used, &holes);
        zf_jit_put(jit, ACCESS_LINEAR, &stencil->cold, jit->used + stencil->hot.size, &holes);
        jit->used += (uint32_t)stencil->hot.size + stencil->cold.size;
        if (parts[i] == ZF_PART_leave) {
            holes.value[ZF_HOLE_leave] = (uintptr_t)jit->code + jit->part[ZF_PART_leave];
        }
    }
}

static void put_swap(struct jit *jit) {
    enum { SIZE = 16 };
    align(jit, SIZE);
    jit->swap = jit->used;
    for (unsigned i = 0; i < SIZE; i++) {
        jit->write[jit->used++] = (uint8_t)(SIZE - 1 - i);
    }
}

enum zf_status zf_jit_prepare(struct jit *jit, struct zf_error *err) {
    jit->code = reserve_view(jit->size, MAP_32BIT);
    jit->write = reserve_view(jit->size, 0);
    if (!jit->code || !jit->write || !map_views(jit->code, jit->write, jit->size)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "no memory for native code");
    }
    jit->ops_room = (uint32_t)(jit->size / OP_SIZE);
    jit->blocks_room = (uint32_t)(jit->size / BLOCK_SIZE);
    jit->ways_room = (uint32_t)(jit->size / WAY_SIZE);
    jit->ops = zf_reserve(jit->ops_room * sizeof *jit->ops, 0);
    jit->ways = zf_reserve(jit->ways_room * sizeof *jit->ways, 0);
    jit->passes = zf_reserve(jit->ways_room * sizeof *jit->passes, MAP_32BIT);
    jit->blocks = zf_reserve(jit->blocks_room * sizeof *jit->blocks, 0);
    if (!jit->ops || !jit->blocks || !jit->ways || !jit->passes) {
        return zf_fail(err, ZF_ERROR_MEMORY, "no address space for native code");
    }
    for (unsigned access = 0; access < ACCESSES; access++) {
        put_shared(jit, access);
    }
    put_swap(jit);
    put_parts(jit);
    zf_jit_put_missed(jit);
    jit->entry_size = table_of(ACCESS_LINEAR)->parts[ZF_PART_entry].hot.size;
    align(jit, ENTRY_ALIGNMENT);
    jit->start = jit->used;
    ZF_ASSERT(jit->start <= OWN_MARGIN);
    return ZF_OK;
}

void zf_jit_release(struct jit *jit) {
    zf_reserve_end(jit->ops, jit->ops_room * sizeof *jit->ops);
    zf_reserve_end(jit->ways, jit->ways_room * sizeof *jit->ways);
    zf_reserve_end(jit->passes, jit->ways_room * sizeof *jit->passes);
    zf_reserve_end(jit->blocks, jit->blocks_room * sizeof *jit->blocks);
    zf_reserve_end(jit->write, jit->size);
    zf_reserve_end(jit->code, jit->size);
}
