/*
 * Single instructions in supervisor and problem state with DAT, storage keys, prefixing and
 * low-address protection, and what they come to on another emulator: machine_records write RECORDS
 * SEED COUNT, then machine_driver.s changes the records in place, then machine_records check.
 * Some records are of other kinds: with program-event recording; system instructions with any
 * operands, which shows the order of their exceptions; PSWs of any form that are loaded.
 */
#include "../fields.h"
#include "../fuzz/wild.h"
#include "machine_record.h"

#include "zfacet/dat.h"
#include "zfacet/implemented.h"
#include "zfacet/interrupt.h"
#include "zfacet/per.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What looks at storage and its protection, or changes what that depends on. */
static const char *const mnemonics[] = {
    "l",    "lg",    "ly",    "lgf",   "llgc",  "st",    "stg",   "sty",  "sth",   "stc",   "mvi",
    "mvc",  "clc",   "xc",    "nc",    "oc",    "tm",    "ni",    "oi",   "lm",    "stm",   "lmg",
    "stmg", "cs",    "csg",   "cds",   "cdsg",  "a",     "ag",    "cg",   "ic",    "icm",   "stcm",
    "la",   "ap",    "zap",   "cvb",   "tr",    "lpq",   "stpq",  "asi",  "laa",   "lra",   "lrag",
    "lray", "lptea", "lura",  "lurag", "stura", "sturg", "iske",  "sske", "rrbe",  "rrbm",  "ivsk",
    "mvcp", "mvcs",  "mvck",  "mvcsk", "mvcdk", "mvcos", "epsw",  "esar", "ssar",  "epar",  "ipk",
    "spka", "iac",   "sac",   "sacf",  "ptlb",  "ipte",  "csp",   "cspg", "stctg", "stctl", "strag",
    "lrvg", "svc",   "mvghi", "stfh",  "mc",    "lctlg", "tracg",
};

/* System instructions whose operands may be anything; nothing that starts or waits for something.
 */
static const char *const system_mnemonics[] = {
    "stap",  "stfl",  "stpx",  "stckc", "sckc", "spt",  "stctl", "stctg", "stnsm", "stosm",
    "sck",   "sckpf", "pfmf",  "idte",  "tpi",  "iske", "sske",  "rrbe",  "lctl",  "lctlg",
    "ptlb",  "epsw",  "csp",   "cspg",  "ipte", "spka", "ipk",   "ivsk",  "lura",  "lurag",
    "stura", "sturg", "mvcdk", "mvcsk", "mvck", "sacf", "sac",   "iac",   "trap2", "lpsw",
};

static uint64_t below(uint64_t *r, uint64_t limit) {
    return (wild_random(r) >> 11) % limit;
}

static uint64_t chance(uint64_t *r, uint64_t one_in, uint64_t value) {
    return below(r, one_in) ? 0 : value;
}

enum kind { KIND_STORAGE, KIND_EVENTS, KIND_SYSTEM, KIND_PSW };

static enum zf_row pick_row(uint64_t *r, enum kind kind) {
    for (;;) {
        enum zf_row row = zf_row_find(
            kind == KIND_PSW      ? below(r, 3) ? "lpswe" : "lpsw"
            : kind == KIND_SYSTEM ? system_mnemonics[below(r, ZF_ARRAY_LENGTH(system_mnemonics))]
                                  : mnemonics[below(r, ZF_ARRAY_LENGTH(mnemonics))]);
        if (row != ZF_ROW_INVALID && zf_row_implemented(row)) {
            return row;
        }
    }
}

/* A virtual address: of data, at the ends of pages, in the first 128 or the 4096th byte on. */
static uint64_t address(uint64_t *r, bool wild) {
    uint64_t any = wild_random(r);
    switch (below(r, 8)) {
    case 0:
        return any % 64;
    case 1:
        return 0x1000 + any % 0x1f0;
    case 2:
        return wild ? any | UINT32_C(0x70000000) : DATA; /* beyond storage in any mode */
    case 3:
    case 4:
        return DATA + (1 + any % 4) * 0x1000 - any / 8 % 12;
    default:
        return DATA + any % (DATA_SIZE - 0x1000);
    }
}

