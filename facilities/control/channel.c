/*
 * I/O instructions of a configuration without subchannels.
 */
#include "control/control.h"

enum { CC_NOTHING_STORED = 1, CC_NOT_OPERATIONAL = 3 };

/* The subsystem-identification word in GR1 has ones where the book wants them. */
static bool subsystem_id_valid(const struct zf_cpu *cpu) {
    const uint32_t fixed = 0xfff90000, value = 0x00010000;
    return (zf_low(cpu, 1) & fixed) == value;
}

/* CSCH, HSCH, RSCH, XSCH */
enum zf_next zf_do_subchannel(struct zf_cpu *cpu, const struct zf_call *call) {
    (void)call;
    if (!subsystem_id_valid(cpu)) {
        return zf_raise(cpu, ZF_PGM_OPERAND);
    }
    cpu->cc = CC_NOT_OPERATIONAL;
    return ZF_NEXT;
}

/* SSCH, MSCH, STSCH, TSCH: these have an operand on a word boundary too */
enum zf_next zf_do_subchannel_block(struct zf_cpu *cpu, const struct zf_call *call) {
    if (zf_operand2(cpu, zf_insn_call(call)) & 3) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_do_subchannel(cpu, call);
}

enum zf_next zf_do_stcrw(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    if (address & 3) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_store(cpu, address, 4, 0)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = CC_NOTHING_STORED;
    return ZF_NEXT;
}

/* TPI: no interruption is pending */
enum zf_next zf_do_tpi(struct zf_cpu *cpu, const struct zf_call *call) {
    if (zf_operand2(cpu, zf_insn_call(call)) & 3) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

enum zf_next zf_do_rchp(struct zf_cpu *cpu, const struct zf_call *call) {
    const uint32_t zeros = 0xffffff00;
    (void)call;
    if (zf_low(cpu, 1) & zeros) {
        return zf_raise(cpu, ZF_PGM_OPERAND);
    }
    cpu->cc = CC_NOT_OPERATIONAL;
    return ZF_NEXT;
}

/* SAL: limits that nothing is compared with */
enum zf_next zf_do_sal(struct zf_cpu *cpu, const struct zf_call *call) {
    const uint32_t zeros = 0x8000ffff;
    (void)call;
    return zf_low(cpu, 1) & zeros ? zf_raise(cpu, ZF_PGM_OPERAND) : ZF_NEXT;
}

/* SCHM: measurements that nothing makes */
enum zf_next zf_do_schm(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { UPDATE = 2, ALIGNMENT = 31 };
    const uint32_t zeros = 0x0ffffffc;
    uint32_t control = zf_low(cpu, 1);
    (void)call;
    if (control & zeros || (control & UPDATE && cpu->gr[2] & ALIGNMENT)) {
        return zf_raise(cpu, ZF_PGM_OPERAND);
    }
    return ZF_NEXT;
}

enum zf_next zf_do_stcps(struct zf_cpu *cpu, const struct zf_call *call) {
    static const uint8_t no_paths[32];
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    if (address & 31) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_done(zf_store_bytes(cpu, address, no_paths, sizeof no_paths));
}

/* CHSC: every command is answered with "not provided by the model" */
enum zf_next zf_do_chsc(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { RESPONSE_LENGTH = 8, NOT_PROVIDED = 4, LONGEST = 4096 };
    uint8_t response[RESPONSE_LENGTH] = {0, RESPONSE_LENGTH, 0, NOT_PROVIDED};
    uint64_t address = zf_wrap(cpu, cpu->gr[zf_insn_call(call)->o.r1]), length;
    if (address & ~ZF_PAGE_MASK) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load(cpu, address, 2, &length)) {
        return ZF_NEXT_PGM;
    }
    if (length < 16 || length > LONGEST - RESPONSE_LENGTH || length & 7) {
        return zf_raise(cpu, ZF_PGM_OPERAND);
    }
    if (!zf_store_bytes(cpu, address + length, response, sizeof response)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

/* PGIN, PGOUT: there is no expanded storage */
enum zf_next zf_do_expanded(struct zf_cpu *cpu, const struct zf_call *call) {
    (void)call;
    cpu->cc = 3;
    return ZF_NEXT;
}

/* SIGA: there are no queues to be told of */
enum zf_next zf_do_siga(struct zf_cpu *cpu, const struct zf_call *call) {
    (void)call;
    if (!subsystem_id_valid(cpu)) {
        return zf_raise(cpu, ZF_PGM_OPERAND);
    }
    cpu->cc = CC_NOT_OPERATIONAL;
    return ZF_NEXT;
}

/* SIC: no adapter interrupts, so that only the operands are looked at */
enum zf_next zf_do_sic(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { ALL = 0, SINGLE = 1, DIRECTED = 2 };
    unsigned control = (unsigned)cpu->gr[zf_insn_call(call)->o.r1] & 0xffff;
    return control > DIRECTED ? zf_raise(cpu, ZF_PGM_OPERAND) : ZF_NEXT;
}
