/*
 * Programs of loops, by number. A wild guest executes few instructions more than once; here the
 * same code is executed often, with other values each time, so that what engines make of it when
 * it is hot is held against what they do when it is not: registers held over branches and loops,
 * faults in the middle of them, code that changes itself.
 *
 * A program's outer loop has pieces in it: straight code, loops, loops of loops, code that is
 * left out, calls, EXECUTE. Each piece begins with fresh values out of a table of edge values.
 */
#include "wild.h"

#include "../fields.h"
#include "zfacet/implemented.h"

/* What the registers are for; the first eight are for any result. */
enum {
    RESULTS = 8,
    TABLE = 8,
    SCRATCH = 9,
    INDEX = 10, /* in the table, a multiple of 8 */
    COUNTERS = 11,
    CODE = 13,
    LINK = 14,
    OUTER = 15
};
enum { TABLE_SIZE = 0x2000, SCRATCH_AT = 0x3000, FLOATS = 0x5000, MAX_DEPTH = 2, MAX_PATCHED = 16 };

struct program {
    uint64_t *r;
    uint8_t *code;
    bool floats; /* mostly what works on floating-point and vector registers */
    unsigned at;
    unsigned patched[MAX_PATCHED], patches; /* where an AHI is, whose immediate code may change */
};

static uint64_t below(struct program *p, uint64_t limit) {
    return (wild_random(p->r) >> 11) % limit;
}

static void put(struct program *p, uint64_t word) {
    unsigned length = zf_insn_length(word);
    for (unsigned i = 0; i < length; i++) {
        p->code[p->at++] = (uint8_t)(word >> (56 - 8 * i));
    }
}

/* Instructions of the formats that pieces are joined with. */
static void put_ri(struct program *p, unsigned opcode, unsigned r1, int immediate) {
    put(p, (uint64_t)(opcode >> 4) << 56 | (uint64_t)r1 << 52 | (uint64_t)(opcode & 15) << 48 |
               (uint64_t)(uint16_t)immediate << 32);
}

static void put_rxy(struct program *p, unsigned opcode, unsigned r1, unsigned x2, unsigned b2,
                    int displacement) {
    put(p, (uint64_t)(opcode >> 8) << 56 | (uint64_t)r1 << 52 | (uint64_t)x2 << 48 |
               (uint64_t)b2 << 44 | (uint64_t)(displacement & 0xfff) << 32 |
               (uint64_t)(displacement >> 12 & 0xff) << 24 | (uint64_t)(opcode & 0xff) << 16);
}

enum { AHI = 0xa7a, AGHI = 0xa7b, LHI = 0xa78, BRC = 0xa74, BRCT = 0xa76, BRCTG = 0xa77 };
enum { NILL = 0xa57, LG = 0xe304, LAY = 0xe371, STCY = 0xe372, AG = 0xe308, LDY = 0xed65 };
enum { BRAS = 0xa75 };

static void put_branch(struct program *p, unsigned opcode, unsigned r1, unsigned to) {
    put_ri(p, opcode, r1, ((int)to - (int)p->at) / 2);
}

/* The branch at `from` goes here. */
static void patch_branch(struct program *p, unsigned from) {
    unsigned halfwords = (p->at - from) / 2;
    p->code[from + 2] = (uint8_t)(halfwords >> 8);
    p->code[from + 3] = (uint8_t)halfwords;
}

static bool has_word(const char *text, const char *const *words) {
    for (; *words; words++) {
        if (strstr(text, *words)) {
            return true;
        }
    }
    return false;
}

static bool is_shift(const struct zf_row_info *info) {
    return strncmp(info->name, "SHIFT ", 6) == 0 || strncmp(info->name, "ROTATE LEFT ", 12) == 0;
}

