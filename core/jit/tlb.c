/*
 * Storage accesses of lowered ops through the soft TLB, as access_tlb.h has them: one compare tells
 * page, access allowed, and no page crossing. What it does not allow is asked of C, out of line, by
 * a piece that there is one of for each size: it keeps the pool's registers, and when the access is
 * an exception, the CPU gets what they hold. RDX is free for this; page.c says who has R12 and R13.
 */
#include "x86.h"

#include "zfacet/storage.h"
#include "zfacet/vector_register.h"

enum { PAGE_SHIFT = 12, ENTRY_SHIFT = 5 };
_Static_assert(sizeof(struct zf_tlb_entry) == 1 << ENTRY_SHIFT, "entries are found by shifting");

/* What the pieces leave on the host's stack: where they go back to lies above it. */
struct zf_jit_missed {
    uint64_t held[HOST_POOL];
    uint64_t value; /* stored, or loaded */
    const uint8_t *back;
};
enum { MISSED_FRAME = offsetof(struct zf_jit_missed, back) };
_Static_assert(MISSED_FRAME % 16 == 0, "C wants the stack so");

unsigned zf_jit_access_size(unsigned kind) {
    static const uint8_t sizes[] = {
        [ACCESS_LOAD8] = 1,     [ACCESS_LOAD8_32] = 1,  [ACCESS_LOAD8_64] = 1,
        [ACCESS_LOAD16] = 2,    [ACCESS_LOAD16_32] = 2, [ACCESS_LOAD16_64] = 2,
        [ACCESS_LOAD32] = 4,    [ACCESS_LOAD32_64] = 4, [ACCESS_LOAD64] = 8,
        [ACCESS_INSERT8] = 1,   [ACCESS_STORE8] = 1,    [ACCESS_STORE16] = 2,
        [ACCESS_STORE32] = 4,   [ACCESS_STORE64] = 8,   [ACCESS_LOAD128] = 16,
        [ACCESS_STORE128] = 16, [ACCESS_SET8] = 1,      [ACCESS_SET16] = 2,
        [ACCESS_SET32] = 4,     [ACCESS_SET64] = 8};
    return sizes[kind];
}

/* Where in the CPU the entries for the block's mode are. */
static size_t pages_of(const struct emitter *e) {
    return offsetof(struct zf_cpu, tlb) + zf_tlb_of_mode(e->block->mode) * sizeof(struct zf_tlb);
}

static size_t tag_of(bool write) {
    return write ? offsetof(struct zf_tlb_entry, write_tag)
                 : offsetof(struct zf_tlb_entry, read_tag);
}

/* As the next one, of an address that is known. */
static void find_page_at(struct emitter *e, const struct zf_page_part *part, unsigned page,
                         uint32_t site[2]) {
    uint64_t address = (uint64_t)part->at.disp;
    bool low =
        part->write && address < ZF_LOW_END && address % ZF_LOW_SIZE + part->size <= ZF_LOW_SIZE;
    uint64_t number =
        low ? ZF_TLB_LOW + address / ZF_LOW_SIZE : address >> PAGE_SHIFT & (ZF_TLB_ENTRIES - 1);
    size_t entry = pages_of(e) + number * sizeof(struct zf_tlb_entry);
    zf_x86_cpu(e, X_IMMEDIATE | X_64, N_CMP, entry + tag_of(part->write));
    zf_x86_bytes(e, low ? address & ~(uint64_t)(ZF_LOW_SIZE - 1) : address & ZF_PAGE_MASK, 4);
    site[0] = zf_x86_jump(e, IF_NOT_EQUAL);
    site[1] = 0;
    zf_x86_cpu(e, X_MOV | X_64, page, entry + offsetof(struct zf_tlb_entry, addend));
}

/* The register gets where the entry is, counted from the first; RDX the tag that it must have. */
static void find_entry(struct emitter *e, const struct zf_page_part *part, unsigned page) {
    const struct zf_host_address *at = &part->at;
    const struct zf_host_address last = {at->base, RSP, at->disp + (int32_t)part->size - 1};
    if (at->disp) {
        zf_x86_rm(e, X_LEA, page, at);
        zf_x86_rr(e, X_SHIFT, N_SHR, page);
        zf_x86_bytes(e, PAGE_SHIFT - ENTRY_SHIFT, 1);
    } else {
        zf_x86_rorx(e, 0, page, at->base, PAGE_SHIFT - ENTRY_SHIFT);
    }
    zf_x86_rm(e, X_LEA | X_64, RDX, &last);
    zf_x86_immediate(e, 0, N_AND, page, (ZF_TLB_ENTRIES - 1) << ENTRY_SHIFT);
    zf_x86_immediate(e, X_64, N_AND, RDX, -ZF_PAGE_SIZE);
}

