/*
 * From bytes to instruction to text, all from one table (isa/all.def). Pure: no state, no storage.
 *
 * An instruction word is the instruction's bytes as a big-endian number, left-aligned in 64 bits:
 * bit n of the book is ZF_BIT64(n).
 */
#ifndef ZFACET_DECODE_H
#define ZFACET_DECODE_H

#include "zfacet/base.h"
#include "zfacet/since.h"

enum zf_row {
    ZF_ROW_INVALID,
/* clang-format off */
#define INSN(ID, ...) ZF_ROW_##ID,
#include "isa/all.def"
#undef INSN
    /* clang-format on */
    ZF_ROW_COUNT
};

enum zf_format {
    ZF_FORMAT_NONE,
/* clang-format off */
#define FORMAT(ID, ...) ZF_FORMAT_##ID,
#include "isa/formats.def"
#undef FORMAT
    /* clang-format on */
    ZF_FORMAT_COUNT
};

enum zf_privilege { ZF_PROBLEM, ZF_PRIVILEGED, ZF_SEMI };

/** What a machine does with a form whose facility is not installed. */
enum zf_when_absent {
    ZF_ABSENT_SPECIFICATION, /* recognizes a specification exception: the value is reserved */
    ZF_ABSENT_IGNORE,        /* runs the instruction as if the field were zero */
    ZF_ABSENT_OPERATION,     /* recognizes an operation exception */
    ZF_ABSENT_HINT,          /* ignores the field, which changes no result */
};

/** The STFLE bits an instruction needs: `count` of them, all or (when `any`) one of them. */
struct zf_facility_need {
    uint8_t count;
    bool any;
    uint8_t bit[3];
};

struct zf_row_info {
    const char *mnemonic;
    const char *name;   /* as the book calls it, with the lengths that tell its forms apart */
    const char *syntax; /* see isa/all.def */
    uint64_t opcode;    /* left-aligned word of which only the opcode is set */
    uint64_t mask;      /* the opcode's bits: all else is operands or ignored by the machine */
    uint8_t length;
    uint8_t format;    /* enum zf_format */
    uint8_t since;     /* enum zf_since */
    uint8_t privilege; /* enum zf_privilege */
    struct zf_facility_need facility;
};

/** Holds for a word when (word & mask) equals value, or with `differs` when it does not. */
struct zf_condition {
    uint64_t mask;
    uint64_t value;
    bool differs;
};

enum {
    ZF_FORM_COUNT = 0
/* clang-format off */
#define FORM(...) + 1
#include "isa/form.def"
#undef FORM
    /* clang-format on */
};

/** A field value of an older instruction that came later: isa/form.def. */
struct zf_form {
    struct zf_condition when;
    const char *text; /* the condition in the words of form.def, such as "m4=2" */
    uint16_t row;
    uint8_t since;
    uint8_t when_absent; /* enum zf_when_absent */
    struct zf_facility_need facility;
};

/** An extended mnemonic: isa/alias.def. */
struct zf_alias {
    struct zf_condition when;
    const char *mnemonic;
    const char *syntax;
    uint16_t row;
    bool synonym; /* accepted, but not what the disassembler prints */
};

/**
 * A decoded instruction. `regs`, `disp` and `imm` are what hot consumers read without the format's
 * field list; everything by name is in zf_insn_operands.
 */
struct zf_insn {
    uint64_t word; /* as given, bytes beyond the instruction included */
    int64_t imm;   /* the immediate as the row extends it; a relative operand in bytes; d2 of SS */
    uint32_t regs; /* bits 8-39 of the word, all but the format's four-bit fields and RXB zero */
    int32_t disp;  /* the displacement at bits 20-31, or the signed one of 20 bits; else zero */
    uint16_t row;  /* enum zf_row */
    uint8_t length;
    uint8_t shape; /* the format and whether its immediate is signed: zf_insn_format */
};
_Static_assert(sizeof(struct zf_insn) <= 32, "instructions are copied by value");

