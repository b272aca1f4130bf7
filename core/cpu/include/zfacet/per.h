/*
 * Program-event recording: what control registers 9 to 11 ask for, and what the current instruction
 * has met of it. Only code translated with ZF_MODE_PER calls these functions; its blocks are one
 * instruction long, so that the run loop makes the interruption after each.
 */
#ifndef ZFACET_PER_H
#define ZFACET_PER_H

#include "zfacet/cpu.h"

/* Control register 9. */
#define ZF_CR9_BRANCH ZF_BIT64(32)
#define ZF_CR9_FETCH ZF_BIT64(33)
#define ZF_CR9_STORE ZF_BIT64(34)
#define ZF_CR9_KEY ZF_BIT64(35)
#define ZF_CR9_STORE_REAL ZF_BIT64(36)
#define ZF_CR9_ZERO_ADDRESS ZF_BIT64(37)
#define ZF_CR9_TRANSACTION_END ZF_BIT64(38)
#define ZF_CR9_NULLIFY ZF_BIT64(39)
#define ZF_CR9_BRANCH_RANGE ZF_BIT64(40) /* branches only to addresses in the range */
#define ZF_CR9_SUPPRESS ZF_BIT64(41)     /* none in a transaction but its end */
#define ZF_CR9_STORE_SPACE ZF_BIT64(42)  /* stores only to spaces whose ASCE has ZF_ASCE_EVENT */
#define ZF_ASCE_EVENT UINT64_C(0x80)

/* The PER code: the events that an interruption is for. */
enum zf_per_code {
    ZF_PER_BRANCH = 0x80,
    ZF_PER_FETCH = 0x40,
    ZF_PER_STORE = 0x20,
    ZF_PER_STORE_REAL = 0x08,
    ZF_PER_ZERO_ADDRESS = 0x04,
    ZF_PER_TRANSACTION_END = 0x02,
    ZF_PER_NULLIFIED = 0x01,
};

/* Rightmost bits of the ATMID: the space of a storage-alteration event. */
enum zf_per_space { ZF_PER_PRIMARY, ZF_PER_AR, ZF_PER_SECONDARY, ZF_PER_HOME };

/**
 * An instruction begins at `address`: notes the mode and looks for a fetching event. Of an EXECUTE,
 * also called for its target. `length` is in bytes. False: the event nullifies the instruction.
 */
bool zf_per_begin(struct zf_cpu *cpu, uint64_t address, unsigned length);
bool zf_per_target(struct zf_cpu *cpu, uint64_t address);

/** `length` bytes from `address` on are stored to. `asce` is 0 when DAT is off. */
void zf_per_store(struct zf_cpu *cpu, uint64_t address, uint64_t length, enum zf_per_space space,
                  uint64_t asce);

/** A store that uses a real address was made. */
void zf_per_store_real(struct zf_cpu *cpu);

/** An operand in storage is addressed by a register that is zero. */
void zf_per_zero_address(struct zf_cpu *cpu);

/** The outermost transaction has ended. */
void zf_per_transaction_end(struct zf_cpu *cpu);

/** The instruction is complete: drops the events of one that begins a transaction, where they are
 * suppressed. */
void zf_per_complete(struct zf_cpu *cpu);

/** The instruction has branched to psw.addr. */
void zf_per_branched(struct zf_cpu *cpu);

/** A program condition ends the instruction: what then remains of its events. */
void zf_per_condition(struct zf_cpu *cpu, uint16_t pgm);

#endif
