#include "wild.h"

#include "../fields.h"
#include "zfacet/dat.h"
#include "zfacet/implemented.h"

const char *const wild_models[] = {"z17-full", "z900", "z13"};

enum { PAGE = ZF_PAGE_SIZE, NEW_PSWS = 0x1a0, PSW_CLASSES = 6, PAGES_MAPPED = 256 };

uint64_t wild_random(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t below(uint64_t *r, uint64_t limit) {
    return (wild_random(r) >> 11) % limit;
}

static uint64_t code_address(uint64_t *r) {
    return WILD_CODE + (below(r, WILD_CODE_SIZE) & ~UINT64_C(1));
}

/* Mostly an address of data, or a number at which something changes. */
static uint64_t value(uint64_t *r) {
    static const uint64_t numbers[] = {0, 1, 255, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX};
    uint64_t any = wild_random(r);
    switch (below(r, 8)) {
    case 0:
        return numbers[any % ZF_ARRAY_LENGTH(numbers)];
    case 1:
        return any;
    case 2:
        return any % 300;
    case 3:
        return code_address(r);
    case 4: /* the last bytes of a page */
        return WILD_DATA + (any % 8 + 1) * PAGE - (any >> 8) % 16;
    default:
        return WILD_DATA + any % WILD_DATA_SIZE;
    }
}

static uint64_t addressing_mode(uint64_t *r) {
    uint64_t n = below(r, 8);
    return n == 0 ? 0 : n < 3 ? ZF_PSW_BA : ZF_PSW_EA | ZF_PSW_BA;
}

static uint64_t psw_mask(uint64_t *r, enum wild_kind kind) {
    uint64_t mask = addressing_mode(r) | (wild_random(r) & (ZF_PSW_CC | ZF_PSW_PM));
    if (kind == WILD_PROGRAM) {
        return mask | ZF_PSW_PROBLEM;
    }
    mask |= wild_random(r) & (ZF_PSW_IO | ZF_PSW_EXT | ZF_PSW_MCCK | ZF_PSW_PROBLEM);
    mask |= below(r, 4) ? 0 : wild_random(r) & ZF_PSW_KEY;
    if (kind == WILD_TRANSLATED && below(r, 4)) {
        mask |= ZF_PSW_DAT | (below(r, 2) ? 0 : wild_random(r) & ZF_PSW_AS);
    }
    return below(r, 32) ? mask : mask | UINT64_C(1) << below(r, 64);
}

static void put_words(uint8_t *to, size_t size, uint64_t *r) {
    for (size_t i = 0; i < size; i += 8) {
        zf_put64(to + i, below(r, 4) ? value(r) : wild_random(r));
    }
}

/* By the place of the new PSW: restart, external, supervisor call, program, machine check, I/O. */
static const uint16_t old_psws[PSW_CLASSES] = {0x120, 0x130, 0x140, 0x150, 0x160, 0x170};

static uint64_t handler_address(unsigned number) {
    enum { HANDLER = 0x40 };
    return WILD_CODE + WILD_CODE_SIZE + number * HANDLER;
}

static uint8_t *put_insn(uint8_t *to, uint64_t word) {
    uint8_t bytes[8];
    zf_put64(bytes, word);
    memcpy(to, bytes, zf_insn_length(word));
    return to + zf_insn_length(word);
}

/* Goes on after the instruction, but only a number of times. */
static uint8_t *put_program_handler(uint8_t *to) {
    static const uint64_t words[] = {
        UINT64_C(0xe310080001240000), /* stg 1,1800 */
        UINT64_C(0xe310080801040000), /* lg 1,1808: the number */
        UINT64_C(0xa71bffff00000000), /* aghi 1,-1 */
        UINT64_C(0xe310080801240000), /* stg 1,1808 */
        UINT64_C(0xa7a4000400000000), /* brc 10,.+8 */
        UINT64_C(0xb2b201a000000000), /* lpswe: the restart new PSW, as good as any */
        UINT64_C(0xe310008d00900000), /* llgc 1,the instruction length */
        UINT64_C(0xe310015800080000), /* ag 1,the old PSW's address */
        UINT64_C(0xe310015800240000), /* stg */
        UINT64_C(0xe310080001040000), /* lg 1,1800 */
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(words); i++) {
        to = put_insn(to, words[i]);
    }
    return to;
}

/* Interruption handlers that go on. */
static void put_handlers(struct wild *w) {
    enum { PROGRAM = 3, CONDITIONS = 30 };
    zf_put64(w->storage + w->prefix + 0x1808, CONDITIONS);
    for (unsigned i = 0; i < PSW_CLASSES; i++) {
        uint8_t *to = w->storage + handler_address(i);
        to = i == PROGRAM ? put_program_handler(to) : to;
        put_insn(to, UINT64_C(0xb2b2) << 48 | (uint64_t)old_psws[i] << 32); /* lpswe */
    }
}

/* New PSWs: a handler, a disabled wait, other code, or anything. */
static void put_new_psws(uint8_t *low, uint64_t *r, enum wild_kind kind) {
    for (unsigned i = 0; i < PSW_CLASSES; i++) {
        uint8_t *to = low + NEW_PSWS + 16 * i;
        uint64_t n = below(r, 32);
        uint64_t mask = n < 20   ? ZF_PSW_EA | ZF_PSW_BA
                        : n < 24 ? ZF_PSW_WAIT | ZF_PSW_EA | ZF_PSW_BA
                        : n < 31 ? psw_mask(r, kind)
                                 : wild_random(r);
        if (!i) { /* restart: where the handler of program interruptions ends all */
            mask = ZF_PSW_WAIT | ZF_PSW_EA | ZF_PSW_BA;
        }
        zf_put64(to, mask);
        zf_put64(to + 8, n < 20 ? handler_address(i) : n < 31 ? code_address(r) : wild_random(r));
    }
}

static uint64_t entry_noise(uint64_t *r, uint64_t bits) {
    return below(r, 16) ? 0 : wild_random(r) & bits;
}

/* Region, segment and page tables that map storage to itself, with holes and faults. */
static uint64_t put_tables(struct wild *w, uint64_t *r) {
    enum { TABLE = 0x4000, LEVELS = 4, ENTRIES = 2048 };
    uint64_t base = WILD_TABLES + below(r, 4) * 8 * TABLE;
    uint64_t type = below(r, LEVELS); /* of the table that the ASCE designates */
    const uint64_t noise = UINT64_C(0xfff);
    for (unsigned level = 1; level <= type; level++) {
        uint8_t *table = w->storage + base + level * TABLE;
        for (unsigned i = 0; i < ENTRIES; i++) {
            uint64_t next = base + (level - 1) * TABLE;
            zf_put64(table + 8 * i, i < 2 ? next | level << 2 | 3 | entry_noise(r, noise)
                                          : ZF_REGION_INVALID | level << 2);
        }
    }
    uint64_t pages = base + LEVELS * TABLE;
    for (unsigned i = 0; i < ENTRIES; i++) {
        zf_put64(w->storage + base + 8 * i,
                 i < 2 ? pages | entry_noise(r, noise) : ZF_SEGMENT_INVALID);
    }
    for (unsigned i = 0; i < PAGES_MAPPED; i++) {
        uint64_t frame = below(r, 16) ? i : below(r, PAGES_MAPPED);
        zf_put64(w->storage + pages + 8 * i,
                 frame * PAGE | entry_noise(r, noise & ~UINT64_C(0xff)));
    }
    uint64_t asce = base + type * TABLE;
    return (below(r, 16) ? asce | type << 2 | 3 : asce | (wild_random(r) & 0xfff)) |
           (below(r, 4) ? 0 : ZF_ASCE_PRIVATE);
}

static void put_control_registers(struct wild *w, uint64_t *r) {
    const uint64_t timers = ZF_BIT64(52) | ZF_BIT64(53); /* when they come is left to chance */
    w->cr[0] = ZF_CR0_AFP | ZF_CR0_VECTOR;
    if (w->kind == WILD_PROGRAM) {
        return;
    }
    for (unsigned i = 2; i < 16; i++) {
        w->cr[i] = below(r, 4) ? 0 : wild_random(r);
    }
    w->cr[0] = (below(r, 8) ? w->cr[0] : 0) | (below(r, 2) ? 0 : wild_random(r) & ~timers);
    w->cr[9] = 0; /* program-event recording */
    if (w->kind == WILD_TRANSLATED) {
        w->cr[1] = put_tables(w, r);
        w->cr[7] = below(r, 4) ? w->cr[1] : put_tables(w, r);
        w->cr[13] = below(r, 4) ? w->cr[1] : put_tables(w, r);
    }
}

void wild_make(struct wild *w, const uint8_t *data, size_t size) {
    uint64_t seed = size < 8 ? 0 : zf_get64(data), *r = &seed;
    size_t code = size < 8 ? 0 : size - 8;
    memset(w, 0, sizeof *w);
    w->insns = WILD_INSNS;
    w->kind = (enum wild_kind)below(r, WILD_KINDS);
    w->model = below(r, 4) ? 0 : (unsigned)below(r, WILD_MODELS);
    for (unsigned i = 0; i < 16; i++) {
        w->gr[i] = value(r);
        if (i / 4 == 2) { /* a base */
            w->gr[i] = WILD_DATA + below(r, WILD_DATA_SIZE);
        }
        w->ar[i] = below(r, 2) ? (uint32_t)below(r, 3) : (uint32_t)wild_random(r);
    }
    for (unsigned i = 0; i < 32; i++) {
        w->vr[i][0] = wild_random(r);
        w->vr[i][1] = value(r);
    }
    w->fpc = (uint32_t)wild_random(r) & (ZF_FPC_MASKS | ZF_FPC_FLAGS);
    w->prefix = w->kind != WILD_PROGRAM && below(r, 2) ? WILD_PREFIX : 0;
    put_words(w->storage + WILD_DATA, WILD_DATA_SIZE, r);
    put_handlers(w);
    put_new_psws(w->storage + w->prefix, r, w->kind);
    put_control_registers(w, r);
    w->psw_mask = psw_mask(r, w->kind);
    w->psw_addr = WILD_CODE;
    bool keys = w->kind != WILD_PROGRAM && !below(r, 3);
    for (unsigned i = 0; keys && i < ZF_ARRAY_LENGTH(w->keys); i++) {
        w->keys[i] = (uint8_t)(wild_random(r) & 0xfe);
    }
    memcpy(w->storage + WILD_CODE, data + 8, code < WILD_CODE_SIZE ? code : WILD_CODE_SIZE);
}

/* What another run need not do the same, and what takes the clock. */
static bool is_steady(enum zf_row row) {
    static const uint16_t unsteady[] = {ZF_ROW_stck, ZF_ROW_stcke, ZF_ROW_stckf, ZF_ROW_stpt,
                                        ZF_ROW_ptff, ZF_ROW_ectg,  ZF_ROW_prno,  ZF_ROW_kdsa};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(unsteady); i++) {
        if (unsteady[i] == row) {
            return false;
        }
    }
    return row != ZF_ROW_INVALID;
}