void zf_jit_find_page(struct emitter *e, const struct zf_page_part *part, unsigned page,
                      uint32_t site[2]) {
    struct zf_host_address entry = {HOST_CPU, (uint8_t)page, 0};
    const bool asked[2] = {part->read, part->write};
    if (part->at.base == RSP) {
        find_page_at(e, part, page, site);
        return;
    }
    find_entry(e, part, page);
    for (unsigned write = 0; write < 2; write++) {
        entry.disp = (int32_t)(pages_of(e) + tag_of(write));
        site[write] = 0;
        if (asked[write]) {
            zf_x86_rm(e, X_CMP | X_64, RDX, &entry);
            site[write] = zf_x86_jump(e, IF_NOT_EQUAL);
        }
    }
    entry.disp = (int32_t)(pages_of(e) + offsetof(struct zf_tlb_entry, addend));
    zf_x86_rm(e, X_MOV | X_64, page, &entry);
}

static void access_in(struct emitter *e, const struct zf_host_access *a, unsigned page) {
    const struct zf_host_address at = {(uint8_t)page, a->base, a->disp};
    zf_jit_make_access(e, a, &at);
}

void zf_jit_page_access(struct emitter *e, const struct zf_host_access *a) {
    struct far_access *far = &e->far_access[e->far_accesses++];
    far->access = *a;
    far->op = (uint16_t)e->op;
    zf_jit_share_page(e, a, far);
    far->state = e->state;
    access_in(e, a, far->page);
    far->vectors = e->vectors;
    far->back = e->at;
}

/* What was loaded is in RAX, with zeros before it. */
static void extend(struct emitter *e, unsigned kind, unsigned reg) {
    static const uint32_t moves[] = {[ACCESS_LOAD8] = X_MOV,
                                     [ACCESS_LOAD8_32] = X_MOVSX8,
                                     [ACCESS_LOAD8_64] = X_MOVSX8 | X_64,
                                     [ACCESS_LOAD16] = X_MOV,
                                     [ACCESS_LOAD16_32] = X_MOVSX16,
                                     [ACCESS_LOAD16_64] = X_MOVSX16 | X_64,
                                     [ACCESS_LOAD32] = X_MOV,
                                     [ACCESS_LOAD32_64] = X_MOVSXD,
                                     [ACCESS_LOAD64] = X_MOV | X_64};
    if (kind == ACCESS_INSERT8) {
        zf_x86_rr(e, X_MOV8_TO | X_RM_BYTE, RAX, reg);
    } else {
        zf_x86_rr(e, moves[kind], reg, RAX);
    }
}

static void land(struct emitter *e, const uint32_t site[2]) {
    for (unsigned i = 0; i < 2; i++) {
        if (site[i]) {
            zf_x86_land(e, site[i], e->at);
        }
    }
}

/* Not known of its page is where others are in it: it is made in its own. */
static void access_alone(struct emitter *e, const struct far_access *far, uint32_t site[2]) {
    const struct zf_host_access *a = &far->access;
    const struct zf_page_part own = {{a->base, RSP, a->disp},
                                     zf_jit_access_size(a->kind),
                                     !zf_jit_stores(a->kind),
                                     zf_jit_stores(a->kind)};
    zf_jit_find_page(e, &own, far->page, site);
    access_in(e, a, far->page);
    zf_jit_drop_page(e, far->page);
    zf_x86_land(e, zf_x86_jump(e, ALWAYS), far->back);
}

/* The C function has the value in RDX, the address in RCX. */
void zf_jit_missed_access(struct emitter *e, const struct far_access *far) {
    const struct zf_host_access *a = &far->access;
    const struct zf_host_address whole = {a->base, RSP, a->disp};
    const bool store = zf_jit_stores(a->kind);
    land(e, far->site);
    if (far->shared) {
        uint32_t site[2];
        access_alone(e, far, site);
        land(e, site);
    }
    zf_jit_note(e, &e->block->ops[far->op], &far->state, LEAVE_NEVER);
    const bool whole_register = a->kind == ACCESS_LOAD128 || a->kind == ACCESS_STORE128;
    if (whole_register) {
        zf_x86_constant(e, RDX, a->reg);
    } else if (a->kind >= ACCESS_SET8) {
        zf_x86_constant(e, RDX, (uint64_t)(int64_t)a->imm);
    } else if (store) {
        zf_x86_rr(e, X_MOV | X_64, RDX, a->reg);
    }
    if (a->base == RSP) {
        zf_x86_constant(e, RCX, (uint64_t)a->disp);
    } else {
        zf_x86_rm(e, X_LEA | X_64, RCX, &whole);
    }
    zf_x86_call(e, e->jit->missed[store][__builtin_ctz(zf_jit_access_size(a->kind))]);
    if (!store && !whole_register) {
        extend(e, a->kind, a->reg);
    }
    zf_vector_reload(e, &far->vectors);
    zf_x86_land(e, zf_x86_jump(e, ALWAYS), far->back);
}

