/*
 * Random instructions with operands that mean something: base registers point into the scratch
 * storage, lengths are short, values are often those at which something changes.
 */
#include "../fields.h"
#include "diff.h"

#include "zfacet/implemented.h"

/* clang-format off */
/*
 * What registers must hold for the instruction to do something, one letter each for r1, r2, r3, GR0 and
 * GR1: p address, P even-odd pair of address and length; d D of a destination, s S of a source, t of a
 * table, none of which overlap; c character, f function code, b branch target,
 * - anything. The last column: the instruction may end with CC 3 before it is done.
 */
static const struct hint {
    const char *mnemonic;
    const char *kinds;
    bool again;
} hints[] = {
    {"mvcl", "PP---", false}, {"clcl", "PP---", false}, {"mvcle", "P-P--", true}, {"clcle", "P-P--", true},
    {"mvclu", "P-P--", true}, {"clclu", "P-P--", true}, {"cksm", "-P---", true}, {"srst", "pp-c-", true},
    {"srstu", "pp-c-", true}, {"clst", "pp-c-", true}, {"mvst", "ds-c-", true}, {"cuse", "PP-cc", true},
    {"cu12", "DS---", true}, {"cu14", "DS---", true}, {"cu21", "DS---", true}, {"cu24", "DS---", true},
    {"cu41", "DS---", true}, {"cu42", "DS---", true}, {"tre", "Dt-c-", true}, {"troo", "Ds-ct", true},
    {"trot", "Ds-ct", true}, {"trto", "Ds-ct", true}, {"trtt", "Ds-ct", true}, {"trte", "P---p", true},
    {"trtre", "P---p", true}, {"csst", "---fp", false}, {"plo", "---fp", false}, {"mvcrl", "---c-", false},
    {"bcr", "-b---", false}, {"balr", "-b---", false}, {"basr", "-b---", false}, {"bctr", "-b---", false},
    {"bctgr", "-b---", false},
};
/* clang-format on */

/* Rows whose results depend on more than the operands, or that leave the program. */
static const char *const excluded[] = {
    "svc",  "bassm", "bsm",   "sam24", "sam31", "epsw", "ecag", "ectg",
    "stck", "stcke", "stckf", "stfle", "cmpsc", "pfcr", "mc",   "niai",
    "exrl", "ex",    "upt",   "cfc",   "plo",   "bpp",  "bprp",
};

/* Rows that qemu 10.0 has wrong. */
static const char *const wrong_there[] = {
    "pka",  "pku", /* lose the leftmost digit */
    "unpk",        /* loses the two leftmost digits */
    "stmh",        /* stores zeros */
    "csst",        /* ends qemu with an assertion */
};

enum use {
    USE_NONE,
    USE_POINTER,
    USE_DESTINATION,
    USE_SOURCE,
    USE_TABLE,
    USE_INDEX,
    USE_LENGTH,
    USE_CHARACTER,
    USE_FUNCTION,
    USE_CODE
};

struct maker {
    struct diff_random *random;
    struct diff_sequence *sequence;
    uint8_t use[16];  /* enum use */
    uint8_t vector;   /* named last */
    uint16_t written; /* an earlier instruction may have changed it */
    unsigned item;
};

uint64_t diff_random(struct diff_random *random) {
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = random->state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static bool is_in(const char *mnemonic, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(mnemonic, list[i])) {
            return true;
        }
    }
    return false;
}

/* The vector chapter without its decimal and its floating-point instructions. */
static bool is_vector(const struct zf_row_info *info) {
    static const char *const other[] = {"vcdg", "vcdlg", "vcgd", "vclgd", "vflr", "vfll"};
    bool search = !strncmp(info->mnemonic, "vfe", 3) || !strcmp(info->mnemonic, "vfae");
    uint8_t bit = info->facility.bit[0];
    return info->facility.count == 1 && (bit == 129 || bit == 135 || bit == 148) &&
           (info->mnemonic[0] != 'v' || info->mnemonic[1] != 'f' || search) &&
           info->mnemonic[0] != 'w' && !is_in(info->mnemonic, other, ZF_ARRAY_LENGTH(other));
}

static bool is_candidate(enum zf_row row, enum diff_chapter chapter, const char *only) {
    const struct zf_row_info *info = zf_row_get(row);
    if (only) {
        return !strcmp(info->mnemonic, only);
    }
    if (chapter == DIFF_CHAPTER_VECTOR) {
        return is_vector(info);
    }
    bool general = row < ZF_ROW_bsa; /* the chapters before control */
    return general && info->privilege == ZF_PROBLEM &&
           !is_in(info->mnemonic, excluded, ZF_ARRAY_LENGTH(excluded)) &&
           !is_in(info->mnemonic, wrong_there, ZF_ARRAY_LENGTH(wrong_there));
}

