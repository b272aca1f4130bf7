/*
 * The index of blocks: by address and mode, by the pages that they were made from, by address
 * space. What changes is looked up there and dropped.
 *
 * Changes have the claim of the CPUs. Looking up has not: a block is complete before it is linked
 * into a list, and stays where it is, with what it links to, after it was taken out. It is written
 * anew only after a flush, when no CPU is anywhere in here.
 */
#include "cache.h"

#include "zfacet/reserve.h"

#include <sys/mman.h>

/* The targets that one EXECUTE has had differ in what they are alone: in their lengths, say. */
static uint32_t hash_of(uint64_t pc, uint32_t mode, const struct target *target) {
    uint64_t h = (pc >> 1) ^ (uint64_t)mode * 0x9e3779b1 ^ target->word >> 44;
    return (uint32_t)(h ^ h >> 16) & (HASH_SIZE - 1);
}

/* Links of the lists: what they lead to is complete. */
static uint32_t get_link(const uint32_t *link) {
    return __atomic_load_n(link, __ATOMIC_ACQUIRE);
}

static void set_link(uint32_t *link, uint32_t to) {
    __atomic_store_n(link, to, __ATOMIC_RELEASE);
}

static bool is_dead(const struct block_record *block) {
    return __atomic_load_n(&block->dead, __ATOMIC_RELAXED);
}

static uint32_t *page_bucket(struct zf_tb_cache *tbs, uint64_t page) {
    return &tbs->pages[(page >> 12 ^ page >> 24) & (PAGE_HASH_SIZE - 1)];
}

static struct source *node_source(const struct zf_tb_cache *tbs, uint32_t node) {
    return &tbs->blocks[node / SOURCES].source[node % SOURCES];
}

const struct zf_tb_config *zf_tb_config(const struct zf_tb_cache *tbs) {
    return &tbs->config;
}

void zf_tb_configure(struct zf_tb_cache *tbs, const struct zf_tb_config *config) {
    tbs->config = *config;
    tbs->config.parallel |= tbs->shared;
}

void zf_tb_set_tiers(struct zf_tb_cache *tbs, struct zf_tier *tier, struct zf_tier *hot) {
    tbs->tier = tier;
    tbs->hot = hot;
}

uint64_t zf_tb_pc(const struct zf_tb_cache *tbs, uint32_t block) {
    return tbs->blocks[block].pc;
}

/* A block never needs more than these margins. */
bool zf_tb_full(const struct zf_tb_cache *tbs) {
    size_t calls = __atomic_load_n(&tbs->calls.used, __ATOMIC_RELAXED);
    return tbs->tier->full(tbs->tier) || (tbs->hot && tbs->hot->full(tbs->hot)) ||
           __atomic_load_n(&tbs->blocks_used, __ATOMIC_RELAXED) + 1 > BLOCKS ||
           calls + ((size_t)ZF_BLOCK_OPS << 10) > tbs->calls.size;
}

/* Whole pages are given back: most of them, as a rule, were never touched. */
static void zero(char *start, size_t size) {
    char *end = start + size, *first = start + (-(uintptr_t)start & (ZF_PAGE_SIZE - 1));
    size_t whole = (size_t)(end - first) & ZF_PAGE_MASK;
    if (madvise(first, whole, MADV_DONTNEED)) {
        memset(first, 0, whole);
    }
    memset(start, 0, (size_t)(first - start));
    memset(first + whole, 0, (size_t)(end - first) - whole);
}

void zf_tb_forget_branches(struct zf_cpu *cpu) {
    zero((char *)cpu->branch_cache, sizeof cpu->branch_cache);
    cpu->branch_cache[0].pc = 2;
    memset(cpu->execute_cache, 0, sizeof cpu->execute_cache);
    zf_tlb_clear(cpu);
}

void zf_breaking_event_settle(struct zf_cpu *cpu) {
    const struct zf_tier *tier = cpu->tbs->tier, *hot = cpu->tbs->hot;
    if (cpu->branch_at) {
        tier = hot && hot->owns(hot, cpu->branch_at) ? hot : tier;
        zf_breaking_event_set(cpu, tier->branch(tier, cpu->branch_at));
    }
}

void zf_tb_flush(struct zf_tb_cache *tbs) {
    for (unsigned i = 0; i < tbs->cpus->count; i++) {
        zf_breaking_event_settle(tbs->cpus->cpu[i]);
    }
    if (tbs->blocks_used > 1) { /* without a block they are empty */
        zero((char *)tbs->hash, sizeof tbs->hash);
        zero((char *)tbs->pages, sizeof tbs->pages);
        memset(tbs->spaces, 0, sizeof tbs->spaces);
    }
    tbs->blocks_used = 1;
    tbs->calls.used = 0;
    tbs->tier->flush(tbs->tier);
    if (tbs->hot) {
        tbs->hot->flush(tbs->hot);
    }
    for (unsigned i = 0; i < tbs->cpus->count; i++) {
        zf_tb_forget_branches(tbs->cpus->cpu[i]);
    }
}

