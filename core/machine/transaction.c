/*
 * How a transaction is aborted: by a program condition, which may be filtered, or by whatever else
 * a CPU has to do; and that it is alone meanwhile.
 */
#include "zfacet/transaction.h"

#include "machine_state.h"
#include "zfacet/cpus.h"
#include "zfacet/interrupt.h"
#include "zfacet/storage.h"
#include "zfacet/tier.h"

#include <string.h>

/* The transaction diagnostic block. */
enum {
    BLOCK_LENGTH = 256,
    BLOCK_FORMAT = 0,
    BLOCK_FLAGS = 1,
    BLOCK_DEPTH = 6,
    BLOCK_CODE = 8,
    BLOCK_INSTRUCTION = 24,
    BLOCK_ACCESS_ID = 32,
    BLOCK_DXC = 33,
    BLOCK_PGM = 36,
    BLOCK_TRANSLATION_ID = 40,
    BLOCK_BREAKING_EVENT = 48,
    BLOCK_GR = 128,
    CONSTRAINED = 0x40,
    PROGRAM_BLOCK = 0x1800, /* real address of that of program interruptions */
};

/* What aborts it. */
struct reason {
    uint64_t code;
    unsigned cc;
    uint64_t at;              /* the instruction */
    const struct zf_pgm *pgm; /* the program condition, or NULL */
    bool interrupts;          /* which is an interruption */
};

static void describe(const struct zf_cpu *cpu, const struct reason *why, uint8_t *block) {
    memset(block, 0, BLOCK_LENGTH);
    block[BLOCK_FORMAT] = 1;
    block[BLOCK_FLAGS] = cpu->transaction->constrained ? CONSTRAINED : 0;
    zf_put16(block + BLOCK_DEPTH, cpu->depth);
    zf_put64(block + BLOCK_CODE, why->code);
    zf_put64(block + BLOCK_INSTRUCTION, why->at);
    if (why->pgm) {
        block[BLOCK_ACCESS_ID] = why->pgm->access_id;
        block[BLOCK_DXC] = why->pgm->dxc;
        zf_put32(block + BLOCK_PGM, (uint32_t)why->pgm->ilc << 16 | why->pgm->code);
        zf_put64(block + BLOCK_TRANSLATION_ID, why->pgm->address);
    }
    zf_put64(block + BLOCK_BREAKING_EVENT, cpu->breaking_event);
    for (unsigned r = 0; r < 16; r++) {
        zf_put64(block + BLOCK_GR + 8 * r, cpu->gr[r]);
    }
}

/* The program's own block, if it can still be stored to. */
static bool store_block(struct zf_cpu *cpu, const uint8_t *block) {
    struct zf_pgm pgm = cpu->pgm;
    bool stored = zf_store_bytes(cpu, cpu->transaction->block, block, BLOCK_LENGTH);
    cpu->pgm = pgm;
    return stored;
}

static void store_program_block(struct zf_cpu *cpu, const uint8_t *block) {
    for (unsigned n = 0; n < BLOCK_LENGTH; n += 8) {
        zf_real_store(cpu, (struct zf_raddr){PROGRAM_BLOCK + n}, 8, zf_get64(block + n));
    }
}

static void abort_for(struct zf_cpu *cpu, const struct reason *why) {
    struct zf_transaction *tx = cpu->transaction;
    uint8_t block[BLOCK_LENGTH];
    unsigned cc = why->cc;
    describe(cpu, why, block);
    zf_transaction_undo(cpu);
    cpu->depth = 0;
    zf_psw_load(cpu, tx->psw.mask, tx->psw.addr);
    if (tx->has_block && !store_block(cpu, block)) {
        cc = ZF_ABORT_INDETERMINATE;
    }
    if (why->interrupts && !cpu->linear) {
        store_program_block(cpu, block);
    }
    for (unsigned r = 0; r < 16; r++) {
        if (tx->registers & 0x80 >> r / 2) {
            cpu->gr[r] = tx->gr[r];
        }
    }
    if (!tx->constrained) {
        cpu->cc = cc;
    }
}

static void abort_transient(struct zf_cpu *cpu, uint64_t code) {
    const struct reason why = {.code = code, .cc = ZF_ABORT_TRANSIENT, .at = cpu->psw.addr};
    abort_for(cpu, &why);
}

/* Classes of program conditions: from which filtering control on they are filtered, and the CC when
 * they are not. */
struct condition_class {
    uint8_t filtered_from, cc;
};