void diff_rows_init(struct diff_rows *rows, enum diff_chapter chapter, const char *only) {
    rows->count = 0;
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        if (zf_row_implemented(row) && is_candidate(row, chapter, only)) {
            rows->row[rows->count++] = (uint16_t)row;
        }
    }
}

static bool chance(struct maker *m, unsigned percent) {
    return diff_below(m->random, 100) < percent;
}

static uint64_t pointer(struct maker *m) {
    uint64_t base = diff_scratch_address(), middle = base + DIFF_SCRATCH / 2;
    if (chance(m, 2)) { /* what can be fetched, but not stored to */
        return diff_code_address() + diff_below(m->random, 256);
    }
    switch (diff_below(m->random, 4)) {
    case 0: /* so that operands cross the page */
        return middle - diff_below(m->random, 24);
    case 1:
        return base + diff_below(m->random, DIFF_SCRATCH / 16) * 16;
    default:
        return base + diff_below(m->random, DIFF_SCRATCH - 64);
    }
}

static uint64_t boundary(struct maker *m) {
    static const uint64_t values[] = {
        0,
        1,
        UINT64_MAX,
        INT64_MAX,
        UINT64_C(1) << 63,
        INT32_MAX,
        UINT64_C(1) << 31,
        UINT32_MAX,
        UINT64_C(1) << 32,
        0x7fff,
        0x8000,
        0xffff,
        0xff,
        0x80,
        UINT64_C(0xffffffff80000000),
        UINT64_C(0x8000000080000000),
        UINT64_C(0xffffffff00000000),
        UINT64_C(0x7fffffff00000000),
        UINT64_C(0x7fffffffffffffff),
        UINT64_C(0x7fffffff7fffffff),
        UINT64_C(0xffffffffffff8000),
    };
    return values[diff_below(m->random, ZF_ARRAY_LENGTH(values))];
}

static uint64_t value(struct maker *m) {
    uint64_t r = diff_random(m->random);
    switch (diff_below(m->random, 10)) {
    case 0:
    case 1:
    case 2:
        return boundary(m);
    case 3:
        return (UINT64_C(1) << r % 64) + diff_below(m->random, 3) - 1;
    case 4:
        return r % 64;
    case 5:
        return -(r % 64);
    case 6:
        return (uint32_t)r;
    case 7:
        return (r << 32) | boundary(m) % (UINT64_C(1) << 32);
    case 8:
        return pointer(m);
    default:
        return r;
    }
}

static uint64_t length(struct maker *m) {
    uint64_t r = diff_random(m->random);
    unsigned row = m->sequence->items[m->item].row;
    if (row == ZF_ROW_mvclu || row == ZF_ROW_clclu) { /* even, or a specification exception */
        return r >> 8 & 63 ? r % 100 * 2 : r % 200;
    }
    switch (diff_below(m->random, 6)) {
    case 0:
        return r % 3;
    case 1:
        return r % 300 & ~(uint64_t)1;
    case 2:
        return r % 64 * 4;
    case 3: /* a padding byte, where it is in the register; too long else */
        return m->sequence->items[m->item].row == ZF_ROW_mvcl ||
                       m->sequence->items[m->item].row == ZF_ROW_clcl
                   ? (r & UINT64_C(0xffffffffff000000)) | r % 100
                   : r % 100;
    default:
        return r % 40;
    }
}

static uint64_t value_for(struct maker *m, enum use use) {
    enum { SOURCE = 340, TABLE = 704 };
    uint64_t r = diff_random(m->random);
    switch (use) {
    case USE_DESTINATION:
        return (chance(m, 2) ? diff_code_address() : diff_scratch_address()) + r % 20;
    case USE_SOURCE:
        return diff_scratch_address() + SOURCE + r % 20;
    case USE_TABLE:
        return diff_scratch_address() + TABLE + r % 8 * 8;
    case USE_POINTER:
        return pointer(m);
    case USE_INDEX:
        return chance(m, 10) ? -(r % 64) : r % 64;
    case USE_LENGTH:
        return length(m);
    case USE_CHARACTER:
        return chance(m, 98) ? (r >> 8 & 0xff) * (r & 1) : r;
    case USE_FUNCTION:
        return chance(m, 90) ? r % 6 * 256 + (r >> 32) % 6 : r;
    default:
        return value(m);
    }
}