void zf_tb_widen(struct zf_tb_cache *tbs) {
    zf_reserve_widen(tbs, sizeof *tbs, sizeof *tbs);
    zf_reserve_widen(tbs->blocks, BLOCKS * sizeof *tbs->blocks,
                     tbs->blocks_used * sizeof *tbs->blocks);
}

void zf_tb_forked(struct zf_tb_cache *tbs) {
    struct zf_tier *tiers[] = {tbs->tier, tbs->hot};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(tiers); i++) {
        if (tiers[i] && tiers[i]->forked) {
            tiers[i]->forked(tiers[i]);
            zf_tb_flush(tbs);
        }
    }
}

static bool is_read(const struct zf_tb_cache *tbs, uint64_t page) {
    unsigned count = __atomic_load_n(&tbs->reads_used, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < count; i++) {
        if (__atomic_load_n(&tbs->reads[i], __ATOMIC_RELAXED) == page) {
            return true;
        }
    }
    return false;
}

/*
 * Before CPUs are asked for their TLBs. Who stores to the page after that finds that it has code,
 * leaves it out of the TLB, and waits for the claim to drop the block.
 */
static void note_read(void *context, uint64_t page) {
    struct zf_tb_cache *tbs = context;
    unsigned count = tbs->reads_used;
    if (!is_read(tbs, page)) {
        ZF_ASSERT(count < PAGES_READ);
        __atomic_store_n(&tbs->reads[count], page, __ATOMIC_RELAXED);
        __atomic_store_n(&tbs->reads_used, count + 1, __ATOMIC_RELEASE);
    }
}

void zf_tb_end_reads(struct zf_tb_cache *tbs) {
    __atomic_store_n(&tbs->reads_used, 0, __ATOMIC_RELEASE);
}

/* Pages that are being read come first: what leaves them has come into the lists. */
static bool has_code(const void *context, uint64_t address, uint64_t length) {
    const struct zf_tb_cache *tbs = context;
    uint64_t page = address & ZF_PAGE_MASK, first = address - page, last = first + length - 1;
    if (is_read(tbs, page)) {
        return true;
    }
    uint32_t node = get_link(page_bucket((struct zf_tb_cache *)tbs, page));
    for (; node; node = get_link(&node_source(tbs, node)->next)) {
        const struct source *source = node_source(tbs, node);
        if (source->page == page && source->first <= last && source->last >= first &&
            !is_dead(&tbs->blocks[node / SOURCES])) {
            return true;
        }
    }
    return false;
}

void zf_tb_kill(struct block_record *block) {
    __atomic_store_n(&block->dead, true, __ATOMIC_RELAXED);
    block->code.tier->drop(block->code.tier, &block->code);
}

/* Takes a dead block out of the lists of its pages. */
static void unlink_sources(struct zf_tb_cache *tbs, uint32_t index) {
    const struct block_record *block = &tbs->blocks[index];
    for (unsigned n = 0; n < block->sources; n++) {
        uint32_t *link = page_bucket(tbs, block->source[n].page);
        while (*link && *link != index * SOURCES + n) {
            link = &node_source(tbs, *link)->next;
        }
        if (*link) {
            set_link(link, block->source[n].next);
        }
    }
}

static void drop_in_page(struct zf_tb_cache *tbs, uint64_t page, unsigned first, unsigned last) {
    uint32_t *link = page_bucket(tbs, page);
    while (*link) {
        struct source *source = node_source(tbs, *link);
        struct block_record *block = &tbs->blocks[*link / SOURCES];
        if (!block->dead && source->page == page && source->first <= last &&
            source->last >= first) {
            zf_tb_kill(block);
        }
        if (block->dead) {
            set_link(link, source->next);
        } else {
            link = &source->next;
        }
    }
}

/* Of a range with more pages than there are blocks, each block is asked instead of each page. */
static void drop_in_range(struct zf_tb_cache *tbs, uint64_t address, uint64_t length) {
    for (uint32_t i = 1; i < tbs->blocks_used; i++) {
        struct block_record *block = &tbs->blocks[i];
        for (unsigned n = 0; n < block->sources && !block->dead; n++) {
            uint64_t first = block->source[n].page + block->source[n].first;
            uint64_t last = block->source[n].page + block->source[n].last;
            if (first < address + length && last >= address) {
                zf_tb_kill(block);
            }
        }
    }
}

