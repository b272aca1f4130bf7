/*
 * Control instructions around dynamic address translation: real addresses, invalidation, frames.
 */
#include "control/control.h"

#include "zfacet/facility.h"
#include "zfacet/per.h"

enum zf_next zf_purge(struct zf_cpu *cpu) {
    zf_tlb_clear_all(cpu);
    zf_mapping_changed(cpu->machine);
    return ZF_NEXT_LEAVE;
}

/* PTLB: of this CPU alone */
enum zf_next zf_do_ptlb(struct zf_cpu *cpu, const struct zf_call *call) {
    (void)call;
    zf_tlb_clear(cpu);
    zf_mapping_changed(cpu->machine);
    return ZF_NEXT_LEAVE;
}

/* PALB: there is no ART-lookaside buffer */
enum zf_next zf_do_palb(struct zf_cpu *cpu, const struct zf_call *call) {
    (void)cpu;
    (void)call;
    return ZF_NEXT;
}

/*
 * LRA, LRAY, LRAG. CC 1 and 2: address of the segment- or page-table entry that is invalid; 3: the
 * exception's code. With the argument 64 a result has 64 bits in every addressing mode.
 */
enum zf_next zf_do_lra(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1;
    uint64_t address = zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2);
    enum zf_space space = zf_access_space(cpu, ZF_ACCESS_READ);
    bool wide = i->argument == 64 || cpu->mode & ZF_MODE_64;
    struct zf_dat dat;
    /* With DAT off the primary space is translated all the same. */
    space = space == ZF_SPACE_REAL ? ZF_SPACE_PRIMARY : space;
    uint64_t result;
    if (zf_dat_walk(cpu, zf_space_asce(cpu, space), address, &dat)) {
        result = dat.real;
        cpu->cc = 0;
    } else if (dat.pgm == ZF_PGM_ADDRESSING || dat.pgm == ZF_PGM_TRANSLATION_SPEC) {
        return zf_raise(cpu, (enum zf_pgm_code)dat.pgm);
    } else if (dat.entry_invalid && dat.level != ZF_DAT_REGION &&
               (wide || !(dat.entry_address >> 31))) {
        result = dat.entry_address;
        cpu->cc = dat.level == ZF_DAT_SEGMENT ? 1 : 2;
    } else {
        zf_set_low(cpu, r1, 0x80000000 | dat.pgm);
        cpu->cc = 3;
        return ZF_NEXT;
    }
    if (wide) {
        cpu->gr[r1] = result;
    } else if (result >> 31) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    } else {
        zf_set_low(cpu, r1, (uint32_t)result);
    }
    return ZF_NEXT;
}

/* Host address of an aligned real operand, with the protection that applies to it; NULL: pgm. */
static uint8_t *real_operand(struct zf_cpu *cpu, uint64_t address, unsigned size,
                             enum zf_access access) {
    struct zf_aaddr absolute;
    bool cacheable;
    if (address & (size - 1)) {
        zf_pgm(cpu, ZF_PGM_SPECIFICATION);
        return NULL;
    }
    if (!zf_translate_in(cpu, ZF_SPACE_REAL, cpu->key, (struct zf_vaddr){address}, access,
                         &absolute, &cacheable)) {
        return NULL;
    }
    if (access == ZF_ACCESS_WRITE) {
        zf_code_changed(cpu->storage, absolute.v, size);
    }
    return zf_absolute(cpu->storage, absolute, size);
}

enum zf_next zf_do_lura(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const uint8_t *p = real_operand(cpu, zf_wrap(cpu, cpu->gr[i->o.r2]), 4, ZF_ACCESS_READ);
    if (!p) {
        return ZF_NEXT_PGM;
    }
    zf_set_low(cpu, i->o.r1, zf_get32(p));
    return ZF_NEXT;
}

