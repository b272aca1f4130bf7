/*
 * Storage keys and tests of storage.
 */
#include "control/control.h"

enum { KEY_BITS = ZF_KEY_ACC | ZF_KEY_FETCH | ZF_KEY_REFERENCE | ZF_KEY_CHANGE };

/* The storage key of the absolute frame; NULL with an addressing exception. */
static uint8_t *frame_key(struct zf_cpu *cpu, uint64_t absolute) {
    if (!cpu->storage->keys || !zf_absolute(cpu->storage, (struct zf_aaddr){absolute}, 1)) {
        zf_pgm(cpu, ZF_PGM_ADDRESSING);
        return NULL;
    }
    return &cpu->storage->keys[absolute / ZF_PAGE_SIZE];
}

static uint8_t *real_key(struct zf_cpu *cpu, unsigned r) {
    return frame_key(cpu, zf_prefix(cpu, (struct zf_raddr){zf_wrap(cpu, cpu->gr[r])}).v);
}

static void set_byte(struct zf_cpu *cpu, unsigned r, uint8_t value) {
    cpu->gr[r] = (cpu->gr[r] & ~UINT64_C(0xff)) | value;
}

enum zf_next zf_do_iske(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const uint8_t *key = real_key(cpu, i->o.r2);
    if (!key) {
        return ZF_NEXT_PGM;
    }
    set_byte(cpu, i->o.r1, *key);
    return ZF_NEXT;
}