static void drop_in_pages(struct zf_tb_cache *tbs, uint64_t address, uint64_t length) {
    while (length) {
        uint64_t page = address & ZF_PAGE_MASK;
        unsigned first = (unsigned)(address - page);
        uint64_t here = ZF_PAGE_SIZE - first < length ? ZF_PAGE_SIZE - first : length;
        drop_in_page(tbs, page, first, (unsigned)(first + here - 1));
        address += here;
        length -= here;
    }
}

static void code_changed(void *context, uint64_t address, uint64_t length) {
    struct zf_tb_cache *tbs = context;
    zf_cpus_claim(tbs->cpus);
    if (length / ZF_PAGE_SIZE > tbs->blocks_used) {
        drop_in_range(tbs, address, length);
    } else {
        drop_in_pages(tbs, address, length);
    }
    zf_cpus_release(tbs->cpus);
}

static void storage_shared(void *context) {
    struct zf_tb_cache *tbs = context;
    tbs->shared = true;
    if (!tbs->config.parallel) {
        tbs->config.parallel = true;
        zf_tb_flush(tbs); /* code that was made for one process does not do for several */
    }
}

static void drop_space(void *context, uint32_t number) {
    struct zf_tb_cache *tbs = context;
    zf_cpus_claim(tbs->cpus);
    for (uint32_t i = tbs->spaces[number]; i; i = tbs->blocks[i].next_in_space) {
        if (!tbs->blocks[i].dead) {
            zf_tb_kill(&tbs->blocks[i]);
        }
        unlink_sources(tbs, i);
    }
    tbs->spaces[number] = 0;
    zf_cpus_release(tbs->cpus);
}

void zf_tb_drop_virtual(struct zf_tb_cache *tbs) {
    for (uint32_t number = 1; number <= ZF_SPACES; number++) {
        drop_space(tbs, number);
    }
}

/* Whether the record is what was asked for: plain code, or the target of an EXECUTE. */
static bool same_block(const struct block_record *record, uint64_t pc, uint32_t mode,
                       const struct target *target) {
    return record->pc == pc && record->code.mode == mode && record->target.word == target->word &&
           record->target.address == target->address;
}

/* An EXECUTE's target is gone to from within code, and so has that code's tier. */
static bool is_for(const struct block_record *record, const struct zf_cpu *cpu) {
    return !is_dead(record) && (!record->code.own || record->prefix == cpu->prefix) &&
           (record->target.address == NO_TARGET || record->code.tier == cpu->tier);
}

bool zf_tb_is_for(const struct zf_cpu *cpu, uint32_t index) {
    return is_for(&cpu->tbs->blocks[index], cpu);
}

uint32_t zf_tb_lookup(const struct zf_cpu *cpu, uint64_t pc, const struct target *target) {
    const struct zf_tb_cache *tbs = cpu->tbs;
    uint32_t index = get_link(&tbs->hash[hash_of(pc, cpu->mode, target)]);
    while (index && (!same_block(&tbs->blocks[index], pc, cpu->mode, target) ||
                     !is_for(&tbs->blocks[index], cpu))) {
        index = get_link(&tbs->blocks[index].next);
    }
    return index;
}

/* Whether prefixing may have led to the page: another CPU has another one there. */
static bool is_prefixed(const struct zf_tb_cache *tbs, uint64_t page) {
    const struct zf_cpu *cpu = tbs->block.cpu;
    const uint64_t area = 2 * ZF_PAGE_SIZE;
    return tbs->config.parallel && !cpu->linear && (page < area || page - cpu->prefix < area);
}

static void file_source(struct zf_tb_cache *tbs, uint32_t index, uint64_t page, uint16_t first,
                        uint16_t last) {
    struct block_record *record = &tbs->blocks[index];
    if (is_prefixed(tbs, page)) {
        record->code.own = true;
        record->prefix = tbs->block.cpu->prefix;
    }
    uint32_t *bucket = page_bucket(tbs, page);
    unsigned n = record->sources++;
    record->source[n] =
        (struct source){.page = page, .first = first, .last = last, .next = *bucket};
    set_link(bucket, index * SOURCES + n);
}

/* Files the block under every page that it was made from. */
static bool file_sources(struct zf_tb_cache *tbs, uint32_t index) {
    const struct zf_block *block = &tbs->block;
    struct zf_cpu *cpu = block->cpu;
    uint64_t page;
    if (!zf_code_page(cpu, block->pc, &page)) {
        return false;
    }
    uint64_t last = block->end - 1;
    bool crosses = (block->pc ^ last) & ZF_PAGE_MASK;
    file_source(tbs, index, page, (uint16_t)(block->pc & ~ZF_PAGE_MASK),
                crosses ? ZF_PAGE_SIZE - 1 : (uint16_t)(last & ~ZF_PAGE_MASK));
    if (tbs->look_ahead_used) {
        file_source(tbs, index, page, tbs->look_ahead.first, tbs->look_ahead.last);
    }
    if (crosses) {
        if (!zf_code_page(cpu, zf_wrap(cpu, last), &page)) {
            return false;
        }
        file_source(tbs, index, page, 0, (uint16_t)(last & ~ZF_PAGE_MASK));
    }
    if (block->extra_page != 1) {
        file_source(tbs, index, block->extra_page, block->extra_offset,
                    (uint16_t)(block->extra_offset + 5));
    }
    return true;
}

