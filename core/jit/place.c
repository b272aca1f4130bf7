/*
 * From host code back to guest addresses; and the two ways in which code is left by a host signal:
 * an access fault, and the trap that stands in a dropped block.
 */
#include "jit.h"

#include "zfacet/tally.h"
#include "zfacet/vector_register.h"

#include <ucontext.h>

const struct block_code *zf_jit_block_at(const struct jit *jit, uint32_t offset) {
    uint32_t low = 1, high = __atomic_load_n(&jit->blocks_used, __ATOMIC_ACQUIRE);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (jit->blocks[middle].offset <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &jit->blocks[low];
}

const struct op_place *zf_jit_op_at(const struct jit *jit, uint32_t offset) {
    const struct block_code *block = zf_jit_block_at(jit, offset);
    uint32_t low = block->first_op, high = block->first_op + block->ops;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (jit->ops[middle].offset <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &jit->ops[low];
}

static uint64_t place_of(const struct jit *jit, const struct block_code *block,
                         const struct op_place *op, unsigned *length) {
    *length = (op->place & 3) * 2u;
    return zf_tb_pc(jit->tbs, block->block) + (uint64_t)(op->place >> 2) * 2;
}

uint64_t zf_jit_place(const struct zf_tier *tier, const void *at, unsigned *length) {
    const struct jit *jit = (const struct jit *)tier;
    uint32_t offset = offset_of(jit, at);
    return place_of(jit, zf_jit_block_at(jit, offset), zf_jit_op_at(jit, offset), length);
}

static bool is_code(const struct jit *jit, const void *at) {
    return (uintptr_t)at >= (uintptr_t)jit->code + jit->start &&
           (uintptr_t)at < (uintptr_t)jit->code + __atomic_load_n(&jit->used, __ATOMIC_RELAXED);
}

bool zf_jit_owns(const struct zf_tier *tier, const void *at) {
    return is_code((const struct jit *)tier, at);
}

uint64_t zf_jit_branch(const struct zf_tier *tier, const void *at) {
    const struct jit *jit = (const struct jit *)tier;
    unsigned length;
    uint64_t pc = zf_jit_place(tier, at, &length);
    return zf_jit_op_at(jit, offset_of(jit, at))->fused ? pc + length : pc;
}

struct zf_tally_insn *zf_jit_tallied(const struct zf_tier *tier, const void *at) {
    const struct jit *jit = (const struct jit *)tier;
    return zf_jit_block_at(jit, offset_of(jit, at))->tallied;
}

/* The rounds of a loop that the state has not counted. */
static void count_rounds(const struct block_code *block, const struct hold_state *state) {
    for (unsigned i = 0; i < state->rounds; i++) {
        zf_tally_passed(block->tallied, block->loop, true);
    }
}

struct zf_tally_insn *zf_jit_left(const struct zf_tier *tier, const void *at) {
    const struct jit *jit = (const struct jit *)tier;
    const struct block_code *block = zf_jit_block_at(jit, offset_of(jit, at));
    count_rounds(block, &zf_jit_op_at(jit, offset_of(jit, at))->hold);
    return block->tallied;
}

uint64_t zf_jit_next(const struct zf_tier *tier, const void *at) {
    const struct jit *jit = (const struct jit *)tier;
    return zf_tb_pc(jit->tbs, zf_jit_block_at(jit, offset_of(jit, at))->block);
}

/* The op at whose start a trap stands; others without code of their own may begin there, too. */
static const struct op_place *trapped_op(const struct jit *jit, uint32_t offset) {
    const struct op_place *op = zf_jit_op_at(jit, offset);
    while (!op->leave) {
        op--;
    }
    return op;
}

/* Where a CPU goes on that comes to an op of a dropped block: as the interpreters have it. */
static uint64_t stale_pc(const struct jit *jit, const struct zf_cpu *cpu, uint32_t offset) {
    const struct block_code *block = zf_jit_block_at(jit, offset);
    const struct op_place *op = trapped_op(jit, offset);
    unsigned length;
    count_rounds(block, &op->hold);
    if (op->leave == LEAVE_TO_START) {
        return zf_tb_pc(jit->tbs, block->block);
    }
    uint64_t pc = place_of(jit, block, op - 1, &length), next = zf_wrap(cpu, pc + length);
    if (block->tallied) {
        zf_tally_passed(block->tallied, pc, true);
    } else if (cpu->tally) {
        zf_tally_left(cpu->tally, next, false);
    }
    return next;
}

void zf_jit_faulted(struct zf_tier *tier, struct zf_cpu *cpu, const void *host_context) {
    const struct jit *jit = (const struct jit *)tier;
    const greg_t *registers = ((const ucontext_t *)host_context)->uc_mcontext.gregs;
    const void *at = (const void *)registers[REG_RIP];
    if (is_code(jit, at)) {
        cpu->code_at = at; /* else a C function has it, and code_at was set before the call */
        zf_hold_recover_from(cpu, &zf_jit_op_at(jit, offset_of(jit, at))->hold, registers);
    }
    zf_jit_settle(cpu);
}

bool zf_jit_trapped(struct zf_tier *tier, struct zf_cpu *cpu, void *host_context) {
    const struct jit *jit = (const struct jit *)tier;
    greg_t *registers = ((ucontext_t *)host_context)->uc_mcontext.gregs;
    const uint8_t *at = (const uint8_t *)registers[REG_RIP];
    if (!is_code(jit, at) || *at != TRAP) {
        return false;
    }
    zf_hold_recover_from(cpu, &trapped_op(jit, offset_of(jit, at))->hold, registers);
    cpu->psw.addr = stale_pc(jit, cpu, offset_of(jit, at));
    registers[REG_R15] = ZF_EXIT_LOOP;
    registers[REG_RIP] = (greg_t)(uintptr_t)(jit->code + jit->part[ZF_PART_leave]);
    return true;
}