/* What ends within a moment, and always in the same way. */
static bool is_fit(enum zf_row row) {
    static const char *const apart[] = {"BRANCH",
                                        "EXECUTE",
                                        "SUPERVISOR",
                                        "MODE",
                                        "LONG",
                                        "CLOCK",
                                        "TIME",
                                        "PERFORM",
                                        "TRANSLATE",
                                        "CONVERT UTF",
                                        "CHECKSUM",
                                        "SEARCH",
                                        "CIPHER",
                                        "STRING",
                                        "PROGRAM",
                                        "FACILITY",
                                        "RANDOM",
                                        "CPU",
                                        "MESSAGE",
                                        "PREFETCH",
                                        "UNICODE",
                                        "MONITOR",
                                        "TRAP",
                                        "TRANSACTION",
                                        "RUNTIME",
                                        "ACCESS",
                                        "COMPRESS",
                                        "CONVERSION",
                                        "RELATIVE",
                                        "SPACE",
                                        "SET FPC",
                                        "LOAD FPC",
                                        "SIGNAL",
                                        "RESUME",
                                        "STACK",
                                        "PSW",
                                        "KEY",
                                        "AUTHENTICATION",
                                        "SORT",
                                        "NEURAL",
                                        "TEST ADDRESSING",
                                        NULL};
    const struct zf_row_info *info = zf_row_get(row);
    return row != ZF_ROW_INVALID && zf_row_implemented(row) && info->privilege == ZF_PROBLEM &&
           (is_shift(info) || !has_word(info->name, apart)) && !strstr(info->syntax, "ri") &&
           !zf_row_has(row, ZF_ROW_ADDRESSES);
}

static enum zf_row pick_row(struct program *p) {
    for (;;) {
        bool usual = !p->floats && below(p, 2), general = below(p, p->floats ? 4 : 16);
        enum zf_row row = usual ? wild_usual_row(p->r) : (enum zf_row)below(p, ZF_ROW_COUNT);
        const char *syntax = zf_row_get(row)->syntax;
        bool has_float = strpbrk(syntax, p->floats ? "fFv" : "fFvVl") != NULL;
        if (is_fit(row) && (!general || p->floats == has_float)) {
            return row;
        }
    }
}

static uint64_t field_value(struct program *p, const struct zf_row_info *info,
                            const struct field *f) {
    const char pair[] = {'G', f->name[1], 0}, general[] = {'g', f->name[1], 0};
    uint64_t any = wild_random(p->r);
    bool shift = is_shift(info) && strchr(info->syntax, '(');
    switch (f->name[0]) {
    case 'd':
        return shift ? any % 70 : any & 7 ? any % 512 & ~UINT64_C(7) : any % 512;
    case 'l':
        return any % 16;
    case 'b':
        return shift ? (any & 1 ? 0 : any / 2 % RESULTS) : SCRATCH;
    case 'x':
        return any % 4 ? 0 : INDEX;
    case 'm':
        return any % 8 ? any / 8 % 8 : any / 8;
    case 'i':
        return any % 3 ? any : any / 4 % 64;
    case 'r':
        return strstr(info->syntax, pair)      ? any % RESULTS & ~1U
               : strstr(info->syntax, general) ? any % RESULTS
                                               : any & 13;
    default:
        return any;
    }
}

/* LOAD MULTIPLE and its like stay among the registers for results. */
static bool is_multiple(const struct zf_row_info *info) {
    return strstr(info->name, "MULTIPLE") != NULL;
}

/* The first immediate of 8 bits or less, or the amount of a shift, is `swept` if that is not -1. */
static uint64_t word_of(struct program *p, enum zf_row row, int swept) {
    const struct zf_row_info *info = zf_row_get(row);
    uint64_t word = info->opcode;
    for (const struct field *f = fields[info->format]; f->bits; f++) {
        uint64_t value = field_value(p, info, f);
        if (is_multiple(info) && f->name[0] == 'r') {
            value = f->name[1] == '1' ? value % 4 : 4 + value % 4;
        }
        bool sweeps = (f->name[0] == 'i' && f->bits <= 8) || (f->name[0] == 'd' && is_shift(info));
        if (swept >= 0 && sweeps) {
            value = (unsigned)swept;
            swept = -1;
        }
        if (field_is_named(info->syntax, f)) {
            word |= field_word(f, value);
        }
    }
    return word;
}

