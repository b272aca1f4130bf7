/*
 * Control instructions of the clocks, and PERFORM TIMING FACILITY FUNCTION.
 */
#include "zfacet/clock.h"

#include "control/control.h"

#include "zfacet/implemented.h"

static bool load_doubleword(struct zf_cpu *cpu, const struct zf_call *call, uint64_t *value) {
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    if (address & 7) {
        return zf_pgm(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_load(cpu, address, 8, value);
}

static enum zf_next store_doubleword(struct zf_cpu *cpu, const struct zf_call *call,
                                     uint64_t value) {
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_done(zf_store(cpu, address, 8, value));
}

enum zf_next zf_do_sck(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t value;
    if (!load_doubleword(cpu, call, &value)) {
        return ZF_NEXT_PGM;
    }
    zf_clock_set_tod(cpu, value);
    zf_interrupt_look(cpu);
    cpu->cc = 0;
    return ZF_NEXT_LEAVE;
}

enum zf_next zf_do_sckc(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t value;
    if (!load_doubleword(cpu, call, &value)) {
        return ZF_NEXT_PGM;
    }
    cpu->clock_comparator = value;
    return zf_interrupt_opened(cpu) ? ZF_NEXT_LEAVE : ZF_NEXT;
}

enum zf_next zf_do_stckc(struct zf_cpu *cpu, const struct zf_call *call) {
    return store_doubleword(cpu, call, cpu->clock_comparator);
}

enum zf_next zf_do_spt(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t value;
    if (!load_doubleword(cpu, call, &value)) {
        return ZF_NEXT_PGM;
    }
    zf_clock_set_cpu_timer(cpu, (int64_t)value);
    return zf_interrupt_opened(cpu) ? ZF_NEXT_LEAVE : ZF_NEXT;
}

enum zf_next zf_do_stpt(struct zf_cpu *cpu, const struct zf_call *call) {
    return store_doubleword(cpu, call, (uint64_t)zf_clock_cpu_timer(cpu));
}

enum zf_next zf_do_sckpf(struct zf_cpu *cpu, const struct zf_call *call) {
    uint32_t value = zf_low(cpu, 0);
    (void)call;
    if (value >> 16) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    cpu->tod_programmable = value;
    return ZF_NEXT;
}

/* Function codes of PTFF. From 64 on they control, which the problem state may not. */
enum {
    PTFF_QUERY = 0,
    PTFF_TOD_OFFSET = 1,
    PTFF_STEERING = 2,
    PTFF_PHYSICAL_CLOCK = 3,
    PTFF_UTC = 4,
    PTFF_TOD_OFFSET_USER = 5,
    PTFF_FIRST_CONTROL = 64,
    PTFF_SET_TOD_OFFSET = 65,
    PTFF_SET_TOD_OFFSET_USER = 69,
};

/* Stores the parameter block of a query and returns its length. */
static unsigned ptff_query(struct zf_cpu *cpu, unsigned code, uint8_t block[256]) {
    const struct zf_gate *gate = &zf_cpu_facilities(cpu)->gate;
    uint64_t physical = zf_clock_tod(cpu) - cpu->tod_offset;
    uint64_t offset = cpu->tod_offset - cpu->tod_user;
    memset(block, 0, 256);
    switch (code) {
    case PTFF_QUERY:
        zf_put64(block, gate->function[ZF_QUERY_PTFF][0]);
        zf_put64(block + 8, gate->function[ZF_QUERY_PTFF][1]);
        return 16;
    case PTFF_TOD_OFFSET:
    case PTFF_TOD_OFFSET_USER: /* beside those of the other, what of the epoch difference is a
                                  user's */
        zf_put64(block, physical);
        zf_put64(block + 8, offset);
        zf_put64(block + 16, offset);
        zf_put64(block + 24, cpu->tod_user);
        zf_put64(block + 32, cpu->tod_user);
        return code == PTFF_TOD_OFFSET ? 32 : 40;
    case PTFF_STEERING:
        zf_put64(block, physical);
        return 56;
    case PTFF_PHYSICAL_CLOCK:
        zf_put64(block, physical);
        return 8;
    default: /* PTFF_UTC */
        return 256;
    }
}

/* STO, STOU: the offset from the physical clock, or a user's part of the epoch difference */
static enum zf_next ptff_set_offset(struct zf_cpu *cpu, bool user) {
    uint64_t value;
    if (!zf_load(cpu, cpu->gr[1], 8, &value)) {
        return ZF_NEXT_PGM;
    }
    zf_clock_set_offset(cpu, user ? cpu->tod_offset - cpu->tod_user : value,
                        user ? value : cpu->tod_user);
    zf_interrupt_look(cpu);
    cpu->cc = 0;
    return ZF_NEXT_LEAVE;
}

/* PTFF: GR0 has the function code, GR1 the address of the parameter block */
enum zf_next zf_do_ptff(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { CODE = 0x7f, RESERVED = 0x80 };
    uint8_t block[256];
    unsigned code = (unsigned)cpu->gr[0] & CODE;
    if (cpu->gr[0] & RESERVED) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (code >= PTFF_FIRST_CONTROL && zf_problem_state(cpu)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    if (!zf_function_permitted(cpu, zf_insn_call(call), ZF_QUERY_PTFF, code)) {
        cpu->cc = 3;
        return zf_function_refused(cpu, zf_insn_call(call), ZF_QUERY_PTFF, code, ZF_PGM_NONE);
    }
    if (!zf_function_implemented(ZF_QUERY_PTFF, code)) {
        cpu->cc = 3;
        return zf_function_unimplemented(cpu, zf_insn_call(call), ZF_QUERY_PTFF, code, ZF_PGM_NONE);
    }
    if (code == PTFF_SET_TOD_OFFSET || code == PTFF_SET_TOD_OFFSET_USER) {
        return ptff_set_offset(cpu, code == PTFF_SET_TOD_OFFSET_USER);
    }
    unsigned length = ptff_query(cpu, code, block);
    if (!zf_store_bytes(cpu, cpu->gr[1], block, length)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = 0;
    return ZF_NEXT_LEAVE;
}
