/*
 * Repeats the operations whose records come on standard input, and compares. Prints the first
 * differences of each instruction; exit status 1 when there are any that no rule of known()
 * explains.
 */
#include "vector_float_record.h"

#include "../guest.h"
#include "zfacet/decode.h"
#include "zfacet/vector_register.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLOT = 8, SLOTS = (GUEST_CODE_END - GUEST_CODE) / SLOT, SHOWN = 3 };

static const unsigned register_of[VECTOR_FLOAT_REGISTERS] = {16, 18, 3, 20};

struct check {
    struct guest *guest;
    uint8_t seen[SLOTS][6]; /* the code that stands in each slot */
    unsigned slots;
    unsigned long total, different, explained;
    unsigned shown[ZF_ROW_COUNT];
};

/* Address of the instruction, put there when it is new. */
static uint64_t place(struct check *c, const struct vector_float_record *r) {
    unsigned i = 0;
    while (i < c->slots && memcmp(c->seen[i], r->code, sizeof r->code) != 0) {
        i++;
    }
    if (i == c->slots) {
        ZF_ASSERT(c->slots < SLOTS);
        memcpy(c->seen[c->slots++], r->code, sizeof r->code);
        guest_put_code(c->guest, GUEST_CODE + i * SLOT, r->code, r->length);
    }
    return GUEST_CODE + i * SLOT;
}

static void run(struct check *c, const struct vector_float_record *in,
                struct vector_float_record *out) {
    struct zf_cpu *cpu = c->guest->machine->cpus.cpu[0];
    *out = *in;
    for (unsigned i = 0; i < VECTOR_FLOAT_REGISTERS; i++) {
        zf_vr_from_storage(&cpu->vr[register_of[i]], (const uint8_t *)in->before[i]);
    }
    cpu->fpc = be32toh(in->fpc_before);
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA, place(c, in));
    guest_run(c->guest);
    for (unsigned i = 0; i < 2; i++) {
        zf_vr_to_storage(&cpu->vr[register_of[i]], (uint8_t *)out->after[i]);
    }
    out->fpc_after = htobe32(cpu->fpc);
    out->cc = (uint8_t)cpu->cc;
    if (c->guest->end != GUEST_PGM || c->guest->pgm.code != ZF_PGM_OPERATION) {
        out->cc = 0xff;
    }
}

static void print_vector(const char *name, const uint64_t v[2]) {
    printf(" %s=%016lx%016lx", name, be64toh(v[0]), be64toh(v[1]));
}

static void print(const struct vector_float_record *a, const struct vector_float_record *b) {
    static const char *const names[VECTOR_FLOAT_REGISTERS] = {"v16", "v18", "v3", "v20"};
    struct zf_insn insn;
    char text[64];
    zf_decode_bytes(a->code, a->length, &insn);
    zf_disasm(&insn, 0, text, sizeof text);
    printf("%s  fpc %08x\n  before", text, be32toh(a->fpc_before));
    for (unsigned i = 0; i < VECTOR_FLOAT_REGISTERS; i++) {
        print_vector(names[i], a->before[i]);
    }
    for (unsigned n = 0; n < 2; n++) {
        const struct vector_float_record *r = n ? b : a;
        printf("\n  %s", n ? "ours  " : "theirs");
        print_vector(names[0], r->after[0]);
        print_vector(names[1], r->after[1]);
        printf(" fpc %08x cc %u", be32toh(r->fpc_after), r->cc);
    }
    printf("\n");
}

/* What the book leaves unpredictable: all but element 0 of a single-element operation, and what a
 * shorter format leaves free. */
static void clear_unpredictable(struct vector_float_record *r, const struct zf_insn *insn) {
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    bool three = zf_insn_format(insn) == ZF_FORMAT_VRR_c ||
                 zf_insn_format(insn) == ZF_FORMAT_VRR_e || zf_insn_format(insn) == ZF_FORMAT_VRI_e;
    unsigned format = zf_insn_format(insn) == ZF_FORMAT_VRR_e ? o.m6 : three ? o.m4 : o.m3;
    bool single = (three ? o.m5 : o.m4) & 8;
    uint64_t *target = r->after[o.v1 == register_of[1]];
    if (insn->row == ZF_ROW_vflr) {
        uint64_t even = format == 3 ? htobe64(~(uint64_t)UINT32_MAX) : ~(uint64_t)0;
        target[0] &= even;
        target[1] &= format == 3 && !single ? even : 0;
        return;
    }
    format += insn->row == ZF_ROW_vfll;
    if (single && format < 4) {
        target[0] &= format == 2 ? htobe64(~(uint64_t)UINT32_MAX) : ~(uint64_t)0;
        target[1] = 0;
    }
}

