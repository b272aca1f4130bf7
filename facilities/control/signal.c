/*
 * SIGNAL PROCESSOR and DIAGNOSE. CPU 0 executes; the others are stopped, answer, and stay stopped.
 */
#include "control/control.h"

#include "zfacet/facility.h"
#include "zfacet/machine.h"

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
    SIGP_OPERATOR_INTERVENING = 0x20,
    SIGP_STOPPED = 0x40,
    SIGP_CALL_PENDING = 0x80,
    SIGP_INVALID_PARAMETER = 0x100,
    SIGP_INCORRECT_STATE = 0x200,
    SIGP_NOT_RUNNING = 0x400,
};

enum { CC_ACCEPTED = 0, CC_STATUS = 1, CC_NOT_OPERATIONAL = 3 };
enum { PREFIX_AREA_LENGTH = 0x2000 };

/* An order under way. */
struct sigp {
    struct zf_cpu *cpu; /* that gives it */
    struct zf_cpu *to;  /* that gets it */
    const struct zf_insn_call *i;
    unsigned order;
    uint64_t parameter;
};

/* Condition code 1 with these status bits; without any, the order was accepted. */
static enum zf_next sigp_status(const struct sigp *s, uint32_t status) {
    if (status) {
        zf_set_low(s->cpu, s->i->o.r1, status);
        s->cpu->cc = CC_STATUS;
    }
    return ZF_NEXT_LEAVE;
}

/* The store-status operation of an order without an address: to absolute locations, with 1 for the
 * architectural mode. */
static void sigp_store(struct zf_cpu *to) {
    enum { ARCHITECTURAL_MODE = 163 };
    uint8_t *mode = zf_absolute(to->storage, (struct zf_aaddr){ARCHITECTURAL_MODE}, 1);
    zf_store_status(to, ZF_STATUS_AREA);
    if (mode) {
        *mode = 1;
    }
}

/* The CPU stops itself; nobody is left who could start it. */
static enum zf_next sigp_stop(struct zf_cpu *cpu, const char *order) {
    zf_machine_end(cpu->machine, ZF_STOP_SHUTDOWN, "the guest stopped its CPU: %s", order);
    return ZF_NEXT_STOP;
}

static enum zf_next sigp_call(const struct sigp *s) {
    if (!zf_external_call_post(s->to, s->cpu->address)) {
        return sigp_status(s, SIGP_CALL_PENDING);
    }
    return ZF_NEXT_LEAVE;
}

static enum zf_next sigp_emergency(const struct sigp *s) {
    zf_emergency_post(s->to, s->cpu->address);
    return ZF_NEXT_LEAVE;
}

static enum zf_next sigp_sense(const struct sigp *s) {
    bool stopped = s->to->state == ZF_CPU_STOPPED;
    bool call = zf_external_pending(s->to) & ZF_EXTERNAL_CALL;
    return sigp_status(s, (stopped ? SIGP_STOPPED : 0) | (call ? SIGP_CALL_PENDING : 0));
}

static enum zf_next sigp_sense_running(const struct sigp *s) {
    if (!zf_cpu_has_facility(s->cpu, ZF_FACILITY_SENSE_RUNNING_STATUS)) {
        return sigp_status(s, SIGP_INVALID_ORDER);
    }
    return sigp_status(s, s->to->state == ZF_CPU_STOPPED ? SIGP_NOT_RUNNING : 0);
}

/* SET ARCHITECTURE: 1 and 2 ask for z/Architecture, which the CPU has already. Where a machine
 * could start in ESA/390 mode, the order is taken as one that did its work. All CPUs but the one
 * that gives it are stopped, as they must be. */
static enum zf_next sigp_architecture(const struct sigp *s) {
    unsigned code = (unsigned)s->parameter & 0xff;
    if ((code == 1 || code == 2) && !zf_cpu_has_facility(s->cpu, ZF_FACILITY_CZAM)) {
        return ZF_NEXT_LEAVE;
    }
    return sigp_status(s, SIGP_INVALID_PARAMETER);
}

static enum zf_next sigp_self(const struct sigp *s) {
    struct zf_cpu *cpu = s->cpu;
    switch (s->order) {
    case SIGP_START:
        return ZF_NEXT_LEAVE;
    case SIGP_RESTART:
        cpu->psw.addr = s->i->next;
        zf_interrupt_restart(cpu);
        return ZF_NEXT_BRANCH;
    case SIGP_STOP:
        return sigp_stop(cpu, "SIGP stop");
    case SIGP_STOP_STORE_STATUS:
        sigp_store(cpu);
        return sigp_stop(cpu, "SIGP stop and store status");
    case SIGP_INITIAL_RESET:
    case SIGP_RESET:
        return sigp_stop(cpu, "SIGP reset");
    case SIGP_SET_PREFIX:
    case SIGP_STORE_STATUS:
        return sigp_status(s, SIGP_INCORRECT_STATE);
    default:
        return sigp_status(s, SIGP_INVALID_ORDER);
    }
}

/* A second CPU cannot execute yet. Who takes exceptions for what zfacet does not do is told that
 * an operator holds the CPU. */