/* Code that all CPUs run does not lead to what one alone has. */
static bool can_link(const struct zf_tb_cache *tbs, const struct zf_code *to) {
    return !tbs->config.parallel || (to->tier->links_running && !to->own);
}

/*
 * Dead blocks with the same key, of the same tier, pass on to the new one whoever still comes to
 * them. Those of another tier wait for one of theirs: what was promoted is made for the first tier
 * again, and later promoted.
 */
static void replace_dead(struct zf_tb_cache *tbs, uint32_t *link,
                         const struct block_record *record) {
    while (*link) {
        struct block_record *old = &tbs->blocks[*link];
        if (old->dead && old->code.tier == record->code.tier &&
            same_block(old, record->pc, record->code.mode, &record->target)) {
            if (can_link(tbs, &record->code)) {
                record->code.tier->link(record->code.tier, &old->code, &record->code);
            }
            set_link(link, old->next);
        } else {
            link = &old->next;
        }
    }
}

bool zf_tb_file(struct zf_tb_cache *tbs, uint32_t index) {
    struct block_record *record = &tbs->blocks[index];
    uint32_t mode = record->code.mode;
    if (!file_sources(tbs, index)) {
        return false;
    }
    if (mode & ZF_MODE_DAT) {
        uint32_t *space = &tbs->spaces[mode >> ZF_MODE_SPACE_SHIFT];
        record->next_in_space = *space;
        *space = index;
    }
    uint32_t *bucket = &tbs->hash[hash_of(record->pc, mode, &record->target)];
    replace_dead(tbs, bucket, record);
    record->next = *bucket;
    set_link(bucket, index);
    return true;
}

static void claim(void *context) {
    zf_cpus_claim(((struct zf_tb_cache *)context)->cpus);
}

static void release(void *context) {
    zf_cpus_release(((struct zf_tb_cache *)context)->cpus);
}

/* The CPU's tier knows its code. */
static void faulted(void *context, struct zf_cpu *cpu, const void *host_context) {
    (void)context;
    cpu->tier->faulted(cpu->tier, cpu, host_context);
}

static bool trapped(void *context, struct zf_cpu *cpu, void *host_context) {
    (void)context;
    return cpu->tier->trapped && cpu->tier->trapped(cpu->tier, cpu, host_context);
}

struct zf_tb_cache *zf_tb_cache_create(struct zf_cpus *cpus, struct zf_storage *storage,
                                       struct zf_error *err) {
    struct zf_tb_cache *tbs = zf_reserve(sizeof *tbs, 0);
    if (!tbs) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the translation cache");
        return NULL;
    }
    tbs->cpus = cpus;
    tbs->storage = storage;
    tbs->calls = (struct zf_call_room){.bytes = zf_reserve(CALLS_SIZE, 0), .size = CALLS_SIZE};
    tbs->blocks = zf_reserve(BLOCKS * sizeof *tbs->blocks, 0);
    if (!tbs->calls.bytes || !tbs->blocks) {
        zf_fail(err, ZF_ERROR_MEMORY, "no address space for the translation cache");
        zf_tb_cache_destroy(tbs);
        return NULL;
    }
    tbs->blocks_used = 1;
    storage->code = (struct zf_code_owner){.context = tbs,
                                           .has_code = has_code,
                                           .reads = note_read,
                                           .claim = claim,
                                           .release = release,
                                           .changed = code_changed,
                                           .shared = storage_shared,
                                           .faulted = faulted,
                                           .trapped = trapped};
    cpus->drop_space = drop_space;
    cpus->drop_context = tbs;
    return tbs;
}

void zf_tb_cache_destroy(struct zf_tb_cache *tbs) {
    if (!tbs) {
        return;
    }
    tbs->storage->code = (struct zf_code_owner){0};
    struct zf_tier *tiers[] = {tbs->tier, tbs->hot};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(tiers); i++) {
        if (tiers[i]) {
            tiers[i]->destroy(tiers[i]);
        }
    }
    zf_reserve_end(tbs->calls.bytes, CALLS_SIZE);
    zf_reserve_end(tbs->blocks, BLOCKS * sizeof *tbs->blocks);
    zf_reserve_end(tbs, sizeof *tbs);
}
