/*
 * Moves between access keys and address spaces.
 */
#include "control/art.h"

#include "zfacet/watching.h"

enum { MOVE_LIMIT = ZF_PAGE_SIZE };

/* All checks come first. */
static bool move(struct zf_cpu *cpu, const struct zf_end *to, const struct zf_end *from,
                 size_t length) {
    struct zf_range target, source;
    if (!length) {
        return true;
    }
    if (!zf_range_find(cpu, from, length, ZF_ACCESS_READ, &source) ||
        !zf_range_find(cpu, to, length, ZF_ACCESS_WRITE, &target)) {
        return false;
    }
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_WATCHED)) {
        zf_watching_note(cpu, from->space, zf_wrap(cpu, from->address), length, false);
    }
    zf_record_store(cpu, to->space, zf_wrap(cpu, to->address), length);
    zf_range_move(cpu, &target, &source);
    return true;
}

static struct zf_end current(struct zf_cpu *cpu, uint64_t address, enum zf_access access) {
    return (struct zf_end){address, zf_access_space(cpu, access), cpu->key, false};
}

static unsigned key_of(uint64_t value) {
    return (unsigned)(value >> 4) & 0xf;
}

/* The true length in R1 of MVCK, MVCP and MVCS: at most 256 bytes are moved, CC 3 when more. */
static size_t true_length(struct zf_cpu *cpu, unsigned r1, size_t limit, uint32_t *cc) {
    uint64_t length = cpu->mode & ZF_MODE_64 ? cpu->gr[r1] : zf_low(cpu, r1);
    *cc = length > limit ? 3 : 0;
    return length > limit ? limit : (size_t)length;
}