static uint64_t make_word(uint64_t *r, enum kind kind) {
    enum zf_row row = pick_row(r, kind);
    const struct zf_row_info *info = zf_row_get(row);
    uint64_t word = info->opcode;
    for (const struct field *f = fields[info->format]; f->bits; f++) {
        uint64_t bits = wild_random(r);
        if (!field_is_named(info->syntax, f)) {
            continue;
        }
        switch (f->name[0]) {
        case 'r':
            bits = kind == KIND_SYSTEM                                  ? bits & 15
                   : strstr(info->syntax, (char[]){'G', f->name[1], 0}) ? bits & 6
                                                                        : bits & 7;
            break;
        case 'b':
            bits = BASE_GR + bits % 4;
            break;
        case 'x':
            bits = 0;
            break;
        case 'd':
            bits = kind == KIND_PSW ? 0 : bits % 8;
            break;
        case 'l':
            bits = bits % 16;
            break;
        default:
            break;
        }
        word |= field_word(f, bits);
    }
    return word;
}

static void make_control_registers(uint8_t *record, uint64_t *r) {
    uint64_t cr[16] = {0};
    const uint64_t cr0 = ZF_CR0_LOW_ADDRESS_PROTECTION | ZF_CR0_FETCH_OVERRIDE |
                         ZF_CR0_STORAGE_OVERRIDE | ZF_CR0_ENHANCED_DAT |
                         ZF_CR0_EXECUTION_PROTECTION | ZF_BIT64(33) | ZF_BIT64(36);
    cr[0] = ZF_CR0_AFP | ZF_CR0_VECTOR | (wild_random(r) & cr0);
    static const unsigned spaces[] = {1, 7, 13};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(spaces); i++) {
        uint64_t asce = below(r, 2) ? SEGMENT_TABLE : REGION_TABLE | 4;
        cr[spaces[i]] = asce | 3 | (chance(r, 4, wild_random(r)) & 0x320);
    }
    cr[3] = wild_random(r) & UINT64_C(0xffff0000);
    cr[8] = chance(r, 2, wild_random(r) & 0xffff);
    for (unsigned i = 0; i < 16; i++) {
        zf_put64(record + R_CR + 8 * i, cr[i]);
    }
}

/* No frame belongs to two pages: what moves between those come to is anyone's guess. */
static void make_tables(uint8_t *record, uint64_t *r) {
    unsigned turn = (unsigned)below(r, 4);
    for (unsigned i = 0; i < PAGES; i++) {
        uint64_t bits =
            chance(r, 4, wild_random(r)) & (ZF_PAGE_INVALID | ZF_PAGE_PROTECTED | 0x100);
        uint64_t frame = i * 0x1000 >= DATA && i * 0x1000 < DATA + 4 * 0x1000
                             ? DATA + ((i + turn) & 3) * 0x1000
                             : i * UINT64_C(0x1000);
        zf_put64(record + R_PAGES + 8 * i, frame | bits | chance(r, 16, 0x800));
        bool keys = below(r, 3);
        record[R_KEYS + i] = keys ? (uint8_t)(wild_random(r) & 0xfe) : 0;
    }
    record[R_KEYS + CODE / 0x1000] &= (uint8_t)~ZF_KEY_FETCH;
    zf_put64(record + R_SEGMENT, PAGE_TABLE | chance(r, 8, wild_random(r) & 0x230));
    zf_put64(record + R_REGION, SEGMENT_TABLE | 7 | chance(r, 8, wild_random(r) & 0x2ec));
}

/* Events, in a range around the code, the data, or anywhere. Not of stores: the other emulator
 * loses them, or tells of them at the next instruction. */
static void make_events(uint8_t *record, uint64_t *r) {
    enum { SVC = 0x0a2a }; /* after it, as the other emulator does not record illegal ones */
    const uint64_t events = ZF_CR9_BRANCH | ZF_CR9_FETCH | ZF_CR9_NULLIFY | ZF_CR9_BRANCH_RANGE;
    uint64_t from = 0, to = UINT64_MAX;
    if (below(r, 2)) {
        from = below(r, 2) ? address(r, false) : CODE + below(r, 8);
        to = below(r, 4) ? from + below(r, 16) : from - below(r, 16);
    }
    zf_put64(record + R_CR + 8 * 9, wild_random(r) & events);
    zf_put64(record + R_CR + 8 * 10, from);
    zf_put64(record + R_CR + 8 * 11, to);
    zf_put64(record + R_PSW, zf_get64(record + R_PSW) | ZF_PSW_PER);
    zf_put16(record + R_CODE + zf_insn_length(zf_get64(record + R_CODE)), SVC);
}

