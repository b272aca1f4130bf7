/*
 * Control instructions that change or show the PSW and the control registers.
 */
#include "control/linkage.h"
#include "zfacet/tier.h"

enum zf_next zf_unimplemented(struct zf_cpu *cpu, const char *what) {
    zf_machine_end(cpu->machine, ZF_STOP_UNIMPLEMENTED, "%s is not implemented", what);
    return ZF_NEXT_STOP_HERE;
}

static void note_return(struct zf_cpu *cpu) {
    struct zf_refused *refused = zf_cpu_refused(cpu);
    if (refused && refused->waits && cpu->gr[15] == refused->stack &&
        !(cpu->psw.mask & (ZF_PSW_PROBLEM | ZF_PSW_WAIT))) {
        refused->waits = false;
    }
}

/* LPSW: the doubleword has the ESA/390 format, in which bit 12 is one. */
enum zf_next zf_do_lpsw(struct zf_cpu *cpu, const struct zf_call *call) {
    const uint64_t short_address = 0x7fffffff;
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t address = zf_operand1(cpu, i), word;
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load(cpu, address, 8, &word)) {
        return ZF_NEXT_PGM;
    }
    zf_breaking_event_set(cpu, i->place);
    zf_psw_load_checked(cpu, (word & ~short_address) ^ ZF_PSW_BIT12, word & short_address);
    note_return(cpu);
    return ZF_NEXT_BRANCH;
}

static enum zf_next load_psw(struct zf_cpu *cpu, uint64_t address) {
    uint8_t psw[16];
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load_bytes(cpu, address, psw, sizeof psw)) {
        return ZF_NEXT_PGM;
    }
    zf_psw_load_checked(cpu, zf_get64(psw), zf_get64(psw + 8));
    note_return(cpu);
    return ZF_NEXT_BRANCH;
}

enum zf_next zf_do_lpswe(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    enum zf_next next = load_psw(cpu, zf_operand2(cpu, i));
    if (next == ZF_NEXT_BRANCH) {
        zf_breaking_event_set(cpu, i->place);
    }
    return next;
}

/* LPSWEY leaves the breaking-event-address register alone. */
enum zf_next zf_do_lpswey(struct zf_cpu *cpu, const struct zf_call *call) {
    return load_psw(cpu, zf_operand1(cpu, zf_insn_call(call)));
}

enum zf_next zf_do_lbear(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load(cpu, address, 8, &address)) {
        return ZF_NEXT_PGM;
    }
    zf_breaking_event_set(cpu, address);
    return ZF_NEXT;
}

enum zf_next zf_do_stbear(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    zf_breaking_event_settle(cpu);
    return zf_done(zf_store(cpu, address, 8, cpu->breaking_event));
}

/*
 * The system mask is set even when it is not valid: the specification exception is one of the PSW,
 * recognized after the instruction.
 */
static enum zf_next set_system_mask(struct zf_cpu *cpu, uint8_t mask) {
    uint32_t mode = cpu->mode;
    cpu->psw.mask = (cpu->psw.mask & ~(UINT64_C(0xff) << 56)) | (uint64_t)mask << 56;
    zf_cpu_mode_changed(cpu);
    bool opened = zf_interrupt_opened(cpu);
    if (!zf_psw_system_mask_valid(cpu->psw.mask)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return opened || cpu->mode != mode ? ZF_NEXT_LEAVE : ZF_NEXT;
}

enum zf_next zf_do_ssm(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t mask;
    if (cpu->cr[0] & ZF_CR0_SSM_SUPPRESSION) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!zf_load(cpu, zf_operand1(cpu, zf_insn_call(call)), 1, &mask)) {
        return ZF_NEXT_PGM;
    }
    return set_system_mask(cpu, (uint8_t)mask);
}

enum zf_next zf_do_stnsm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t mask = (uint8_t)(cpu->psw.mask >> 56);
    if (!zf_store(cpu, zf_operand1(cpu, i), 1, mask)) {
        return ZF_NEXT_PGM;
    }
    return set_system_mask(cpu, mask & (uint8_t)i->o.i2);
}

enum zf_next zf_do_stosm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t mask = (uint8_t)(cpu->psw.mask >> 56);
    if (!zf_store(cpu, zf_operand1(cpu, i), 1, mask)) {
        return ZF_NEXT_PGM;
    }
    return set_system_mask(cpu, mask | (uint8_t)i->o.i2);
}

