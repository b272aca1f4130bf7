/*
 * What translators of facilities/ share: the instruction being translated, and common checks.
 */
#ifndef ZF_TRANSLATOR_H
#define ZF_TRANSLATOR_H

#include "zfacet/translate.h"

/* The instruction being translated. */
struct zf_tr {
    struct zf_block *block;
    const struct zf_insn *insn;
    const struct zf_operands *o;
    enum zf_op op;     /* the row's op */
    zf_helper *helper; /* the row's, of TH: for what its op cannot do */
    int32_t argument;  /* the row's, 0 when it has none */
    uint64_t address;  /* what relative operands count from */
    uint64_t next;     /* of the next sequential instruction */
};
typedef void zf_translator(const struct zf_tr *t);

/** Emits a call of `helper` for this instruction. */
void zf_tr_call(const struct zf_tr *t, zf_helper *helper);
/** The same for a helper that never goes on in the block. */
void zf_tr_call_end(const struct zf_tr *t, zf_helper *helper);

/** Emits an op that may call `helper` for this instruction (its imm64 is taken). */
struct zf_ir *zf_tr_call_op(const struct zf_tr *t, enum zf_op op, zf_helper *helper);

/** The op that a row gives to its translator; ZF_OP_count when it has none. */
enum zf_op zf_row_op(enum zf_row row);

/** The address of a relative operand. */
static inline uint64_t zf_tr_relative_address(const struct zf_tr *t) {
    return (t->address + (uint64_t)t->o->rel) & t->block->cpu->address_mask;
}

/** Byte offset of the register that holds a constant address, loaded into the scratch register. */
uint8_t zf_tr_address(const struct zf_tr *t, uint64_t address, int32_t *displacement);

/**
 * Whether the instruction may use its floating-point and vector registers in this mode, and names
 * pairs where it must; else the exception is emitted.
 */
bool zf_float_check(const struct zf_tr *t);

/** Whether it is a floating-point or vector instruction. */
bool zf_float_is(const struct zf_tr *t);

/** In blocks of ZF_MODE_TRANSACTION: what stands before an instruction. */
void zf_tr_transaction(const struct zf_tr *t, const struct zf_insn *insn);

/** In blocks of ZF_MODE_PER: what stands before and after an instruction. */
void zf_tr_per_begin(const struct zf_tr *t, const struct zf_insn *insn);
void zf_tr_per_end(const struct zf_tr *t);

/** In access-register mode: what stands before an instruction that accesses storage. True: it is
 * translated, too. */
bool zf_tr_spaces(const struct zf_tr *t, const struct zf_insn *insn);
/** Helpers of rows with ZF_ROW_SEVERAL, in access-register mode: from now on accesses are to the
 * space of access register r. False: cpu->pgm. */
bool zf_ar_use(struct zf_cpu *cpu, unsigned r);
/** With program-event recording: the same, for addresses that are zero. */
void zf_tr_zero_addresses(const struct zf_tr *t, const struct zf_insn *insn);

/** What the gate says of a facility, by its STFLE bit. */
static inline bool zf_has_facility(const struct zf_cpu *cpu, unsigned bit) {
    return zf_gate_has_facility(&zf_cpu_facilities(cpu)->gate, bit);
}

/* Common endings of helpers. */
static inline enum zf_next zf_done(bool ok) {
    return ok ? ZF_NEXT : ZF_NEXT_PGM;
}
static inline enum zf_next zf_raise(struct zf_cpu *cpu, enum zf_pgm_code code) {
    zf_pgm(cpu, code);
    return ZF_NEXT_PGM;
}
/**
 * Accesses of instructions whose operands may be in several spaces: of an operand that general
 * register r has the address of, or is the base of.
 */
static inline bool zf_use(struct zf_cpu *cpu, unsigned r) {
    const uint64_t mask = ZF_PSW_DAT | ZF_PSW_AS;
    return (cpu->psw.mask & mask) != (ZF_PSW_DAT | ZF_PSW_AS_AR) || zf_ar_use(cpu, r);
}
static inline bool zf_load_by(struct zf_cpu *cpu, unsigned r, uint64_t address, void *to,
                              size_t length) {
    return zf_use(cpu, r) && zf_load_bytes(cpu, address, to, length);
}
static inline bool zf_store_by(struct zf_cpu *cpu, unsigned r, uint64_t address, const void *from,
                               size_t length) {
    return zf_use(cpu, r) && zf_store_bytes(cpu, address, from, length);
}
static inline bool zf_probe_by(struct zf_cpu *cpu, unsigned r, uint64_t address, size_t length) {
    return zf_use(cpu, r) && zf_probe(cpu, address, length, ZF_ACCESS_WRITE);
}
/** Effective address of base and displacement, wrapped. */
static inline uint64_t zf_ea(const struct zf_cpu *cpu, unsigned b, int64_t d) {
    return zf_wrap(cpu, (b ? cpu->gr[b] : 0) + (uint64_t)d);
}
/** With an index register too. */
static inline uint64_t zf_eax(const struct zf_cpu *cpu, unsigned x, unsigned b, int64_t d) {
    return zf_wrap(cpu, (b ? cpu->gr[b] : 0) + (x ? cpu->gr[x] : 0) + (uint64_t)d);
}
/** Low and high halves of general registers. */
static inline uint32_t zf_low(const struct zf_cpu *cpu, unsigned r) {
    return (uint32_t)cpu->gr[r];
}
static inline void zf_set_low(struct zf_cpu *cpu, unsigned r, uint32_t value) {
    cpu->gr[r] = (cpu->gr[r] & ~UINT64_C(0xffffffff)) | value;
}
static inline uint32_t zf_high(const struct zf_cpu *cpu, unsigned r) {
    return (uint32_t)(cpu->gr[r] >> 32);
}
static inline void zf_set_high(struct zf_cpu *cpu, unsigned r, uint32_t value) {
    cpu->gr[r] = (cpu->gr[r] & 0xffffffff) | (uint64_t)value << 32;
}
/** CC 3 with the fixed-point-overflow mask on is a program interruption after completion. */
static inline enum zf_next zf_overflow(struct zf_cpu *cpu) {
    if (cpu->cc == 3 && cpu->psw.mask & ZF_PSW_PM_FIXED_OVERFLOW) {
        return zf_raise(cpu, ZF_PGM_FIXED_OVERFLOW);
    }
    return ZF_NEXT;
}

/* MVC, NC, OC, XC, CLC as a helper. */
zf_helper zf_do_storage_and_storage;

/* Declarations of every translator and helper that a row names: zf_tr_… and zf_do_… */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
/* clang-format off */
#define NONE
#define T(function, ...) zf_translator zf_tr_##function;
#define P(function, ...) zf_translator zf_tr_##function;
#define TH(...) TH_ROW(__VA_ARGS__, 0)
#define TH_ROW(function, op, helper, ...) zf_translator zf_tr_##function; zf_helper zf_do_##helper;
#define H(...) H_ROW(__VA_ARGS__, 0)
#define HE(...) H_ROW(__VA_ARGS__, 0)
#define H_ROW(function, ...) zf_helper zf_do_##function;
#define INSN(ID, mnemonic, opcode, format, syntax, since, facility, privilege, semantics, ...) semantics
#include "isa/all.def"
#undef INSN
#undef NONE
#undef T
#undef H
#undef HE
#undef H_ROW
#undef P
#undef TH
#undef TH_ROW
/* clang-format on */
#pragma GCC diagnostic pop

#endif
