/*
 * Transactional execution: the instructions, and what translated code does before each instruction
 * of a transaction: whether it is restricted there. zfacet/transaction.h has how it works; machine/
 * how it is aborted.
 */
#include "zfacet/transaction.h"

#include "translator.h"
#include "zfacet/facility.h"
#include "zfacet/linear.h"
#include "zfacet/per.h"

#include <stdlib.h>
#include <string.h>

/* Fields of TBEGIN's immediate. */
enum { ALLOW_ACCESS = 8, ALLOW_FLOAT = 4, FILTER = 3 };
enum { BLOCK_LENGTH = 256, CONSTRAINED_BYTES = 256, CONSTRAINED_INSNS = 32 };

/* Where a row is restricted. */
enum place {
    NOWHERE,
    ALWAYS,
    WITHOUT_ACCESS,
    IN_CONSTRAINED, /* so are those below */
    LOADS_ACCESS,   /* and where WITHOUT_ACCESS is */
    WITHOUT_FLOAT,
    UNLESS_FORWARD,
};

static const uint8_t place_of[ZF_ROW_COUNT] = {
#define RESTRICTED(row) [ZF_ROW_##row] = ALWAYS,
#define CONSTRAINED(row) [ZF_ROW_##row] = IN_CONSTRAINED,
#define ACCESS(row) [ZF_ROW_##row] = WITHOUT_ACCESS,
#define EXTENDED(row) [ZF_ROW_##row] = LOADS_ACCESS,
#define FORWARD(row) [ZF_ROW_##row] = UNLESS_FORWARD,
#include "general/transaction.def"
};

struct insn_call {
    struct zf_call call;
    uint8_t place; /* enum place */
    uint8_t length, b, x;
    bool ends;       /* TEND, which is not counted */
    uint64_t traces; /* bits of control register 12 with which it is restricted */
    uint16_t stores; /* Linux program: at most so many bytes at the operand */
    int32_t d;
    uint64_t address;
};

/* In any transaction; entries in the trace table would stay after an abort. */
static bool restricted(const struct zf_cpu *cpu, const struct insn_call *c) {
    const struct zf_transaction *tx = cpu->transaction;
    bool loads_access = c->place == WITHOUT_ACCESS || c->place == LOADS_ACCESS;
    return c->place == ALWAYS || cpu->cr[12] & c->traces ||
           (loads_access && !tx->access[cpu->depth]) ||
           (c->place == WITHOUT_FLOAT && !tx->floats[cpu->depth]);
}

/* In a constrained one, which TEND may end after as many instructions as are allowed. */
static bool violates(struct zf_cpu *cpu, const struct insn_call *c) {
    struct zf_transaction *tx = cpu->transaction;
    tx->insns += !c->ends;
    return c->place >= IN_CONSTRAINED || restricted(cpu, c) || tx->insns > CONSTRAINED_INSNS ||
           c->address + c->length - tx->begin > CONSTRAINED_BYTES;
}

/* Stores of a Linux program go straight to its memory: what is there is kept before. */
static bool keep_linear(struct zf_cpu *cpu, const struct insn_call *c) {
    uint64_t address = zf_eax(cpu, c->x, c->b, c->d);
    struct zf_linear_range range;
    if (!c->stores || (!zf_linear_find(cpu->storage, address, &range) &&
                       !(zf_linear_grow(cpu->storage, address) &&
                         zf_linear_find(cpu->storage, address, &range)))) {
        return true;
    }
    uint64_t there = range.end - address;
    return zf_transaction_stores(cpu, cpu->linear + address,
                                 there < c->stores ? (size_t)there : c->stores);
}

static enum zf_next do_insn(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct insn_call *c = (const struct insn_call *)call;
    if (cpu->transaction->constrained && violates(cpu, c)) {
        return zf_raise(cpu, ZF_PGM_TRANSACTION_CONSTRAINT);
    }
    if (restricted(cpu, c)) {
        return zf_done(zf_transaction_fail(cpu, ZF_ABORT_RESTRICTED, ZF_ABORT_PERSISTENT));
    }
    return zf_done(!cpu->linear || keep_linear(cpu, c));
}

static bool is_prefetch_release(const struct zf_insn *insn, const struct zf_operands *o) {
    enum { RELEASE_STORE = 6, RELEASE = 7 };
    return (insn->row == ZF_ROW_pfd || insn->row == ZF_ROW_pfdrl) &&
           (o->m1 == RELEASE_STORE || o->m1 == RELEASE);
}

