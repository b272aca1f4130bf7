/*
 * Repeats the operations whose records come on standard input, in each engine, and compares.
 * Prints the first differences of each instruction; exit status 1 when there are any that no rule
 * of known() explains.
 */
#include "bfp_record.h"

#include "../guest.h"
#include "zfacet/decode.h"
#include "zfacet/vector_register.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLOT = 8, SLOTS = (GUEST_CODE_END - GUEST_CODE) / SLOT, SHOWN = 3 };

static const unsigned register_of[BFP_REGISTERS] = {0, 2, 4, 6, 1, 3};

struct check {
    struct guest *guest;
    struct bfp_record seen[SLOTS]; /* whose code stands in each slot */
    unsigned slots;
    unsigned long total, different, explained;
    unsigned shown[ZF_ROW_COUNT];
};

/* Address of the instruction, put there when it is new. */
static uint64_t place(struct check *c, const struct bfp_record *r) {
    unsigned i = 0;
    while (i < c->slots && memcmp(c->seen[i].code, r->code, sizeof r->code) != 0) {
        i++;
    }
    if (i == c->slots) {
        ZF_ASSERT(c->slots < SLOTS);
        c->seen[c->slots++] = *r;
        guest_put_code(c->guest, GUEST_CODE + i * SLOT, r->code, r->length);
    }
    return GUEST_CODE + i * SLOT;
}

static void run(struct check *c, const struct bfp_record *in, struct bfp_record *out) {
    struct zf_cpu *cpu = c->guest->machine->cpus.cpu[0];
    *out = *in;
    for (unsigned i = 0; i < BFP_REGISTERS; i++) {
        zf_fpr_set(cpu, register_of[i], be64toh(in->before[i]));
    }
    memcpy(c->guest->machine->storage.ram + GUEST_DATA, &in->storage, 8);
    cpu->gr[2] = GUEST_DATA;
    cpu->gr[4] = be64toh(in->mask);
    cpu->gr[6] = be64toh(in->gr6_before);
    cpu->fpc = be32toh(in->fpc_before);
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA, place(c, in));
    guest_run(c->guest);
    for (unsigned i = 0; i < BFP_REGISTERS; i++) {
        out->after[i] = htobe64(zf_fpr(cpu, register_of[i]));
    }
    out->gr6_after = htobe64(cpu->gr[6]);
    out->fpc_after = htobe32(cpu->fpc);
    out->cc = (uint8_t)cpu->cc;
    if (c->guest->end != GUEST_PGM || c->guest->pgm.code != ZF_PGM_OPERATION) {
        out->cc = 0xff;
    }
}

static void print(const struct check *c, const struct bfp_record *a, const struct bfp_record *b) {
    struct zf_insn insn;
    char text[64];
    (void)c;
    zf_decode_bytes(a->code, a->length, &insn);
    zf_disasm(&insn, 0, text, sizeof text);
    printf("%s", text);
    printf("  fpc %08x gr6 %016lx storage %016lx mask %03lx\n  before", be32toh(a->fpc_before),
           be64toh(a->gr6_before), be64toh(a->storage), be64toh(a->mask));
    for (unsigned i = 0; i < BFP_REGISTERS; i++) {
        printf(" f%u=%016lx", register_of[i], be64toh(a->before[i]));
    }
    for (unsigned n = 0; n < 2; n++) {
        const struct bfp_record *r = n ? b : a;
        printf("\n  %s", n ? "ours  " : "theirs");
        for (unsigned i = 0; i < BFP_REGISTERS; i++) {
            printf(" f%u=%016lx", register_of[i], be64toh(r->after[i]));
        }
        printf(" gr6 %016lx fpc %08x cc %u", be64toh(r->gr6_after), be32toh(r->fpc_after), r->cc);
    }
    printf("\n");
}

static bool is_nan(uint64_t high, unsigned fraction_bits) {
    uint64_t all_ones = (UINT64_MAX >> 1) >> fraction_bits;
    return (high << 1 >> (fraction_bits + 1)) == all_ones && high << (64 - fraction_bits);
}

/*
 * What the other emulator is known to do differently, with the book's rule:
 * - conversion of a NaN to an integer: inexactness is recognized too ("Results: CONVERT TO FIXED");
 * - LOAD AND TEST of an SNaN: invalid operation, the result is the QNaN;
 * - MULTIPLY into a longer format: it lengthens first, and so forgets which operand was an SNaN.
 */
static bool known(enum zf_row row, const struct bfp_record *theirs, const struct bfp_record *ours) {
    uint32_t flags = be32toh(theirs->fpc_after ^ ours->fpc_after);
    const char *name = zf_row_get(row)->mnemonic;
    bool with_storage = theirs->length == 6;
    uint64_t second = be64toh(with_storage ? theirs->storage : theirs->before[2]);
    if (!strncmp(name, "cf", 2) || !strncmp(name, "cg", 2) || !strncmp(name, "cl", 2)) {
        return flags == 0x00080000 && ours->cc == 3 && theirs->cc == 3;
    }
    if (!strncmp(name, "lt", 2)) {
        return ours->cc == 3 && be32toh(ours->fpc_after) & 0x00800000;
    }
    if (!strncmp(name, "mxd", 3)) {
        return is_nan(second, 52) && is_nan(be64toh(theirs->before[0]), 52) && !flags;
    }
    return !strncmp(name, "mde", 3) && is_nan(second, 23 + 32) &&
           is_nan(be64toh(theirs->before[0]), 23 + 32) && !flags;
}

static void compare(struct check *c, const struct bfp_record *theirs) {
    struct bfp_record ours;
    struct zf_insn insn;
    run(c, theirs, &ours);
    c->total++;
    if (!memcmp(theirs, &ours, sizeof ours)) {
        return;
    }
    zf_decode_bytes(theirs->code, theirs->length, &insn);
    if (known((enum zf_row)insn.row, theirs, &ours)) {
        c->explained++;
        return;
    }
    c->different++;
    if (c->shown[insn.row]++ < SHOWN) {
        print(c, theirs, &ours);
    }
}

int main(int argc, char **argv) {
    struct check *c = calloc(1, sizeof *c);
    struct bfp_record r;
    bool plain_switch = argc > 1 && !strcmp(argv[1], "switch");
    ZF_ASSERT(c);
    c->guest = guest_create(plain_switch ? ZF_ENGINE_SWITCH : ZF_ENGINE_GOTO, false);
    c->guest->machine->config.timeout_ns = 0;
    guest_clear(c->guest);
    c->guest->machine->cpus.cpu[0]->cr[0] |= ZF_CR0_AFP;
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
