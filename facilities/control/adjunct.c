/*
 * Adjunct-processor instructions of a configuration without cards: no queue is there, which the
 * status word in GR1 and CC 3 say.
 */
#include "control/control.h"

enum { NOT_AVAILABLE = 0x01 << 16, CC_RESPONSE = 3 };

static enum zf_next respond(struct zf_cpu *cpu) {
    zf_set_low(cpu, 1, NOT_AVAILABLE);
    cpu->cc = CC_RESPONSE;
    return ZF_NEXT;
}

/* NQAP, DQAP */
enum zf_next zf_do_queue(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    if (o->r1 & 1 || o->r2 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return respond(cpu);
}

/* PQAP: the function code is in GR0 bits 32-39; of queries, that of the configuration has an answer
 */
enum zf_next zf_do_pqap(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { QUERY_CONFIGURATION = 4, LAST_FUNCTION = 8, INFORMATION = 128 };
    static const uint8_t nothing[INFORMATION];
    unsigned code = zf_low(cpu, 0) >> 24;
    (void)call;
    if (code > LAST_FUNCTION ||
        (code == QUERY_CONFIGURATION && !zf_cpu_has_facility(cpu, ZF_FACILITY_AP_QUERY))) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (code != QUERY_CONFIGURATION) {
        return respond(cpu);
    }
    uint64_t address = zf_wrap(cpu, cpu->gr[2]);
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_store_bytes(cpu, address, nothing, sizeof nothing)) {
        return ZF_NEXT_PGM;
    }
    zf_set_low(cpu, 1, 0);
    cpu->cc = 0;
    return ZF_NEXT;
}
