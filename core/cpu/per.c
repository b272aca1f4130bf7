/*
 * Program-event recording: which events an instruction has, by control registers 9 to 11. Addresses
 * are those that the instruction formed; the range may go through the end of storage to its start.
 */
#include "zfacet/per.h"

/* Bits 8-13 of the PER code: the PSW when the instruction began. Bit 9 says that they are valid. */
enum { ATMID_EA = 0x80, ATMID_VALID = 0x40, ATMID_BA = 0x20, ATMID_DAT = 0x10, ATMID_AS = 0xc };

/* Whether any byte from `first` to `last` lies in the range. */
static bool in_range(const struct zf_cpu *cpu, uint64_t first, uint64_t last) {
    uint64_t start = cpu->cr[10], end = cpu->cr[11];
    return start <= end ? first <= end && last >= start : first <= end || last >= start;
}

static uint8_t atmid(const struct zf_cpu *cpu) {
    uint64_t mask = cpu->psw.mask;
    return (uint8_t)((mask & ZF_PSW_EA ? ATMID_EA : 0) | ATMID_VALID |
                     (mask & ZF_PSW_BA ? ATMID_BA : 0) | (mask & ZF_PSW_DAT ? ATMID_DAT : 0) |
                     ((mask & ZF_PSW_AS) >> 46 << 2 & ATMID_AS));
}

/* While the CPU is in a transaction. */
static bool suppressed(const struct zf_cpu *cpu) {
    return cpu->depth && cpu->cr[9] & ZF_CR9_SUPPRESS;
}

/* An instruction, or the target of an EXECUTE, is fetched from `address`. */
static bool fetched(struct zf_cpu *cpu, uint64_t address) {
    if (!(cpu->cr[9] & ZF_CR9_FETCH) || !in_range(cpu, address, address) || suppressed(cpu)) {
        return true;
    }
    cpu->per.code |= ZF_PER_FETCH;
    if (cpu->cr[9] & ZF_CR9_NULLIFY) {
        cpu->per.code |= ZF_PER_NULLIFIED;
        return false;
    }
    return true;
}

bool zf_per_begin(struct zf_cpu *cpu, uint64_t address, unsigned length) {
    cpu->per = (struct zf_per){
        .began = true, .atmid = atmid(cpu), .length = (uint8_t)length, .address = address};
    return fetched(cpu, address);
}

bool zf_per_target(struct zf_cpu *cpu, uint64_t address) {
    return fetched(cpu, address);
}

void zf_per_store(struct zf_cpu *cpu, uint64_t address, uint64_t length, enum zf_per_space space,
                  uint64_t asce) {
    bool by_space = cpu->cr[9] & ZF_CR9_STORE_SPACE && cpu->psw.mask & ZF_PSW_DAT;
    if (cpu->cr[9] & ZF_CR9_STORE && !(by_space && !(asce & ZF_ASCE_EVENT)) &&
        in_range(cpu, address, address + length - 1) && !suppressed(cpu)) {
        cpu->per.code |= ZF_PER_STORE;
        cpu->per.atmid = (uint8_t)((cpu->per.atmid & ~3) | space);
        cpu->per.access_id = space == ZF_PER_AR ? cpu->ar_space[1].ar : 0;
    }
}

void zf_per_store_real(struct zf_cpu *cpu) {
    const uint64_t both = ZF_CR9_STORE | ZF_CR9_STORE_REAL;
    if (cpu->per.began && (cpu->cr[9] & both) == both && !suppressed(cpu)) {
        cpu->per.code |= ZF_PER_STORE | ZF_PER_STORE_REAL;
    }
}

void zf_per_zero_address(struct zf_cpu *cpu) {
    if (cpu->cr[9] & ZF_CR9_ZERO_ADDRESS && !suppressed(cpu)) {
        cpu->per.code |= ZF_PER_ZERO_ADDRESS;
    }
}

void zf_per_transaction_end(struct zf_cpu *cpu) {
    if (cpu->per.began && cpu->cr[9] & ZF_CR9_TRANSACTION_END) {
        cpu->per.code |= ZF_PER_TRANSACTION_END;
    }
}

void zf_per_complete(struct zf_cpu *cpu) {
    if (suppressed(cpu)) {
        cpu->per.code = 0;
    }
}

void zf_per_branched(struct zf_cpu *cpu) {
    if (cpu->cr[9] & ZF_CR9_BRANCH && !suppressed(cpu) &&
        (!(cpu->cr[9] & ZF_CR9_BRANCH_RANGE) || in_range(cpu, cpu->psw.addr, cpu->psw.addr))) {
        cpu->per.code |= ZF_PER_BRANCH;
    }
}

void zf_per_condition(struct zf_cpu *cpu, uint16_t pgm) {
    bool completed = pgm == ZF_PGM_FIXED_OVERFLOW || pgm == ZF_PGM_DECIMAL_OVERFLOW;
    if (!completed) {
        cpu->per.code &= ZF_PER_FETCH | ZF_PER_NULLIFIED;
    }
}