static uint64_t random_word(struct program *p) {
    return word_of(p, pick_row(p), -1);
}

/* A result of the table, and the next place in it. */
static void put_fresh(struct program *p) {
    if (p->floats) {
        put_rxy(p, LDY, (unsigned)below(p, 16), INDEX, TABLE, FLOATS + (int)below(p, 64) * 8);
    }
    put_rxy(p, LG, (unsigned)below(p, RESULTS), INDEX, TABLE, (int)below(p, 64) * 8);
    put_rxy(p, LAY, INDEX, 0, INDEX, 8 * (1 + 2 * (int)below(p, 100)));
    put_ri(p, NILL, INDEX, TABLE_SIZE / 2 - 8);
}

static void put_patched(struct program *p) {
    if (p->patches < MAX_PATCHED) {
        p->patched[p->patches++] = p->at;
    }
    put_ri(p, AHI, (unsigned)below(p, RESULTS), (int)below(p, 0x10000));
}

static void put_patch(struct program *p) {
    if (p->patches) {
        unsigned at = p->patched[below(p, p->patches)] + 2 + (unsigned)below(p, 2);
        put_rxy(p, STCY, (unsigned)below(p, RESULTS), 0, CODE, (int)at);
    }
}

static void put_straight(struct program *p) {
    for (uint64_t i = 1 + below(p, 12); i; i--) {
        if (!below(p, 6)) {
            put_fresh(p);
        } else if (!below(p, 24)) {
            put_patched(p);
        } else {
            put(p, random_word(p));
        }
    }
}

/* COMPARE AND BRANCH RELATIVE, of registers or with an immediate, and BRANCH ON CONDITION. */
static unsigned put_condition(struct program *p) {
    static const uint8_t compares[] = {0x76, 0x64, 0x77, 0x65, 0x7e, 0x7c, 0x7f, 0x7d};
    unsigned from = p->at, kind = (unsigned)below(p, 2 * ZF_ARRAY_LENGTH(compares));
    if (kind >= ZF_ARRAY_LENGTH(compares)) {
        put_ri(p, BRC, (unsigned)below(p, 16), 0);
        return from;
    }
    uint64_t r1 = below(p, RESULTS), other = below(p, kind < 4 ? RESULTS : 4);
    uint64_t mask = below(p, 8) * 2, opcode = compares[kind];
    put(p, UINT64_C(0xec) << 56 | r1 << 52 | opcode << 16 |
               (kind < 4 ? other << 48 | mask << 28 : mask << 48 | other << 24));
    return from;
}

static void put_pieces(struct program *p, unsigned depth);

static void put_left_out(struct program *p, unsigned depth) {
    unsigned from = put_condition(p);
    put_pieces(p, depth + 1);
    patch_branch(p, from);
}

/* Leaves by its counter, and perhaps in the middle of it. */
static void put_loop(struct program *p, unsigned depth) {
    unsigned counter = COUNTERS + depth, leave = 0;
    put_ri(p, LHI, counter, 2 + (int)below(p, depth ? 12 : 40));
    put_ri(p, AGHI, (unsigned)below(p, RESULTS), 1);
    unsigned begin = p->at;
    put_fresh(p);
    if (below(p, 3)) {
        put_straight(p);
    } else {
        put_pieces(p, depth + 1);
    }
    if (!below(p, 4)) {
        leave = put_condition(p);
        put_straight(p);
    }
    put_branch(p, BRCT, counter, begin);
    if (leave) {
        patch_branch(p, leave);
    }
}