static enum zf_row pick_row(uint64_t *r, bool privileged) {
    bool any = !below(r, 64); /* also what zfacet does not execute */
    for (;;) {
        enum zf_row row = (enum zf_row)below(r, ZF_ROW_COUNT);
        if (is_steady(row) && (any || zf_row_implemented(row)) &&
            (privileged || zf_row_get(row)->privilege == ZF_PROBLEM)) {
            return row;
        }
    }
}

enum zf_row wild_usual_row(uint64_t *state) {
    static const uint16_t usual[] = {
        ZF_ROW_lr,    ZF_ROW_lgr,  ZF_ROW_ar,    ZF_ROW_agr,  ZF_ROW_sr,   ZF_ROW_sgr,  ZF_ROW_cr,
        ZF_ROW_cgr,   ZF_ROW_clr,  ZF_ROW_clgr,  ZF_ROW_chi,  ZF_ROW_cghi, ZF_ROW_cgfi, ZF_ROW_clfi,
        ZF_ROW_clgfi, ZF_ROW_ltr,  ZF_ROW_ltgr,  ZF_ROW_nr,   ZF_ROW_ngr,  ZF_ROW_xr,   ZF_ROW_xgr,
        ZF_ROW_or,    ZF_ROW_ahi,  ZF_ROW_aghi,  ZF_ROW_tmll, ZF_ROW_tmlh, ZF_ROW_tm,   ZF_ROW_cli,
        ZF_ROW_l,     ZF_ROW_lg,   ZF_ROW_lgf,   ZF_ROW_llgc, ZF_ROW_st,   ZF_ROW_stg,  ZF_ROW_stc,
        ZF_ROW_c,     ZF_ROW_cg,   ZF_ROW_cl,    ZF_ROW_clg,  ZF_ROW_la,   ZF_ROW_lhi,  ZF_ROW_lghi,
        ZF_ROW_risbg, ZF_ROW_sllg, ZF_ROW_srlg,  ZF_ROW_sllk, ZF_ROW_locr, ZF_ROW_alr,  ZF_ROW_alcr,
        ZF_ROW_slbgr, ZF_ROW_crj,  ZF_ROW_clgij, ZF_ROW_mvc,  ZF_ROW_clc,  ZF_ROW_brc,  ZF_ROW_brc,
        ZF_ROW_brc,   ZF_ROW_brc,  ZF_ROW_brc,   ZF_ROW_brc,  ZF_ROW_brc,  ZF_ROW_brc,  ZF_ROW_brc,
        ZF_ROW_brc,   ZF_ROW_brcl, ZF_ROW_brct,
    };
    return (enum zf_row)usual[below(state, ZF_ARRAY_LENGTH(usual))];
}