/* PSWs that differ in a few bits from one that is valid, and do not wait. The other emulator knows
 * no runtime instrumentation. */
static void make_psws(uint8_t *record, uint64_t *r, bool is_long) {
    const uint64_t never = ZF_PSW_WAIT | ZF_PSW_IO | ZF_PSW_EXT | ZF_PSW_MCCK;
    for (unsigned i = 0; i < DATA_SIZE; i += 16) {
        uint64_t mask = below(r, 2) ? ZF_PSW_EA | ZF_PSW_BA : below(r, 2) ? ZF_PSW_BA : 0;
        uint64_t next = below(r, 4) ? CODE + 0x10 : wild_random(r) | STORAGE; /* not records */
        mask |= is_long ? 0 : ZF_PSW_BIT12;
        for (unsigned n = (unsigned)below(r, 4); n; n--) {
            mask ^= ZF_BIT64(below(r, is_long ? 64 : 33));
        }
        mask &= ~(never | ZF_PSW_RI);
        zf_put64(record + R_DATA + i, is_long ? mask : mask | (next & 0x7fffffff));
        zf_put64(record + R_DATA + i + 8, next);
    }
}

static void make(uint8_t record[R_SIZE], uint64_t *r) {
    static const enum kind kinds[] = {KIND_STORAGE, KIND_STORAGE, KIND_STORAGE, KIND_STORAGE,
                                      KIND_EVENTS,  KIND_SYSTEM,  KIND_SYSTEM,  KIND_PSW};
    memset(record, 0, R_SIZE);
    enum kind kind = kinds[below(r, ZF_ARRAY_LENGTH(kinds))];
    uint64_t word = make_word(r, kind);
    enum zf_row row = zf_decode_id(word);
    uint64_t mask = below(r, 4) ? ZF_PSW_EA | ZF_PSW_BA : below(r, 2) ? ZF_PSW_BA : 0;
    mask |= wild_random(r) & (ZF_PSW_CC | (ZF_PSW_PM & ~ZF_PSW_PM_FIXED_OVERFLOW));
    mask |= below(r, 3) ? ZF_PSW_DAT | chance(r, 2, wild_random(r) & ZF_PSW_AS) : 0;
    mask |= chance(r, 3, ZF_PSW_PROBLEM); /* key 0: not every emulator protects by key */
    if ((mask & ZF_PSW_AS) == ZF_PSW_AS_AR) {
        mask &= ~ZF_PSW_AS;
    }
    zf_put64(record + R_PSW, mask);
    zf_put64(record + R_PSW + 8, CODE);
    for (unsigned i = 0; i < 16; i++) {
        bool wild = (mask & ZF_PSW_BA) != 0; /* 24-bit addresses always are in storage */
        uint64_t value = !wild || i >= BASE_GR || below(r, 2)
                             ? address(r, wild)
                             : wild_random(r) | UINT32_C(0x70000000);
        bool far = row == ZF_ROW_mvcos && value < DATA; /* it would move a page over new PSWs */
        zf_put64(record + R_GR + 8 * i, far ? value + DATA : value);
    }
    zf_put64(record + R_PREFIX, chance(r, 2, AREA));
    zf_put64(record + R_CODE, word);
    make_control_registers(record, r);
    make_tables(record, r);
    for (unsigned i = 0; i < DATA_SIZE; i += 8) {
        zf_put64(record + R_DATA + i, below(r, 2) ? address(r, true) : wild_random(r));
    }
    if (kind == KIND_EVENTS) {
        make_events(record, r);
    } else if (kind == KIND_PSW) {
        for (unsigned i = BASE_GR; i < BASE_GR + 4; i++) {
            zf_put64(record + R_GR + 8 * i, DATA + 8 * below(r, 64) + chance(r, 8, 4));
        }
        make_psws(record, r, row == ZF_ROW_lpswe);
    }
}

static void put_tables(uint8_t *ram, const uint8_t *record) {
    for (unsigned i = 0; i < 2048; i++) {
        zf_put64(ram + SEGMENT_TABLE + 8 * i, ZF_SEGMENT_INVALID);
        zf_put64(ram + REGION_TABLE + 8 * i, ZF_REGION_INVALID | 4);
    }
    memcpy(ram + PAGE_TABLE, record + R_PAGES, 8 * PAGES);
    memcpy(ram + SEGMENT_TABLE, record + R_SEGMENT, 8);
    memcpy(ram + REGION_TABLE, record + R_REGION, 8);
}