static void put_return(struct program *p, uint64_t mask) {
    put(p, (UINT64_C(0x0700) | mask << 4 | LINK) << 48); /* bcr */
}

/* The subroutine lies in the way, so it is branched around. It may return early. */
static void put_call(struct program *p) {
    unsigned around = p->at;
    put_ri(p, BRC, 15, 0);
    unsigned begin = p->at;
    put_straight(p);
    while (below(p, 2)) {
        put_return(p, below(p, 16));
        put_straight(p);
    }
    put_return(p, 15);
    patch_branch(p, around);
    put_branch(p, BRAS, LINK, begin);
    if (below(p, 2)) {
        put_straight(p);
        put_branch(p, BRAS, LINK, begin);
    }
}

static void put_execute(struct program *p) {
    static const uint64_t string_ops[] = {0xd2, 0xd4, 0xd5, 0xd6, 0xd7};
    unsigned around = p->at;
    put_ri(p, BRC, 15, 0);
    unsigned target = p->at;
    bool strings = below(p, 2); /* MVC and its like take any last byte for their length */
    uint64_t strings_at =
        (uint64_t)SCRATCH << 44 | below(p, 1024) << 32 | SCRATCH << 28 | below(p, 1024) << 16;
    put(p, strings ? string_ops[below(p, ZF_ARRAY_LENGTH(string_ops))] << 56 | strings_at
                   : random_word(p));
    patch_branch(p, around);
    uint64_t halfwords = (uint32_t)(((int)target - (int)p->at) / 2);
    uint64_t length = strings ? below(p, RESULTS) : 0;
    put(p, (UINT64_C(0xc600) | length << 4) << 48 | halfwords << 16);
}

static void put_piece(struct program *p, unsigned depth) {
    switch (below(p, depth < MAX_DEPTH ? 12 : 6)) {
    case 0:
        put_execute(p);
        break;
    case 1:
        put_call(p);
        break;
    case 6:
    case 7:
        put_left_out(p, depth);
        break;
    case 8:
    case 9:
    case 10:
    case 11:
        put_loop(p, depth);
        break;
    default:
        put_straight(p);
        break;
    }
}

static void put_pieces(struct program *p, unsigned depth) {
    enum { PIECE = 700 }; /* the longest may be */
    for (uint64_t i = 1 + below(p, depth ? 2 : 5); i && p->at < WILD_CODE_SIZE - 4 * PIECE; i--) {
        put_piece(p, depth);
    }
}

static uint64_t edge_value(struct program *p) {
    uint64_t any = wild_random(p->r), power = UINT64_C(1) << (any >> 8) % 64;
    switch (any % 8) {
    case 0:
        return any >> 16;
    case 1:
        return wild_random(p->r);
    case 2:
        return power;
    case 3:
        return power - 1;
    case 4:
        return -power;
    case 5:
        return (any >> 16 & 1) - 1 + (any >> 17) % 3; /* about zero */
    case 6:
        return (any >> 16) % 256 * UINT64_C(0x0101010101010101);
    default:
        return (uint64_t)(int64_t)(int32_t)(any >> 32);
    }
}

/* A long BFP number, often one with which something is not as usual. */
static uint64_t edge_float(struct program *p) {
    enum { FRACTION_BITS = 52, BIAS = 0x3ff, LARGEST = 0x7ff };
    const uint64_t fraction = (UINT64_C(1) << FRACTION_BITS) - 1;
    uint64_t any = wild_random(p->r), exponent = BIAS - 8 + any % 16;
    if (!(any >> 8 & 7)) {
        const uint64_t edges[] = {0, 1, LARGEST - 1, LARGEST, BIAS + FRACTION_BITS, any >> 16};
        exponent = edges[(any >> 11) % ZF_ARRAY_LENGTH(edges)] & LARGEST;
    }
    uint64_t low = any >> 61 ? wild_random(p->r) & fraction : (any >> 32 & 3) - 1;
    return (any & UINT64_C(1) << 62) << 1 | exponent << FRACTION_BITS | (low & fraction);
}

