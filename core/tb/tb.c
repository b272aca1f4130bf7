#include "tb/cache.h"

#include "opt/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LOOK_AHEAD_INSNS = 4 };

static void *reserve(size_t size) {
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

struct zf_tb_cache *zf_tb_cache_create(struct zf_machine *machine, struct zf_error *err) {
    struct zf_tb_cache *tbs = calloc(1, sizeof *tbs);
    if (!tbs) {
        zf_fail(err, ZF_ERROR_MEMORY, "no memory for the translation cache");
        return NULL;
    }
    tbs->machine = machine;
    tbs->uops = reserve(UOPS * sizeof *tbs->uops);
    tbs->data = reserve(DATA_SIZE);
    tbs->blocks = reserve(BLOCKS * sizeof *tbs->blocks);
    if (!tbs->uops || !tbs->data || !tbs->blocks) {
        zf_fail(err, ZF_ERROR_MEMORY, "no address space for the translation cache");
        zf_tb_cache_destroy(tbs);
        return NULL;
    }
    zf_tb_choose_engines(tbs, machine->config.engine == ZF_ENGINE_SWITCH);
    tbs->uops_used = 1;
    tbs->blocks_used = 1;
    return tbs;
}

void zf_tb_cache_destroy(struct zf_tb_cache *tbs) {
    if (!tbs) {
        return;
    }
    if (tbs->uops) {
        munmap(tbs->uops, UOPS * sizeof *tbs->uops);
    }
    if (tbs->data) {
        munmap(tbs->data, DATA_SIZE);
    }
    if (tbs->blocks) {
        munmap(tbs->blocks, BLOCKS * sizeof *tbs->blocks);
    }
    free(tbs);
}

static uint32_t hash_of(uint64_t pc, uint32_t mode) {
    uint64_t h = (pc >> 1) ^ (uint64_t)mode * 0x9e3779b1;
    return (uint32_t)(h ^ h >> 16) & (HASH_SIZE - 1);
}

static uint32_t *page_bucket(struct zf_tb_cache *tbs, uint64_t page) {
    return &tbs->pages[(page >> 12 ^ page >> 24) & (PAGE_HASH_SIZE - 1)];
}

static struct source *node_source(const struct zf_tb_cache *tbs, uint32_t node) {
    return &tbs->blocks[node / SOURCES].source[node % SOURCES];
}

void *zf_tb_data(struct zf_tb_cache *tbs, size_t size) {
    size_t aligned = (size + 15) & ~(size_t)15;
    ZF_ASSERT(tbs->data_used + aligned <= DATA_SIZE);
    void *p = tbs->data + tbs->data_used;
    tbs->data_used += aligned;
    return p;
}

/* A block never needs more than these margins. */
bool zf_tb_full(const struct zf_tb_cache *tbs) {
    return tbs->uops_used + 3 * ZF_BLOCK_OPS > UOPS || tbs->blocks_used + 1 > BLOCKS ||
           tbs->data_used + ((size_t)ZF_BLOCK_OPS << 10) > DATA_SIZE;
}

void zf_tb_flush(struct zf_tb_cache *tbs) {
    memset(tbs->hash, 0, sizeof tbs->hash);
    memset(tbs->pages, 0, sizeof tbs->pages);
    memset(tbs->spaces, 0, sizeof tbs->spaces);
    tbs->uops_used = 1;
    tbs->blocks_used = 1;
    tbs->data_used = 0;
    struct zf_cpu *cpu = tbs->machine->cpu;
    for (unsigned i = 0; i < ZF_BRANCH_CACHE_ENTRIES; i++) {
        cpu->branch_cache[i].pc = 1;
    }
    zf_tlb_clear(cpu);
}

bool zf_tb_page_has_code(const struct zf_tb_cache *tbs, uint64_t page) {
    uint32_t node = *page_bucket((struct zf_tb_cache *)tbs, page);
    for (; node; node = node_source(tbs, node)->next) {
        if (node_source(tbs, node)->page == page && !tbs->blocks[node / SOURCES].dead) {
            return true;
        }
    }
    return false;
}

/* From now on every op of the block leaves it. */
static void kill_block(struct zf_tb_cache *tbs, struct block_record *block) {
    const uintptr_t *handlers = tbs->handlers[access_of(tbs->machine, block->mode)];
    block->dead = true;
    for (uint32_t i = 0; i < block->count; i++) {
        tbs->uops[block->uop + i].handler = handlers[ZF_OP_stale];
    }
    struct zf_cpu *cpu = tbs->machine->cpu;
    cpu->branch_cache[(block->pc >> 1) & (ZF_BRANCH_CACHE_ENTRIES - 1)].pc = 1;
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
            *link = block->source[n].next;
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
            kill_block(tbs, block);
        }
        if (block->dead) {
            *link = source->next;
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
                kill_block(tbs, block);
            }
        }
    }
}