/* STCMH without a mask has been a prefetch. */
static bool is_empty_release(const struct zf_insn *insn, const struct zf_operands *o) {
    enum { RELEASE_STORE = 6, RELEASE = 7 };
    return insn->row == ZF_ROW_stcmh && !o->m3 && (o->r1 == RELEASE_STORE || o->r1 == RELEASE);
}

/* Which kinds of tracing it would leave entries of. */
static uint64_t traces_of(const struct zf_insn *insn, const struct zf_operands *o) {
    switch (insn->row) {
    case ZF_ROW_balr:
    case ZF_ROW_basr:
        return o->r2 ? ZF_CR12_BRANCH_TRACE : 0;
    case ZF_ROW_bassm:
        return o->r2 ? ZF_CR12_BRANCH_TRACE | ZF_CR12_MODE_TRACE : 0;
    case ZF_ROW_bsm:
        return o->r2 ? ZF_CR12_MODE_TRACE : 0;
    case ZF_ROW_sam24:
    case ZF_ROW_sam31:
    case ZF_ROW_sam64:
        return ZF_CR12_MODE_TRACE;
    default:
        return 0;
    }
}

static bool moves_storage(const struct zf_insn *insn) {
    enum zf_format f = zf_insn_format(insn);
    return f >= ZF_FORMAT_SS_a && f <= ZF_FORMAT_SSF;
}

static enum place place(const struct zf_tr *t, const struct zf_insn *insn) {
    enum place place = (enum place)place_of[insn->row];
    if (zf_row_get((enum zf_row)insn->row)->privilege != ZF_PROBLEM ||
        is_prefetch_release(insn, t->o) || is_empty_release(insn, t->o)) {
        return ALWAYS;
    }
    if (place == UNLESS_FORWARD) {
        bool forward = t->o->rel > 0 && (t->o->m1 || t->o->m3);
        return forward ? NOWHERE : IN_CONSTRAINED;
    }
    if (place == NOWHERE && zf_float_is(t)) {
        return WITHOUT_FLOAT;
    }
    return place == NOWHERE && moves_storage(insn) ? IN_CONSTRAINED : place;
}

/* At most how many bytes an instruction of a constrained transaction stores. */
static uint16_t stores_of(const struct zf_insn *insn, const struct zf_operands *o) {
    enum { MOST_MULTIPLE = 16 * 8, MOST = 16 };
    return insn->row == ZF_ROW_stm || insn->row == ZF_ROW_stmg || insn->row == ZF_ROW_stmh ||
                   insn->row == ZF_ROW_stmy || insn->row == ZF_ROW_stam || insn->row == ZF_ROW_stamy
               ? MOST_MULTIPLE
           : o->b1 || o->b2 ? MOST
                            : 0;
}

void zf_tr_transaction(const struct zf_tr *t, const struct zf_insn *insn) {
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    struct insn_call c = {
        .call = {do_insn},
        .place = (uint8_t)place(t, insn),
        .length = t->block->insn_length,
        .b = o.b1 ? o.b1 : o.b2,
        .x = o.x2,
        .ends = insn->row == ZF_ROW_tend,
        .traces = traces_of(insn, &o),
        .d = (int32_t)(o.b1 ? o.d1 : o.d2),
        .stores = stores_of(insn, &o),
        .address = t->address,
    };
    zf_emit_call(t->block, &c.call, sizeof c);
}

/* Whether the CPU is set up for transactions, and the instruction is no target of an EXECUTE. */
static bool check_begin_or_end(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    if (i->address != i->place) {
        return zf_pgm(cpu, ZF_PGM_EXECUTE);
    }
    return cpu->cr[0] & ZF_CR0_TRANSACTION || zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
}

static void nest(struct zf_transaction *tx, unsigned depth, unsigned controls, bool constrained) {
    bool outer = depth == 1;
    unsigned filter = controls & FILTER, around = tx->filter[depth - 1];
    tx->access[depth] = controls & ALLOW_ACCESS && (outer || tx->access[depth - 1]);
    tx->floats[depth] = controls & ALLOW_FLOAT && !constrained && (outer || tx->floats[depth - 1]);
    tx->filter[depth] = (uint8_t)(constrained ? around : filter > around ? filter : around);
}

