/*
 * The intermediate representation: ops, the block builder that translators write to, and helpers.
 *
 * An op has up to four small operands (a, b, x, c: registers, lengths, masks), and either two
 * 32-bit immediates or one of 64 bits. What each op takes, reads, writes and does stands in
 * core/ir/include/zfacet/ops.def, beside its body; core/ir/op_gen.c makes the specifications of
 * it. A guest instruction becomes one op where that is possible, or one call of a helper; never
 * both.
 */
#ifndef ZFACET_OP_H
#define ZFACET_OP_H

#include "zfacet/cpu.h"
#include "zfacet/storage.h"

enum zf_op {
#define OP(name, operands, effects, ...) ZF_OP_##name,
#include "zfacet/ops.def"
#undef OP
    ZF_OP_COUNT
};

/* Effects of an op, from its specification. */
enum zf_op_effect {
    ZF_EFFECT_SETS_CC = 1 << 0, /* always, if need be through its live variant */
    ZF_EFFECT_USES_CC = 1 << 1,
    ZF_EFFECT_FAULTS = 1 << 2,   /* may raise a program interruption: the CC must be right */
    ZF_EFFECT_BRANCH = 1 << 3,   /* has a target; falls through unless it ends the block too */
    ZF_EFFECT_END = 1 << 4,      /* control never reaches the next op */
    ZF_EFFECT_DEAD = 1 << 5,     /* leaves the CC undone; its live variant, if any, follows */
    ZF_EFFECT_COMPARE = 1 << 6,  /* a compare: fused-branch variants follow */
    ZF_EFFECT_TEST = 1 << 7,     /* a test under mask: fused-branch variants follow */
    ZF_EFFECT_OVERFLOW = 1 << 8, /* CC 3 means fixed-point overflow, which may be a condition */
    ZF_EFFECT_STORES = 1 << 9,   /* writes storage: the block may be dropped */
    ZF_EFFECT_HELPER = 1 << 10,  /* may call a helper: that may read and write all of the CPU */
    ZF_EFFECT_SETS_FPC = 1 << 11,
    ZF_EFFECT_USES_FPC = 1 << 12,
    ZF_EFFECT_SHOWN = 1 << 13, /* shows the CPU to others: nothing may pass it */
};

/* What an operand names. */
enum zf_operand_kind {
    ZF_OPERAND_NONE,      /* must be 0 */
    ZF_OPERAND_NUMBER,    /* no register */
    ZF_OPERAND_GR,        /* byte offset: ZF_REG(n), scratch, or when read zero; so the next two */
    ZF_OPERAND_GR_LOW,    /* bits 32-63 */
    ZF_OPERAND_GR_HIGH,   /* bits 0-31 */
    ZF_OPERAND_FPR,       /* register number; bits 0-63 of that vector register */
    ZF_OPERAND_FPR_SHORT, /* register number; bits 0-31 of it */
    ZF_OPERAND_VR,        /* register number */
    ZF_OPERAND_AR,        /* register number */
};

enum { ZF_READS = 1, ZF_WRITES = 2 };

enum zf_operand_extent {
    ZF_EXTENT_ONE,
    ZF_EXTENT_PAIR,    /* and the next, of FPRs the next but one */
    ZF_EXTENT_SEVERAL, /* operand c says how many, the first follows the last */
};

struct zf_operand_spec {
    uint8_t kind;   /* enum zf_operand_kind */
    uint8_t access; /* of registers: ZF_READS, ZF_WRITES, or both */
    uint8_t extent; /* enum zf_operand_extent */
};

struct zf_op_spec {
    const char *name;
    struct zf_operand_spec operand[4]; /* a b x c */
    uint16_t effects;                  /* enum zf_op_effect */
    uint8_t live;                      /* distance to the variant that sets the CC, 0 when none */
    bool i16;                          /* x and c are an immediate: their kinds are NUMBER */
};
extern const struct zf_op_spec zf_op_specs[ZF_OP_COUNT];

/* What a helper tells the engine. */
enum zf_next {
    ZF_NEXT = 0,       /* completed: go on with the next instruction */
    ZF_NEXT_PGM,       /* program condition: cpu->pgm says which */
    ZF_NEXT_LEAVE,     /* completed; mode, mapping or code changed: go on through the run loop */
    ZF_NEXT_BRANCH,    /* completed; cpu->psw.addr is where to go on, through the run loop */
    ZF_NEXT_REPEAT,    /* a unit of operation is done, the instruction is not: run it again */
    ZF_NEXT_SVC,       /* supervisor call; its code is in cpu->pgm.monitor_class */
    ZF_NEXT_STOP,      /* the machine stops, and says why; PSW after the instruction */
    ZF_NEXT_STOP_HERE, /* the same, but the PSW stays at the instruction */
};