enum zf_next zf_do_spka(struct zf_cpu *cpu, const struct zf_call *call) {
    unsigned key = (unsigned)(zf_operand2(cpu, zf_insn_call(call)) >> 4) & 0xf;
    if (!zf_may_use_key(cpu, key)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    cpu->psw.mask = (cpu->psw.mask & ~ZF_PSW_KEY) | (uint64_t)key << 52;
    zf_cpu_mode_changed(cpu);
    return ZF_NEXT_LEAVE;
}

enum zf_next zf_do_ipk(struct zf_cpu *cpu, const struct zf_call *call) {
    (void)call;
    if (!zf_may_extract(cpu)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    cpu->gr[2] = (cpu->gr[2] & ~UINT64_C(0xff)) | cpu->key << 4;
    return ZF_NEXT;
}

/* The address-space control as IAC and SAC number it: the PSW's two bits exchanged. */
static unsigned swap_bits(unsigned space) {
    return space >> 1 | (space & 1) << 1;
}

enum zf_next zf_do_iac(struct zf_cpu *cpu, const struct zf_call *call) {
    unsigned r1 = zf_insn_call(call)->o.r1;
    if (!(cpu->psw.mask & ZF_PSW_DAT)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!zf_may_extract(cpu)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    cpu->cc = swap_bits((unsigned)(cpu->psw.mask >> 46) & 3);
    cpu->gr[r1] = (cpu->gr[r1] & ~UINT64_C(0xff00)) | (uint64_t)cpu->cc << 8;
    return ZF_NEXT;
}

/* SAC, SACF */
enum zf_next zf_do_sac(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { SECONDARY = 1, HOME = 3 };
    unsigned space = (unsigned)(zf_operand2(cpu, zf_insn_call(call)) >> 8) & 0xf;
    if (!(cpu->psw.mask & ZF_PSW_DAT)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (space > HOME) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (space == HOME && zf_problem_state(cpu)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    if (space == SECONDARY && !(cpu->cr[0] & ZF_CR0_SECONDARY_SPACE)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    uint64_t before = cpu->psw.mask;
    cpu->psw.mask = (cpu->psw.mask & ~ZF_PSW_AS) | (uint64_t)swap_bits(space) << 46;
    zf_cpu_mode_changed(cpu);
    zf_interrupt_look(cpu);
    cpu->psw.addr = zf_insn_call(call)->next;
    return zf_home_switched(cpu, before, ZF_NEXT_LEAVE);
}

/* ESEA: the extended authorization index is in bits 32-47 of control register 8. */
enum zf_next zf_do_esea(struct zf_cpu *cpu, const struct zf_call *call) {
    unsigned r1 = zf_insn_call(call)->o.r1;
    uint32_t given = zf_low(cpu, r1);
    uint32_t index = (uint32_t)cpu->cr[8] >> 16;
    zf_set_low(cpu, r1, index << 16 | (given & 0xffff));
    cpu->cr[8] = (cpu->cr[8] & ~UINT64_C(0xffff0000)) | (uint64_t)(given & 0xffff) << 16;
    return ZF_NEXT;
}

bool zf_control_changed(struct zf_cpu *cpu, const uint64_t before[16]) {
    const uint64_t overrides = ZF_CR0_FETCH_OVERRIDE | ZF_CR0_STORAGE_OVERRIDE;
    uint32_t mode = cpu->mode;
    if (before[0] != cpu->cr[0]) {
        zf_tlb_clear(cpu);
    }
    if ((before[0] ^ cpu->cr[0]) & overrides) { /* code may no longer be fetched */
        zf_code_changed(cpu->storage, 0, cpu->storage->size);
    }
    zf_cpu_mode_changed(cpu);
    return zf_interrupt_opened(cpu) || cpu->mode != mode;
}

/* LCTL, LCTLG: registers R1 to R3, from 15 on with 0 */
static enum zf_next load_control(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned size) {
    uint8_t bytes[16 * 8];
    uint64_t before[16];
    uint64_t address = zf_operand2(cpu, i);
    unsigned count = ((i->o.r3 - i->o.r1) & 15) + 1;
    if (address & (size - 1)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load_bytes(cpu, address, bytes, count * size)) {
        return ZF_NEXT_PGM;
    }
    memcpy(before, cpu->cr, sizeof before);
    for (unsigned n = 0; n < count; n++) {
        uint64_t *cr = &cpu->cr[(i->o.r1 + n) & 15];
        *cr = size == 8 ? zf_get64(bytes + 8 * n)
                        : (*cr & ~UINT64_C(0xffffffff)) | zf_get32(bytes + 4 * n);
    }
    return zf_control_changed(cpu, before) ? ZF_NEXT_LEAVE : ZF_NEXT;
}

enum zf_next zf_do_lctl(struct zf_cpu *cpu, const struct zf_call *call) {
    return load_control(cpu, zf_insn_call(call), 4);
}

enum zf_next zf_do_lctlg(struct zf_cpu *cpu, const struct zf_call *call) {
    return load_control(cpu, zf_insn_call(call), 8);
}

/* STCTL, STCTG */
static enum zf_next store_control(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned size) {
    uint8_t bytes[16 * 8];
    uint64_t address = zf_operand2(cpu, i);
    unsigned count = ((i->o.r3 - i->o.r1) & 15) + 1;
    if (address & (size - 1)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    for (unsigned n = 0; n < count; n++) {
        uint64_t value = cpu->cr[(i->o.r1 + n) & 15];
        if (size == 8) {
            zf_put64(bytes + 8 * n, value);
        } else {
            zf_put32(bytes + 4 * n, (uint32_t)value);
        }
    }
    return zf_done(zf_store_bytes(cpu, address, bytes, count * size));
}

enum zf_next zf_do_stctl(struct zf_cpu *cpu, const struct zf_call *call) {
    return store_control(cpu, zf_insn_call(call), 4);
}

enum zf_next zf_do_stctg(struct zf_cpu *cpu, const struct zf_call *call) {
    return store_control(cpu, zf_insn_call(call), 8);
}

/* LPP: the program parameter is only seen by sampling, which is not installed. */
enum zf_next zf_do_lpp(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t address = zf_operand2(cpu, zf_insn_call(call)), parameter;
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_done(zf_load(cpu, address, 8, &parameter));
}