/* Gives the register a value for `use`; false when it has another use already. */
static bool assign(struct maker *m, unsigned gr, enum use use) {
    if (m->written >> gr & 1 || (m->use[gr] != USE_NONE && m->use[gr] != use)) {
        return false;
    }
    if (m->use[gr] == USE_NONE) {
        m->use[gr] = (uint8_t)use;
        m->sequence->gr[gr] = value_for(m, use);
        m->sequence->code |= (uint16_t)((use == USE_CODE) << gr);
    }
    return true;
}

static unsigned pick(struct maker *m, enum use use) {
    unsigned gr = 0;
    for (int i = 0; i < 12; i++) {
        gr = (unsigned)diff_below(m->random, 15) + 1;
        if (assign(m, gr, use)) {
            return gr;
        }
    }
    return use == USE_CODE ? 0 : gr; /* no branch rather than one into data */
}

static unsigned pick_pair(struct maker *m, enum use use) {
    unsigned gr = 0;
    for (int i = 0; i < 12; i++) {
        gr = (unsigned)diff_below(m->random, 7) * 2 + 2;
        if (!(m->written >> gr & 3) &&
            (m->use[gr + 1] == USE_NONE || m->use[gr + 1] == USE_LENGTH) && assign(m, gr, use) &&
            assign(m, gr + 1, USE_LENGTH)) {
            return gr;
        }
    }
    return gr;
}

static const struct hint *hint_of(enum zf_row row) {
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(hints); i++) {
        if (!strcmp(hints[i].mnemonic, zf_row_get(row)->mnemonic)) {
            return &hints[i];
        }
    }
    return NULL;
}

/* A branch whose target is an address made of base and displacement. */
static bool branches_to_storage(enum zf_row row) {
    static const char *const list[] = {"bc",   "bct",  "bctg",  "bal",   "bas", "bxh",
                                       "bxhg", "bxle", "bxleg", "cgrb",  "crb", "clgrb",
                                       "clrb", "cgib", "cib",   "clgib", "clib"};
    return is_in(zf_row_get(row)->mnemonic, list, ZF_ARRAY_LENGTH(list));
}

static bool relative_is_data(enum zf_row row) {
    const char *mnemonic = zf_row_get(row)->mnemonic;
    size_t n = strlen(mnemonic);
    return !strcmp(mnemonic, "larl") || (n > 2 && !strcmp(mnemonic + n - 2, "rl"));
}

static bool names_pair(const char *syntax, char number) {
    return strstr(syntax, (char[]){'G', number, 0}) != NULL;
}

static bool names_gr(const char *syntax, char number) {
    return names_pair(syntax, number) || strstr(syntax, (char[]){'g', number, 0}) != NULL;
}

static uint64_t register_field(struct maker *m, enum zf_row row, const struct field *f) {
    const char *syntax = zf_row_get(row)->syntax;
    const struct hint *hint = hint_of(row);
    unsigned number = (unsigned)(f->name[1] - '1');
    switch (hint && number < 3 ? hint->kinds[number] : '-') {
    case 'p':
        return pick(m, USE_POINTER);
    case 'P':
        return pick_pair(m, USE_POINTER);
    case 'd':
        return pick(m, USE_DESTINATION);
    case 'D':
        return pick_pair(m, USE_DESTINATION);
    case 's':
        return pick(m, USE_SOURCE);
    case 'S':
        return pick_pair(m, USE_SOURCE);
    case 't':
        return pick(m, USE_TABLE);
    case 'b':
        return pick(m, USE_CODE);
    default:
        break;
    }
    uint64_t gr = diff_below(m->random, 16);
    return names_pair(syntax, f->name[1]) && chance(m, 95) ? gr & 14 : gr;
}

static uint64_t immediate(struct maker *m, int bits) {
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    switch (diff_below(m->random, 4)) {
    case 0:
        return ((UINT64_C(1) << diff_below(m->random, (uint64_t)bits)) + diff_below(m->random, 3) -
                1) &
               mask;
    case 1:
        return (diff_below(m->random, 16) - 8) & mask;
    default:
        return diff_random(m->random) & mask;
    }
}

static uint64_t displacement(struct maker *m, char kind, bool branch) {
    if (branch) {
        return 0;
    }
    switch (diff_below(m->random, 16)) {
    case 0:
        return diff_random(m->random) & (kind == 'L' ? 0xfffff : 0xfff);
    case 1:
        return kind == 'L' ? -diff_below(m->random, 32) & 0xfffff : 4095;
    case 2:
    case 3:
    case 4:
    case 5:
        return 0;
    default:
        return diff_below(m->random, 32);
    }
}