static void load(struct zf_machine *machine, const uint8_t *record) {
    struct zf_cpu *cpu = machine->cpus.cpu[0];
    uint8_t *ram = machine->storage.ram;
    put_tables(ram, record);
    for (unsigned area = 0; area <= AREA; area += AREA) {
        for (unsigned i = 0; i < 6; i++) { /* disabled waits at a place of their own */
            zf_put64(ram + area + NEW_PSWS + 16 * i, ZF_PSW_EA | ZF_PSW_BA | ZF_PSW_WAIT);
            zf_put64(ram + area + NEW_PSWS + 16 * i + 8, NEW_ADDRESS);
        }
    }
    memcpy(ram + CODE, record + R_CODE, CODE_SIZE);
    memcpy(ram + DATA, record + R_DATA, DATA_SIZE);
    memcpy(machine->storage.keys, record + R_KEYS, PAGES);
    for (unsigned i = 0; i < 16; i++) {
        cpu->gr[i] = zf_get64(record + R_GR + 8 * i);
        cpu->cr[i] = zf_get64(record + R_CR + 8 * i);
    }
    cpu->prefix = zf_get64(record + R_PREFIX);
    zf_psw_load_checked(cpu, zf_get64(record + R_PSW), zf_get64(record + R_PSW + 8));
}

/* The state after the interruption, in place of the one before. */
static void save(const struct zf_machine *machine, uint8_t *record) {
    const struct zf_cpu *cpu = machine->cpus.cpu[0];
    const uint8_t *ram = machine->storage.ram;
    for (unsigned i = 0; i < 16; i++) {
        zf_put64(record + R_GR + 8 * i, cpu->gr[i]);
        zf_put64(record + R_CR + 8 * i, cpu->cr[i]);
    }
    memcpy(record + R_LOW, ram + cpu->prefix, LOW_SIZE);
    memcpy(record + R_SECOND, ram + cpu->prefix + 0x1000, LOW_SIZE);
    memcpy(record + R_KEYS, machine->storage.keys, PAGES);
    memcpy(record + R_DATA, ram + DATA, DATA_SIZE);
    memcpy(record + R_PAGES, ram + PAGE_TABLE, 8 * PAGES);
}

static struct zf_machine *create(enum zf_engine engine, struct zf_facilities *facilities) {
    struct zf_machine_config config = {
        .storage_size = STORAGE,
        .engine = engine,
        .frontend = {.translate = zf_translate_block,
                     .cc_use = zf_insn_cc_use,
                     .has_facility = zf_machine_has_facility},
        .timeout_ns = 2000000000,
    };
    struct zf_error err;
    struct zf_machine *machine = zf_machine_create(&config, &err);
    ZF_ASSERT(machine);
    machine->facilities = facilities;
    return machine;
}

static void print_low(const char *who, const uint8_t *low) {
    printf("  per %04x %016" PRIx64 "\n", zf_get16(low + 0x96), zf_get64(low + 0x98));
    printf("  %s: pgm %08x teid %016" PRIx64 " access %02x dxc %08x old %016" PRIx64 " %016" PRIx64
           " svc %08x\n",
           who, zf_get32(low + 0x8c), zf_get64(low + 0xa8), low[0xa0], zf_get32(low + 0x90),
           zf_get64(low + 0x150), zf_get64(low + 0x158), zf_get32(low + 0x88));
}

static void print_bytes(const char *what, const uint8_t *before, const uint8_t *a, const uint8_t *b,
                        unsigned size) {
    for (unsigned i = 0, told = 0; i < size && told < 8; i++) {
        if (a[i] != b[i]) {
            printf("  %s+%#x: before %02x ours %02x theirs %02x\n", what, i, before[i], a[i], b[i]);
            told++;
        }
    }
}

