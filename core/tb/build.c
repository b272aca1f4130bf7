/*
 * Building blocks: the frontend's ops, the passes over them, and the tier's code for what is left.
 */
#include "cache.h"

#include "zfacet/pass.h"
#include "zfacet/reserve.h"
#include "zfacet/tally.h"

#include <stdio.h>

/* The host address of the block's first page, when its first instruction can be fetched. */
static const uint8_t *code_page(struct zf_cpu *cpu, uint64_t pc) {
    uint64_t word;
    unsigned length;
    size_t size = ZF_PAGE_SIZE;
    const uint8_t *code = NULL;
    if (zf_fetch(cpu, pc, &word, &length)) {
        zf_code_guard(cpu, pc);
        code = zf_operand(cpu, pc & ZF_PAGE_MASK, &size, ZF_ACCESS_FETCH);
    }
    if (!code) {
        cpu->pgm = (struct zf_pgm){0}; /* whoever translates meets it again */
    }
    return code;
}

static void start_block(struct zf_block *block, struct zf_cpu *cpu, uint64_t pc,
                        unsigned max_insns) {
    struct zf_tb_cache *tbs = cpu->tbs;
    block->cpu = cpu;
    block->calls = &tbs->calls;
    block->tally = tbs->config.tally;
    block->tallied = NULL;
    block->traced = tbs->config.tracer.what & ZF_TRACE_INSN;
    block->counted = tbs->config.counted || block->traced;
    block->parallel = tbs->config.parallel;
    block->ends_at_store = false;
    block->pc = pc;
    block->insn_pc = pc;
    block->insn_length = 0;
    block->ended = false;
    block->max_insns = cpu->mode & ZF_MODE_PER ? 1 : max_insns;
    block->insns = 0;
    block->count = 0;
    block->end = pc;
    block->extra_page = 1;
    block->mode = cpu->mode;
    block->page = pc & ZF_PAGE_MASK;
    block->code = code_page(cpu, pc);
    block->execute_length = 0;
}

/* Nothing of ours comes out of the frontend or the passes wrong. */
static void verify(const struct zf_block *block) {
#ifdef ZF_PARANOID
    const char *wrong = zf_block_verify(block);
    if (wrong) {
        fprintf(stderr, "block at %#llx: %s\n", (unsigned long long)block->pc, wrong);
    }
    ZF_ASSERT(!wrong);
#else
    (void)block;
#endif
}

static void finish_block(struct zf_tb_cache *tbs, struct zf_block *block) {
    if (!block->ended) {
        zf_emit_branch(block, ZF_OP_go_on, zf_wrap(block->cpu, block->end));
    }
    if (block->tally) {
        zf_tally_block_end(block);
    }
    zf_optimise(block, zf_tb_cc_needed_at);
    zf_tb_trace_block(tbs, block);
    verify(block);
}

static bool translate(struct zf_tb_cache *tbs, struct zf_block *block) {
    const struct zf_frontend *frontend = &tbs->config.frontend;
    tbs->look_ahead_used = false;
    if (!frontend->translate(frontend->context, block)) {
        return false;
    }
    finish_block(tbs, block);
    return true;
}

/* Makes the block that tbs->block describes, for the tier. */
static const struct zf_code *make_read(struct zf_tb_cache *tbs, const struct target *target,
                                       struct zf_tier *tier) {
    struct zf_block *block = &tbs->block;
    if (!translate(tbs, block)) {
        return NULL;
    }
    uint32_t index = tbs->blocks_used;
    __atomic_store_n(&tbs->blocks_used, index + 1, __ATOMIC_RELAXED);
    struct block_record *record = &tbs->blocks[index];
    *record = (struct block_record){
        .pc = block->pc,
        .code = {.tier = tier, .mode = block->mode, .block = index},
        .target = *target,
    };
    tier->encode(tier, block, &record->code);
    if (index == ZF_RESERVE_MANY) {
        zf_tb_widen(tbs);
    }
    return zf_tb_file(tbs, index) ? &record->code : NULL;
}

static const struct zf_code *make(struct zf_tb_cache *tbs, const struct target *target,
                                  struct zf_tier *tier) {
    const struct zf_code *code = make_read(tbs, target, tier);
    zf_tb_end_reads(tbs);
    return code;
}

/* Makes the block, unless another CPU has, since this one looked. */
static const struct zf_code *make_at(struct zf_cpu *cpu, uint64_t pc, const struct target *target) {
    struct zf_tb_cache *tbs = cpu->tbs;
    uint32_t index = zf_tb_lookup(cpu, pc, target);
    if (index) {
        return &tbs->blocks[index].code;
    }
    if (zf_tb_full(tbs)) {
        return NULL;
    }
    cpu->psw.addr = pc; /* for a fault while its code is read */
    start_block(&tbs->block, cpu, pc, ZF_BLOCK_INSNS);
    return make(tbs, target, tbs->tier);
}

