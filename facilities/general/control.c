/*
 * General instructions that reach into the PSW: supervisor call, program mask.
 */
#include "translator.h"

enum zf_next zf_do_svc(struct zf_cpu *cpu, const struct zf_call *call) {
    cpu->pgm.monitor_class = (uint16_t)(zf_insn_call(call)->insn.word >> 48 & 0xff);
    return ZF_NEXT_SVC;
}

enum zf_next zf_do_spm(struct zf_cpu *cpu, const struct zf_call *call) {
    uint32_t value = zf_low(cpu, zf_insn_call(call)->o.r1);
    cpu->cc = value >> 28 & 3;
    cpu->psw.mask = (cpu->psw.mask & ~ZF_PSW_PM) | (uint64_t)(value >> 24 & 0xf) << 40;
    zf_cpu_mode_changed(cpu);
    return ZF_NEXT_LEAVE;
}