/* Whether each element is the same as the other's, or its neighbour among the encoded numbers. */
static bool neighbours(const uint64_t a[2], const uint64_t b[2], unsigned format) {
    if (format == 4) {
        zf_u128 x = (zf_u128)be64toh(a[0]) << 64 | be64toh(a[1]);
        zf_u128 y = (zf_u128)be64toh(b[0]) << 64 | be64toh(b[1]);
        return x - y + 1 <= 2;
    }
    for (unsigned h = 0; h < 2; h++) {
        uint64_t x = be64toh(a[h]), y = be64toh(b[h]);
        bool near = format == 3 ? x - y + 1 <= 2
                                : (uint32_t)x - (uint32_t)y + 1 <= 2 &&
                                      (uint32_t)(x >> 32) - (uint32_t)(y >> 32) + 1 <= 2;
        if (!near) {
            return false;
        }
    }
    return true;
}

/*
 * What the other emulator is known to do differently, with the book's rule:
 * - a conversion that suppresses inexactness (XxC) does not set its flag either;
 * - conversion of what no integer can hold: inexactness is recognized beside the invalid operation;
 * - negative multiply and add: the rounded sum is negated; it rounds the negated one, which may
 *   overflow when the other does not.
 */
static bool known(enum zf_row row, const struct vector_float_record *theirs,
                  const struct vector_float_record *ours) {
    uint32_t flags = be32toh(theirs->fpc_after ^ ours->fpc_after);
    bool same = !memcmp(theirs->after, ours->after, sizeof ours->after) && theirs->cc == ours->cc;
    bool has_rounding = row == ZF_ROW_vfi || row == ZF_ROW_vflr || row == ZF_ROW_vcdg ||
                        row == ZF_ROW_vcdlg || row == ZF_ROW_vcgd || row == ZF_ROW_vclgd;
    if (has_rounding && theirs->code[3] & 4) {
        return same && flags == 0x00080000 && be32toh(theirs->fpc_after) & flags;
    }
    unsigned format = theirs->code[2] & 15u; /* of multiply and add */
    bool directed = (be32toh(theirs->fpc_before) & 2) != 0;
    switch (row) {
    case ZF_ROW_vcgd:
    case ZF_ROW_vclgd:
        return same && flags == 0x00080000 && be32toh(ours->fpc_after) & 0x00800000;
    case ZF_ROW_vfnma:
    case ZF_ROW_vfnms:
        return directed && !(flags & ~UINT32_C(0x00280000)) &&
               neighbours(theirs->after[0], ours->after[0], format) &&
               neighbours(theirs->after[1], ours->after[1], format);
    default:
        return false;
    }
}

static void compare(struct check *c, struct vector_float_record *theirs) {
    struct vector_float_record ours;
    struct zf_insn insn;
    run(c, theirs, &ours);
    c->total++;
    zf_decode_bytes(theirs->code, theirs->length, &insn);
    clear_unpredictable(theirs, &insn);
    clear_unpredictable(&ours, &insn);
    if (!memcmp(theirs, &ours, sizeof ours)) {
        return;
    }
    if (known((enum zf_row)insn.row, theirs, &ours)) {
        c->explained++;
        return;
    }
    c->different++;
    if (c->shown[insn.row]++ < SHOWN) {
        print(theirs, &ours);
    }
}

int main(int argc, char **argv) {
    bool plain_switch = argc > 1 && !strcmp(argv[1], "switch");
    struct check *c = calloc(1, sizeof *c);
    struct vector_float_record r;
    ZF_ASSERT(c);
    c->guest = guest_create(plain_switch ? ZF_ENGINE_SWITCH : ZF_ENGINE_GOTO, false);
    c->guest->machine->config.timeout_ns = 0;
    guest_clear(c->guest);
    c->guest->machine->cpus.cpu[0]->cr[0] |= ZF_CR0_AFP | ZF_CR0_VECTOR;
    while (fread(&r, sizeof r, 1, stdin) == 1) {
        compare(c, &r);
    }
    printf("%lu operations, %lu explained differences, %lu unexplained\n", c->total, c->explained,
           c->different);
    bool bad = c->different || !c->total;
    for (unsigned row = 0; row < ZF_ROW_COUNT; row++) {
        if (c->shown[row]) {
            printf("  %s: %u\n", zf_row_get((enum zf_row)row)->mnemonic, c->shown[row]);
        }
    }
    guest_destroy(c->guest);
    free(c);
    return bad;
}