struct zf_call;
/** A helper gets the CPU and its call block, which begins with struct zf_call. */
typedef enum zf_next zf_helper(struct zf_cpu *cpu, const struct zf_call *call);
struct zf_call {
    zf_helper *helper;
};

/* An op as translators and passes see it. */
struct zf_ir {
    uint16_t op;
    uint16_t place; /* offset in the block in halfwords << 2 | length of the instruction / 2 */
    uint8_t a, b;
    union {
        struct {
            uint8_t x, c;
        };
        int16_t i16;
    };
    union {
        struct {
            int32_t imm, imm2;
        };
        uint64_t imm64;
    };
    uint64_t target; /* of a branch: guest address */
};

enum { ZF_BLOCK_INSNS = 64, ZF_BLOCK_OPS = 512 };

/* Room for call blocks, which live as long as the code that calls. */
struct zf_call_room {
    uint8_t *bytes;
    size_t used, size;
};

struct zf_tally;
struct zf_tally_insn;

/* A block that is being built. */
struct zf_block {
    struct zf_cpu *cpu;
    struct zf_tally *tally;        /* counts its instructions, or NULL */
    struct zf_tally_insn *tallied; /* complete: where ways out of it can be counted, or NULL */
    struct zf_call_room *calls;
    bool counted;          /* each instruction begins with a count op */
    bool traced;           /* and a trace op */
    bool parallel;         /* other CPUs run too */
    bool ends_at_store;    /* after the first instruction that may store */
    uint64_t pc;           /* of the first instruction */
    uint64_t insn_pc;      /* of the instruction that is being translated */
    uint8_t insn_length;   /* of it, or of the EXECUTE that it is the target of */
    bool ended;            /* an op ended the block */
    unsigned max_insns;    /* translate no more */
    unsigned insns;        /* translated so far */
    unsigned count;        /* ops */
    uint64_t end;          /* address after the last instruction */
    uint64_t extra_page;   /* page of six more bytes whose change must drop the block, or 1 */
    uint16_t extra_offset; /* where in that page: the target of an EXECUTE */
    uint32_t mode;
    uint64_t page;       /* of `pc` */
    const uint8_t *code; /* host address of that page, NULL when it cannot be read at once */
    /* when the block is the target of an EXECUTE at `pc` (execute_length is not 0): */
    uint8_t execute_length;   /* of the EXECUTE */
    uint64_t execute_word;    /* the target, modified */
    uint64_t execute_address; /* of the target: what its relative operands count from */
    struct zf_ir ops[ZF_BLOCK_OPS];
};

/** Starts the next instruction: its address and length; call before emitting its ops. */
void zf_block_insn(struct zf_block *block, uint64_t pc, uint8_t length);

/** zf_fetch() where the pages may not be guarded yet (zf_code_guard()). */
bool zf_block_fetch_guarded(const struct zf_block *block, uint64_t address, uint64_t *word,
                            unsigned *length);

/** zf_fetch() for the block: quick within its first page. */
static inline bool zf_block_fetch(const struct zf_block *block, uint64_t address, uint64_t *word,
                                  unsigned *length) {
    uint64_t offset = address - block->page;
    if (ZF_UNLIKELY(!block->code || offset > ZF_PAGE_SIZE - sizeof *word || address & 1)) {
        return zf_block_fetch_guarded(block, address, word, length);
    }
    *word = zf_insn_word(block->code + offset, length);
    return true;
}

static inline bool zf_block_full(const struct zf_block *block) {
    return block->insns >= block->max_insns || block->count >= ZF_BLOCK_OPS - 24;
}

/** Whether one of the ops from number `first` on may store. */
bool zf_block_may_store(const struct zf_block *block, unsigned first);

/** Appends an op with all-zero operands; the caller fills in what the op takes. */
struct zf_ir *zf_emit(struct zf_block *block, enum zf_op op);
/** Small operands only: byte offsets or small numbers. */
void zf_emit_rrr(struct zf_block *block, enum zf_op op, uint8_t a, uint8_t b, uint8_t c);
/** Register, register and immediate. */
void zf_emit_rri(struct zf_block *block, enum zf_op op, uint8_t a, uint8_t b, int32_t imm);
/**
 * Storage op with an indexed variant at op + 1. `a` is a byte offset; x, b are register numbers,
 * 0 for none.
 */
void zf_emit_mem(struct zf_block *block, enum zf_op op, uint8_t a, unsigned x, unsigned b,
                 int32_t d);
/** Storage op that always reads base and index. */
struct zf_ir *zf_emit_memx(struct zf_block *block, enum zf_op op, uint8_t a, unsigned x, unsigned b,
                           int32_t d);