/** Every field by its name in the book; those that the format does not have are zero. */
struct zf_operands {
    uint8_t r1, r2, r3;
    uint8_t x2;
    uint8_t b1, b2, b3, b4;
    uint8_t m1, m3, m4, m5, m6;
    uint8_t l1, l2; /* as encoded: one less than the length */
    uint8_t unused;
    uint8_t v1, v2, v3, v4;     /* with their RXB bit */
    int32_t d1, d2, d3, d4;     /* sign-extended when of 20 bits */
    int64_t i1, i2, i3, i4, i5; /* i2 is sign-extended when the row's syntax says so */
    int64_t ri2, ri3, ri4;      /* in bytes from the instruction's address */
    int64_t rel;                /* the last of ri2, ri3, ri4 that the format has */
};

/*
 * Generated from the table; only zf_decode reads them. What it looks up by the opcode is the end of
 * struct zf_insn as it stands; a relative operand is extracted already doubled.
 */
struct zf_decode_major {
    uint32_t mask;
    uint16_t base;
    uint8_t shift;
};
struct zf_decode_minor { /* the last four bytes of struct zf_insn */
    uint16_t row;
    uint8_t length;
    uint8_t shape;
};
struct zf_decode_shape {
    uint64_t imm_mask; /* after a shift to the left, and an arithmetic one to the right */
    uint32_t regs;
    int32_t disp;
    uint64_t imm_left;
    uint64_t imm_right;
};
extern const struct zf_decode_major zf_decode_major[256];
extern const struct zf_decode_minor zf_decode_minor[];
extern const struct zf_decode_shape zf_decode_shape[2 * ZF_FORMAT_COUNT];

static inline struct zf_decode_minor zf_decode_find(uint64_t word) {
    const struct zf_decode_major *major = &zf_decode_major[word >> 56];
    const struct zf_decode_minor *block = &zf_decode_minor[major->base];
    return block[(uint32_t)(word >> major->shift) & major->mask];
}

/** The row of the instruction at the left of `word`, or ZF_ROW_INVALID. */
static inline enum zf_row zf_decode_id(uint64_t word) {
    return (enum zf_row)zf_decode_find(word).row;
}

/**
 * Decodes the instruction at the left of `word`, without a branch. An unknown one has the row
 * ZF_ROW_INVALID, its length, and no operands. Fields that the machine ignores do not matter.
 */
static inline void zf_decode(uint64_t word, struct zf_insn *insn) {
    struct zf_decode_minor minor = zf_decode_find(word);
    const struct zf_decode_shape *s = &zf_decode_shape[minor.shape];
    uint32_t middle = (uint32_t)(word >> 24);

    insn->word = word;
    insn->imm = (int64_t)(word << s->imm_left) >> s->imm_right & (int64_t)s->imm_mask;
    insn->regs = middle & s->regs;
    insn->disp = ((int32_t)(middle >> 8 & 0xfff) | (int8_t)middle * 4096) & s->disp;
    insn->row = minor.row;
    insn->length = minor.length;
    insn->shape = minor.shape;
}

static inline enum zf_format zf_insn_format(const struct zf_insn *insn) {
    return (enum zf_format)(insn->shape >> 1);
}

/**
 * Decodes from `bytes`, of which `available` may be read and not one more. Returns false, with
 * `insn` untouched, when the instruction does not end within them.
 */
bool zf_decode_bytes(const uint8_t *bytes, size_t available, struct zf_insn *insn);

/** Fills all of `o`. All zero for ZF_ROW_INVALID. */
void zf_insn_operands(const struct zf_insn *insn, struct zf_operands *o);

/** The table's entry; that of ZF_ROW_INVALID has an empty mnemonic and no format. */
const struct zf_row_info *zf_row_get(enum zf_row row);