static void print(const uint8_t *before, const uint8_t *ours, const uint8_t *theirs) {
    struct zf_insn insn;
    char text[96];
    zf_decode(zf_get64(before + R_CODE), &insn);
    zf_disasm(&insn, CODE, text, sizeof text);
    printf("  %s\n  PSW %016" PRIx64 " prefix %" PRIx64 " ste %" PRIx64 " rte %" PRIx64 "\n ", text,
           zf_get64(before + R_PSW), zf_get64(before + R_PREFIX), zf_get64(before + R_SEGMENT),
           zf_get64(before + R_REGION));
    for (unsigned i = 0; i < 16; i++) {
        printf(" r%u=%" PRIx64, i, zf_get64(before + R_GR + 8 * i));
    }
    printf("\n  c0=%" PRIx64 " c1=%" PRIx64 " c3=%" PRIx64 " c7=%" PRIx64 " c13=%" PRIx64
           "\n  pages",
           zf_get64(before + R_CR), zf_get64(before + R_CR + 8), zf_get64(before + R_CR + 24),
           zf_get64(before + R_CR + 56), zf_get64(before + R_CR + 104));
    printf(" events %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", zf_get64(before + R_CR + 72),
           zf_get64(before + R_CR + 80), zf_get64(before + R_CR + 88));
    for (unsigned i = 0; i < 13; i++) {
        printf(" %u:%" PRIx64 "/%02x", i, zf_get64(before + R_PAGES + 8 * i), before[R_KEYS + i]);
    }
    printf("\n");
    print_low("ours  ", ours + R_LOW);
    print_low("theirs", theirs + R_LOW);
    for (unsigned i = 0; i < 32; i++) {
        uint64_t one = zf_get64(ours + R_GR + 8 * i), other = zf_get64(theirs + R_GR + 8 * i);
        if (one != other) {
            printf("  %s%u ours %016" PRIx64 " theirs %016" PRIx64 "\n", i < 16 ? "r" : "c", i % 16,
                   one, other);
        }
    }
    print_bytes("low", before + R_LOW, ours + R_LOW, theirs + R_LOW, 0x80);
    print_bytes("data", before + R_DATA, ours + R_DATA, theirs + R_DATA, DATA_SIZE);
    print_bytes("second", before + R_SECOND, ours + R_SECOND, theirs + R_SECOND, LOW_SIZE);
    print_bytes("pte", before + R_PAGES, ours + R_PAGES, theirs + R_PAGES, 8 * PAGES);
    print_bytes("key", before + R_KEYS, ours + R_KEYS, theirs + R_KEYS, PAGES);
}

static bool check(const uint8_t *before, const uint8_t *theirs, struct zf_facilities *facilities) {
    static uint8_t ours[R_SIZE];
    bool same = true;
    if (machine_is_missing(before, theirs)) {
        return true;
    }
    for (unsigned engine = 0; engine < 2 && same; engine++) {
        struct zf_machine *machine = create(engine ? ZF_ENGINE_SWITCH : ZF_ENGINE_GOTO, facilities);
        load(machine, before);
        memcpy(ours, before, R_SIZE);
        zf_machine_run(machine);
        save(machine, ours);
        const char *what = machine_difference(ours, theirs);
        same = !what || machine->stop == ZF_STOP_UNIMPLEMENTED ||
               machine_is_excused(before, ours, theirs);
        if (!same) {
            printf("--- %s, %s: %s\n", what, engine ? "switch" : "goto", machine->stop_text);
            print(before, ours, theirs);
        }
        zf_machine_destroy(machine);
    }
    return same;
}

int main(int argc, char **argv) {
    static uint8_t before[R_SIZE], theirs[R_SIZE];
    static struct zf_facilities facilities;
    bool checks = argc == 5 && !strcmp(argv[1], "check");
    FILE *file = argc == 5 ? fopen(argv[2], checks ? "r" : "w") : NULL;
    struct zf_model model;
    struct zf_error err;
    if (!file || zf_model_parse("z17-full", false, &model, NULL, &err) != ZF_OK) {
        fprintf(stderr, "usage: machine_records write|check RECORDS SEED COUNT\n");
        return 2;
    }
    struct zf_gate_config config = zf_gate_config_default(&model);
    zf_gate_compute(&config, &facilities.gate);
    uint64_t seed = strtoull(argv[3], NULL, 0), count = strtoull(argv[4], NULL, 0), failed = 0;
    for (uint64_t i = 0; i < count; i++) {
        make(before, &seed);
        if (!checks) {
            failed += fwrite(before, sizeof before, 1, file) != 1;
        } else {
            failed +=
                fread(theirs, sizeof theirs, 1, file) != 1 || !check(before, theirs, &facilities);
        }
    }
    bool ok = !fclose(file) && !failed;
    fprintf(stderr, "%" PRIu64 " records, %" PRIu64 " differ\n", count, failed);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