/* An exception: the CPU gets what host registers held. */
static bool recover(struct zf_cpu *cpu, const struct zf_jit_missed *missed) {
    const struct jit *jit = (const struct jit *)cpu->tier;
    uint32_t at = (uint32_t)((const uint8_t *)cpu->code_at - jit->code);
    zf_hold_recover(cpu, &zf_jit_op_at(jit, at)->hold, missed->held);
    return false;
}

static bool load(struct zf_cpu *cpu, uint64_t address, struct zf_jit_missed *missed,
                 unsigned size) {
    cpu->code_at = missed->back - 1; /* the call */
    return zf_load_slow(cpu, address, size, &missed->value) || recover(cpu, missed);
}

static bool store(struct zf_cpu *cpu, uint64_t address, struct zf_jit_missed *missed,
                  unsigned size) {
    cpu->code_at = missed->back - 1;
    return zf_store_slow(cpu, address, size, missed->value) || recover(cpu, missed);
}

/* The same of a vector register, whose number is the value. */
static bool load_vector(struct zf_cpu *cpu, uint64_t address, struct zf_jit_missed *missed,
                        unsigned size) {
    uint8_t bytes[sizeof(union zf_vr)];
    cpu->code_at = missed->back - 1;
    if (!zf_load_bytes(cpu, address, bytes, size)) {
        return recover(cpu, missed);
    }
    zf_vr_from_storage(&cpu->vr[missed->value], bytes);
    return true;
}

static bool store_vector(struct zf_cpu *cpu, uint64_t address, struct zf_jit_missed *missed,
                         unsigned size) {
    uint8_t bytes[sizeof(union zf_vr)];
    cpu->code_at = missed->back - 1;
    zf_vr_to_storage(&cpu->vr[missed->value], bytes);
    return zf_store_bytes(cpu, address, bytes, size) || recover(cpu, missed);
}

/* One of the places of struct zf_jit_missed and a host register: the one becomes the other. */
static void move_place(struct emitter *e, uint32_t op, unsigned reg, size_t offset) {
    const struct zf_host_address place = {RSP, RSP, (int32_t)offset};
    zf_x86_rm(e, op | X_64, reg, &place);
}

static void move_held(struct emitter *e, uint32_t op) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        move_place(e, op, zf_jit_pool[i], i * sizeof(uint64_t));
    }
}

typedef bool missed_access(struct zf_cpu *cpu, uint64_t address, struct zf_jit_missed *missed,
                           unsigned size);
static void put_piece(struct emitter *e, missed_access *function, unsigned size) {
    const size_t value = offsetof(struct zf_jit_missed, value);
    zf_x86_immediate(e, X_64, N_SUB, RSP, MISSED_FRAME);
    move_held(e, X_MOV_TO);
    move_place(e, X_MOV_TO, RDX, value);
    zf_x86_rr(e, X_MOV | X_64, RDI, HOST_CPU);
    zf_x86_rr(e, X_MOV | X_64, RSI, RCX);
    zf_x86_rr(e, X_MOV | X_64, RDX, RSP);
    zf_x86_constant(e, RCX, size);
    zf_x86_constant(e, RAX, (uintptr_t)function);
    zf_x86_rr(e, 0xff, 2, RAX);
    zf_x86_rr(e, 0x84 | X_BYTE, RAX, RAX);
    uint32_t failed = zf_x86_jump(e, IF_EQUAL);
    move_place(e, X_MOV, RAX, value);
    move_held(e, X_MOV);
    zf_jit_drop_pages(e); /* who waits for a claim does what other CPUs ask for, purges too */
    zf_x86_immediate(e, X_64, N_ADD, RSP, MISSED_FRAME);
    zf_x86_bytes(e, X_RETURN, 1);
    zf_x86_land(e, failed, e->at);
    zf_x86_immediate(e, X_64, N_ADD, RSP, MISSED_FRAME + sizeof(void *));
    zf_x86_constant(e, R15, ZF_EXIT_PGM);
    zf_x86_land(e, zf_x86_jump(e, ALWAYS), e->jit->part[ZF_PART_leave]);
}

void zf_jit_put_missed(struct jit *jit) {
    struct emitter e;
    e.jit = jit;
    e.access = ACCESS_TLB;
    e.at = jit->used;
    for (unsigned size = 0; size < ZF_ARRAY_LENGTH(jit->missed[0]); size++) {
        jit->missed[false][size] = e.at;
        put_piece(&e, 1u << size > sizeof(uint64_t) ? load_vector : load, 1u << size);
        jit->missed[true][size] = e.at;
        put_piece(&e, 1u << size > sizeof(uint64_t) ? store_vector : store, 1u << size);
    }
    jit->used = e.at;
}
