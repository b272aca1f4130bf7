/*
 * Random instructions for another emulator: `write RECORDS SEED COUNT` writes COUNT records, `check
 * RECORDS SEED COUNT` makes the same ones, runs them in each engine and kind of machine, and
 * compares with what came back. A record is one instruction with operands in storage, or several
 * with operands in registers and a branch after them. `print` does as `check`, and prints two
 * cases for tests/insn of each instruction on which both sides agree.
 */
#include "record.h"

#include "../decode/sample.h"
#include "zfacet/implemented.h"

#include <stdio.h>
#include <stdlib.h>

enum { CODE_SIZE = 64, ROWS = ZF_ROW_COUNT };

struct work {
    uint8_t code[CODE_SIZE];
    unsigned length;
    struct guest_state before;
    enum zf_row row; /* of the only instruction, else ZF_ROW_INVALID */
};

/* clang-format off */
static const char *const left_out[] = {
    /* take addresses or lengths from registers, change the mode, or ask for the time */
    "ex", "exrl", "svc", "spm", "sam24", "sam31", "sam64", "bsm", "bassm", "bic", "stck", "stcke",
    "stckf", "stfle", "ectg", "ecag", "csst", "plo", "cksm", "cfc", "upt", "mvcl", "mvcle", "mvclu",
    "clcl", "clcle", "clclu", "mvst", "clst", "srst", "srstu", "cuse", "cu12", "cu14", "cu21",
    "cu24", "cu41", "cu42", "tre", "troo", "trot", "trto", "trtt", "trte", "trtre", "cmpsc", "lae",
    "laey", "mvcrl", "pfcr",
    /* what the other emulator does not have */
    "cpya", "lmd", "clzg", "ctzg", "bdepg", "bextg", "lxab", "lxah", "lxaf", "lxag", "lxaq",
    "llxab", "llxah", "llxaf", "llxag", "llxaq",
    /* addresses that only one side has */
    "mc", "la", "lay",
    /* what it does wrongly */
    "stmh", "pka", "pku", "unpk", "larl", "bpp", "bprp", "epsw", "tr", "trt", "trtr", "lpd", "lpdg",
};
/* clang-format on */

static bool is_left_out(const char *name) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(left_out); i++) {
        if (!strcmp(left_out[i], name)) {
            return true;
        }
    }
    return false;
}

static bool is_general(enum zf_row row) {
    static const uint16_t rows[] = {
/* clang-format off */
#define INSN(ID, ...) ZF_ROW_##ID,
#include "isa/general.def"
#undef INSN
        /* clang-format on */
    };
    return row >= rows[0] && row <= rows[ZF_ARRAY_LENGTH(rows) - 1] && zf_row_implemented(row) &&
           !is_left_out(zf_row_get(row)->mnemonic);
}

static bool has_storage(enum zf_row row) {
    const char *syntax = zf_row_get(row)->syntax;
    return strchr(syntax, '(') || strstr(syntax, "ri");
}

static uint64_t random_value(uint64_t *seed) {
    static const uint64_t corners[] = {
        0,
        1,
        UINT64_MAX,
        0x7fffffff,
        0x80000000,
        INT64_MAX,
        (uint64_t)INT64_MIN,
        0xffffffff,
        UINT64_C(0xffffffff00000000),
        UINT64_C(0x8000000080000000),
        2,
        0x7fff,
        0xffff8000,
    };
    uint64_t value = sample_random(seed);
    switch (sample_random(seed) >> 20 & 3) {
    case 0:
        return corners[value % ZF_ARRAY_LENGTH(corners)];
    case 1:
        return value >> (value & 63);
    default:
        return value;
    }
}

/* The base field that begins at bit `first` gets a register, and that an address in the data. */
static void aim(struct work *w, uint64_t *word, unsigned first, unsigned x, int64_t displacement,
                uint64_t target) {
    unsigned base = *word >> (60 - first) & 0xf;
    while (!base || base == x) {
        base = (base + 1) & 15;
    }
    *word = (*word & ~(UINT64_C(0xf) << (60 - first))) | (uint64_t)base << (60 - first);
    w->before.gr[base] = target - (uint64_t)displacement - (x ? w->before.gr[x] : 0);
}

