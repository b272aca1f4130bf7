/*
 * Instructions of x86-64 hosts, as lowerings write them.
 */
#ifndef ZF_JIT_X86_H
#define ZF_JIT_X86_H

#include "jit.h"

enum zf_host_register {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15
};
/* What stencils have there; RAX, RCX and RDX are free within an op. Systems have no linear map: in
 * two of these they have pages (page.c). */
enum { HOST_LINEAR = R12, HOST_LAST = R13, HOST_CPU = R14 };

/* An operation: opcode (0fxx, 0f38xx: of the longer maps), and how it is prefixed. */
enum {
    X_64 = 1 << 24,      /* 64 bits */
    X_16 = 1 << 25,      /* 16 bits */
    X_BYTE = 1 << 26,    /* `reg` is a byte */
    X_RM_BYTE = 1 << 27, /* `rm` is a byte */
    X_MOV = 0x8b,        /* reg = rm */
    X_MOV_TO = 0x89,     /* rm = reg */
    X_ADD = 0x03,
    X_OR = 0x0b,
    X_AND = 0x23,
    X_SUB = 0x2b,
    X_XOR = 0x33,
    X_CMP = 0x3b,
    X_ADC = 0x13,
    X_SBB = 0x1b,
    X_TEST = 0x85,
    X_IMUL = 0x0faf,
    X_LEA = 0x8d,
    X_MOVSXD = 0x63 | X_64,
    X_MOVZX8 = 0x0fb6 | X_RM_BYTE,
    X_MOVZX16 = 0x0fb7,
    X_MOVSX8 = 0x0fbe | X_RM_BYTE,
    X_MOVSX16 = 0x0fbf,
    X_MOVBE = 0x0f38f0,
    X_MOVBE_TO = 0x0f38f1,
    X_MOV8_TO = 0x88 | X_BYTE,
    X_IMMEDIATE = 0x81,   /* with the number of the operation as reg, and 32 bits after it */
    X_IMMEDIATE_8 = 0x83, /* the same, 8 bits with a sign */
    X_SHIFT = 0xc1,       /* the same, 8 bits */
    X_NEGATE = 0xf7,      /* the same, none */
    X_INCREMENT = 0xff,   /* the same */
    X_SET = 0xc7,         /* rm = 32 bits after it */
    X_LOCK = 0xf0,        /* a prefix of them */
    X_BIT = 0x0fba,       /* the same: N_BT, 8 bits */
    X_PREFETCH = 0x0f18,  /* of rm, into the caches from N_NEAREST on */
    X_JUMP = 0xe9,        /* 32 bits, the distance */
    X_RETURN = 0xc3,      /* alone, as the next one */
    X_COMPLEMENT_CARRY = 0xf5,
};
/* Numbers of operations with immediates, and of shifts. */
enum { N_ADD = 0, N_OR = 1, N_AND = 4, N_SUB = 5, N_XOR = 6, N_CMP = 7 };
enum { N_ROL = 0, N_SHL = 4, N_SHR = 5, N_SAR = 7, N_NOT = 2, N_NEG = 3, N_INC = 0, N_BT = 4 };
enum { N_NEAREST = 1 };
/* Conditions, as in the low bits of opcodes. */
enum zf_host_condition {
    IF_OVERFLOW,
    IF_NO_OVERFLOW,
    IF_BELOW,
    IF_NOT_BELOW,
    IF_EQUAL,
    IF_NOT_EQUAL,
    IF_NOT_ABOVE,
    IF_ABOVE,
    IF_SIGN,
    IF_NO_SIGN,
    IF_LESS = 12,
    IF_NOT_LESS,
    IF_NOT_GREATER,
    IF_GREATER
};

/** A number of `size` bytes into the code. */
void zf_x86_bytes(struct emitter *e, uint64_t value, unsigned size);
/** An operation on two registers. */
void zf_x86_rr(struct emitter *e, uint32_t op, unsigned reg, unsigned rm);
/** An operation on a register and storage. */
void zf_x86_rm(struct emitter *e, uint32_t op, unsigned reg, const struct zf_host_address *at);
/** An operation on a register and the CPU's byte `offset`. */
void zf_x86_cpu(struct emitter *e, uint32_t op, unsigned reg, size_t offset);
/** An operation on a register and storage below 2 GB. */
void zf_x86_absolute(struct emitter *e, uint32_t op, unsigned reg, uint32_t address);
/** X_IMMEDIATE: operation `number` with an immediate of 32 bits, that 64-bit ones extend. */
void zf_x86_immediate(struct emitter *e, uint32_t wide, unsigned number, unsigned rm,
                      int32_t value);
