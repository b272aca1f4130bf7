/*
 * Executes the DFP instructions whose records come on standard input, and compares what they did
 * with what their records expect. Prints the first differences of each instruction; exit status 1
 * when there are any, or no records. --ignore-quantum: the records know nothing of the quantum
 * exception. --verbose: counts of all instructions.
 */
#include "record.h"

#include "../guest.h"
#include "zfacet/decode.h"
#include "zfacet/vector_register.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

/* The flag of the quantum exception. */
#define FPC_QUANTUM UINT32_C(0x00040000)

enum { SLOT = 8, SLOTS = (GUEST_CODE_END - GUEST_CODE) / SLOT, SHOWN = 3 };

struct check {
    struct guest *guest;
    struct dfp_record seen[SLOTS]; /* whose code stands in each slot */
    unsigned slots;
    unsigned long total, different;
    bool verbose, ignore_quantum; /* options */
    unsigned count[ZF_ROW_COUNT], shown[ZF_ROW_COUNT];
};

/* Address of the instruction, put there when it is new. */
static uint64_t place(struct check *c, const struct dfp_record *r) {
    unsigned i = 0;
    while (i < c->slots && memcmp(c->seen[i].code, r->code, sizeof r->code) != 0) {
        i++;
    }
    if (i == c->slots) {
        if (c->slots == SLOTS) {
            guest_clear(c->guest);
            c->slots = i = 0;
        }
        c->seen[c->slots++] = *r;
        guest_put_code(c->guest, GUEST_CODE + i * SLOT, r->code, r->length);
    }
    return GUEST_CODE + i * SLOT;
}

static void load_pair(struct zf_cpu *cpu, unsigned n, const uint64_t *v) {
    zf_fpr_set(cpu, n, be64toh(v[0]));
    zf_fpr_set(cpu, n + 2, be64toh(v[1]));
}

static void run(struct check *c, const struct dfp_record *in, struct dfp_record *out) {
    struct zf_machine *machine = c->guest->machine;
    struct zf_cpu *cpu = machine->cpus.cpu[0];
    uint64_t at = place(c, in);
    load_pair(cpu, 0, in->f0);
    load_pair(cpu, 4, in->f4);
    load_pair(cpu, 1, in->f1);
    memcpy(machine->storage.ram + GUEST_DATA, in->storage, DFP_STORAGE);
    cpu->gr[2] = GUEST_DATA;
    unsigned first = in->length == 2 ? 0 : 6; /* PFPO has its own */
    cpu->gr[first] = be64toh(in->r[0]);
    cpu->gr[first + 1] = be64toh(in->r[1]);
    cpu->fpc = be32toh(in->fpc_before);
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA | (uint64_t)in->cc_before << 44, at);
    guest_run(c->guest);
    *out = *in;
    out->f0_after[0] = htobe64(zf_fpr(cpu, 0));
    out->f0_after[1] = htobe64(zf_fpr(cpu, 2));
    out->r_after[0] = htobe64(cpu->gr[first]);
    out->r_after[1] = htobe64(cpu->gr[first + 1]);
    memcpy(out->storage_after, machine->storage.ram + GUEST_DATA, DFP_STORAGE);
    out->cc_after = (uint8_t)cpu->cc;
    bool ended = c->guest->end == GUEST_PGM && c->guest->pgm.code == ZF_PGM_OPERATION;
    out->pgm = ended ? 0 : c->guest->end == GUEST_PGM ? (uint8_t)c->guest->pgm.code : 0xff;
    out->dxc = out->pgm == ZF_PGM_DATA ? c->guest->pgm.dxc : 0;
    /* the interruption puts its code there */
    out->fpc_after = htobe32(out->pgm == ZF_PGM_DATA ? cpu->fpc & ~ZF_FPC_DXC : cpu->fpc);
}

static void print_after(const char *who, const struct dfp_record *r) {
    printf("  %-8s f0 %016lx %016lx r6 %016lx %016lx fpc %08x cc %u pgm %02x dxc %02x storage ",
           who, be64toh(r->f0_after[0]), be64toh(r->f0_after[1]), be64toh(r->r_after[0]),
           be64toh(r->r_after[1]), be32toh(r->fpc_after), r->cc_after, r->pgm, r->dxc);
    for (unsigned i = 0; i < DFP_STORAGE; i++) {
        printf("%02x", r->storage_after[i]);
    }
    printf("\n");
}

static void print(const struct dfp_record *theirs, const struct dfp_record *ours) {
    struct zf_insn insn;
    char text[64];
    zf_decode_bytes(theirs->code, theirs->length, &insn);
    zf_disasm(&insn, 0, text, sizeof text);
    printf(
        "%s  fpc %08x f0 %016lx %016lx f4 %016lx %016lx f1 %016lx %016lx r6 %016lx %016lx storage ",
        text, be32toh(theirs->fpc_before), be64toh(theirs->f0[0]), be64toh(theirs->f0[1]),
        be64toh(theirs->f4[0]), be64toh(theirs->f4[1]), be64toh(theirs->f1[0]),
        be64toh(theirs->f1[1]), be64toh(theirs->r[0]), be64toh(theirs->r[1]));
    for (unsigned i = 0; i < DFP_STORAGE; i++) {
        printf("%02x", theirs->storage[i]);
    }
    printf("\n");
    print_after("expected", theirs);
    print_after("ours", ours);
}

static void compare(struct check *c, const struct dfp_record *theirs) {
    struct dfp_record ours;
    struct zf_insn insn;
    run(c, theirs, &ours);
    if (c->ignore_quantum) {
        ours.fpc_after &= ~htobe32(FPC_QUANTUM);
    }
    zf_decode_bytes(theirs->code, theirs->length, &insn);
    c->total++;
    c->count[insn.row]++;
    if (!memcmp(theirs, &ours, sizeof ours)) {
        return;
    }
    c->different++;
    if (c->shown[insn.row]++ < SHOWN) {
        print(theirs, &ours);
    }
}

int main(int argc, char **argv) {
    struct check *c = calloc(1, sizeof *c);
    struct dfp_record r;
    ZF_ASSERT(c);
    c->guest = guest_create(ZF_ENGINE_GOTO, false);
    c->guest->machine->config.timeout_ns = 0;
    guest_clear(c->guest);
    c->guest->machine->cpus.cpu[0]->cr[0] |= ZF_CR0_AFP;
    for (int i = 1; i < argc; i++) {
        c->verbose |= !strcmp(argv[i], "--verbose");
        c->ignore_quantum |= !strcmp(argv[i], "--ignore-quantum");
    }
    while (fread(&r, sizeof r, 1, stdin) == 1) {
        compare(c, &r);
    }
    for (unsigned row = 0; row < ZF_ROW_COUNT; row++) {
        if (c->shown[row] || (c->verbose && c->count[row])) {
            printf("  %-8s %9u executed %9u different\n", zf_row_get((enum zf_row)row)->mnemonic,
                   c->count[row], c->shown[row]);
        }
    }
    printf("%lu instructions, %lu differences\n", c->total, c->different);
    bool bad = c->different || !c->total;
    guest_destroy(c->guest);
    free(c);
    return bad;
}