/* Points the operands of `word` into the data. False when they cannot be. */
static bool aim_operands(struct work *w, uint64_t *word, uint64_t *seed) {
    struct zf_insn insn;
    struct zf_operands o;
    const char *syntax;
    zf_decode(*word, &insn);
    zf_insn_operands(&insn, &o);
    syntax = zf_row_get((enum zf_row)insn.row)->syntax;
    uint64_t target = 0x9000 + (sample_random(seed) >> 9 & 0x1ff8) +
                      (sample_random(seed) & 7) * (sample_random(seed) >> 30 & 1);
    uint64_t second = 0x9000 + (sample_random(seed) >> 9 & 0x1fff);
    if (zf_insn_format(&insn) == ZF_FORMAT_SS_d || zf_insn_format(&insn) == ZF_FORMAT_SMI) {
        return false;
    }
    if (strstr(syntax, "b4") && zf_insn_format(&insn) == ZF_FORMAT_SS_e) {
        aim(w, word, 16, 0, o.d2, target);
        zf_decode(*word, &insn);
        zf_insn_operands(&insn, &o);
        if (o.b4 != o.b2) {
            aim(w, word, 32, o.b2, o.d4, second);
            w->before.gr[*word >> 28 & 0xf] += w->before.gr[o.b2];
        }
        return true;
    }
    if (strstr(syntax, "d1(") && strstr(syntax, "d2(")) {
        aim(w, word, 16, 0, o.d1, target);
        unsigned first_base = *word >> 44 & 0xf, second_base = *word >> 28 & 0xf;
        if (second_base && second_base != first_base) {
            w->before.gr[second_base] = second - (uint64_t)o.d2;
        } else {
            *word = (*word & ~(UINT64_C(0xf) << 28)) | (uint64_t)first_base << 28;
        }
        return true;
    }
    if (strstr(syntax, "d1(")) {
        aim(w, word, 16, 0, o.d1, target);
    } else if (strstr(syntax, "d2(")) {
        aim(w, word, 16, o.x2, o.d2, target);
    } else if (strstr(syntax, "d4(")) {
        aim(w, word, 16, 0, o.d4, target);
    }
    return true;
}

/* Short forward targets in place of relative operands. */
static void shorten(uint64_t *word, uint64_t *seed) {
    struct zf_insn insn;
    zf_decode(*word, &insn);
    uint64_t halfwords = 8 + (sample_random(seed) >> 8 & 0x1c);
    if (strncmp(zf_format_name(zf_insn_format(&insn)), "RIL", 3) == 0) {
        *word = (*word & ~(UINT64_C(0xffffffff) << 16)) | halfwords << 16;
    } else {
        *word = (*word & ~(UINT64_C(0xffff) << 32)) | halfwords << 32;
    }
}

static void append(struct work *w, uint64_t word) {
    uint8_t bytes[8];
    zf_put64(bytes, word);
    memcpy(w->code + w->length, bytes, zf_insn_length(word));
    w->length += zf_insn_length(word);
}

static enum zf_row random_row(uint64_t *seed, bool registers) {
    for (;;) {
        enum zf_row row = (enum zf_row)(sample_random(seed) >> 10) % ZF_ROW_COUNT;
        if (is_general(row) &&
            !(registers && (has_storage(row) || strchr("b", zf_row_get(row)->mnemonic[0])))) {
            return row;
        }
    }
}

static void random_registers(struct work *w, uint64_t *seed) {
    unsigned count = 1 + (sample_random(seed) >> 12) % 6;
    for (unsigned i = 0; i < count; i++) {
        enum zf_row row = random_row(seed, true);
        append(w, sample_word(row, zf_row_get(row)->syntax, seed));
        w->row = count == 1 ? row : ZF_ROW_INVALID;
    }
    if (count == 1) {
        return;
    }
    uint64_t branch = UINT64_C(0xa7040008) | (sample_random(seed) >> 8 & 0xf) << 20;
    append(w, branch << 32);
}