/* Registers 8 to 11 are for addresses of data, in a tame guest no instruction's result. */
enum { FIRST_BASE = 8, BASES = 4 };

static uint64_t tame_register(uint64_t *r, const char *syntax, const struct field *f) {
    uint64_t n = below(r, 12);
    n = n < FIRST_BASE ? n : n + BASES;
    bool pair = strstr(syntax, (char[]){'G', f->name[1], 0}) != NULL;
    bool float_pair = strstr(syntax, (char[]){'F', f->name[1], 0}) != NULL;
    return float_pair ? n & 13 : pair ? n & 14 : n;
}

static uint64_t field_value(uint64_t *r, const char *syntax, const struct field *f, bool tame) {
    uint64_t any = wild_random(r);
    switch (f->kind) {
    case 'R': /* not far */
        return tame ? 2 + any % 20 : any % 80 - 20;
    case 'D':
    case 'L':
        return below(r, 8) || tame ? any % 64 : any;
    default:
        break;
    }
    switch (f->name[0]) {
    case 'x':
        return tame || below(r, 4) ? 0 : any;
    case 'b':
        return tame ? FIRST_BASE + any % BASES : any;
    case 'r':
        return tame ? tame_register(r, syntax, f) : any;
    case 'm':
        return tame && below(r, 2) ? any % 5 : any;
    default:
        return any;
    }
}

