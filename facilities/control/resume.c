/*
 * RESUME PROGRAM and TRAP: registers and PSW from and to a save area that a program describes.
 */
#include "control/linkage.h"
#include "control/trace.h"

/* What follows the instruction: flags, and offsets of the fields in the operand. */
struct resume {
    uint16_t flags, psw, ar, gr, gr_high;
};
enum { WHOLE_PSW = 4, WHOLE_GR = 2, GR_APART = 1 };

static bool resume_list(struct zf_cpu *cpu, const struct zf_insn_call *i, struct resume *r) {
    uint8_t b[10];
    struct zf_range range;
    const struct zf_end list = {i->address + i->insn.length, zf_access_space(cpu, ZF_ACCESS_FETCH),
                                cpu->key, false};
    if (!zf_range_find(cpu, &list, 8, ZF_ACCESS_FETCH, &range)) {
        return false;
    }
    zf_range_get(cpu, &range, b);
    *r = (struct resume){zf_get16(b), zf_get16(b + 2), zf_get16(b + 4), zf_get16(b + 6), 0};
    if (r->flags & ~(WHOLE_PSW | WHOLE_GR | GR_APART)) {
        return zf_pgm(cpu, ZF_PGM_SPECIFICATION);
    }
    if ((r->flags & (WHOLE_GR | GR_APART)) == (WHOLE_GR | GR_APART)) {
        if (!zf_range_find(cpu, &list, sizeof b, ZF_ACCESS_FETCH, &range)) {
            return false;
        }
        zf_range_get(cpu, &range, b);
        r->gr_high = zf_get16(b + 8);
    }
    return true;
}

/* The PSW's fields that the operand replaces, still to be checked. */
static bool resume_psw(struct zf_cpu *cpu, const struct resume *r, uint64_t operand,
                       struct zf_linkage *l) {
    const uint64_t fields = ZF_PSW_AS | ZF_PSW_CC | ZF_PSW_PM | ZF_PSW_EA | ZF_PSW_BA;
    uint64_t mask, address;
    if (!zf_load(cpu, operand + r->psw, 8, &mask)) {
        return false;
    }
    if (r->flags & WHOLE_PSW) {
        if (!zf_load(cpu, operand + r->psw + 8, 8, &address)) {
            return false;
        }
        l->mask = (l->mask & ~(fields | 0x7fffffff)) | (mask & (fields | 0x7fffffff));
    } else {
        address = mask & 0x7fffffff;
        l->mask = (l->mask & ~fields) | (mask & fields);
    }
    l->address = address;
    return true;
}

static bool resume_registers(struct zf_cpu *cpu, const struct zf_insn_call *i,
                             const struct resume *r, uint64_t operand, struct zf_linkage *l) {
    uint64_t ar, gr, high, *to = &l->gr[i->o.b2];
    bool apart = (r->flags & (WHOLE_GR | GR_APART)) == (WHOLE_GR | GR_APART);
    unsigned size = (r->flags & (WHOLE_GR | GR_APART)) == WHOLE_GR ? 8 : 4;
    if (!zf_load(cpu, operand + r->ar, 4, &ar) || !zf_load(cpu, operand + r->gr, size, &gr) ||
        (apart && !zf_load(cpu, operand + r->gr_high, 4, &high))) {
        return false;
    }
    l->ar[i->o.b2] = (uint32_t)ar;
    zf_set_field(to, size == 8 ? UINT64_MAX : UINT32_MAX, gr);
    if (apart) {
        zf_set_field(to, ZF_CR_LEFT, high << 32);
    }
    return true;
}

static bool resume_permitted(struct zf_cpu *cpu, const struct zf_linkage *l) {
    bool home = l->mask & ZF_PSW_DAT && (l->mask & ZF_PSW_AS) == ZF_PSW_AS_HOME;
    if (home && zf_problem_state(cpu)) {
        return zf_pgm(cpu, ZF_PGM_PRIVILEGED);
    }
    uint64_t last = l->mask & ZF_PSW_EA ? UINT64_MAX : l->mask & ZF_PSW_BA ? 0x7fffffff : 0xffffff;
    bool mode = !(l->mask & ZF_PSW_EA) || l->mask & ZF_PSW_BA;
    return (mode && !(l->mask & 0x7fffffff) && !(l->address & 1) && l->address <= last) ||
           zf_pgm(cpu, ZF_PGM_SPECIFICATION);
}