static void fill(struct program *p, struct wild *w) {
    w->model = below(p, 4) ? 0 : WILD_MODELS - 1;
    for (unsigned i = 0; i < WILD_DATA_SIZE; i += 8) {
        bool real = i >= FLOATS || (p->floats && below(p, 2));
        zf_put64(w->storage + WILD_DATA + i, real ? edge_float(p) : edge_value(p));
    }
    for (unsigned i = 0; i < 16; i++) {
        w->gr[i] = edge_value(p);
        w->vr[i][0] = edge_value(p);
        w->vr[i + 16][1] = edge_value(p);
    }
    w->gr[TABLE] = WILD_DATA;
    w->gr[SCRATCH] = WILD_DATA + SCRATCH_AT;
    w->gr[INDEX] = 0;
    w->gr[CODE] = WILD_CODE;
    w->gr[OUTER] = 4 + below(p, 300);
    w->cr[0] = ZF_CR0_AFP | ZF_CR0_VECTOR;
    w->psw_mask = ZF_PSW_EA | ZF_PSW_BA | ZF_PSW_PROBLEM;
    w->psw_mask |= below(p, 4) ? 0 : wild_random(p->r) & ZF_PSW_PM;
    w->fpc = below(p, 4) ? 0 : (uint32_t)wild_random(p->r) & (ZF_FPC_MASKS | ZF_FPC_FLAGS);
    w->psw_addr = WILD_CODE;
}

static struct program begin(struct wild *w, uint64_t *seed, bool floats) {
    memset(w, 0, sizeof *w);
    w->kind = WILD_PROGRAM;
    w->insns = WILD_LOOPS_INSNS;
    struct program p = {.r = seed, .code = w->storage + WILD_CODE, .floats = floats};
    fill(&p, w);
    return p;
}

/* What is written so far is the outer loop's body. */
static void end(struct program *p) {
    put(p, UINT64_C(0x0a01) << 48); /* svc: all is compared */
    put_rxy(p, AG, (unsigned)below(p, RESULTS), INDEX, TABLE, 0);
    put_branch(p, BRCTG, OUTER, 0);
    put(p, UINT64_C(0x0a00) << 48);
    ZF_ASSERT(p->at <= WILD_CODE_SIZE);
}

void wild_loops(struct wild *w, uint64_t number) {
    uint64_t seed = number * UINT64_C(0x2545f4914f6cdd1d);
    struct program p = begin(w, &seed, number % 3 == 2);
    do {
        put_pieces(&p, 0);
    } while (below(&p, 3));
    if (!below(&p, 3)) {
        put_patch(&p);
    }
    end(&p);
}

void wild_sweep(struct wild *w, uint64_t number) {
    enum { ALL = 256, AT_ONCE = 64 };
    uint64_t seed = number * UINT64_C(0x2545f4914f6cdd1d), nth = number / (ALL / AT_ONCE);
    struct program p = begin(w, &seed, false);
    unsigned row = 0, first = (unsigned)number % (ALL / AT_ONCE) * AT_ONCE;
    for (uint64_t i = 0; i <= nth; row++) { /* the nth that is fit, of all in a circle */
        i += is_fit((enum zf_row)(row % ZF_ROW_COUNT));
    }
    for (unsigned i = first; i < first + AT_ONCE; i++) {
        put_fresh(&p);
        put_fresh(&p);
        put(&p, word_of(&p, (enum zf_row)((row - 1) % ZF_ROW_COUNT), (int)i));
        unsigned from = p.at;
        put_ri(&p, BRC, i / 4 % 16, 0);
        put_ri(&p, AGHI, (unsigned)below(&p, RESULTS), 1);
        patch_branch(&p, from);
    }
    end(&p);
}