enum zf_next zf_do_lurag(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const uint8_t *p = real_operand(cpu, zf_wrap(cpu, cpu->gr[i->o.r2]), 8, ZF_ACCESS_READ);
    if (!p) {
        return ZF_NEXT_PGM;
    }
    cpu->gr[i->o.r1] = zf_get64(p);
    return ZF_NEXT;
}

enum zf_next zf_do_stura(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t *p = real_operand(cpu, zf_wrap(cpu, cpu->gr[i->o.r2]), 4, ZF_ACCESS_WRITE);
    if (!p) {
        return ZF_NEXT_PGM;
    }
    zf_put32(p, zf_low(cpu, i->o.r1));
    zf_per_store_real(cpu);
    return ZF_NEXT;
}

enum zf_next zf_do_sturg(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t *p = real_operand(cpu, zf_wrap(cpu, cpu->gr[i->o.r2]), 8, ZF_ACCESS_WRITE);
    if (!p) {
        return ZF_NEXT_PGM;
    }
    zf_put64(p, cpu->gr[i->o.r1]);
    zf_per_store_real(cpu);
    return ZF_NEXT;
}

/* STRAG: the real address of the second operand is stored at the first */
enum zf_next zf_do_strag(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t to = zf_operand1(cpu, i), of = zf_operand2(cpu, i);
    enum zf_space space = zf_access_space(cpu, ZF_ACCESS_READ);
    struct zf_dat dat;
    if (to & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    space = space == ZF_SPACE_REAL ? ZF_SPACE_PRIMARY : space;
    if (!zf_dat_walk(cpu, zf_space_asce(cpu, space), of, &dat)) {
        cpu->pgm.address = of & ZF_PAGE_MASK;
        return zf_raise(cpu, (enum zf_pgm_code)dat.pgm);
    }
    return zf_done(zf_store(cpu, to, 8, dat.real));
}

/* A table entry to be changed: key-controlled and low-address protection apply. NULL: exception. */
static uint8_t *table_entry(struct zf_cpu *cpu, uint64_t address) {
    struct zf_aaddr absolute;
    bool cacheable;
    if (!zf_translate_in(cpu, ZF_SPACE_REAL, cpu->key, (struct zf_vaddr){address}, ZF_ACCESS_WRITE,
                         &absolute, &cacheable)) {
        return NULL;
    }
    return zf_absolute(cpu->storage, absolute, 8);
}

/* Sets bits of an entry, which other CPUs may change at the same time; what it was before. */
static uint64_t set_in_entry(uint8_t *entry, uint64_t bits) {
    uint64_t *word = (uint64_t *)(void *)entry;
    return __builtin_bswap64(__atomic_fetch_or(word, __builtin_bswap64(bits), __ATOMIC_SEQ_CST));
}

/*
 * A page-table entry changes. Code was translated only while the entry was valid, so it goes with
 * the frame; an entry that is invalid already may have held another frame then.
 */
static void page_changed(struct zf_cpu *cpu, uint64_t entry) {
    zf_tlb_clear_all(cpu);
    if (entry & ZF_PAGE_INVALID) {
        zf_mapping_changed(cpu->machine);
    } else {
        zf_code_changed(cpu->storage, entry & ZF_PAGE_FRAME, ZF_PAGE_SIZE);
    }
}

/* IPTE: with R3, as many further pages as its rightmost byte says */
enum zf_next zf_do_ipte(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t table = cpu->gr[i->o.r1] & ZF_SEGMENT_ORIGIN;
    unsigned index = (unsigned)(cpu->gr[i->o.r2] >> 12) & 0xff;
    unsigned more = i->o.r3 ? (unsigned)cpu->gr[i->o.r3] & 0xff : 0;
    if (index + more > 0xff) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    for (unsigned n = 0; n <= more; n++) {
        uint8_t *p = table_entry(cpu, table + (index + n) * 8);
        if (!p) {
            return ZF_NEXT_PGM;
        }
        page_changed(cpu, set_in_entry(p, ZF_PAGE_INVALID));
    }
    return ZF_NEXT_LEAVE;
}

/* RDP: the page may be stored to from now on */
enum zf_next zf_do_rdp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned index = (unsigned)(cpu->gr[i->o.r2] >> 12) & 0xff;
    uint8_t *p = table_entry(cpu, (cpu->gr[i->o.r1] & ZF_SEGMENT_ORIGIN) + index * 8);
    if (!p) {
        return ZF_NEXT_PGM;
    }
    zf_put64(p, zf_get64(p) & ~ZF_PAGE_PROTECTED);
    zf_tlb_clear_all(cpu);
    return ZF_NEXT_LEAVE;
}