/* RP */
enum zf_next zf_do_rp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t operand = zf_operand2(cpu, i), mask = cpu->psw.mask;
    struct resume r;
    struct zf_linkage l;
    zf_linkage_begin(cpu, i, &l);
    if (!resume_list(cpu, i, &r) || !resume_psw(cpu, &r, operand, &l) ||
        !resume_registers(cpu, i, &r, operand, &l) || !resume_permitted(cpu, &l) ||
        !zf_trace_mode_branch(cpu, &l, i, l.mask, l.address)) {
        return ZF_NEXT_PGM;
    }
    return zf_home_switched(cpu, mask, zf_linkage_end(cpu, i, &l, true));
}

/* The trap control block, in the home space, and the words of it. */
struct trap {
    uint32_t block, flags, save_area, program;
};
enum { TRAP_WHOLE_PSW = 0x40000, TRAP_WHOLE_GR = 0x20000 };

static bool trap_block(struct zf_cpu *cpu, struct trap *t) {
    enum { TRAP_WORD = 11, ENABLED = 1 };
    uint32_t duct[16];
    uint8_t b[24];
    struct zf_range range;
    if (!zf_duct_get(cpu, duct)) {
        return false;
    }
    if (!(duct[TRAP_WORD] & ENABLED)) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    t->block = duct[TRAP_WORD] & 0x7ffffff8;
    const struct zf_end end = {t->block, ZF_SPACE_HOME, cpu->key, true};
    if (!zf_range_find(cpu, &end, sizeof b, ZF_ACCESS_READ, &range)) {
        return false;
    }
    zf_range_get(cpu, &range, b);
    t->flags = zf_get32(b);
    t->save_area = zf_get32(b + 12) & 0x7ffffff8;
    t->program = zf_get32(b + 20) & 0x7fffffff;
    return true;
}

/* The trap save area; its length. */
static unsigned trap_save(const struct zf_cpu *cpu, const struct zf_insn_call *i,
                          const struct trap *t, uint8_t *b) {
    enum { EXECUTED = 1u << 31, TRAP4 = 1 << 30, SAVED_GR = 32 };
    bool wide = t->flags & TRAP_WHOLE_GR;
    uint32_t length = (uint32_t)zf_wrap(cpu, i->next - i->place);
    uint64_t mask = zf_psw_mask(cpu);
    zf_put32(b, length << 16 | (i->place != i->address ? EXECUTED : 0) | (i->argument ? TRAP4 : 0));
    zf_put32(b + 4, 0);
    zf_put32(b + 8, i->argument ? (uint32_t)zf_operand2(cpu, i) & 0x7fffffff : 0);
    zf_put32(b + 12, cpu->ar[15]);
    if (t->flags & TRAP_WHOLE_PSW) {
        zf_put64(b + 16, mask);
        zf_put64(b + 24, i->next);
    } else {
        zf_put64(b + 16,
                 (mask & ~UINT64_C(0xffffffff)) | ZF_PSW_BIT12 | (mask & ZF_PSW_BA) | i->next);
        zf_put64(b + 24, 0);
    }
    for (unsigned r = 0; r < 16; r++) {
        if (wide) {
            zf_put64(b + SAVED_GR + 8 * r, cpu->gr[r]);
        } else {
            zf_put32(b + SAVED_GR + 4 * r, zf_low(cpu, r));
        }
    }
    return SAVED_GR + (wide ? 128 : 64);
}

/* TRAP2; TRAP4, whose argument is 1 */
enum zf_next zf_do_trap(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_linkage l;
    struct zf_range range;
    struct trap t;
    uint8_t bytes[160];
    if (!(cpu->psw.mask & ZF_PSW_DAT) || cpu->psw.mask & ZF_PSW_AS_SECONDARY) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_linkage_begin(cpu, i, &l);
    if (!trap_block(cpu, &t)) {
        return ZF_NEXT_PGM;
    }
    if (!(t.flags & TRAP_WHOLE_PSW) && cpu->mode & ZF_MODE_64) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    unsigned length = trap_save(cpu, i, &t, bytes);
    const struct zf_end end = {t.save_area, ZF_SPACE_HOME, cpu->key, true};
    uint64_t mask = (l.mask & ~(ZF_PSW_EA | ZF_PSW_AS)) | ZF_PSW_BA;
    if (!zf_range_find(cpu, &end, length, ZF_ACCESS_WRITE, &range) ||
        !zf_trace_branch(cpu, &l, mask, t.program)) {
        return ZF_NEXT_PGM;
    }
    zf_record_store(cpu, ZF_SPACE_HOME, end.address, length);
    zf_range_put(cpu, &range, bytes);
    zf_set_field(&l.gr[15], cpu->mode & ZF_MODE_64 ? UINT64_MAX : UINT32_MAX, t.block);
    l.mask = mask;
    l.address = t.program;
    return zf_linkage_end(cpu, i, &l, true);
}