/* The code of an EXECUTE's target, made if need be; the PSW is at the EXECUTE when it cannot be. */
static const struct zf_code *find_execute(struct zf_cpu *cpu, const struct zf_execute *execute,
                                          const struct target *target) {
    struct zf_tb_cache *tbs = cpu->tbs;
    unsigned length;
    uint64_t pc = cpu->tier->place(cpu->tier, execute->at, &length);
    uint32_t index = zf_tb_lookup(cpu, pc, target);
    if (index) {
        return &tbs->blocks[index].code;
    }
    zf_cpus_claim(tbs->cpus);
    index = zf_tb_lookup(cpu, pc, target);
    const struct zf_code *code = index ? &tbs->blocks[index].code : NULL;
    cpu->psw.addr = pc;
    if (!code && !zf_tb_full(tbs)) {
        start_block(&tbs->block, cpu, pc, 1);
        tbs->block.execute_length = (uint8_t)length;
        tbs->block.execute_word = target->word;
        tbs->block.execute_address = target->address;
        code = make(tbs, target, cpu->tier);
    }
    zf_cpus_release(tbs->cpus);
    return code;
}

const struct zf_code *zf_tb_find(struct zf_cpu *cpu, uint64_t pc) {
    const struct target none = {0, NO_TARGET};
    struct zf_tb_cache *tbs = cpu->tbs;
    uint32_t index = zf_tb_lookup(cpu, pc, &none);
    if (index) {
        return &tbs->blocks[index].code;
    }
    zf_cpus_claim(tbs->cpus);
    const struct zf_code *code = make_at(cpu, pc, &none);
    zf_cpus_release(tbs->cpus);
    return code;
}

static struct zf_execute_entry *execute_entry(struct zf_cpu *cpu,
                                              const struct zf_execute *execute) {
    uintptr_t at = (uintptr_t)execute->at >> 3;
    return &cpu->execute_cache[(at ^ at >> 8 ^ execute->bits) & (ZF_EXECUTE_CACHE_ENTRIES - 1)];
}

const struct zf_code *zf_tb_find_execute(struct zf_cpu *cpu, const struct zf_execute *execute) {
    struct zf_tb_cache *tbs = cpu->tbs;
    struct target target = {.address = execute->address};
    struct zf_execute_entry *known = execute_entry(cpu, execute);
    unsigned length;
    if (!zf_fetch(cpu, execute->address, &target.word, &length)) {
        return NULL;
    }
    target.word |= (uint64_t)execute->bits << 48;
    if (known->at == execute->at && known->address == target.address &&
        known->word == target.word && known->mode == cpu->mode && zf_tb_is_for(cpu, known->block)) {
        return &tbs->blocks[known->block].code;
    }
    const struct zf_code *code = find_execute(cpu, execute, &target);
    if (code) {
        *known = (struct zf_execute_entry){.at = execute->at,
                                           .address = target.address,
                                           .word = target.word,
                                           .mode = code->mode,
                                           .block = code->block};
    }
    return code;
}

const struct zf_block *zf_tb_translate_again(struct zf_cpu *cpu, const struct zf_code *code) {
    struct zf_tb_cache *tbs = cpu->tbs;
    const struct block_record *record = &tbs->blocks[code->block];
    if (record->dead || zf_tb_full(tbs)) {
        return NULL;
    }
    start_block(&tbs->block, cpu, record->pc, ZF_BLOCK_INSNS);
    bool again = translate(tbs, &tbs->block);
    zf_tb_end_reads(tbs);
    cpu->pgm.code = ZF_PGM_NONE; /* where code could not be read, it is met again */
    return again ? &tbs->block : NULL;
}

void zf_tb_promote(struct zf_cpu *cpu, uint32_t block) {
    const struct target none = {0, NO_TARGET};
    struct zf_tb_cache *tbs = cpu->tbs;
    struct block_record *record = &tbs->blocks[block];
    if (!zf_cpus_try_claim(tbs->cpus)) {
        return; /* others make code: it can wait */
    }
    if (!record->dead && !zf_tb_full(tbs)) {
        cpu->psw.addr = record->pc; /* for a fault while its code is read */
        start_block(&tbs->block, cpu, record->pc, ZF_BLOCK_INSNS);
        if (make(tbs, &none, tbs->hot)) {
            zf_tb_kill(record);
        }
        cpu->pgm.code = ZF_PGM_NONE; /* where code could not be read, it is met again */
    }
    zf_cpus_release(tbs->cpus);
}