/* What rows are beside what they do, a bit each: isa/trait.def. */
enum zf_row_trait {
    ZF_ROW_CALLS = 1 << 0,     /* what it branches to comes back, as a rule */
    ZF_ROW_EXECUTES = 1 << 1,  /* it executes another instruction in its place */
    ZF_ROW_FIRMWARE = 1 << 2,  /* firmware and hypervisors alone use it */
    ZF_ROW_ADDRESSES = 1 << 3, /* its register operands are addresses of storage */
    ZF_ROW_ADDRESS_1 = 1 << 4, /* general register 1 is one too */
    ZF_ROW_ADDRESSES_1 = ZF_ROW_ADDRESSES | ZF_ROW_ADDRESS_1,
    ZF_ROW_MOVES = 1 << 5, /* it only stores to its first operand, and only fetches its second */
    ZF_ROW_MOVES_ADDRESSES = ZF_ROW_MOVES | ZF_ROW_ADDRESSES,
    ZF_ROW_NUMBER = 1 << 6, /* its second operand, or the only one, is a number or a target */
    ZF_ROW_CALLS_NUMBER = ZF_ROW_CALLS | ZF_ROW_NUMBER,
    ZF_ROW_EXECUTES_TARGET = ZF_ROW_EXECUTES | ZF_ROW_NUMBER,
    ZF_ROW_LENGTHS = 1 << 7, /* the register after each address has its operand's length */
    ZF_ROW_LENGTHS_24 = 1 << 8 | ZF_ROW_LENGTHS, /* of which 24 bits count */
    ZF_ROW_SPANS = ZF_ROW_ADDRESSES | ZF_ROW_LENGTHS,
    ZF_ROW_SPANS_NUMBER = ZF_ROW_SPANS | ZF_ROW_NUMBER,
    ZF_ROW_SPANS_24 = ZF_ROW_ADDRESSES | ZF_ROW_LENGTHS_24,
    ZF_ROW_TWO = 1 << 9, /* it fetches both operands, and tells them apart (ZF_ACCESS_READ_FIRST) */
    ZF_ROW_ADDRESSES_TWO = ZF_ROW_ADDRESSES | ZF_ROW_TWO,
    ZF_ROW_SPANS_TWO = ZF_ROW_SPANS | ZF_ROW_TWO,
    ZF_ROW_SPANS_24_TWO = ZF_ROW_SPANS_24 | ZF_ROW_TWO,
    ZF_ROW_SPANS_NUMBER_TWO = ZF_ROW_SPANS_NUMBER | ZF_ROW_TWO,
    ZF_ROW_SEVERAL =
        1 << 10, /* its operands may be in several spaces; it sees to that (zf_use()) */
    ZF_ROW_ADDRESSES_SEVERAL = ZF_ROW_ADDRESSES | ZF_ROW_SEVERAL,
    ZF_ROW_ADDRESSES_1_SEVERAL = ZF_ROW_ADDRESSES_1 | ZF_ROW_SEVERAL,
    ZF_ROW_MOVES_SPANS = ZF_ROW_MOVES | ZF_ROW_SPANS,
    ZF_ROW_MOVES_SPANS_24 = ZF_ROW_MOVES | ZF_ROW_SPANS_24,
    ZF_ROW_MOVES_SPANS_NUMBER = ZF_ROW_MOVES | ZF_ROW_SPANS_NUMBER,
};

/** Whether the row has all of these. */
bool zf_row_has(enum zf_row row, enum zf_row_trait trait);

/** The row with exactly this mnemonic (extended mnemonics are not rows), or ZF_ROW_INVALID. */
enum zf_row zf_row_find(const char *mnemonic);

/** The extended mnemonic with exactly this spelling, or NULL. */
const struct zf_alias *zf_alias_find(const char *mnemonic);

/** The most specific extended mnemonic for `insn`, or NULL when its row's own is the one to print.
 */
const struct zf_alias *zf_insn_alias(const struct zf_insn *insn);

/** True when some operand values of the row are forms. */
bool zf_row_has_forms(enum zf_row row);

/**
 * The first form that `insn` is, or NULL; for most rows that is one load. Some instructions are
 * several forms at once: zf_insn_next_form continues after `form`.
 */
const struct zf_form *zf_insn_form(const struct zf_insn *insn);
const struct zf_form *zf_insn_next_form(const struct zf_insn *insn, const struct zf_form *form);

/** Form `i` below ZF_FORM_COUNT, sorted by row, and back from a form to its number. */
const struct zf_form *zf_form_at(unsigned i);
unsigned zf_form_index(const struct zf_form *form);

/** The row with this opcode as the book prints it, such as 0x5A or 0xE306, or ZF_ROW_INVALID. */
enum zf_row zf_row_find_opcode(unsigned opcode);

/** The format's name in the book, such as "RXY-a"; "" for ZF_FORMAT_NONE. */
const char *zf_format_name(enum zf_format format);

/**
 * Writes the assembler text of `insn` at `address`, as much as fits `size` with its final zero, and
 * returns its full length. Mnemonic and operands are separated by a tab.
 */
size_t zf_disasm(const struct zf_insn *insn, uint64_t address, char *buffer, size_t size);

#endif