/** 64-bit constant into a register. */
void zf_emit_constant(struct zf_block *block, uint8_t a, uint64_t value);
/** Branch op to a guest address; other operands are the caller's. */
struct zf_ir *zf_emit_branch(struct zf_block *block, enum zf_op op, uint64_t target);
/** Call of a helper; `call` (size bytes) is copied. */
void zf_emit_call(struct zf_block *block, const struct zf_call *call, size_t size);
/** As zf_emit_call, for helpers that never come back with ZF_NEXT; ends the block. */
void zf_emit_call_end(struct zf_block *block, const struct zf_call *call, size_t size);
/** Appends an op whose imm64 is a copy of `call`: it may call the helper, or do without. */
struct zf_ir *zf_emit_call_op(struct zf_block *block, enum zf_op op, const struct zf_call *call,
                              size_t size);
/** Raises a program interruption here and ends the block. */
void zf_emit_pgm(struct zf_block *block, enum zf_pgm_code code);
/** The same for a data exception, or one of another code that has a reason like it. */
void zf_emit_pgm_data(struct zf_block *block, enum zf_pgm_code code, uint8_t dxc);

/** Byte offset of a base or index register: register 0 means "no register". */
static inline uint8_t zf_base_reg(unsigned r) {
    return r ? ZF_REG(r) : ZF_REG_ZERO;
}

/* What an instruction does to the condition code that it finds. */
enum zf_cc_use {
    ZF_CC_PASSES,      /* leaves it, and cannot show it to anyone */
    ZF_CC_NEEDED,      /* uses it, or may fault or branch, so that it may be seen */
    ZF_CC_OVERWRITTEN, /* replaces it unseen */
};

/*
 * What translates, given to the machine at creation. `translate` appends the ops of the guest
 * instructions from block->pc on until one ends the block or zf_block_full(). It reads guest code
 * with zf_block_fetch(). Returns false, with cpu->pgm set, when the first instruction cannot be
 * fetched.
 */
struct zf_frontend {
    void *context;
    bool (*translate)(void *context, struct zf_block *block);
    /* What an instruction does to the CC, told without translating it: needed, when in doubt. */
    enum zf_cc_use (*cc_use)(void *context, const struct zf_block *block, uint64_t word);
    /* Whether the machine has a facility with effects beyond single instructions; NULL: all. */
    bool (*has_facility)(const struct zf_machine *machine, unsigned bit);
};

/** Checks a block, after the passes, against the specifications: NULL, or what is wrong. */
const char *zf_block_verify(const struct zf_block *block);

/** The guest address of the op's instruction. */
uint64_t zf_ir_address(const struct zf_block *block, const struct zf_ir *ir);

/** Register `r` as an op holds it in an operand of this specification; 0 for one that it lacks. */
static inline uint8_t zf_register_operand(const struct zf_operand_spec *o, unsigned r) {
    bool offset = o->kind >= ZF_OPERAND_GR && o->kind <= ZF_OPERAND_GR_HIGH;
    return o->kind <= ZF_OPERAND_NUMBER ? 0 : offset ? ZF_REG(r) : (uint8_t)r;
}

/* A run of bytes of one register that an op reads, writes, or both. */
enum zf_register_file { ZF_FILE_GR, ZF_FILE_VR, ZF_FILE_AR, ZF_FILE_FPC, ZF_FILE_CC };
enum { ZF_GR_SCRATCH = 16 }; /* the scratch register's number among the general ones */
struct zf_register_use {
    uint8_t file;        /* enum zf_register_file; CC: cc and cc_value */
    uint8_t number;      /* of general registers also ZF_GR_SCRATCH */
    uint8_t first, size; /* bytes, counted from the left */
    uint8_t access;      /* ZF_READS, ZF_WRITES, or both */
};
enum { ZF_REGISTER_USES = 24 };

/**
 * All that an op accesses of the CPU's registers, from its specification alone; returns how many
 * there are. An op with ZF_EFFECT_HELPER may access all others too, when it calls the helper.
 */
unsigned zf_ir_uses(const struct zf_ir *ir, struct zf_register_use uses[ZF_REGISTER_USES]);

/* The same in whole registers, one bit each. */
struct zf_register_set {
    uint32_t gr, vr; /* bit n is register n; bit ZF_GR_SCRATCH */
    uint16_t ar;
    uint16_t other; /* bit ZF_FILE_FPC, bit ZF_FILE_CC */
};
void zf_ir_accesses(const struct zf_ir *ir, struct zf_register_set *reads,
                    struct zf_register_set *writes);

static inline bool zf_register_sets_meet(const struct zf_register_set *a,
                                         const struct zf_register_set *b) {
    return (a->gr & b->gr) | (a->vr & b->vr) | (a->ar & b->ar) | (a->other & b->other);
}

/** Writes one op as text. */
void zf_ir_print(const struct zf_block *block, const struct zf_ir *ir, char *buffer, size_t size);

#endif
