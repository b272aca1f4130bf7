/*
 * What the instructions share that link programs: the registers that they make, and the tables that
 * they look into.
 */
#include "control/linkage.h"

bool zf_asn_reuse(const struct zf_cpu *cpu) {
    return cpu->cr[0] & ZF_CR0_ASN_REUSE && zf_cpu_has_facility(cpu, ZF_FACILITY_ASN_LX_REUSE);
}

void zf_linkage_begin(const struct zf_cpu *cpu, const struct zf_insn_call *i,
                      struct zf_linkage *l) {
    memcpy(l->gr, cpu->gr, sizeof l->gr);
    memcpy(l->cr, cpu->cr, sizeof l->cr);
    memcpy(l->ar, cpu->ar, sizeof l->ar);
    l->mask = zf_psw_mask(cpu);
    l->address = i->next;
    l->switches = false;
}

enum zf_next zf_linkage_end(struct zf_cpu *cpu, const struct zf_insn_call *i,
                            const struct zf_linkage *l, bool branches) {
    uint64_t before[16];
    memcpy(before, cpu->cr, sizeof before);
    memcpy(cpu->gr, l->gr, sizeof l->gr);
    memcpy(cpu->cr, l->cr, sizeof l->cr);
    memcpy(cpu->ar, l->ar, sizeof l->ar);
    zf_control_changed(cpu, before);
    if (!branches) {
        return ZF_NEXT_LEAVE;
    }
    zf_breaking_event_set(cpu, i->place);
    zf_psw_load_checked(cpu, l->mask, l->address);
    zf_interrupt_look(cpu);
    return ZF_NEXT_BRANCH;
}

/* The event after an instruction: which space it has left, and whether that one asks for it. */
static enum zf_next space_switch(struct zf_cpu *cpu, uint16_t asn, uint64_t asce) {
    cpu->pgm.address = asn | (asce & ZF_ASCE_SPACE_SWITCH ? 0x80000000 : 0);
    cpu->pgm.completed = true;
    return zf_raise(cpu, ZF_PGM_SPACE_SWITCH);
}

enum zf_next zf_linkage_end_space(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                  const struct zf_linkage *l) {
    uint64_t before = cpu->cr[1];
    uint16_t asn = zf_primary_asn(cpu->cr);
    enum zf_next next = zf_linkage_end(cpu, i, l, true);
    bool event = l->switches && (before | cpu->cr[1]) & ZF_ASCE_SPACE_SWITCH;
    return event ? space_switch(cpu, asn, before) : next;
}

static bool in_home_space(uint64_t mask) {
    return mask & ZF_PSW_DAT && (mask & ZF_PSW_AS) == ZF_PSW_AS_HOME;
}

enum zf_next zf_home_switched(struct zf_cpu *cpu, uint64_t before, enum zf_next next) {
    bool left = in_home_space(before);
    if (left == in_home_space(cpu->psw.mask) ||
        !((cpu->cr[1] | cpu->cr[13]) & ZF_ASCE_SPACE_SWITCH) || next == ZF_NEXT_PGM) {
        return next;
    }
    return left ? space_switch(cpu, 0, cpu->cr[13])
                : space_switch(cpu, zf_primary_asn(cpu->cr), cpu->cr[1]);
}

static void set_mode(struct zf_linkage *l, uint64_t mode, uint64_t address) {
    l->mask = (l->mask & ~(ZF_PSW_EA | ZF_PSW_BA)) | mode;
    l->address = address;
}

void zf_linkage_target(struct zf_linkage *l, uint64_t target) {
    if (target & 1) {
        set_mode(l, ZF_PSW_EA | ZF_PSW_BA, target & ~UINT64_C(1));
    } else if (target & 0x80000000) {
        set_mode(l, ZF_PSW_BA, target & 0x7fffffff);
    } else {
        set_mode(l, 0, target & 0xffffff);
    }
}

void zf_linkage_branch(struct zf_linkage *l, uint64_t target) {
    if (l->mask & ZF_PSW_EA) {
        l->address = target;
    } else {
        bool wide = target & 0x80000000;
        set_mode(l, wide ? ZF_PSW_BA : 0, target & (wide ? 0x7fffffff : 0xffffff));
    }
}

uint64_t zf_linkage_link(uint64_t mask, uint64_t address) {
    return address | (mask & ZF_PSW_EA ? 1 : mask & ZF_PSW_BA ? 0x80000000 : 0);
}

bool zf_real_words(struct zf_cpu *cpu, uint64_t real, uint32_t *word, unsigned count) {
    for (unsigned n = 0; n < count; n++) {
        uint64_t value;
        if (!zf_real_load(cpu, (struct zf_raddr){(real + 4 * n) & 0x7fffffff}, 4, &value)) {
            return false;
        }
        word[n] = (uint32_t)value;
    }
    return true;
}

uint64_t zf_duct_origin(const struct zf_cpu *cpu) {
    return cpu->cr[2] & ZF_REAL_ORIGIN;
}

bool zf_duct_get(struct zf_cpu *cpu, uint32_t word[16]) {
    return zf_real_words(cpu, zf_duct_origin(cpu), word, 16);
}

bool zf_real_store_check(struct zf_cpu *cpu, uint64_t real, uint64_t length) {
    struct zf_aaddr absolute;
    bool cacheable;
    if (!zf_translate_in(cpu, ZF_SPACE_REAL, 0, (struct zf_vaddr){real}, ZF_ACCESS_WRITE, &absolute,
                         &cacheable)) {
        return false;
    }
    return zf_absolute(cpu->storage, absolute, length) || zf_pgm(cpu, ZF_PGM_ADDRESSING);
}