static uint64_t random_word(uint64_t *r, bool privileged, bool tame) {
    bool usual = tame && below(r, 2);
    enum zf_row row = usual ? wild_usual_row(r) : pick_row(r, privileged);
    const struct zf_row_info *info = zf_row_get(row);
    uint64_t word = info->opcode;
    for (const struct field *f = fields[info->format]; f->bits; f++) {
        uint64_t bits = field_value(r, info->syntax, f, tame);
        if (field_is_named(info->syntax, f) || !below(r, tame ? 1000 : 16)) {
            word |= field_word(f, bits);
        }
    }
    return word;
}

size_t wild_input(uint8_t data[WILD_INPUT], uint64_t number) {
    uint64_t state = number * UINT64_C(0x2545f4914f6cdd1d), *r = &state;
    uint64_t seed = wild_random(r), kind_of_seed = seed;
    bool privileged = below(&kind_of_seed, WILD_KINDS) != WILD_PROGRAM;
    size_t size = 8, end = 8 + below(r, 256) + 16;
    bool tame = below(r, 4);
    zf_put64(data, seed);
    while (size < end) {
        bool valid = below(r, tame ? 1000 : 100);
        uint64_t word = valid ? random_word(r, privileged, tame) : wild_random(r);
        size = (size_t)(put_insn(data + size, word) - data);
    }
    return size;
}