static void random_storage(struct work *w, uint64_t *seed) {
    uint64_t word;
    do {
        w->row = random_row(seed, false);
        word = sample_word(w->row, zf_row_get(w->row)->syntax, seed);
        if (strstr(zf_row_get(w->row)->syntax, "ri")) {
            shorten(&word, seed);
        }
    } while (!aim_operands(w, &word, seed));
    append(w, word);
}

static void only_insn(const struct work *w, struct zf_insn *insn, struct zf_operands *o) {
    uint8_t bytes[8] = {0};
    memcpy(bytes, w->code, w->length < 8 ? w->length : 6);
    zf_decode(zf_get64(bytes), insn);
    zf_insn_operands(insn, o);
}

/* The registers that field `number` of the syntax stands for, one or a pair. */
static unsigned registers_of(const char *syntax, char number, unsigned r) {
    if (strstr(syntax, (char[]){'G', number, 0})) {
        return 3u << (r & 14);
    }
    return strstr(syntax, (char[]){'g', number, 0}) ? 1u << r : 0;
}

/* Registers that the only instruction has nothing to do with keep their patterns. */
static void reset_unused(struct work *w) {
    static struct guest_state fresh;
    struct zf_insn insn;
    struct zf_operands o;
    only_insn(w, &insn, &o);
    const char *syntax = zf_row_get(w->row)->syntax;
    unsigned used = registers_of(syntax, '1', o.r1) | registers_of(syntax, '2', o.r2) |
                    registers_of(syntax, '3', o.r3) |
                    ((1u << o.x2 | 1u << o.b1 | 1u << o.b2 | 1u << o.b4) & ~1u);
    guest_state_init(&fresh);
    for (unsigned i = 0; i < 16; i++) {
        if (!(used >> i & 1)) {
            w->before.gr[i] = fresh.gr[i];
        }
    }
}

/* Random bytes around an operand; the rest of storage is zero. */
static void fill(struct work *w, uint64_t address, uint64_t *seed) {
    enum { BEFORE = 2, LENGTH = 14 };
    for (uint64_t at = address - BEFORE; at < address + LENGTH; at += 8) {
        uint8_t bytes[8];
        zf_put64(bytes, random_value(seed));
        if (guest_data_index(at) >= 0 && guest_data_index(at + 7) >= 0) {
            memcpy(w->before.data + guest_data_index(at), bytes, 8);
        }
    }
}

static void fill_operands(struct work *w, uint64_t *seed) {
    struct zf_insn insn;
    struct zf_operands o;
    const uint64_t *gr = w->before.gr;
    only_insn(w, &insn, &o);
    fill(w, (o.b1 ? gr[o.b1] : 0) + (uint64_t)o.d1, seed);
    fill(w, (o.b2 ? gr[o.b2] : 0) + (o.x2 ? gr[o.x2] : 0) + (uint64_t)o.d2, seed);
    if (zf_insn_format(&insn) == ZF_FORMAT_SS_e) {
        fill(w, (o.b4 ? gr[o.b4] : 0) + (uint64_t)o.d4, seed);
    }
}

static void make(struct work *w, uint64_t *seed) {
    memset(w, 0, sizeof *w);
    guest_state_init(&w->before);
    for (unsigned i = 0; i < 16; i++) {
        w->before.gr[i] = random_value(seed);
    }
    w->before.cc = sample_random(seed) >> 7 & 3;
    bool registers = sample_random(seed) >> 9 & 1;
    if (registers) {
        random_registers(w, seed);
    } else {
        random_storage(w, seed);
    }
    if (w->row != ZF_ROW_INVALID) {
        reset_unused(w);
    }
    if (!registers && zf_row_get(w->row)->mnemonic[0] != 'b') {
        fill_operands(w, seed);
        if (sample_random(seed) >> 11 & 1) {
            w->before.psw_mask = sample_random(seed) >> 11 & 1 ? ZF_PSW_BA : 0;
        }
    }
}

static bool is_access(uint16_t code) {
    return code == ZF_PGM_ADDRESSING || code == ZF_PGM_PAGE_TRANSLATION ||
           code == ZF_PGM_PROTECTION;
}

