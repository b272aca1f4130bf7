/*
 * Storage accesses of lowered ops through the soft TLB, as access_tlb.h has them: one compare tells
 * page, access allowed, and no page crossing. What it does not allow is asked of C, out of line, by
 * a piece that there is one of for each size: it keeps the pool's registers, and when the access is
 * an exception, the CPU gets what they hold. R13 and RDX are free for this.
 */
#include "x86.h"

#include "zfacet/storage.h"

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

static bool stores(unsigned kind) {
    return kind >= ACCESS_STORE8;
}

static unsigned size_of(unsigned kind) {
    static const uint8_t sizes[] = {
        [ACCESS_LOAD8] = 1,   [ACCESS_LOAD8_32] = 1,  [ACCESS_LOAD8_64] = 1,
        [ACCESS_LOAD16] = 2,  [ACCESS_LOAD16_32] = 2, [ACCESS_LOAD16_64] = 2,
        [ACCESS_LOAD32] = 4,  [ACCESS_LOAD32_64] = 4, [ACCESS_LOAD64] = 8,
        [ACCESS_INSERT8] = 1, [ACCESS_STORE8] = 1,    [ACCESS_STORE16] = 2,
        [ACCESS_STORE32] = 4, [ACCESS_STORE64] = 8,   [ACCESS_SET8] = 1,
        [ACCESS_SET16] = 2,   [ACCESS_SET32] = 4,     [ACCESS_SET64] = 8};
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
static uint32_t find_page_at(struct emitter *e, uint64_t address, unsigned size, bool write) {
    bool low = write && address < ZF_LOW_END && address % ZF_LOW_SIZE + size <= ZF_LOW_SIZE;
    uint64_t number =
        low ? ZF_TLB_LOW + address / ZF_LOW_SIZE : address >> PAGE_SHIFT & (ZF_TLB_ENTRIES - 1);
    size_t entry = pages_of(e) + number * sizeof(struct zf_tlb_entry);
    zf_x86_cpu(e, X_IMMEDIATE | X_64, N_CMP, entry + tag_of(write));
    zf_x86_bytes(e, low ? address & ~(uint64_t)(ZF_LOW_SIZE - 1) : address & ZF_PAGE_MASK, 4);
    uint32_t site = zf_x86_jump(e, IF_NOT_EQUAL);
    zf_x86_cpu(e, X_MOV | X_64, HOST_PAGE, entry + offsetof(struct zf_tlb_entry, addend));
    return site;
}

uint32_t zf_jit_find_page(struct emitter *e, const struct zf_host_address *at, unsigned size,
                          bool write) {
    const size_t tag = tag_of(write);
    const struct zf_host_address last = {at->base, RSP, at->disp + (int32_t)size - 1};
    struct zf_host_address entry = {HOST_CPU, HOST_PAGE, (int32_t)pages_of(e)};
    if (at->base == RSP) {
        return find_page_at(e, (uint64_t)at->disp, size, write);
    }
    if (at->disp) {
        zf_x86_rm(e, X_LEA, HOST_PAGE, at);
        zf_x86_rr(e, X_SHIFT, N_SHR, HOST_PAGE);
        zf_x86_bytes(e, PAGE_SHIFT - ENTRY_SHIFT, 1);
    } else {
        zf_x86_rorx(e, 0, HOST_PAGE, at->base, PAGE_SHIFT - ENTRY_SHIFT);
    }
    zf_x86_rm(e, X_LEA | X_64, RDX, &last);
    zf_x86_immediate(e, 0, N_AND, HOST_PAGE, (ZF_TLB_ENTRIES - 1) << ENTRY_SHIFT);
    zf_x86_immediate(e, X_64, N_AND, RDX, -ZF_PAGE_SIZE);
    entry.disp += (int32_t)tag;
    zf_x86_rm(e, X_CMP | X_64, RDX, &entry);
    uint32_t site = zf_x86_jump(e, IF_NOT_EQUAL);
    entry.disp += (int32_t)(offsetof(struct zf_tlb_entry, addend) - tag);
    zf_x86_rm(e, X_MOV | X_64, HOST_PAGE, &entry);
    return site;
}

void zf_jit_page_access(struct emitter *e, const struct zf_host_access *a) {
    const struct zf_host_address whole = {a->base, RSP, a->disp};
    const struct zf_host_address at = {HOST_PAGE, a->base, a->disp};
    struct far_access *far = &e->far_access[e->far_accesses++];
    far->site = zf_jit_find_page(e, &whole, size_of(a->kind), stores(a->kind));
    far->access = *a;
    far->op = (uint16_t)e->op;
    far->state = e->state;
    zf_jit_make_access(e, a, &at);
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

/* The C function has the value in RDX, the address in RCX. */
void zf_jit_missed_access(struct emitter *e, const struct far_access *far) {
    const struct zf_host_access *a = &far->access;
    const struct zf_host_address whole = {a->base, RSP, a->disp};
    unsigned size = (unsigned)__builtin_ctz(size_of(a->kind));
    zf_x86_land(e, far->site, e->at);
    zf_jit_note(e, &e->block->ops[far->op], &far->state, LEAVE_NEVER);
    if (a->kind >= ACCESS_SET8) {
        zf_x86_constant(e, RDX, (uint64_t)(int64_t)a->imm);
    } else if (stores(a->kind)) {
        zf_x86_rr(e, X_MOV | X_64, RDX, a->reg);
    }
    if (a->base == RSP) {
        zf_x86_constant(e, RCX, (uint64_t)a->disp);
    } else {
        zf_x86_rm(e, X_LEA | X_64, RCX, &whole);
    }
    zf_x86_call(e, e->jit->missed[stores(a->kind)][size]);
    if (!stores(a->kind)) {
        extend(e, a->kind, a->reg);
    }
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
    e.at = jit->used;
    for (unsigned size = 0; size < ZF_ARRAY_LENGTH(jit->missed[0]); size++) {
        jit->missed[false][size] = e.at;
        put_piece(&e, load, 1u << size);
        jit->missed[true][size] = e.at;
        put_piece(&e, store, 1u << size);
    }
    jit->used = e.at;
}
