/*
 * SIGNAL PROCESSOR and DIAGNOSE. The configuration has one CPU, which can signal itself only.
 */
#include "control/control.h"

#include "zfacet/facility.h"

#include <stdio.h>

enum sigp_order {
    SIGP_SENSE = 0x01,
    SIGP_EXTERNAL_CALL = 0x02,
    SIGP_EMERGENCY = 0x03,
    SIGP_START = 0x04,
    SIGP_STOP = 0x05,
    SIGP_RESTART = 0x06,
    SIGP_STOP_STORE_STATUS = 0x09,
    SIGP_INITIAL_RESET = 0x0b,
    SIGP_RESET = 0x0c,
    SIGP_SET_PREFIX = 0x0d,
    SIGP_STORE_STATUS = 0x0e,
    SIGP_SET_ARCHITECTURE = 0x12,
    SIGP_CONDITIONAL_EMERGENCY = 0x13,
    SIGP_SENSE_RUNNING = 0x15,
};

enum sigp_status {
    SIGP_INVALID_ORDER = 0x02,
    SIGP_CALL_PENDING = 0x80,
    SIGP_INVALID_PARAMETER = 0x100,
    SIGP_INCORRECT_STATE = 0x200,
};

enum { CC_ACCEPTED = 0, CC_STATUS = 1, CC_NOT_OPERATIONAL = 3 };
enum { STATUS_AREA = 0x1200 };

static enum zf_next sigp_status(struct zf_cpu *cpu, unsigned r1, uint32_t status) {
    zf_set_low(cpu, r1, status);
    cpu->cc = CC_STATUS;
    return ZF_NEXT_LEAVE;
}

/* The CPU stops itself; nobody is left who could start it. */
static enum zf_next sigp_stop(struct zf_cpu *cpu, const char *order) {
    struct zf_machine *machine = cpu->machine;
    machine->stop = ZF_STOP_SHUTDOWN;
    snprintf(machine->stop_text, sizeof machine->stop_text, "the guest stopped its CPU: %s", order);
    cpu->cc = CC_ACCEPTED;
    return ZF_NEXT_STOP;
}

static enum zf_next sigp_call(struct zf_cpu *cpu, unsigned r1) {
    if (cpu->external_pending & ZF_EXTERNAL_CALL) {
        return sigp_status(cpu, r1, SIGP_CALL_PENDING);
    }
    cpu->external_call_source = cpu->address;
    zf_external_post(cpu, ZF_EXTERNAL_CALL);
    return ZF_NEXT_LEAVE;
}

/* SET ARCHITECTURE: 1 and 2 ask for z/Architecture, which the CPU has already. Where a machine
 * could start in ESA/390 mode, the order is taken as one that did its work. */
static enum zf_next sigp_architecture(struct zf_cpu *cpu, unsigned r1, unsigned parameter) {
    if ((parameter == 1 || parameter == 2) && !zf_cpu_has_facility(cpu, ZF_FACILITY_CZAM)) {
        return ZF_NEXT_LEAVE;
    }
    return sigp_status(cpu, r1, SIGP_INVALID_PARAMETER);
}

static enum zf_next sigp_self(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned order,
                              uint64_t parameter) {
    unsigned r1 = i->o.r1;
    switch (order) {
    case SIGP_SENSE:
        return cpu->external_pending & ZF_EXTERNAL_CALL ? sigp_status(cpu, r1, SIGP_CALL_PENDING)
                                                        : ZF_NEXT_LEAVE;
    case SIGP_EXTERNAL_CALL:
        return sigp_call(cpu, r1);
    case SIGP_EMERGENCY:
    case SIGP_CONDITIONAL_EMERGENCY:
        cpu->emergency_sources |= UINT64_C(1) << (cpu->address & 63);
        zf_external_post(cpu, ZF_EXTERNAL_EMERGENCY);
        return ZF_NEXT_LEAVE;
    case SIGP_START:
    case SIGP_SENSE_RUNNING:
        return ZF_NEXT_LEAVE;
    case SIGP_RESTART:
        cpu->psw.addr = i->next;
        zf_interrupt_restart(cpu);
        return ZF_NEXT_BRANCH;
    case SIGP_STOP:
        return sigp_stop(cpu, "SIGP stop");
    case SIGP_STOP_STORE_STATUS:
        zf_store_status(cpu, zf_prefix(cpu, (struct zf_raddr){STATUS_AREA}).v);
        return sigp_stop(cpu, "SIGP stop and store status");
    case SIGP_INITIAL_RESET:
    case SIGP_RESET:
        return sigp_stop(cpu, "SIGP reset");
    case SIGP_SET_PREFIX:
    case SIGP_STORE_STATUS:
        return sigp_status(cpu, r1, SIGP_INCORRECT_STATE);
    case SIGP_SET_ARCHITECTURE:
        return sigp_architecture(cpu, r1, (unsigned)parameter & 0xff);
    default:
        return sigp_status(cpu, r1, SIGP_INVALID_ORDER);
    }
}