void zf_tb_drop(struct zf_tb_cache *tbs, uint64_t address, uint64_t length) {
    if (length / ZF_PAGE_SIZE > tbs->blocks_used) {
        drop_in_range(tbs, address, length);
        return;
    }
    while (length) {
        uint64_t page = address & ZF_PAGE_MASK;
        unsigned first = (unsigned)(address - page);
        uint64_t here = ZF_PAGE_SIZE - first < length ? ZF_PAGE_SIZE - first : length;
        drop_in_page(tbs, page, first, (unsigned)(first + here - 1));
        address += here;
        length -= here;
    }
}

void zf_tb_drop_space(struct zf_tb_cache *tbs, uint32_t number) {
    for (uint32_t i = tbs->spaces[number]; i; i = tbs->blocks[i].next_in_space) {
        if (!tbs->blocks[i].dead) {
            kill_block(tbs, &tbs->blocks[i]);
        }
        unlink_sources(tbs, i);
    }
    tbs->spaces[number] = 0;
}

void zf_tb_drop_virtual(struct zf_tb_cache *tbs) {
    for (uint32_t number = 1; number <= ZF_SPACES; number++) {
        zf_tb_drop_space(tbs, number);
    }
}

static uint32_t block_of(const struct zf_tb_cache *tbs, uint32_t uop) {
    uint32_t low = 1, high = tbs->blocks_used;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (tbs->blocks[middle].uop <= uop) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

uint64_t zf_tb_place(struct zf_tb_cache *tbs, const struct zf_uop *uop, unsigned *length) {
    *length = (uop->place & 3) * 2u;
    uint32_t block = block_of(tbs, (uint32_t)(uop - tbs->uops));
    return tbs->blocks[block].pc + (uint64_t)(uop->place >> 2) * 2;
}

uint64_t zf_tb_target(struct zf_tb_cache *tbs, const struct zf_uop *uop, uint32_t mode) {
    if (uop->handler == tbs->handlers[access_of(tbs->machine, mode)][ZF_OP_chain]) {
        return uop->imm64;
    }
    /* Branches go to blocks' first uops, whose own place may be that of a later instruction. */
    return tbs->blocks[block_of(tbs, (uint32_t)(uop - tbs->uops))].pc;
}

uint64_t zf_tb_stale_pc(struct zf_cpu *cpu, const struct zf_uop *uop) {
    struct zf_tb_cache *tbs = cpu->machine->tbs;
    const struct block_record *block = &tbs->blocks[block_of(tbs, (uint32_t)(uop - tbs->uops))];
    if (uop == &tbs->uops[block->uop]) {
        return block->pc;
    }
    unsigned length;
    uint64_t pc = zf_tb_place(tbs, uop - 1, &length);
    return zf_wrap(cpu, pc + length);
}

/* The host address of the block's first page, when its first instruction can be fetched. */
static const uint8_t *code_page(struct zf_cpu *cpu, uint64_t pc) {
    uint64_t word;
    unsigned length;
    size_t size = ZF_PAGE_SIZE;
    const uint8_t *code = NULL;
    if (zf_fetch(cpu, pc, &word, &length)) {
        code = zf_operand(cpu, pc & ZF_PAGE_MASK, &size, ZF_ACCESS_FETCH);
    }
    if (!code) {
        cpu->pgm = (struct zf_pgm){0}; /* whoever translates meets it again */
    }
    return code;
}

static void start_block(struct zf_block *block, struct zf_cpu *cpu, uint64_t pc,
                        unsigned max_insns) {
    block->cpu = cpu;
    block->machine = cpu->machine;
    block->pc = pc;
    block->insn_pc = pc;
    block->insn_length = 0;
    block->ended = false;
    block->max_insns = max_insns;
    block->insns = 0;
    block->count = 0;
    block->end = pc;
    block->extra_page = 1;
    block->mode = cpu->mode;
    block->page = pc & ZF_PAGE_MASK;
    block->code = code_page(cpu, pc);
    block->execute_length = 0;
}

/* A page's address as blocks are filed under it: absolute, or the linear guest page. */
bool zf_code_page(struct zf_cpu *cpu, uint64_t address, uint64_t *page) {
    if (cpu->linear) {
        *page = address & ZF_PAGE_MASK;
        return true;
    }
    struct zf_aaddr absolute;
    bool cacheable;
    if (!zf_translate(cpu, (struct zf_vaddr){address}, ZF_ACCESS_FETCH, &absolute, &cacheable)) {
        cpu->pgm.code = ZF_PGM_NONE;
        return false;
    }
    *page = absolute.v & ZF_PAGE_MASK;
    return true;
}

/* Reads on from a branch target until the CC's fate is known, within one page. */
static bool cc_overwritten(struct zf_block *block, uint64_t target, uint64_t *end) {
    const struct zf_frontend *frontend = &block->machine->config.frontend;
    for (unsigned i = 0; i < LOOK_AHEAD_INSNS; i++) {
        uint64_t word;
        unsigned length;
        if (!zf_block_fetch(block, target, &word, &length)) {
            block->cpu->pgm = (struct zf_pgm){0};
            return false;
        }
        target += length;
        if (((target - 1) ^ block->pc) & ZF_PAGE_MASK) {
            return false;
        }
        enum zf_cc_use use = frontend->cc_use(frontend->context, block, word);
        if (use != ZF_CC_PASSES) {
            *end = target;
            return use == ZF_CC_OVERWRITTEN;
        }
    }
    return false;
}

/* The block then rests on the code ahead too: all such code of a block is filed as one range. */
static bool cc_needed_at(struct zf_block *block, uint64_t target) {
    struct zf_tb_cache *tbs = block->machine->tbs;
    uint64_t end;
    if (!block->machine->config.frontend.cc_use || (target ^ block->pc) & ZF_PAGE_MASK ||
        target & 1 || !cc_overwritten(block, target, &end)) {
        return true;
    }
    uint16_t first = (uint16_t)(target & ~ZF_PAGE_MASK);
    uint16_t last = (uint16_t)((end - 1) & ~ZF_PAGE_MASK);
    if (!tbs->look_ahead_used) {
        tbs->look_ahead = (struct source){.first = first, .last = last};
        tbs->look_ahead_used = true;
    } else {
        tbs->look_ahead.first = first < tbs->look_ahead.first ? first : tbs->look_ahead.first;
        tbs->look_ahead.last = last > tbs->look_ahead.last ? last : tbs->look_ahead.last;
    }
    return false;
}

static void file_source(struct zf_tb_cache *tbs, uint32_t index, uint64_t page, uint16_t first,
                        uint16_t last) {
    struct block_record *record = &tbs->blocks[index];
    uint32_t *bucket = page_bucket(tbs, page);
    bool known = zf_tb_page_has_code(tbs, page);
    unsigned n = record->sources++;
    record->source[n] =
        (struct source){.page = page, .first = first, .last = last, .next = *bucket};
    *bucket = index * SOURCES + n;
    if (!known) {
        zf_code_page_added(tbs->machine, page);
    }
}

/* Files the block under every page that it was made from. */
static bool file_sources(struct zf_tb_cache *tbs, uint32_t index, const struct zf_block *block) {
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

/* The instruction that the ops from here on are of; an EXECUTE's target as it is executed. */
static void trace_place(const struct zf_block *block, uint64_t pc) {
    const struct zf_machine_config *config = &block->machine->config;
    const uint64_t *word = block->execute_length ? &block->execute_word : NULL;
    uint64_t address = word ? block->execute_address : pc;
    char text[96] = "", line[200], target[64] = "";
    if (config->disassemble) {
        config->disassemble(config->trace_context, block->cpu, address, word, text, sizeof text);
    }
    if (word) {
        snprintf(target, sizeof target, "  (the target at %#llx of this EXECUTE)",
                 (unsigned long long)address);
    }
    snprintf(line, sizeof line, "%#10llx: %s%s", (unsigned long long)pc, text, target);
    config->trace_line(config->trace_context, line);
}

static void trace_ops(const struct zf_block *block) {
    const struct zf_machine_config *config = &block->machine->config;
    uint64_t last = 1; /* no instruction is there */
    char line[160];
    for (unsigned i = 0; i < block->count; i++) {
        uint64_t pc = zf_ir_address(block, &block->ops[i]);
        if (pc != last) {
            trace_place(block, pc);
            last = pc;
        }
        zf_ir_print(block, &block->ops[i], line, sizeof line);
        config->trace_line(config->trace_context, line);
    }
}

static void trace_block(const struct zf_block *block) {
    const struct zf_machine_config *config = &block->machine->config;
    char line[160];
    if (config->trace & ZF_TRACE_BLOCKS) {
        snprintf(line, sizeof line, "block %#llx-%#llx: %u instructions, %u ops",
                 (unsigned long long)block->pc, (unsigned long long)block->end, block->insns,
                 block->count);
        config->trace_line(config->trace_context, line);
    }
    if (config->trace & ZF_TRACE_OPS) {
        trace_ops(block);
    }
}

static void make_jump(const uintptr_t *handlers, struct zf_uop *from, const struct zf_uop *to) {
    from->handler = handlers[ZF_OP_jmp];
    from->imm2 = (int32_t)((const char *)to - (char *)from);
}

/* The execute_address of blocks that are no target: odd, unlike any that is. */
enum { NO_TARGET = 1 };

/* Whether the record is what was asked for: plain code, or the target of an EXECUTE. */
static bool same_block(const struct block_record *record, uint64_t pc, uint32_t mode,
                       uint64_t execute_word, uint64_t execute_address) {
    return record->pc == pc && record->mode == mode && record->execute_word == execute_word &&
           record->execute_address == execute_address;
}

/* Dead blocks with the same key pass on to the new one whoever still comes to them. */
static void replace_dead(struct zf_tb_cache *tbs, uint32_t *link,
                         const struct block_record *record) {
    const uintptr_t *handlers = tbs->handlers[access_of(tbs->machine, record->mode)];
    struct zf_uop *entry = &tbs->uops[record->uop];
    while (*link) {
        struct block_record *old = &tbs->blocks[*link];
        if (old->dead && same_block(old, record->pc, record->mode, record->execute_word,
                                    record->execute_address)) {
            make_jump(handlers, &tbs->uops[old->uop], entry);
            *link = old->next;
        } else {
            link = &old->next;
        }
    }
}

static void finish_block(struct zf_tb_cache *tbs, struct zf_block *block) {
    if (!block->ended) {
        zf_emit_branch(block, ZF_OP_jmp, zf_wrap(block->cpu, block->end));
    }
    zf_optimise(block, cc_needed_at);
    trace_block(block);
#ifdef ZF_PARANOID
    const char *wrong = zf_block_verify(block);
    if (wrong) {
        fprintf(stderr, "block at %#llx: %s\n", (unsigned long long)block->pc, wrong);
    }
    ZF_ASSERT(!wrong);
#endif
    (void)tbs;
}

/* Makes the block that tbs->block describes. */
static struct zf_uop *make(struct zf_tb_cache *tbs) {
    struct zf_block *block = &tbs->block;
    struct zf_cpu *cpu = block->cpu;
    const struct zf_frontend *frontend = &cpu->machine->config.frontend;
    tbs->look_ahead_used = false;
    if (!frontend->translate(frontend->context, block)) {
        return NULL;
    }
    finish_block(tbs, block);
    uint32_t index = tbs->blocks_used;
    struct block_record *record = &tbs->blocks[index];
    *record = (struct block_record){
        .pc = block->pc, .mode = cpu->mode, .uop = tbs->uops_used, .execute_address = NO_TARGET};
    if (block->execute_length) {
        record->execute_word = block->execute_word;
        record->execute_address = block->execute_address;
    }
    zf_tb_encode(tbs, record, block);
    tbs->blocks_used++;
    if (!file_sources(tbs, index, block)) {
        return NULL;
    }
    if (cpu->mode & ZF_MODE_DAT) {
        uint32_t *space = &tbs->spaces[cpu->mode >> ZF_MODE_SPACE_SHIFT];
        record->next_in_space = *space;
        *space = index;
    }
    uint32_t *bucket = &tbs->hash[hash_of(block->pc, cpu->mode)];
    replace_dead(tbs, bucket, record);
    record->next = *bucket;
    *bucket = index;
    return &tbs->uops[record->uop];
}

static struct zf_uop *find(struct zf_tb_cache *tbs, uint64_t pc, uint32_t mode, uint64_t word,
                           uint64_t address) {
    uint32_t index = tbs->hash[hash_of(pc, mode)];
    for (; index; index = tbs->blocks[index].next) {
        const struct block_record *record = &tbs->blocks[index];
        if (!record->dead && same_block(record, pc, mode, word, address)) {
            return &tbs->uops[record->uop];
        }
    }
    return NULL;
}

struct zf_uop *zf_tb_find(struct zf_cpu *cpu, uint64_t pc) {
    struct zf_tb_cache *tbs = cpu->machine->tbs;
    struct zf_uop *uop = find(tbs, pc, cpu->mode, 0, NO_TARGET);
    if (uop || zf_tb_full(tbs)) {
        return uop;
    }
    start_block(&tbs->block, cpu, pc, ZF_BLOCK_INSNS);
    return make(tbs);
}

struct zf_uop *zf_tb_execute(struct zf_cpu *cpu, struct zf_uop *uop, uint64_t address,
                             uint8_t bits) {
    struct zf_tb_cache *tbs = cpu->machine->tbs;
    unsigned execute_length, length;
    uint64_t pc = zf_tb_place(tbs, uop, &execute_length), word;
    if (!zf_fetch(cpu, address, &word, &length)) {
        return NULL;
    }
    word |= (uint64_t)bits << 48;
    struct zf_uop *entry = find(tbs, pc, cpu->mode, word, address);
    if (entry) {
        return entry;
    }
    if (zf_tb_full(tbs)) {
        cpu->psw.addr = pc;
        return NULL;
    }
    start_block(&tbs->block, cpu, pc, 1);
    tbs->block.execute_length = (uint8_t)execute_length;
    tbs->block.execute_word = word;
    tbs->block.execute_address = address;
    return make(tbs);
}

struct zf_uop *zf_tb_chain(struct zf_cpu *cpu, struct zf_uop *stub) {
    uint64_t target = stub->imm64;
    struct zf_uop *entry = zf_tb_find(cpu, target);
    if (!entry) {
        cpu->pgm.code = ZF_PGM_NONE; /* the run loop meets it again */
        cpu->psw.addr = target;
        return NULL;
    }
    struct zf_uop *branch = stub - stub->distance;
    branch->imm2 = (int32_t)((char *)entry - (char *)branch);
    return entry;
}

struct zf_uop *zf_tb_indirect(struct zf_cpu *cpu, uint64_t pc) {
    struct zf_uop *entry = zf_tb_find(cpu, pc);
    if (!entry) {
        cpu->pgm.code = ZF_PGM_NONE;
        cpu->psw.addr = pc;
        return NULL;
    }
    cpu->branch_cache[(pc >> 1) & (ZF_BRANCH_CACHE_ENTRIES - 1)] = (struct zf_branch_cache_entry){
        .pc = pc, .mode = cpu->mode, .uop = (uint32_t)((char *)entry - (char *)cpu->arena)};
    return entry;
}

struct zf_uop *zf_tb_arena(struct zf_tb_cache *tbs) {
    return tbs->uops;
}

enum zf_exit zf_tb_run(struct zf_tb_cache *tbs, struct zf_cpu *cpu, struct zf_uop *uop) {
    return tbs->engines[access_of(tbs->machine, cpu->mode)](cpu, uop, NULL);
}