/* 11 bits of the address that a region or segment table is indexed by. */
static unsigned table_index(uint64_t address, unsigned type) {
    return (unsigned)(address >> (20 + 11 * type)) & 0x7ff;
}

/* IDTE: invalidates entries, unless only the TLB is to be cleared by ASCE */
enum zf_next zf_do_idte(struct zf_cpu *cpu, const struct zf_call *call) {
    const uint64_t clear_only = 0x800, reserved = 0xff000, count_mask = 0x7ff;
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t designation = cpu->gr[i->o.r1], r2 = cpu->gr[i->o.r2];
    unsigned type = (unsigned)(designation & ZF_ASCE_TYPE) >> 2;
    if (r2 & reserved) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    unsigned count = r2 & clear_only ? 0 : (unsigned)(r2 & count_mask) + 1;
    for (unsigned n = 0; n < count; n++) {
        unsigned index = (table_index(r2, type) + n) & 0x7ff;
        uint8_t *p = table_entry(cpu, (designation & ZF_ASCE_ORIGIN) + index * 8);
        if (!p) {
            return ZF_NEXT_PGM;
        }
        set_in_entry(p, ZF_REGION_INVALID);
    }
    if (count) {
        return zf_purge(cpu);
    }
    zf_tlb_clear_all(cpu);
    zf_space_changed(cpu, cpu->gr[i->o.r3]);
    return ZF_NEXT_LEAVE;
}