static void say(const struct work *w, const char *what) {
    struct zf_insn insn;
    char text[96];
    printf("%s:", what);
    for (unsigned at = 0; at < w->length;) {
        uint64_t word;
        uint8_t bytes[8] = {0};
        memcpy(bytes, w->code + at, zf_insn_length((uint64_t)w->code[at] << 56));
        word = zf_get64(bytes);
        zf_decode(word, &insn);
        zf_disasm(&insn, GUEST_CODE + at, text, sizeof text);
        printf(" %s;", text);
        at += zf_insn_length(word);
    }
    printf(" cc %u mask %llx\n", w->before.cc, (unsigned long long)w->before.psw_mask);
}

static unsigned compare(const struct work *w, const struct guest_state *ours,
                        const struct guest_state *theirs, const struct guest *us,
                        const struct guest *them, const char *where) {
    unsigned differences = 0;
    for (unsigned i = 0; i < 16; i++) {
        if (ours->gr[i] != theirs->gr[i]) {
            if (!differences++) {
                say(w, where);
            }
            printf("  r%u before %llx ours %llx theirs %llx\n", i,
                   (unsigned long long)w->before.gr[i], (unsigned long long)ours->gr[i],
                   (unsigned long long)theirs->gr[i]);
        }
    }
    bool other = ours->cc != theirs->cc || us->pgm.code != them->pgm.code ||
                 ours->psw_addr != theirs->psw_addr ||
                 memcmp(ours->ar, theirs->ar, sizeof ours->ar);
    int at = -1;
    for (unsigned i = 0; i < GUEST_DATA_SIZE && at < 0; i++) {
        at = ours->data[i] != theirs->data[i] ? (int)i : -1;
    }
    if ((other || at >= 0) && !differences++) {
        say(w, where);
    }
    if (other || at >= 0) {
        printf(
            "  cc %u theirs %u, pgm %x theirs %x, psw %llx theirs %llx, data at %d: %x theirs %x\n",
            ours->cc, theirs->cc, us->pgm.code, them->pgm.code, (unsigned long long)ours->psw_addr,
            (unsigned long long)theirs->psw_addr, at, at < 0 ? 0 : ours->data[at],
            at < 0 ? 0 : theirs->data[at]);
    }
    return differences != 0;
}

static void print_bytes(const struct guest_state *state, const struct guest_state *other) {
    static const uint8_t zeros[GUEST_DATA_SIZE];
    const uint8_t *base = other ? other->data : zeros;
    for (int i = 0; i < GUEST_DATA_END - GUEST_DATA; i++) {
        if (state->data[i] == base[i]) {
            continue;
        }
        printf(" @%x=", GUEST_DATA + i);
        for (; i < GUEST_DATA_END - GUEST_DATA && memcmp(state->data + i, base + i, 3) != 0; i++) {
            printf("%02x", state->data[i]);
        }
    }
}

static void print_registers(const struct guest_state *state, const struct guest_state *other) {
    for (unsigned i = 0; i < 16; i++) {
        if (state->gr[i] != other->gr[i]) {
            printf(" r%u=%llx", i, (unsigned long long)state->gr[i]);
        }
    }
}

/* The instruction without the letters of its registers, which the assembler does not need. */
static void print_insn(const struct zf_insn *insn) {
    char text[96];
    zf_disasm(insn, GUEST_CODE, text, sizeof text);
    for (const char *p = text; *p; p++) {
        if (*p == '%') {
            p++;
        } else {
            putchar(*p == '\t' ? ' ' : *p);
        }
    }
}