/* SIGP: R3 has the CPU address, R1 gets the status, R1 or the odd register behind it the
 * parameter; the order code is the rightmost byte of the second-operand address. */
enum zf_next zf_do_sigp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned order = (unsigned)zf_operand2(cpu, i) & 0xff;
    uint64_t parameter = cpu->gr[i->o.r1 | 1];
    bool all = order == SIGP_SET_ARCHITECTURE;
    zf_interrupt_look(cpu);
    if (!all && (zf_low(cpu, i->o.r3) & 0xffff) != cpu->address) {
        cpu->cc = CC_NOT_OPERATIONAL;
        return ZF_NEXT_LEAVE;
    }
    cpu->cc = CC_ACCEPTED;
    return sigp_self(cpu, i, order, parameter);
}

/* DIAGNOSE X'308': re-IPL and its parameters; there is nothing to load again */
static enum zf_next diag_308(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum { LOAD_CLEAR = 3, LOAD_DUMP = 4, SET = 5, STORE = 6, NO_BLOCK = 0x0102, INVALID = 0x0402 };
    struct zf_machine *machine = cpu->machine;
    uint64_t subcode = cpu->gr[i->o.r3];
    if (i->o.r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (subcode <= LOAD_DUMP && subcode != 2) {
        machine->stop = ZF_STOP_SHUTDOWN;
        snprintf(machine->stop_text, sizeof machine->stop_text,
                 "the guest asked to be loaded again (diagnose X'308', subcode %u)",
                 (unsigned)subcode);
        return ZF_NEXT_STOP;
    }
    if (subcode != SET && subcode != STORE) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    cpu->gr[i->o.r1 + 1] = subcode == SET ? INVALID : NO_BLOCK;
    return ZF_NEXT_LEAVE;
}

/* DIAGNOSE X'FAC' is zfacet's own: R1 gets how often the guest had an exception not because of its
 * model, but because zfacet does not execute what it met. */
enum zf_next zf_do_diag(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { YIELD = 0x44, YIELD_TO = 0x9c, LOAD = 0x308, NAME_OF_PROGRAM = 0x318, TRAPS = 0xfac };
    const struct zf_insn_call *i = zf_insn_call(call);
    switch (zf_operand2(cpu, i) & 0xffff) {
    case YIELD:
    case YIELD_TO:
        zf_interrupt_look(cpu);
        return ZF_NEXT_LEAVE;
    case LOAD:
        return diag_308(cpu, i);
    case NAME_OF_PROGRAM:
        return ZF_NEXT_LEAVE;
    case TRAPS:
        cpu->gr[i->o.r1] = zf_cpu_facilities(cpu)->unimplemented_traps;
        return ZF_NEXT;
    default:
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
}

/* PTF: there is one CPU, so the polarization is horizontal and nothing changes */
enum zf_next zf_do_ptf(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { HORIZONTAL = 0, VERTICAL = 1, CHECK = 2, REASON_NONE = 0, REASON_ALREADY = 1 };
    unsigned r1 = zf_insn_call(call)->o.r1;
    unsigned function = (unsigned)cpu->gr[r1] & 0xff;
    if (function > CHECK || cpu->gr[r1] & 0xffff00) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (function == CHECK) {
        cpu->cc = 0;
        return ZF_NEXT;
    }
    unsigned reason = function == HORIZONTAL ? REASON_ALREADY : REASON_NONE;
    cpu->gr[r1] = (cpu->gr[r1] & ~UINT64_C(0xff00)) | reason << 8;
    cpu->cc = 2;
    return ZF_NEXT;
}