static uint64_t nibble(struct maker *m, enum zf_row row, const struct field *f) {
    bool branch = branches_to_storage(row);
    switch (f->name[0]) {
    case 'r':
        return register_field(m, row, f);
    case 'x':
        return chance(m, 50) || branch ? 0 : pick(m, USE_INDEX);
    case 'b':
        if (branch) {
            return pick(m, USE_CODE);
        }
        return chance(m, 97) ? pick(m, USE_POINTER) : diff_below(m->random, 16);
    case 'm': /* an element size or number, mostly */
        return diff_below(m->random, chance(m, 80) ? 5 : 16);
    default:
        return diff_below(m->random, 16);
    }
}

static void set_relative(struct maker *m, struct diff_item *item) {
    if (relative_is_data(item->row)) {
        unsigned align = chance(m, 95) ? 8 : 2;
        item->fix = DIFF_FIX_DATA;
        item->target = (uint16_t)(diff_below(m->random, (DIFF_SCRATCH - 16) / align) * align);
        return;
    }
    unsigned left = m->sequence->count - m->item;
    unsigned target = m->item + 1 + (unsigned)diff_below(m->random, left);
    item->fix = DIFF_FIX_BRANCH;
    item->target = target < m->sequence->count ? (uint16_t)target : DIFF_END;
}

/*
 * Often a register that is named already. Only gathers and scatters have indices, from registers
 * that nothing writes: a wild store could hit what the program writes about other sequences.
 */
static uint64_t vector_field(struct maker *m, enum zf_row row, const struct field *f) {
    if (zf_row_get(row)->format == ZF_FORMAT_VRV && f->name[1] == '2') {
        return DIFF_INDICES + diff_below(m->random, DIFF_INDEX_REGISTERS);
    }
    uint64_t v = chance(m, 40) ? m->vector : diff_below(m->random, 32);
    if (f->name[1] == '1' && v - DIFF_INDICES < DIFF_INDEX_REGISTERS) {
        v -= DIFF_INDEX_REGISTERS;
    }
    m->vector = (uint8_t)v;
    return v;
}

static void set_field(struct maker *m, struct diff_item *item, const struct field *f) {
    uint64_t v = 0;
    switch (f->kind) {
    case 'N':
        v = nibble(m, item->row, f);
        break;
    case 'V':
        v = vector_field(m, item->row, f);
        break;
    case 'D':
    case 'L':
        v = displacement(m, f->kind, branches_to_storage(item->row));
        break;
    case 'B':
        v = chance(m, 70) ? diff_below(m->random, 20) : diff_below(m->random, 256);
        break;
    case 'R':
        set_relative(m, item);
        break;
    default:
        v = immediate(m, f->bits);
        break;
    }
    item->word |= field_word(f, v);
}

/* EXECUTE may make it any register that has the same bits and more. */
static void mark_register(struct maker *m, const struct diff_item *item, const struct field *f) {
    unsigned gr = item->word >> (60 - f->first) & 15;
    unsigned more = item->execute_gr && f->first < 16 ? 15 : gr;
    for (unsigned n = gr; n <= more; n++) {
        if ((n & gr) == gr) {
            m->written |= (uint16_t)(1u << n | 1u << (n | 1));
        }
    }
}

static void mark_written(struct maker *m, const struct diff_item *item) {
    const struct zf_row_info *info = zf_row_get(item->row);
    for (const struct field *f = fields[info->format]; f->bits != 0; f++) {
        if (f->kind == 'N' && f->name[0] == 'r' && names_gr(info->syntax, f->name[1])) {
            mark_register(m, item, f);
        }
    }
    if (hint_of(item->row) || item->row == ZF_ROW_trt || item->row == ZF_ROW_trtr ||
        item->row == ZF_ROW_edmk) {
        m->written |= 7;
    }
    if (!strcmp(info->mnemonic, "lm") || !strcmp(info->mnemonic, "lmg") ||
        !strcmp(info->mnemonic, "lmy") || !strcmp(info->mnemonic, "lmh") ||
        !strcmp(info->mnemonic, "lmd")) {
        m->written = 0xffff;
    }
}

