/*
 * From one block to the next, where the code does not know it yet. The entry for branches stands
 * before the one that zf_code has.
 */
#include "jit.h"
#include "link.h"

#include "zfacet/tally.h"

/* NULL: through the run loop, which meets it again, or looks at every instruction. */
static const struct zf_code *find(struct zf_cpu *cpu) {
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_PER)) {
        cpu->per.branched = true;
        return NULL;
    }
    const struct zf_code *code = zf_tb_find(cpu, cpu->psw.addr);
    if (code && code->tier != cpu->tier && code->tier->approached) {
        code->tier->approached(code->tier, code);
    }
    if (!code || code->tier != cpu->tier) {
        cpu->pgm.code = ZF_PGM_NONE;
        return NULL;
    }
    return code;
}

void *zf_jit_chain(struct zf_cpu *cpu, uint64_t number) {
    struct jit *jit = (struct jit *)cpu->tier;
    ZF_ASSERT(number < __atomic_load_n(&jit->ways_used, __ATOMIC_ACQUIRE)); /* it is complete */
    struct way *way = &jit->ways[number];
    cpu->psw.addr = way->target;
    const struct zf_code *code = find(cpu);
    if (!code) {
        return NULL;
    }
    if (!code->own) {
        zf_jit_link_way(cpu, way, code);
    }
    return (uint8_t *)code->entry - jit->entry_size;
}

void *zf_jit_indirect(struct zf_cpu *cpu) {
    struct jit *jit = (struct jit *)cpu->tier;
    uint64_t pc = cpu->psw.addr;
    const struct zf_code *code = find(cpu);
    uint8_t *entry = code ? code->entry : NULL;
    if (entry) {
        cpu->branch_cache[(pc >> 1) & (ZF_BRANCH_CACHE_ENTRIES - 1)] =
            (struct zf_branch_cache_entry){.pc = pc,
                                           .mode = cpu->mode | MODE_NATIVE,
                                           .code = (uint32_t)(uintptr_t)(entry - jit->entry_size)};
    }
    return entry;
}

/* An EXECUTE leads to `target`, or to NULL: then nothing was executed, or there is a condition,
 * which the run loop counts. Nor is it executed when its target is another one, of which no
 * instruction is counted. */
static void count_execute(struct zf_cpu *cpu, const struct zf_code *target) {
    unsigned length;
    uint64_t pc = zf_jit_place(cpu->tier, cpu->code_at, &length);
    struct zf_tally_insn *block = zf_jit_tallied(cpu->tier, cpu->code_at);
    const struct zf_tally_insn *insn = target ? zf_jit_tallied(cpu->tier, target->entry) : NULL;
    if (block && (target || !cpu->pgm.code)) {
        zf_tally_passed(zf_jit_left(cpu->tier, cpu->code_at), pc, target && !(insn && insn->end));
    }
}

void *zf_jit_execute(struct zf_cpu *cpu, uint64_t address, uint8_t bits) {
    const struct jit *jit = (const struct jit *)cpu->tier;
    const struct zf_execute execute = {cpu->code_at, address, bits};
    const struct zf_code *code = zf_tb_find_execute(cpu, &execute);
    if (jit->config.tally) {
        count_execute(cpu, code);
    }
    return code ? code->entry : NULL;
}

struct zf_jit_loaded zf_jit_load(struct zf_cpu *cpu, uint64_t address, unsigned size) {
    struct zf_jit_loaded loaded;
    loaded.done = zf_load_slow(cpu, address, size, &loaded.value);
    return loaded;
}
