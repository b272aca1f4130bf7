/*
 * The front end: fetches, decodes and gates one guest instruction after the other, and has each
 * row's translator or helper give its ops.
 */
#include "zfacet/translate.h"

#include "control/argument.h"
#include "decimal/argument.h"
#include "dfp/argument.h"
#include "finding.h"
#include "float/argument.h"
#include "general/argument.h"
#include "translator.h"
#include "vector/argument.h"
#include "vector/decimal_argument.h"
#include "vector/float_argument.h"
#include "zfacet/tally.h"
#include "zfacet/vector_register.h"

struct semantics {
    zf_translator *translate;
    zf_helper *helper;
    int32_t argument;
    uint16_t op;
    bool ends;  /* the helper never goes on in the block */
    bool plain; /* the translator emits just the op, or one with its effects; never a condition */
};

static const struct semantics semantics_of[ZF_ROW_COUNT] = {
#define NONE 0
/* the zeros after stand in for the argument that a row does not have */
#define T(...) T_ROW(__VA_ARGS__, 0, 0)
#define P(...) T_ROW(__VA_ARGS__, 0, 0), .plain = true
#define TH(...) TH_ROW(__VA_ARGS__, 0, 0)
#define H(...) H_ROW(__VA_ARGS__, 0, 0)
#define HE(...) H_ROW(__VA_ARGS__, 0, 0), .ends = true
#define T_ROW(function, o, a, ...) .translate = zf_tr_##function, .op = ZF_OP_##o, .argument = (a)
#define TH_ROW(function, o, h, a, ...) T_ROW(function, o, a, 0), .helper = zf_do_##h
#define H_ROW(function, a, ...) .helper = zf_do_##function, .argument = (a)
#define INSN(ID, mnemonic, opcode, format, syntax, since, facility, privilege, semantics, ...)     \
    [ZF_ROW_##ID] = {semantics},
/* clang-format off */
#include "isa/all.def"
/* clang-format on */
#undef INSN
};

enum zf_op zf_row_op(enum zf_row row) {
    return (enum zf_op)semantics_of[row].op;
}

struct zf_ir *zf_tr_call_op(const struct zf_tr *t, enum zf_op op, zf_helper *helper) {
    struct zf_insn_call call = {
        .call = {helper},
        .argument = t->argument,
        .insn = *t->insn,
        .o = *t->o,
        .address = t->address,
        .place = t->block->insn_pc,
        .next = t->next,
    };
    return zf_emit_call_op(t->block, op, &call.call, sizeof call);
}

static void emit_insn_call(const struct zf_tr *t, zf_helper *helper, bool ends) {
    zf_tr_call_op(t, ends ? ZF_OP_call_end : ZF_OP_call, helper);
}

void zf_tr_call(const struct zf_tr *t, zf_helper *helper) {
    emit_insn_call(t, helper, false);
}

void zf_tr_call_end(const struct zf_tr *t, zf_helper *helper) {
    emit_insn_call(t, helper, true);
}

uint8_t zf_tr_address(const struct zf_tr *t, uint64_t address, int32_t *displacement) {
    if (address <= INT32_MAX) {
        *displacement = (int32_t)address;
        return ZF_REG_ZERO;
    }
    zf_emit_constant(t->block, ZF_REG_SCRATCH, address);
    *displacement = 0;
    return ZF_REG_SCRATCH;
}

/* The ops that `semantics` asks for, and the overflow trap after them where the mode wants it. */
static void translate_semantics(const struct zf_tr *t, const struct semantics *s) {
    unsigned before = t->block->count;
    if (!s->translate) {
        emit_insn_call(t, s->helper, s->ends);
        return;
    }
    s->translate(t);
    if (t->block->mode & ZF_MODE_FIXED_OVERFLOW && !t->block->ended) {
        for (unsigned i = before; i < t->block->count; i++) {
            if (zf_op_specs[t->block->ops[i].op].effects & ZF_EFFECT_OVERFLOW) {
                zf_emit(t->block, ZF_OP_trap_overflow);
                return;
            }
        }
    }
}

/* Whether the gate permits it and there is nothing to tell of it: the short way of nearly all. */
static bool is_ordinary(const struct zf_gate *gate, const struct zf_insn *insn) {
    return zf_gate_permits(gate, insn->row) && !zf_gate_flags(gate, insn->row) &&
           !zf_insn_form(insn);
}

static bool check_privilege(const struct zf_tr *t) {
    if (t->block->mode & ZF_MODE_PROBLEM &&
        zf_row_get((enum zf_row)t->insn->row)->privilege == ZF_PRIVILEGED) {
        zf_emit_pgm(t->block, ZF_PGM_PRIVILEGED);
        return false;
    }
    return true;
}

/* What of `insn` the gate ignores is taken out of it; false: it does not run. */
static bool check_gate(struct zf_tr *t, struct zf_insn *insn, struct zf_operands *o) {
    const struct zf_facilities *f = zf_cpu_facilities(t->block->cpu);
    struct zf_insn as_coded = *insn;
    struct zf_gate_verdict verdict = zf_gate_check(&f->gate, insn);
    zf_insn_operands(insn, o);
    t->insn = &as_coded; /* reports show what the guest has */
    if (verdict.outcome != ZF_OUTCOME_EXECUTED && f->on_blocked != ZF_ON_BLOCKED_WARN) {
        zf_tr_blocked(t, &verdict);
        return false;
    }
    if (!check_privilege(t)) {
        return false;
    }
    zf_tr_report(t, &f->gate, &verdict);
    t->insn = insn;
    return true;
}

static bool access_registers(const struct zf_block *block) {
    const uint32_t mask = ZF_MODE_DAT | 3u << ZF_MODE_AS_SHIFT;
    return (block->mode & mask) == (ZF_MODE_DAT | ZF_PSW_AS_AR >> 46 << ZF_MODE_AS_SHIFT);
}

/* Helpers may; ops do that have a condition. */
static bool accesses_storage(const struct semantics *s) {
    return !s->translate || zf_op_specs[s->op].effects & (ZF_EFFECT_FAULTS | ZF_EFFECT_STORES);
}

/* Exceptions in the order of their priority: operation, privileged operation, then the rest. */
static void translate_insn(struct zf_tr *t, struct zf_insn *insn) {
    const struct semantics *s = &semantics_of[insn->row];
    if (insn->row == ZF_ROW_INVALID) {
        zf_emit_pgm(t->block, ZF_PGM_OPERATION);
        return;
    }
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    t->insn = insn;
    t->o = &o;
    t->op = (enum zf_op)s->op;
    t->helper = s->helper;
    t->argument = s->argument;
    if (is_ordinary(&zf_cpu_facilities(t->block->cpu)->gate, insn) ? !check_privilege(t)
                                                                   : !check_gate(t, insn, &o)) {
        return;
    }
    if (ZF_UNLIKELY(t->block->mode & ZF_MODE_TRANSACTION)) {
        zf_tr_transaction(t, insn);
    }
    if (!s->translate && !s->helper) {
        zf_tr_unimplemented(t);
        return;
    }
    if (zf_float_check(t)) {
        bool translated = false;
        if (ZF_UNLIKELY(access_registers(t->block)) && accesses_storage(s)) {
            translated = zf_tr_spaces(t, insn);
        }
        if (ZF_UNLIKELY(t->block->mode & ZF_MODE_PER) && accesses_storage(s)) {
            zf_tr_zero_addresses(t, insn);
        }
        if (!translated) {
            translate_semantics(t, s);
        }
    }
}

static void translate_at(struct zf_block *block, uint64_t pc, uint64_t word, unsigned length,
                         uint64_t address) {
    struct zf_insn insn;
    zf_decode(word, &insn);
    struct zf_tr t = {
        .block = block,
        .address = address,
        .next = zf_wrap(block->cpu, pc + length),
    };
    if (ZF_UNLIKELY(block->mode & ZF_MODE_PER)) {
        zf_tr_per_begin(&t, &insn);
        translate_insn(&t, &insn);
        zf_tr_per_end(&t);
        return;
    }
    translate_insn(&t, &insn);
}

static void translate_counted(struct zf_block *block, uint64_t pc, uint64_t word, unsigned length,
                              uint64_t address) {
    zf_block_insn(block, pc, (uint8_t)length);
    if (ZF_LIKELY(!block->tally)) {
        translate_at(block, pc, word, length, address);
        return;
    }
    zf_tally_insn(block, word);
    translate_at(block, pc, word, length, address);
    zf_tally_insn_end(block);
}

static bool translate_execute_target(struct zf_block *block) {
    struct zf_insn insn;
    zf_decode(block->execute_word, &insn);
    if (zf_row_op((enum zf_row)insn.row) == ZF_OP_execute) {
        zf_block_insn(block, block->pc, block->execute_length);
        zf_emit_pgm(block, ZF_PGM_EXECUTE);
        return true;
    }
    translate_counted(block, block->pc, block->execute_word, block->execute_length,
                      block->execute_address);
    return true;
}

bool zf_translate_block(void *context, struct zf_block *block) {
    (void)context;
    struct zf_cpu *cpu = block->cpu;
    uint64_t pc = block->pc;
    if (block->execute_length) {
        return translate_execute_target(block);
    }
    bool stores;
    do {
        uint64_t word;
        unsigned length, before = block->count;
        if (!zf_block_fetch(block, pc, &word, &length)) {
            if (block->insns) {
                cpu->pgm = (struct zf_pgm){0};
                break;
            }
            return false;
        }
        translate_counted(block, pc, word, length, pc);
        pc = zf_wrap(cpu, pc + length);
        stores = ZF_UNLIKELY(block->ends_at_store) && zf_block_may_store(block, before);
    } while (!block->ended && !stores && !zf_block_full(block) &&
             !((pc ^ block->pc) & ZF_PAGE_MASK));
    return true;
}

enum zf_cc_use zf_insn_cc_use(void *context, const struct zf_block *block, uint64_t word) {
    (void)context;
    const struct zf_gate *gate = &zf_cpu_facilities(block->cpu)->gate;
    enum zf_row row = zf_decode_id(word);
    const struct semantics *s = &semantics_of[row];
    const struct zf_insn insn = {.word = word, .row = (uint16_t)row};
    uint16_t effects = zf_op_specs[s->op].effects;
    if (effects & (ZF_EFFECT_USES_CC | ZF_EFFECT_FAULTS | ZF_EFFECT_BRANCH | ZF_EFFECT_END) ||
        !s->plain || block->mode & ZF_MODE_FIXED_OVERFLOW || !is_ordinary(gate, &insn)) {
        return ZF_CC_NEEDED;
    }
    return effects & ZF_EFFECT_SETS_CC ? ZF_CC_OVERWRITTEN : ZF_CC_PASSES;
}

bool zf_machine_has_facility(const struct zf_machine *machine, unsigned bit) {
    const struct zf_facilities *f = machine->facilities;
    return zf_gate_has_facility(&f->gate, bit);
}