static void assign_implied(struct maker *m, const struct hint *hint) {
    static const char letters[] = {[USE_POINTER] = 'p',
                                   [USE_TABLE] = 't',
                                   [USE_CHARACTER] = 'c',
                                   [USE_FUNCTION] = 'f',
                                   [USE_CODE] = 0};
    for (unsigned gr = 0; gr < 2; gr++) {
        for (unsigned use = 1; use < sizeof letters; use++) {
            if (letters[use] && hint->kinds[3 + gr] == letters[use]) {
                assign(m, gr, use);
            }
        }
    }
}

/*
 * qemu 10.0 does not survive faults of MVC, CLC and their kin as targets of an EXECUTE, and
 * branches to the wrong place when BRCTH is one.
 */
static bool addresses_are_sure(const struct maker *m, const struct diff_item *item) {
    enum { NEAR = 64 };
    unsigned b1 = item->word >> 44 & 15, d1 = item->word >> 32 & 0xfff;
    unsigned b2 = item->word >> 28 & 15, d2 = item->word >> 16 & 0xfff;
    return zf_row_get(item->row)->format != ZF_FORMAT_SS_a ||
           (m->use[b1] == USE_POINTER && m->use[b2] == USE_POINTER && d1 < NEAR && d2 < NEAR &&
            !((m->written >> b1 | m->written >> b2) & 1));
}

static void generate_item(struct maker *m, enum zf_row row) {
    struct diff_item *item = &m->sequence->items[m->item];
    const struct hint *hint = hint_of(row);
    *item = (struct diff_item){.word = zf_row_get(row)->opcode, .row = (uint16_t)row};
    if (hint) {
        assign_implied(m, hint);
        item->again = hint->again;
    }
    for (const struct field *f = fields[zf_row_get(row)->format]; f->bits != 0; f++) {
        /* zero in what the machine ignores, since not all emulators ignore it */
        if (field_is_named(zf_row_get(row)->syntax, f)) {
            set_field(m, item, f);
        }
    }
    item->executed = !item->again && chance(m, 8);
    bool branch = item->fix == DIFF_FIX_BRANCH || branches_to_storage(row) ||
                  (hint && strchr(hint->kinds, 'b'));
    /* qemu looks for TEST AND SET's there too */
    bool opcode_in_second_byte = zf_row_get(row)->mask >> 48 & 0xff || row == ZF_ROW_ts;
    if (row == ZF_ROW_brcth || !addresses_are_sure(m, item)) {
        item->executed = false;
    }
    if (item->executed && !branch && !opcode_in_second_byte && chance(m, 60)) {
        item->execute_gr = (uint8_t)(1 + diff_below(m->random, 15));
    }
    mark_written(m, item);
}

void diff_generate(struct diff_sequence *sequence, unsigned count, const struct diff_rows *rows,
                   struct diff_random *random) {
    struct maker m = {.random = random, .sequence = sequence};
    *sequence = (struct diff_sequence){
        .count = count,
        .cc = (uint8_t)diff_below(random, 4),
        .program_mask = diff_below(random, 4) ? 0 : (uint8_t)diff_below(random, 8),
        .template = (uint8_t)diff_below(random, DIFF_TEMPLATES),
    };
    for (m.item = 0; m.item < count; m.item++) {
        enum zf_row row = rows->row[diff_below(random, rows->count)];
        if (row == ZF_ROW_tr && m.item && rows->count > 1) {
            row = ZF_ROW_lr; /* qemu 10.0 loses the CC of the instruction before a TR */
        }
        if (row == ZF_ROW_vsel && m.item && rows->count > 1) {
            row = ZF_ROW_vlr; /* qemu 10.0 takes all ones from VOC or VNX for the result */
        }
        generate_item(&m, row);
    }
    for (unsigned i = 0; i < count; i++) { /* an address of code is another in every program */
        if (m.use[sequence->items[i].execute_gr] == USE_CODE) {
            sequence->items[i].execute_gr = 0;
        }
    }
    for (unsigned gr = 0; gr < 16; gr++) {
        if (m.use[gr] == USE_NONE) {
            sequence->gr[gr] = value(&m);
        }
    }
}

uint64_t diff_value(struct diff_random *random) {
    struct maker m = {.random = random};
    uint64_t v = value(&m);
    /* no address of data, to which BRANCH INDIRECT could go: zfacet runs what qemu does not */
    return v >> 16 == diff_scratch_address() >> 16 ? v & 0xffff : v;
}

bool diff_relative(const struct zf_insn *insn, int *first, int *bits) {
    for (const struct field *f = fields[zf_insn_format(insn)]; f->bits != 0; f++) {
        if (f->kind == 'R') {
            *first = f->first;
            *bits = f->bits;
            return true;
        }
    }
    return false;
}