/* A line for a .case file. */
static void print_case(const struct work *w, const struct guest *guest,
                       const struct guest_state *after) {
    static struct guest_state fresh;
    struct zf_insn insn;
    struct zf_operands o;
    only_insn(w, &insn, &o);
    const struct zf_row_info *row = zf_row_get(w->row);
    if (strstr(row->syntax, "ri") || strncmp(row->mnemonic, "ba", 2) == 0) {
        return; /* addresses that depend on the instruction's own */
    }
    guest_state_init(&fresh);
    print_insn(&insn);
    printf(" | cc=%u", w->before.cc);
    if (!(w->before.psw_mask & ZF_PSW_EA)) {
        printf(" mode=%s", w->before.psw_mask & ZF_PSW_BA ? "31" : "24");
    }
    print_registers(&w->before, &fresh);
    print_bytes(&w->before, NULL);
    printf(" | cc=%u", after->cc);
    if (guest->pgm.code != ZF_PGM_OPERATION) {
        printf(" pgm=%x", guest->pgm.code);
    } else if (after->psw_addr != GUEST_CODE + w->length + 2) {
        printf(" to=%llx", (unsigned long long)after->psw_addr - 2);
    }
    if (after->single[ZF_REGISTER_FPC] != w->before.single[ZF_REGISTER_FPC]) {
        printf(" fpc=%x", (unsigned)after->single[ZF_REGISTER_FPC]);
    }
    print_registers(after, &w->before);
    print_bytes(after, &w->before);
    printf("\n");
}

/* With `print`, a case of each instruction. */
static unsigned check(const struct work *w, const uint8_t *record, struct guest *guests[4],
                      uint8_t *print) {
    static const char *const names[] = {"goto system", "goto linear", "switch system",
                                        "switch linear"};
    static struct guest_state ours, theirs;
    struct guest them = {0};
    unsigned failed = 0;
    theirs = w->before;
    record_unpack(record, &theirs, &them);
    for (unsigned i = 0; i < 4 && !failed; i++) {
        guest_clear(guests[i]);
        guest_put_code(guests[i], GUEST_CODE, w->code, w->length);
        guest_load(guests[i], &w->before);
        guest_run(guests[i]);
        guest_save(guests[i], &ours);
        bool missing = them.pgm.code == ZF_PGM_OPERATION &&
                       theirs.psw_addr <= GUEST_CODE + w->length &&
                       guests[i]->pgm.code != ZF_PGM_OPERATION;
        if (missing || theirs.psw_addr & 1 || is_access(guests[i]->pgm.code) ||
            is_access(them.pgm.code)) {
            continue;
        }
        failed += compare(w, &ours, &theirs, guests[i], &them, names[i]);
        if (i == 3 && !failed && print && w->row != ZF_ROW_INVALID && !print[w->row] &&
            !memcmp(ours.ar, w->before.ar, sizeof ours.ar)) {
            print[w->row]++;
            print_case(w, guests[i], &ours);
        }
    }
    return failed;
}

int main(int argc, char **argv) {
    static struct work work;
    static uint8_t record[RECORD_SIZE];
    static uint8_t printed[ZF_ROW_COUNT];
    bool prints = argc == 5 && !strcmp(argv[1], "print");
    bool checks = prints || (argc == 5 && !strcmp(argv[1], "check"));
    FILE *file = argc == 5 ? fopen(argv[2], checks ? "r" : "w") : NULL;
    if (!file) {
        fprintf(stderr, "usage: random_records write|check|print RECORDS SEED COUNT\n");
        return 2;
    }
    uint64_t seed = strtoull(argv[3], NULL, 0) | 1;
    unsigned long count = strtoul(argv[4], NULL, 0), failed = 0;
    struct guest *guests[4] = {0};
    for (unsigned i = 0; i < 4 && checks; i++) {
        guests[i] = guest_create(i / 2 ? ZF_ENGINE_SWITCH : ZF_ENGINE_GOTO, i % 2);
    }
    for (unsigned long i = 0; i < count; i++) {
        make(&work, &seed);
        if (checks) {
            failed += fread(record, sizeof record, 1, file) != 1 ||
                      check(&work, record, guests, prints ? printed : NULL);
        } else {
            record_pack(record, &work.before, work.code, work.length);
            failed += fwrite(record, sizeof record, 1, file) != 1;
        }
    }
    for (unsigned i = 0; i < 4 && checks; i++) {
        guest_destroy(guests[i]);
    }
    bool ok = !fclose(file) && !failed;
    fprintf(stderr, "%lu records, %lu differ\n", count, failed);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