static enum zf_next moved(struct zf_cpu *cpu, const struct zf_end *to, const struct zf_end *from,
                          size_t length, uint32_t cc) {
    if (!move(cpu, to, from, length)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = cc;
    return ZF_NEXT;
}

enum zf_next zf_do_mvck(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_end to = current(cpu, zf_operand1(cpu, i), ZF_ACCESS_WRITE);
    struct zf_end from = current(cpu, zf_operand2(cpu, i), ZF_ACCESS_READ);
    uint32_t cc;
    size_t length = true_length(cpu, i->o.r1, 256, &cc);
    from.key = key_of(cpu->gr[i->o.r3]);
    if (!zf_may_use_key(cpu, from.key)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    return moved(cpu, &to, &from, length, cc);
}

/* MVCP, MVCS: the operand in the secondary space has the key in R3 */
static enum zf_next move_spaces(struct zf_cpu *cpu, const struct zf_insn_call *i, bool primary) {
    uint64_t space = cpu->psw.mask & ZF_PSW_AS;
    struct zf_end to = current(cpu, zf_operand1(cpu, i), ZF_ACCESS_WRITE);
    struct zf_end from = current(cpu, zf_operand2(cpu, i), ZF_ACCESS_READ);
    uint32_t cc;
    size_t length = true_length(cpu, i->o.r1, 256, &cc);
    unsigned key = key_of(cpu->gr[i->o.r3]);
    if (!(cpu->psw.mask & ZF_PSW_DAT) || !(cpu->cr[0] & ZF_CR0_SECONDARY_SPACE) ||
        space == ZF_PSW_AS_AR || space == ZF_PSW_AS_HOME) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!zf_may_use_key(cpu, key)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    to.space = primary ? ZF_SPACE_PRIMARY : ZF_SPACE_SECONDARY;
    from.space = primary ? ZF_SPACE_SECONDARY : ZF_SPACE_PRIMARY;
    (primary ? &from : &to)->key = key;
    return moved(cpu, &to, &from, length, cc);
}

enum zf_next zf_do_mvcp(struct zf_cpu *cpu, const struct zf_call *call) {
    return move_spaces(cpu, zf_insn_call(call), true);
}

enum zf_next zf_do_mvcs(struct zf_cpu *cpu, const struct zf_call *call) {
    return move_spaces(cpu, zf_insn_call(call), false);
}

/* MVCSK, MVCDK: GR0 has the length less one, GR1 the key; the CC stays */
static enum zf_next move_with_key(struct zf_cpu *cpu, const struct zf_insn_call *i, bool source) {
    struct zf_end to = current(cpu, zf_operand1(cpu, i), ZF_ACCESS_WRITE);
    struct zf_end from = current(cpu, zf_operand2(cpu, i), ZF_ACCESS_READ);
    unsigned key = key_of(cpu->gr[1]);
    if (!zf_may_use_key(cpu, key)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    (source ? &from : &to)->key = key;
    return moved(cpu, &to, &from, (size_t)(cpu->gr[0] & 0xff) + 1, cpu->cc);
}

enum zf_next zf_do_mvcsk(struct zf_cpu *cpu, const struct zf_call *call) {
    return move_with_key(cpu, zf_insn_call(call), true);
}

enum zf_next zf_do_mvcdk(struct zf_cpu *cpu, const struct zf_call *call) {
    return move_with_key(cpu, zf_insn_call(call), false);
}

/* Operand-access control of MVCOS: one halfword of GR0 for each operand. */
enum { OAC_KEY_VALID = 2, OAC_SPACE_VALID = 1, OAC_HOME = 3, OAC_SECONDARY = 2, OAC_AR = 1 };

static unsigned oac_space(const struct zf_cpu *cpu, unsigned oac) {
    return oac & OAC_SPACE_VALID ? oac >> 6 & 3 : (unsigned)(cpu->psw.mask >> 46) & 3;
}

static struct zf_end oac_end(const struct zf_cpu *cpu, unsigned oac, uint64_t address) {
    static const enum zf_space spaces[] = {ZF_SPACE_PRIMARY, ZF_SPACE_PRIMARY, ZF_SPACE_SECONDARY,
                                           ZF_SPACE_HOME};
    return (struct zf_end){address, spaces[oac_space(cpu, oac)],
                           oac & OAC_KEY_VALID ? oac >> 12 : cpu->key, false};
}

enum zf_next zf_do_mvcos(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned oac1 = zf_low(cpu, 0) >> 16, oac2 = zf_low(cpu, 0) & 0xffff;
    unsigned space1 = oac_space(cpu, oac1), space2 = oac_space(cpu, oac2);
    uint32_t cc;
    size_t length = true_length(cpu, i->o.r3, MOVE_LIMIT, &cc);
    bool secondary = space1 == OAC_SECONDARY || space2 == OAC_SECONDARY;
    if (!(cpu->psw.mask & ZF_PSW_DAT) ||
        (oac1 & OAC_SPACE_VALID && space1 == OAC_HOME && zf_problem_state(cpu)) ||
        (secondary && !(cpu->cr[0] & ZF_CR0_SECONDARY_SPACE))) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    struct zf_end to = oac_end(cpu, oac1, zf_operand1(cpu, i));
    struct zf_end from = oac_end(cpu, oac2, zf_operand2(cpu, i));
    if (!zf_may_use_key(cpu, to.key) || !zf_may_use_key(cpu, from.key)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    struct zf_ar_space by_register[2] = {cpu->ar_space[0], cpu->ar_space[1]};
    if ((space1 == OAC_AR && !zf_ar_space(cpu, i->o.b1, ZF_ACCESS_WRITE, &by_register[1])) ||
        (space2 == OAC_AR && !zf_ar_space(cpu, i->o.b2, ZF_ACCESS_READ, &by_register[0]))) {
        return ZF_NEXT_PGM;
    }
    zf_ar_spaces_set(cpu, by_register);
    to.space = space1 == OAC_AR ? (enum zf_space)by_register[1].space : to.space;
    from.space = space2 == OAC_AR ? (enum zf_space)by_register[0].space : from.space;
    return moved(cpu, &to, &from, length, cc);
}
