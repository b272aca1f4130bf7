/*
 * Traces of what is translated and executed, as text.
 */
#ifndef ZFACET_TRACE_H
#define ZFACET_TRACE_H

#include "zfacet/cpu.h"

enum zf_trace {
    ZF_TRACE_INSN = 1 << 0,
    ZF_TRACE_OPS = 1 << 1,
    ZF_TRACE_BLOCKS = 1 << 2,
    ZF_TRACE_EXCEPTIONS = 1 << 3,
};

struct zf_tracer {
    unsigned what; /* enum zf_trace */
    /* Receives trace text, one line a call, without newline. */
    void (*line)(void *context, const char *line);
    void *context;
    /* With ZF_TRACE_INSN: is told each instruction before it is executed, in place of `line`. */
    void (*insn)(void *context, struct zf_cpu *cpu, uint64_t address);
    void *insn_context;
    /* The instruction at `address` as text; `word` is what it is, NULL: what is there. */
    void (*disassemble)(void *context, struct zf_cpu *cpu, uint64_t address, const uint64_t *word,
                        char *buffer, size_t size);
};

#endif