/* CRDTE: R1 pair compare and replacement value; R2 pair table and address */
enum zf_next zf_do_crdte(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { PAGE_TABLE = 0, TABLE_TYPE = 0x1f, SEGMENT_TABLE = 0x10 };
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1, r2 = i->o.r2;
    if ((r1 | r2) & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint64_t table = cpu->gr[r2], address = cpu->gr[r2 + 1];
    unsigned type = table & TABLE_TYPE;
    if (type != PAGE_TABLE && (type & 0x13) != SEGMENT_TABLE) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint64_t at = type == PAGE_TABLE
                      ? (table & ZF_SEGMENT_ORIGIN) + (address >> 12 & 0xff) * 8
                      : (table & ZF_ASCE_ORIGIN) + table_index(address, type >> 2 & 3) * 8;
    uint8_t *p = table_entry(cpu, at);
    if (!p) {
        return ZF_NEXT_PGM;
    }
    uint64_t entry = zf_get64(p);
    cpu->cc = entry != cpu->gr[r1];
    if (cpu->cc) {
        cpu->gr[r1] = entry;
        return ZF_NEXT_LEAVE;
    }
    zf_put64(p, cpu->gr[r1 + 1]);
    return zf_purge(cpu);
}

/* CSP, CSPG: bit 63 of R2 asks to purge the TLB */
static enum zf_next swap_and_purge(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                   unsigned size) {
    enum { PURGE_TLB = 1 };
    unsigned r1 = i->o.r1;
    uint64_t address = zf_wrap(cpu, cpu->gr[i->o.r2]) & ~(uint64_t)(size - 1), old;
    if (r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_probe(cpu, address, size, ZF_ACCESS_WRITE) || !zf_load(cpu, address, size, &old)) {
        return ZF_NEXT_PGM;
    }
    bool equal = size == 8 ? old == cpu->gr[r1] : old == zf_low(cpu, r1);
    cpu->cc = !equal;
    if (equal) {
        uint64_t replacement = size == 8 ? cpu->gr[r1 + 1] : zf_low(cpu, r1 + 1);
        zf_store(cpu, address, size, replacement);
        return cpu->gr[i->o.r2] & PURGE_TLB ? zf_purge(cpu) : ZF_NEXT_LEAVE;
    }
    if (size == 8) {
        cpu->gr[r1] = old;
    } else {
        zf_set_low(cpu, r1, (uint32_t)old);
    }
    return ZF_NEXT_LEAVE;
}

enum zf_next zf_do_csp(struct zf_cpu *cpu, const struct zf_call *call) {
    return swap_and_purge(cpu, zf_insn_call(call), 4);
}

enum zf_next zf_do_cspg(struct zf_cpu *cpu, const struct zf_call *call) {
    return swap_and_purge(cpu, zf_insn_call(call), 8);
}

/* Bits of PFMF's first operand. */
enum {
    PFMF_SET_KEY = 0x20000,
    PFMF_CLEAR = 0x10000,
    PFMF_SIZE_SHIFT = 12,
    PFMF_SIZE = 7,
    PFMF_MR = 0x400,
    PFMF_MC = 0x200,
};

static bool manage_frame(struct zf_cpu *cpu, uint32_t control, uint64_t absolute) {
    struct zf_machine *machine = cpu->machine;
    uint8_t *p = zf_absolute(&machine->storage, (struct zf_aaddr){absolute}, ZF_PAGE_SIZE);
    if (!p || !machine->storage.keys) {
        return zf_pgm(cpu, ZF_PGM_ADDRESSING);
    }
    if (control & PFMF_CLEAR) {
        zf_code_changed(&machine->storage, absolute, ZF_PAGE_SIZE);
        memset(p, 0, ZF_PAGE_SIZE);
    }
    if (control & PFMF_SET_KEY) {
        zf_key_set(machine, absolute, (uint8_t)control, control & PFMF_MR, control & PFMF_MC);
    }
    return true;
}

/* PFMF: one frame at a real address, or the rest of a megabyte or 2 gigabytes; 1 MiB at a time */
enum zf_next zf_do_pfmf(struct zf_cpu *cpu, const struct zf_call *call) {
    const uint32_t reserved = 0xfffc0101;
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t control = zf_low(cpu, i->o.r1);
    unsigned size_code = control >> PFMF_SIZE_SHIFT & PFMF_SIZE, r2 = i->o.r2;
    bool large = cpu->mode & ZF_MODE_64 && zf_cpu_has_facility(cpu, ZF_FACILITY_EDAT_2);
    if (control & reserved || size_code > (large ? 2 : 1)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint64_t at = zf_wrap(cpu, cpu->gr[r2]) & ZF_PAGE_MASK;
    zf_tlb_clear_all(cpu);
    if (!size_code) {
        if (control & PFMF_CLEAR && zf_low_address_protected(cpu, at, 0)) {
            return zf_raise(cpu, ZF_PGM_PROTECTION);
        }
        return zf_done(manage_frame(cpu, control, zf_prefix(cpu, (struct zf_raddr){at}).v));
    }
    uint64_t megabyte = 1 << 20, size = size_code == 1 ? megabyte : UINT64_C(1) << 31;
    uint64_t unit_end = (at + megabyte) & ~(megabyte - 1);
    for (; at != unit_end; at += ZF_PAGE_SIZE) {
        if (!manage_frame(cpu, control, at)) {
            return ZF_NEXT_PGM;
        }
        zf_gr_set_address(cpu, r2, zf_wrap(cpu, at + ZF_PAGE_SIZE));
    }
    return at & (size - 1) ? ZF_NEXT_REPEAT : ZF_NEXT_LEAVE;
}