/** A constant into a register; flags stay. */
void zf_x86_constant(struct emitter *e, unsigned reg, uint64_t value);
/** 32 bits into the CPU. */
void zf_x86_cpu_constant(struct emitter *e, size_t offset, uint32_t value);
/** Counts down the time slice: the host's sign flag says that it is over. */
void zf_x86_count_slice(struct emitter *e);
/** Shifts left, right by another register's value: SHLX, SHRX, SARX. */
enum { S_SHLX = 1, S_SARX = 2, S_SHRX = 3 };
void zf_x86_shift_by(struct emitter *e, uint32_t wide, unsigned how, unsigned reg, unsigned rm,
                     unsigned by);
/** A rotation to the right by a number of bits, flags stay: RORX. */
void zf_x86_rorx(struct emitter *e, uint32_t wide, unsigned reg, unsigned rm, unsigned bits);
/* Operations on numbers in the low halves of XMM registers: prefix, map, 64 bits, opcode. */
#define X_VEX(prefix, map, wide, opcode) ((prefix) << 16 | (map) << 12 | (wide) << 8 | (opcode))
enum {
    X_VMOVSD = X_VEX(3, 1, 0, 0x10),
    X_VADDSD = X_VEX(3, 1, 0, 0x58),
    X_VMULSD = X_VEX(3, 1, 0, 0x59),
    X_VSUBSD = X_VEX(3, 1, 0, 0x5c),
    X_VDIVSD = X_VEX(3, 1, 0, 0x5e),
    X_VSQRTSD = X_VEX(3, 1, 0, 0x51),
    X_VFMADD132SD = X_VEX(1, 2, 1, 0x99), /* reg = reg * rm + second, and its like */
    X_VFMSUB132SD = X_VEX(1, 2, 1, 0x9b),
    X_VFNMADD132SD = X_VEX(1, 2, 1, 0x9d),
    X_VFNMSUB132SD = X_VEX(1, 2, 1, 0x9f),
    X_VMOVQ = X_VEX(1, 1, 1, 0x6e),    /* from a general register */
    X_VMOVQ_TO = X_VEX(1, 1, 1, 0x7e), /* to one: `rm` */
    X_MULX = X_VEX(3, 2, 1, 0xf6),     /* reg and second = RDX * rm */
    X_VMOVDQU = X_VEX(2, 1, 0, 0x6f),  /* all of an XMM register */
    X_VMOVDQU_TO = X_VEX(2, 1, 0, 0x7f),
    X_VPSHUFB = X_VEX(1, 2, 0, 0x00),
};
enum { XMM0, XMM1 };
/** reg = second and rm. */
void zf_x86_vex(struct emitter *e, uint32_t op, unsigned reg, unsigned second, unsigned rm);
/** The same, of storage. */
void zf_x86_vex_rm(struct emitter *e, uint32_t op, unsigned reg, unsigned second,
                   const struct zf_host_address *at);
/** The same, below 2 GB. */
void zf_x86_vex_absolute(struct emitter *e, uint32_t op, unsigned reg, unsigned second,
                         uint32_t address);
/** The same, of the CPU's byte `offset`. */
void zf_x86_vex_cpu(struct emitter *e, uint32_t op, unsigned reg, unsigned second, size_t offset);
/**
 * A jump, or (`condition`) a conditional one; its distance lies within one line of the host's
 * cache, so that it can be changed while others execute it. Returns where that is.
 */
enum { ALWAYS = -1 };
uint32_t zf_x86_jump(struct emitter *e, int condition);
enum { NO_OPERATION = 0x90 };
/** Whether the four bytes at `site` lie in two lines of the host's cache. */
bool zf_x86_crosses_line(uint32_t site);
/** A call of the tier's own code, at that offset. */
void zf_x86_call(struct emitter *e, uint32_t target);
/** Fills in the distance of a jump: to `target`, an offset in the code. */
void zf_x86_land(const struct emitter *e, uint32_t site, uint32_t target);

#endif