static struct condition_class class_of(const struct zf_pgm *pgm) {
    enum { MODERATE = 2, LIMITED = 1, NEVER = 3 };
    unsigned code = pgm->code & 0x7f;
    bool control = pgm->dxc >= ZF_DXC_AFP_REGISTER && pgm->dxc <= ZF_DXC_DFP;
    switch (code) {
    case ZF_PGM_OPERATION:
    case ZF_PGM_PRIVILEGED:
    case ZF_PGM_EXECUTE:
    case ZF_PGM_TRANSLATION_SPEC:
    case ZF_PGM_SPECIAL_OPERATION:
    case ZF_PGM_TRANSACTION_CONSTRAINT:
        return (struct condition_class){NEVER, ZF_ABORT_PERSISTENT};
    case ZF_PGM_PROTECTION:
    case ZF_PGM_ADDRESSING:
    case ZF_PGM_SEGMENT_TRANSLATION:
    case ZF_PGM_PAGE_TRANSLATION:
    case ZF_PGM_ASCE_TYPE:
    case ZF_PGM_REGION_FIRST:
    case ZF_PGM_REGION_SECOND:
    case ZF_PGM_REGION_THIRD:
    case ZF_PGM_ALET_SPEC:
    case ZF_PGM_ALEN_TRANSLATION:
    case ZF_PGM_ALE_SEQUENCE:
    case ZF_PGM_ASTE_VALIDITY:
    case ZF_PGM_ASTE_SEQUENCE:
    case ZF_PGM_EXTENDED_AUTHORITY:
        return (struct condition_class){MODERATE, ZF_ABORT_TRANSIENT};
    case ZF_PGM_DATA:
        return (struct condition_class){control || pgm->dxc == ZF_DXC_VECTOR ? NEVER : LIMITED,
                                        ZF_ABORT_TRANSIENT};
    case ZF_PGM_SPECIFICATION:
    case ZF_PGM_VECTOR_PROCESSING:
    case ZF_PGM_HFP_SQUARE_ROOT:
        return (struct condition_class){LIMITED, ZF_ABORT_TRANSIENT};
    default:
        return (struct condition_class){
            code >= ZF_PGM_FIXED_OVERFLOW && code <= ZF_PGM_HFP_DIVIDE ? LIMITED : NEVER,
            ZF_ABORT_TRANSIENT};
    }
}

bool zf_transaction_condition(struct zf_cpu *cpu) {
    struct zf_transaction *tx = cpu->transaction;
    struct zf_pgm pgm = cpu->pgm;
    struct reason why = {.at = zf_pgm_nullifies(pgm.code) ? cpu->psw.addr
                                                          : zf_wrap(cpu, cpu->psw.addr - pgm.ilc)};
    if (pgm.code == ZF_PGM_ABORT_ALONE) {
        why.code = tx->code;
        why.cc = tx->cc;
    } else {
        struct condition_class class = class_of(&pgm);
        bool filtered = !tx->constrained && !pgm.fetching && !(cpu->cr[0] & ZF_CR0_NO_FILTER) &&
                        !(pgm.code & ZF_PGM_PER) && tx->filter[cpu->depth] >= class.filtered_from;
        pgm.code |= filtered || cpu->linear ? 0 : ZF_PGM_TRANSACTION;
        why.code = filtered ? ZF_ABORT_FILTERED : ZF_ABORT_PROGRAM;
        why.cc = filtered ? ZF_ABORT_PERSISTENT : class.cc;
        why.pgm = &pgm;
        why.interrupts = !filtered;
    }
    abort_for(cpu, &why);
    cpu->pgm = why.interrupts ? pgm : (struct zf_pgm){0};
    return why.interrupts;
}

void zf_transaction_settle(struct zf_cpu *cpu, int32_t slice) {
    struct zf_transaction *tx = cpu->transaction;
    bool over = tx->alone && __atomic_load_n(&cpu->slice, __ATOMIC_RELAXED) < 0;
    if (cpu->depth && (over || cpu->insns_left < 0)) {
        zf_breaking_event_settle(cpu);
        abort_transient(cpu, cpu->psw.mask & ZF_PSW_EXT && zf_external_open(cpu) ? ZF_ABORT_EXTERNAL
                                                                                 : ZF_ABORT_OTHER);
    }
    if (cpu->depth && !tx->alone) {
        zf_cpus_pause(cpu->cpus, cpu);
        tx->alone = true;
        __atomic_store_n(&cpu->slice, slice, __ATOMIC_RELAXED); /* enough for most */
    } else if (!cpu->depth && tx->alone) {
        tx->alone = false;
        zf_cpus_resume(cpu->cpus);
    }
}

void zf_transaction_leave(struct zf_cpu *cpu) {
    if (cpu->depth) {
        zf_breaking_event_settle(cpu);
        abort_transient(cpu, ZF_ABORT_OTHER);
    }
    zf_transaction_settle(cpu, 0);
}
