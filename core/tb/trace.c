/*
 * Traces of blocks, their ops, and single instructions.
 */
#include "cache.h"

#include <stdio.h>

/* The instruction that the ops from here on are of; an EXECUTE's target as it is executed. */
static void trace_place(const struct zf_block *block, uint64_t pc) {
    const struct zf_tracer *tracer = &block->cpu->tbs->config.tracer;
    const uint64_t *word = block->execute_length ? &block->execute_word : NULL;
    uint64_t address = word ? block->execute_address : pc;
    char text[96] = "", line[200], target[64] = "";
    if (tracer->disassemble) {
        tracer->disassemble(tracer->context, block->cpu, address, word, text, sizeof text);
    }
    if (word) {
        snprintf(target, sizeof target, "  (the target at %#llx of this EXECUTE)",
                 (unsigned long long)address);
    }
    snprintf(line, sizeof line, "%#10llx: %s%s", (unsigned long long)pc, text, target);
    tracer->line(tracer->context, line);
}

static void trace_ops(const struct zf_block *block) {
    const struct zf_tracer *tracer = &block->cpu->tbs->config.tracer;
    uint64_t last = 1; /* no instruction is there */
    char line[160];
    for (unsigned i = 0; i < block->count; i++) {
        uint64_t pc = zf_ir_address(block, &block->ops[i]);
        if (pc != last) {
            trace_place(block, pc);
            last = pc;
        }
        zf_ir_print(block, &block->ops[i], line, sizeof line);
        tracer->line(tracer->context, line);
    }
}

void zf_tb_trace_block(const struct zf_tb_cache *tbs, const struct zf_block *block) {
    const struct zf_tracer *tracer = &tbs->config.tracer;
    char line[160];
    if (tracer->what & ZF_TRACE_BLOCKS) {
        snprintf(line, sizeof line, "block %#llx-%#llx: %u instructions, %u ops",
                 (unsigned long long)block->pc, (unsigned long long)block->end, block->insns,
                 block->count);
        tracer->line(tracer->context, line);
    }
    if (tracer->what & ZF_TRACE_OPS) {
        trace_ops(block);
    }
}

void zf_trace_insn(struct zf_cpu *cpu, uint64_t pc) {
    const struct zf_tracer *tracer = &cpu->tbs->config.tracer;
    char text[96] = "", line[160];
    if (tracer->insn) {
        tracer->insn(tracer->insn_context, cpu, pc);
        return;
    }
    if (tracer->disassemble) {
        tracer->disassemble(tracer->context, cpu, pc, NULL, text, sizeof text);
    }
    snprintf(line, sizeof line, "%#18llx  cc=%u  %s", (unsigned long long)pc, cpu->cc, text);
    tracer->line(tracer->context, line);
}