static void begin(struct zf_cpu *cpu, const struct zf_insn_call *i, bool constrained) {
    struct zf_transaction *tx = cpu->transaction;
    unsigned immediate = (unsigned)i->o.i2;
    *tx = (struct zf_transaction){
        .constrained = constrained,
        .alone = tx->alone,
        .has_block = !constrained && i->o.b1,
        .registers = (uint8_t)(immediate >> 8),
        .begin = i->address,
        .block = zf_ea(cpu, i->o.b1, i->o.d1),
        .psw = {zf_psw_mask(cpu), constrained ? i->address : i->next},
    };
    memcpy(tx->gr, cpu->gr, sizeof tx->gr);
}

/* A nonconstrained one is aborted at once where machines do, and in Linux programs. */
static bool is_ineffective(const struct zf_cpu *cpu, bool constrained) {
    return !constrained && (cpu->linear || zf_has_facility(cpu, ZF_FACILITY_INEFFECTIVE_TX));
}

/* TBEGIN, TBEGINC: a constrained one within another transaction is as any. */
enum zf_next zf_do_tbegin(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    bool constrained = i->argument;
    if (!check_begin_or_end(cpu, i)) {
        return ZF_NEXT_PGM;
    }
    if (constrained
            ? i->o.b1 != 0
            : (i->o.i2 & FILTER) == FILTER || (i->o.b1 && zf_ea(cpu, i->o.b1, i->o.d1) & 7)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!constrained && i->o.b1 &&
        !zf_probe(cpu, zf_ea(cpu, i->o.b1, i->o.d1), BLOCK_LENGTH, ZF_ACCESS_WRITE)) {
        return ZF_NEXT_PGM;
    }
    if (cpu->depth == ZF_TRANSACTION_DEPTH) {
        return zf_done(zf_transaction_fail(cpu, ZF_ABORT_NESTING, ZF_ABORT_PERSISTENT));
    }
    if (!cpu->transaction && !(cpu->transaction = calloc(1, sizeof *cpu->transaction))) {
        cpu->cc = ZF_ABORT_TRANSIENT; /* the host has no memory now: as after an abort */
        return constrained ? ZF_NEXT_REPEAT : ZF_NEXT;
    }
    if (!cpu->depth) {
        begin(cpu, i, constrained);
    }
    cpu->depth++;
    nest(cpu->transaction, cpu->depth, (unsigned)i->o.i2, constrained);
    if (is_ineffective(cpu, constrained)) {
        return zf_done(zf_transaction_fail(cpu, ZF_ABORT_OTHER, ZF_ABORT_PERSISTENT));
    }
    cpu->cc = 0;
    zf_cpu_mode_changed(cpu);
    return ZF_NEXT_LEAVE;
}

/* TEND: CC 2, there is no transaction */
enum zf_next zf_do_tend(struct zf_cpu *cpu, const struct zf_call *call) {
    if (!check_begin_or_end(cpu, zf_insn_call(call))) {
        return ZF_NEXT_PGM;
    }
    if (!cpu->depth) {
        cpu->cc = 2;
        return ZF_NEXT;
    }
    cpu->depth--;
    cpu->cc = 0;
    if (!cpu->depth) {
        zf_per_transaction_end(cpu);
    }
    zf_cpu_mode_changed(cpu);
    return ZF_NEXT_LEAVE;
}

/* TABORT: the CC is 3 when the code is odd, else 2 */
enum zf_next zf_do_tabort(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t code = zf_ea(cpu, i->o.b2, i->o.d2);
    if (i->address != i->place) {
        return zf_raise(cpu, ZF_PGM_EXECUTE);
    }
    if (code <= UINT8_MAX) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!cpu->depth) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    return zf_done(zf_transaction_fail(cpu, code, 2 + (code & 1)));
}

enum zf_next zf_do_etnd(struct zf_cpu *cpu, const struct zf_call *call) {
    if (!(cpu->cr[0] & ZF_CR0_TRANSACTION)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_set_low(cpu, zf_insn_call(call)->o.r1, cpu->depth);
    return ZF_NEXT;
}

/* NTSTG: a store that stays when the transaction is aborted */
enum zf_next zf_do_ntstg(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t address = zf_eax(cpu, o->x2, o->b2, o->d2);
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint8_t *host = zf_operand_whole(cpu, address, 8, ZF_ACCESS_WRITE);
    if (!host) {
        return ZF_NEXT_PGM;
    }
    zf_put64(host, cpu->gr[o->r1]);
    return zf_done(!cpu->depth || zf_transaction_keeps(cpu, host));
}
