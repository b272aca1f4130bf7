/*
 * The front end: guest instructions to ops, gated by the machine's model. One row of decode/isa
 * names what an instruction does: T(translator, op, argument), H(helper, argument) or HE(helper,
 * argument).
 */
#ifndef ZFACET_TRANSLATE_H
#define ZFACET_TRANSLATE_H

#include "zfacet/gate.h"
#include "zfacet/guest_view.h"
#include "zfacet/machine.h"

/*
 * The last exception that a system's supervisor got for what the model lacks. From a probe it
 * returns by LOAD PSW, in the supervisor state and with the stack pointer of then.
 */
struct zf_refused {
    bool waits; /* it has not returned */
    uint64_t stack;
};

/* The facilities of a machine: zf_machine.facilities points here. The user interface owns it. */
struct zf_facilities {
    struct zf_gate gate;
    struct zf_guest_config guest; /* what is zero gets a default; `model` is the gate's then */
    enum zf_on_blocked on_blocked;
    enum zf_on_unimplemented on_unimplemented;
    uint64_t unimplemented_traps; /* how many there were: DIAGNOSE X'FAC' tells the guest */
    /* Is told each finding as translated code has it: see zf_finding_judge(). May be NULL. */
    void (*found)(void *context, struct zf_cpu *cpu, const struct zf_finding *finding);
    void *found_context;
    /* Permitted function codes that were executed, counted; or NULL. */
    uint64_t (*functions)[ZF_QUERY_BITS];
    struct zf_refused refused[ZF_CPUS]; /* of systems, by CPU address */
};

/** The machine's facilities. */
static inline struct zf_facilities *zf_cpu_facilities(const struct zf_cpu *cpu) {
    return (struct zf_facilities *)cpu->machine->facilities;
}

/** What was refused to the CPU; NULL: to a Linux program, whose kernel we are. */
static inline struct zf_refused *zf_cpu_refused(const struct zf_cpu *cpu) {
    return cpu->linear ? NULL : &zf_cpu_facilities(cpu)->refused[cpu->address];
}

/** For zf_frontend.translate; the context is not used. */
bool zf_translate_block(void *context, struct zf_block *block);

/** For zf_frontend.cc_use; the context is not used. */
enum zf_cc_use zf_insn_cc_use(void *context, const struct zf_block *block, uint64_t word);

/** For zf_frontend.has_facility: what the gate says. */
bool zf_machine_has_facility(const struct zf_machine *machine, unsigned bit);

/* What a helper gets: its instruction. */
struct zf_insn_call {
    struct zf_call call;
    int32_t argument; /* the row's, 0 when it has none */
    struct zf_insn insn;
    struct zf_operands o;
    uint64_t address; /* of the instruction itself: what relative operands count from */
    uint64_t place;   /* the same, but of an EXECUTE's target that of the EXECUTE */
    uint64_t next;    /* of the next sequential instruction: what links and branches around use */
};

static inline const struct zf_insn_call *zf_insn_call(const struct zf_call *call) {
    return (const struct zf_insn_call *)call;
}

/** Reports that the model ignores options in registers, which came with the row's hint. */
void zf_option_ignored(struct zf_cpu *cpu, const struct zf_insn_call *i);

/**
 * For instructions with function codes: whether `code` runs, which is reported if the model lacks
 * it. When it does not run, the caller goes on with zf_function_refused().
 */
bool zf_function_permitted(struct zf_cpu *cpu, const struct zf_insn_call *i, enum zf_query query,
                           unsigned code);

/**
 * Reports a code that does not run, and stops there or raises `pgm`; ZF_PGM_NONE: the instruction
 * ends as usual, with the condition code that tells it. A code that no machine has is not blocked,
 * so it is not reported, but `pgm` is raised.
 */
enum zf_next zf_function_refused(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 enum zf_query query, unsigned code, enum zf_pgm_code pgm);

/**
 * For a permitted function code that zfacet does not execute: stops the machine at it, or refuses
 * it with `pgm` as zf_function_refused() does.
 */
enum zf_next zf_function_unimplemented(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                       enum zf_query query, unsigned code, enum zf_pgm_code pgm);

#endif