/* IVSK: access-control and fetch-protection bits of a virtual address */
enum zf_next zf_do_ivsk(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_aaddr absolute;
    bool cacheable;
    if (!(cpu->psw.mask & ZF_PSW_DAT)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!zf_may_extract(cpu)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    struct zf_vaddr address = {zf_wrap(cpu, cpu->gr[i->o.r2])};
    if (!zf_translate_in(cpu, zf_access_space(cpu, ZF_ACCESS_READ), 0, address, ZF_ACCESS_READ,
                         &absolute, &cacheable)) {
        return ZF_NEXT_PGM;
    }
    set_byte(cpu, i->o.r1,
             cpu->storage->keys[absolute.v / ZF_PAGE_SIZE] & (ZF_KEY_ACC | ZF_KEY_FETCH));
    return ZF_NEXT;
}

bool zf_key_set(struct zf_machine *machine, uint64_t frame, uint8_t value, bool any_reference,
                bool any_change) {
    uint8_t *key = &machine->storage.keys[frame / ZF_PAGE_SIZE];
    uint8_t compared = ZF_KEY_ACC | ZF_KEY_FETCH;
    if (any_reference || any_change) {
        compared |= any_reference ? 0 : ZF_KEY_REFERENCE;
        compared |= any_change ? 0 : ZF_KEY_CHANGE;
        if (!((*key ^ value) & compared)) {
            return false;
        }
    }
    if ((*key ^ value) & (ZF_KEY_ACC | ZF_KEY_FETCH)) { /* may it still be fetched? */
        zf_code_changed(&machine->storage, frame & ZF_PAGE_MASK, ZF_PAGE_SIZE);
    }
    *key = value & KEY_BITS;
    return true;
}

/* One block, or all blocks up to the next megabyte */
static enum zf_next set_keys(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum { MR = 4, MC = 2, MB = 1, BLOCKS = 1 << 20 };
    unsigned m3 = i->o.m3, r1 = i->o.r1, r2 = i->o.r2;
    uint64_t start = zf_wrap(cpu, cpu->gr[r2]) & ZF_PAGE_MASK;
    uint64_t end = m3 & MB ? (start + BLOCKS) & ~(uint64_t)(BLOCKS - 1) : start + ZF_PAGE_SIZE;
    for (uint64_t at = start; at != end; at += ZF_PAGE_SIZE) {
        uint64_t absolute = m3 & MB ? at : zf_prefix(cpu, (struct zf_raddr){at}).v;
        uint8_t *key = frame_key(cpu, absolute);
        if (!key) {
            return ZF_NEXT_PGM;
        }
        uint8_t old = *key;
        bool set = zf_key_set(cpu->machine, absolute, (uint8_t)cpu->gr[r1], m3 & MR, m3 & MC);
        if (m3 & (MR | MC)) {
            cpu->cc = set;
            if (!(m3 & MB)) {
                cpu->gr[r1] = (cpu->gr[r1] & ~UINT64_C(0xff00)) | (uint64_t)old << 8;
            }
        }
    }
    if (m3 & MB) {
        cpu->cc = m3 & (MR | MC) ? 3 : cpu->cc;
        zf_gr_set_address(cpu, r2, zf_wrap(cpu, end) | (cpu->gr[r2] & ~ZF_PAGE_MASK));
    }
    return ZF_NEXT;
}

/* SSKE: other CPUs go by the new keys before it ends */
enum zf_next zf_do_sske(struct zf_cpu *cpu, const struct zf_call *call) {
    enum zf_next next = set_keys(cpu, zf_insn_call(call));
    zf_tlb_clear_all(cpu);
    return next;
}

/* RRBE: the condition code is the old reference and change bits */
enum zf_next zf_do_rrbe(struct zf_cpu *cpu, const struct zf_call *call) {
    uint8_t *key = real_key(cpu, zf_insn_call(call)->o.r2);
    if (!key) {
        return ZF_NEXT_PGM;
    }
    uint8_t old = __atomic_fetch_and(key, (uint8_t)~ZF_KEY_REFERENCE, __ATOMIC_SEQ_CST);
    cpu->cc = (old & (ZF_KEY_REFERENCE | ZF_KEY_CHANGE)) >> 1;
    zf_tlb_clear_all(cpu);
    return ZF_NEXT;
}

/* The reference bits of 64 blocks from a multiple of 64 on; RRBM resets them. */
static enum zf_next reference_bits(struct zf_cpu *cpu, const struct zf_insn_call *i, bool reset) {
    enum { BLOCKS = 64 };
    uint64_t first = zf_wrap(cpu, cpu->gr[i->o.r2]) & ~(uint64_t)(BLOCKS * ZF_PAGE_SIZE - 1);
    uint64_t bits = 0;
    uint8_t *keys = frame_key(cpu, first);
    if (!keys || !frame_key(cpu, first + BLOCKS * ZF_PAGE_SIZE - 1)) {
        return ZF_NEXT_PGM;
    }
    for (unsigned n = 0; n < BLOCKS; n++) {
        bits |= keys[n] & ZF_KEY_REFERENCE ? ZF_BIT64(n) : 0;
        if (reset) {
            __atomic_fetch_and(&keys[n], (uint8_t)~ZF_KEY_REFERENCE, __ATOMIC_SEQ_CST);
        }
    }
    cpu->gr[i->o.r1] = bits;
    if (reset) {
        zf_tlb_clear_all(cpu);
    }
    return ZF_NEXT;
}

enum zf_next zf_do_rrbm(struct zf_cpu *cpu, const struct zf_call *call) {
    return reference_bits(cpu, zf_insn_call(call), true);
}

enum zf_next zf_do_irbm(struct zf_cpu *cpu, const struct zf_call *call) {
    return reference_bits(cpu, zf_insn_call(call), false);
}

/* TB: all storage is usable; the block is cleared */
enum zf_next zf_do_tb(struct zf_cpu *cpu, const struct zf_call *call) {
    uint64_t address = zf_wrap(cpu, cpu->gr[zf_insn_call(call)->o.r2]) & ZF_PAGE_MASK;
    struct zf_aaddr absolute;
    bool cacheable;
    if (!zf_translate_in(cpu, ZF_SPACE_REAL, 0, (struct zf_vaddr){address}, ZF_ACCESS_WRITE,
                         &absolute, &cacheable)) {
        return ZF_NEXT_PGM;
    }
    zf_code_changed(cpu->storage, absolute.v, ZF_PAGE_SIZE);
    memset(zf_absolute(cpu->storage, absolute, ZF_PAGE_SIZE), 0, ZF_PAGE_SIZE);
    cpu->gr[0] = 0;
    cpu->cc = 0;
    return ZF_NEXT;
}

/* Whether a translation's failure is one that TPROT and its like tell by condition code. */
static bool not_available(unsigned pgm) {
    return pgm && pgm != ZF_PGM_ADDRESSING && pgm != ZF_PGM_TRANSLATION_SPEC;
}

/* TPROT: 0 fetch and store, 1 fetch only, 2 nothing, 3 not available */
enum zf_next zf_do_tprot(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t address = zf_operand1(cpu, i);
    unsigned key = (unsigned)(zf_operand2(cpu, i) >> 4) & 0xf;
    enum zf_space space = zf_access_space(cpu, ZF_ACCESS_READ);
    uint64_t asce = space == ZF_SPACE_REAL ? 0 : zf_space_asce(cpu, space);
    struct zf_dat dat = {.real = address};
    if (space != ZF_SPACE_REAL && !zf_dat_walk(cpu, asce, address, &dat)) {
        cpu->cc = 3;
        return not_available(dat.pgm) ? ZF_NEXT : zf_raise(cpu, (enum zf_pgm_code)dat.pgm);
    }
    const uint8_t *storage_key = frame_key(cpu, zf_dat_absolute(cpu, &dat).v);
    if (!storage_key) {
        return ZF_NEXT_PGM;
    }
    uint8_t with = dat.has_key ? dat.key : *storage_key;
    bool override =
        cpu->cr[0] & ZF_CR0_FETCH_OVERRIDE && address < 2048 && !(asce & ZF_ASCE_PRIVATE);
    bool fetch = override || zf_key_permits(cpu, key, with, ZF_ACCESS_READ);
    bool store = zf_key_permits(cpu, key, with, ZF_ACCESS_WRITE) && !dat.write_protected &&
                 !zf_low_address_protected(cpu, address, asce);
    cpu->cc = !fetch ? 2 : !store ? 1 : 0;
    return ZF_NEXT;
}

/* What ESSA's operation makes of a page's use. */
static uint8_t page_use(unsigned operation, uint8_t use) {
    enum { GET, STABLE, UNUSED, VOLATILE, POTENTIALLY_VOLATILE, STABLE_NO_TABLES = 7 };
    enum { USAGE = 0xc, NO_TABLES = 0x20 };
    switch (operation) {
    case GET:
        return use;
    case STABLE:
        return 0;
    case UNUSED:
        return (use & NO_TABLES) | 1 << 2;
    case POTENTIALLY_VOLATILE:
        return (use & NO_TABLES) | 2 << 2;
    case VOLATILE:
        return (use & NO_TABLES) | 3 << 2;
    case STABLE_NO_TABLES:
        return NO_TABLES;
    default: /* stable and made resident, or if it is: it always is */
        return use & ~USAGE;
    }
}

/* ESSA: R1 gets what the page was for; all pages are resident, and stay so */
enum zf_next zf_do_essa(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { LAST = 7, ESSA_WITH_LAST = 147 };
    const struct zf_insn_call *i = zf_insn_call(call);
    if (i->o.m3 > LAST || (i->o.m3 == LAST && !zf_cpu_has_facility(cpu, ESSA_WITH_LAST))) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    const uint8_t *key = real_key(cpu, i->o.r2);
    if (!key) {
        return ZF_NEXT_PGM;
    }
    uint8_t *use = &cpu->storage->uses[key - cpu->storage->keys];
    uint8_t before = *use;
    *use = page_use(i->o.m3, before);
    cpu->gr[i->o.r1] = before;
    return ZF_NEXT;
}