static enum zf_next sigp_start_other(const struct sigp *s) {
    char what[64];
    if (zf_cpu_facilities(s->cpu)->on_unimplemented == ZF_ON_UNIMPLEMENTED_TRAP) {
        return sigp_status(s, SIGP_OPERATOR_INTERVENING);
    }
    snprintf(what, sizeof what, "starting CPU %u (only CPU 0 executes)", s->to->address);
    return zf_unimplemented(s->cpu, what);
}

static enum zf_next sigp_set_prefix(const struct sigp *s) {
    const uint64_t prefix_mask = 0x7fffe000;
    uint64_t prefix = s->parameter & prefix_mask;
    if (!zf_absolute(s->cpu->storage, (struct zf_aaddr){prefix}, PREFIX_AREA_LENGTH)) {
        return sigp_status(s, SIGP_INVALID_PARAMETER);
    }
    s->to->prefix = prefix;
    return ZF_NEXT_LEAVE;
}

/* To a CPU that is stopped. */
static enum zf_next sigp_stopped(const struct sigp *s) {
    const uint64_t status_mask = 0x7ffffe00;
    switch (s->order) {
    case SIGP_START:
    case SIGP_RESTART:
        return sigp_start_other(s);
    case SIGP_STOP:
        return ZF_NEXT_LEAVE;
    case SIGP_STOP_STORE_STATUS:
        sigp_store(s->to);
        return ZF_NEXT_LEAVE;
    case SIGP_INITIAL_RESET:
        zf_cpu_initial_reset(s->to);
        return ZF_NEXT_LEAVE;
    case SIGP_RESET:
        zf_cpu_reset(s->to);
        return ZF_NEXT_LEAVE;
    case SIGP_SET_PREFIX:
        return sigp_set_prefix(s);
    case SIGP_STORE_STATUS:
        return sigp_status(
            s, zf_store_status(s->to, s->parameter & status_mask) ? 0 : SIGP_INVALID_PARAMETER);
    default:
        return sigp_status(s, SIGP_INVALID_ORDER);
    }
}

/* SIGP: R3 has the CPU address, R1 gets the status, R1 or the odd register after it the
 * parameter; the order code is the rightmost byte of the second-operand address. */
enum zf_next zf_do_sigp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct sigp s = {
        .cpu = cpu,
        .to = zf_machine_cpu(cpu->machine, zf_low(cpu, i->o.r3) & 0xffff),
        .i = i,
        .order = (unsigned)zf_operand2(cpu, i) & 0xff,
        .parameter = cpu->gr[i->o.r1 | 1],
    };
    zf_interrupt_look(cpu);
    cpu->cc = CC_ACCEPTED;
    if (s.order == SIGP_SET_ARCHITECTURE) { /* to all CPUs, whatever the address */
        return sigp_architecture(&s);
    }
    if (!s.to) {
        cpu->cc = CC_NOT_OPERATIONAL;
        return ZF_NEXT_LEAVE;
    }
    switch (s.order) {
    case SIGP_SENSE:
        return sigp_sense(&s);
    case SIGP_EXTERNAL_CALL:
        return sigp_call(&s);
    case SIGP_EMERGENCY:
    case SIGP_CONDITIONAL_EMERGENCY:
        return sigp_emergency(&s);
    case SIGP_SENSE_RUNNING:
        return sigp_sense_running(&s);
    default:
        return s.to == cpu ? sigp_self(&s) : sigp_stopped(&s);
    }
}

/* DIAGNOSE X'308': resets that go on at the PSW at 0; re-IPL and its parameters, where there is
 * nothing to load again */
static enum zf_next diag_308(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum {
        MODIFIED_CLEAR = 0,
        LOAD_NORMAL = 1,
        LOAD_CLEAR = 3,
        LOAD_DUMP = 4,
        SET = 5,
        STORE = 6,
        NO_BLOCK = 0x0102,
        INVALID = 0x0402
    };
    uint64_t subcode = cpu->gr[i->o.r3];
    if (i->o.r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    switch (subcode) {
    case MODIFIED_CLEAR:
    case LOAD_NORMAL:
        zf_machine_load_reset(cpu->machine, cpu, subcode == MODIFIED_CLEAR);
        return ZF_NEXT_BRANCH;
    case LOAD_CLEAR:
    case LOAD_DUMP:
        zf_machine_end(cpu->machine, ZF_STOP_SHUTDOWN,
                       "the guest requested another IPL (diagnose X'308', subcode %u)",
                       (unsigned)subcode);
        return ZF_NEXT_STOP;
    case SET:
    case STORE:
        if (cpu->gr[i->o.r1] & ~ZF_PAGE_MASK) {
            return zf_raise(cpu, ZF_PGM_SPECIFICATION);
        }
        if (!zf_absolute(cpu->storage, (struct zf_aaddr){cpu->gr[i->o.r1]}, ZF_PAGE_SIZE)) {
            return zf_raise(cpu, ZF_PGM_ADDRESSING);
        }
        cpu->gr[i->o.r1 + 1] = subcode == SET ? INVALID : NO_BLOCK;
        return ZF_NEXT_LEAVE;
    default:
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
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
        return zf_model_has_feature(&zf_cpu_facilities(cpu)->gate.model, ZF_FEATURE_DIAG318)
                   ? ZF_NEXT_LEAVE
                   : zf_raise(cpu, ZF_PGM_SPECIFICATION);
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
