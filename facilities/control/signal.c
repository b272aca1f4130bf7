/*
 * SIGNAL PROCESSOR. One order at a time, with the claim: who gives it does what it
 * asks of a stopped CPU, one that operates does it itself and is busy until then.
 */
#include "control/control.h"

#include "zfacet/facility.h"
#include "zfacet/machine.h"
#include "zfacet/sclp.h"

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
    SIGP_STORE_ADDITIONAL_STATUS = 0x17,
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

enum { CC_ACCEPTED = 0, CC_STATUS = 1, CC_BUSY = 2, CC_NOT_OPERATIONAL = 3 };
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

static bool is_operating(const struct zf_cpu *cpu) {
    return cpu->state == ZF_CPU_OPERATING;
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

/* A CPU that operates gets the signal. One that is stopped does where its PSW does not allow all
 * interruptions, waits at another address than 0, or has the parameter's ASN. */
static enum zf_next sigp_conditional_emergency(const struct sigp *s) {
    const uint64_t enabled = ZF_PSW_IO | ZF_PSW_EXT;
    const struct zf_cpu *to = s->to;
    uint16_t asn = (uint16_t)s->parameter, primary = (uint16_t)to->cr[4];
    uint16_t secondary = (uint16_t)to->cr[3];
    bool named = asn == primary || asn == secondary;
    if (is_operating(to) || (to->psw.mask & enabled) != enabled ||
        (to->psw.mask & ZF_PSW_WAIT ? to->psw.addr != 0 : named)) {
        return sigp_emergency(s);
    }
    return sigp_status(s, SIGP_INCORRECT_STATE);
}

static enum zf_next sigp_sense(const struct sigp *s) {
    bool stopped = !is_operating(s->to);
    bool call = zf_external_pending(s->to) & ZF_EXTERNAL_CALL;
    return sigp_status(s, (stopped ? SIGP_STOPPED : 0) | (call ? SIGP_CALL_PENDING : 0));
}

static enum zf_next sigp_sense_running(const struct sigp *s) {
    if (!zf_cpu_has_facility(s->cpu, ZF_FACILITY_SENSE_RUNNING_STATUS)) {
        return sigp_status(s, SIGP_INVALID_ORDER);
    }
    bool running = is_operating(s->to) && __atomic_load_n(&s->to->in_guest, __ATOMIC_RELAXED);
    return sigp_status(s, running ? 0 : SIGP_NOT_RUNNING);
}

/* SET ARCHITECTURE: 1 and 2 ask for z/Architecture, which the CPU has already. Where a machine
 * could start in ESA/390 mode, the order is taken as one that did its work. All CPUs but the one
 * that gives it must be stopped. */
static enum zf_next sigp_architecture(const struct sigp *s) {
    unsigned code = (unsigned)s->parameter & 0xff;
    if ((code != 1 && code != 2) || zf_cpu_has_facility(s->cpu, ZF_FACILITY_CZAM)) {
        return sigp_status(s, SIGP_INVALID_PARAMETER);
    }
    for (unsigned n = 0; n < zf_machine_cpus(s->cpu->machine); n++) {
        const struct zf_cpu *other = zf_machine_cpu(s->cpu->machine, n);
        if (other != s->cpu && is_operating(other)) {
            return sigp_status(s, SIGP_INCORRECT_STATE);
        }
    }
    return ZF_NEXT_LEAVE;
}

static bool has_additional_status(const struct sigp *s) {
    return zf_cpu_has_facility(s->cpu, ZF_FACILITY_VECTOR) ||
           zf_cpu_has_facility(s->cpu, ZF_FACILITY_GUARDED_STORAGE);
}

/*
 * STORE ADDITIONAL STATUS: vector registers, and with an area of 2 KiB and more the guarded-storage
 * controls. With that facility the parameter's rightmost bits have the area's length, 0 for 1 KiB;
 * it is the area's boundary, too.
 */
static enum zf_next sigp_additional_status(const struct sigp *s) {
    enum { LENGTHS = 0x3ff, LEAST = 10, WITH_GUARDED = 11, MOST = 12 };
    bool guarded = zf_cpu_has_facility(s->cpu, ZF_FACILITY_GUARDED_STORAGE);
    unsigned length = guarded && s->parameter & LENGTHS ? (unsigned)s->parameter & LENGTHS : LEAST;
    if (!has_additional_status(s)) {
        return sigp_status(s, SIGP_INVALID_ORDER);
    }
    if (length < LEAST || length > MOST) {
        return sigp_status(s, SIGP_INVALID_PARAMETER);
    }
    uint64_t area = guarded ? s->parameter & ~(uint64_t)LENGTHS : s->parameter;
    if (area & ((UINT64_C(1) << length) - 1) ||
        !zf_store_additional_status(s->to, area, length >= WITH_GUARDED)) {
        return sigp_status(s, SIGP_INVALID_PARAMETER);
    }
    return ZF_NEXT_LEAVE;
}

/* To a CPU that operates, the one that gives the order among them: it obeys at the end of this
 * instruction. */
static enum zf_next sigp_operating(const struct sigp *s) {
    switch (s->order) {
    case SIGP_START:
        return ZF_NEXT_LEAVE;
    case SIGP_RESTART:
        zf_cpu_order(s->to, ZF_ORDER_RESTART);
        return ZF_NEXT_LEAVE;
    case SIGP_STOP:
        zf_cpu_order(s->to, ZF_ORDER_STOP);
        return ZF_NEXT_LEAVE;
    case SIGP_STOP_STORE_STATUS:
        zf_cpu_order(s->to, ZF_ORDER_STOP | ZF_ORDER_STORE_STATUS);
        return ZF_NEXT_LEAVE;
    case SIGP_INITIAL_RESET:
        zf_cpu_order(s->to, ZF_ORDER_INITIAL_RESET);
        return ZF_NEXT_LEAVE;
    case SIGP_RESET:
        zf_cpu_order(s->to, ZF_ORDER_RESET);
        return ZF_NEXT_LEAVE;
    case SIGP_SET_PREFIX:
    case SIGP_STORE_STATUS:
        return sigp_status(s, SIGP_INCORRECT_STATE);
    case SIGP_STORE_ADDITIONAL_STATUS:
        return sigp_status(s, has_additional_status(s) ? SIGP_INCORRECT_STATE : SIGP_INVALID_ORDER);
    default:
        return sigp_status(s, SIGP_INVALID_ORDER);
    }
}

/* An operator holds the CPU, if the host has no thread for it. */
static enum zf_next sigp_start(const struct sigp *s) {
    return sigp_status(s,
                       zf_cpu_set_state(s->to, ZF_CPU_OPERATING) ? 0 : SIGP_OPERATOR_INTERVENING);
}

static enum zf_next sigp_set_prefix(const struct sigp *s) {
    const uint64_t prefix_mask = 0x7fffe000;
    uint64_t prefix = s->parameter & prefix_mask;
    if (!zf_absolute(s->cpu->storage, (struct zf_aaddr){prefix}, PREFIX_AREA_LENGTH)) {
        return sigp_status(s, SIGP_INVALID_PARAMETER);
    }
    zf_code_changed(s->cpu->storage, 0, PREFIX_AREA_LENGTH);
    zf_code_changed(s->cpu->storage, s->to->prefix, PREFIX_AREA_LENGTH);
    zf_code_changed(s->cpu->storage, prefix, PREFIX_AREA_LENGTH);
    s->to->prefix = prefix;
    zf_tlb_clear(s->to);
    return ZF_NEXT_LEAVE;
}

/* To a CPU that is stopped. */
static enum zf_next sigp_stopped(const struct sigp *s) {
    const uint64_t status_mask = 0x7ffffe00;
    switch (s->order) {
    case SIGP_RESTART:
        zf_interrupt_restart(s->to);
        return sigp_start(s);
    case SIGP_START:
        return sigp_start(s);
    case SIGP_STOP:
        return ZF_NEXT_LEAVE;
    case SIGP_STOP_STORE_STATUS:
        zf_cpu_store_status(s->to);
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
    case SIGP_STORE_ADDITIONAL_STATUS:
        return sigp_additional_status(s);
    default:
        return sigp_status(s, SIGP_INVALID_ORDER);
    }
}

/* Orders that a CPU has and has not obeyed yet keep all others waiting but resets. */
static bool is_busy(const struct sigp *s) {
    return __atomic_load_n(&s->to->orders, __ATOMIC_ACQUIRE) && s->order != SIGP_RESET &&
           s->order != SIGP_INITIAL_RESET;
}

static enum zf_next sigp_order(const struct sigp *s) {
    if (s->order == SIGP_SET_ARCHITECTURE) { /* to all CPUs, whatever the address */
        return sigp_architecture(s);
    }
    if (!s->to || is_busy(s)) {
        s->cpu->cc = s->to ? CC_BUSY : CC_NOT_OPERATIONAL;
        return ZF_NEXT_LEAVE;
    }
    switch (s->order) {
    case SIGP_SENSE:
        return sigp_sense(s);
    case SIGP_EXTERNAL_CALL:
        return sigp_call(s);
    case SIGP_EMERGENCY:
        return sigp_emergency(s);
    case SIGP_CONDITIONAL_EMERGENCY:
        return sigp_conditional_emergency(s);
    case SIGP_SENSE_RUNNING:
        return sigp_sense_running(s);
    default:
        return is_operating(s->to) ? sigp_operating(s) : sigp_stopped(s);
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
    zf_cpus_claim(cpu->cpus);
    if (s.to && zf_cpu_is_standby(zf_sclp_configuration(cpu->machine->sclp), s.to->address)) {
        s.to = NULL;
    }
    enum zf_next next = sigp_order(&s);
    zf_cpus_release(cpu->cpus);
    return next;
}

/* PTF: 0 and 1 ask for a polarization, 2 whether the topology has changed */
enum zf_next zf_do_ptf(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { VERTICAL = 1, CHECK = 2, REASON_ALREADY = 1 };
    unsigned r1 = zf_insn_call(call)->o.r1;
    uint64_t function = cpu->gr[r1];
    if (function > CHECK) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    struct zf_configuration *c = zf_sclp_configuration(cpu->machine->sclp);
    zf_cpus_claim(cpu->cpus);
    if (function == CHECK) {
        cpu->cc = c->topology_changed;
        c->topology_changed = false;
    } else if (c->vertical == (function == VERTICAL)) {
        cpu->gr[r1] = function | REASON_ALREADY << 8;
        cpu->cc = 2;
    } else {
        c->vertical = function == VERTICAL;
        c->topology_changed = true;
        cpu->cc = 0;
    }
    zf_cpus_release(cpu->cpus);
    return ZF_NEXT;
}
