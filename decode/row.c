/*
 * The table as data, and the ways to find a row in it.
 */
#include "table.h"

/* The opcode kinds of formats.def: left-aligned word and mask from the opcode as the book prints
 * it. */
#define WORD_OP8(o) ((uint64_t)(o) << 56)
#define MASK_OP8 UINT64_C(0xff00000000000000)
#define WORD_OP16(o) ((uint64_t)(o) << 48)
#define MASK_OP16 UINT64_C(0xffff000000000000)
#define WORD_OP12(o) ((uint64_t)(o) >> 4 << 56 | (uint64_t)((o)&0xf) << 48)
#define MASK_OP12 UINT64_C(0xff0f000000000000)
#define WORD_OP8_8(o) ((uint64_t)(o) >> 8 << 56 | (uint64_t)((o)&0xff) << 16)
#define MASK_OP8_8 UINT64_C(0xff00000000ff0000)

struct format_info {
    const char *name;
    uint8_t length;
    uint8_t kind;
};

enum kind { OP8, OP16, OP12, OP8_8 };

/* clang-format off */
static const struct format_info formats[ZF_FORMAT_COUNT] = {
    [ZF_FORMAT_NONE] = {"", 0, OP8},
#define FORMAT(ID, name, length, kind, ...) [ZF_FORMAT_##ID] = {name, length, kind},
#include "isa/formats.def"
#undef FORMAT
};

/* The kind as a macro argument, so that the rows' initializers are constant. */
enum format_kind {
#define FORMAT(ID, name, length, kind, ...) KIND_##ID = kind, LENGTH_##ID = length,
#include "isa/formats.def"
#undef FORMAT
};

#define WORD(kind, o) ((kind) == OP8 ? WORD_OP8(o) : (kind) == OP16 ? WORD_OP16(o) : \
                       (kind) == OP12 ? WORD_OP12(o) : WORD_OP8_8(o))
#define MASK(kind) ((kind) == OP8 ? MASK_OP8 : (kind) == OP16 ? MASK_OP16 : \
                    (kind) == OP12 ? MASK_OP12 : MASK_OP8_8)

#define PROBLEM ZF_PROBLEM
#define PRIVILEGED ZF_PRIVILEGED
#define SEMI ZF_SEMI

static const struct zf_row_info rows[ZF_ROW_COUNT] = {
    [ZF_ROW_INVALID] = {"", "", "", 0, 0, 0, ZF_FORMAT_NONE, 0, 0, {0}},
#define INSN(ID, mnemonic, opcode, FMT, syntax, SINCE, FACILITY, PRIV, SEM, name)        \
    [ZF_ROW_##ID] = {mnemonic, name, syntax, WORD((int)KIND_##FMT, opcode), MASK((int)KIND_##FMT), \
                     LENGTH_##FMT, ZF_FORMAT_##FMT, ZF_SINCE_##SINCE, PRIV, FACILITY},
#include "isa/all.def"
#undef INSN
};
/* clang-format on */

const struct zf_row_info *zf_row_get(enum zf_row row) {
    return &rows[(unsigned)row < ZF_ROW_COUNT ? row : ZF_ROW_INVALID];
}

const char *zf_format_name(enum zf_format format) {
    return formats[(unsigned)format < ZF_FORMAT_COUNT ? format : ZF_FORMAT_NONE].name;
}

enum zf_row zf_row_find(const char *mnemonic) {
    size_t low = 0;
    size_t high = ZF_ROW_COUNT - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        enum zf_row row = (enum zf_row)zf_table_row_order[middle];
        int order = strcmp(mnemonic, rows[row].mnemonic);
        if (order == 0) {
            return row;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return ZF_ROW_INVALID;
}

/* A switch, so that two rows with one opcode do not compile. */
enum zf_row zf_row_find_opcode(unsigned opcode) {
    switch (opcode) {
/* clang-format off */
#define INSN(ID, mnemonic, OPCODE, ...) case OPCODE: return ZF_ROW_##ID;
#include "isa/all.def"
#undef INSN
    /* clang-format on */
    default:
        return ZF_ROW_INVALID;
    }
}

bool zf_decode_bytes(const uint8_t *bytes, size_t available, struct zf_insn *insn) {
    uint64_t word = 0;
    if (available == 0 || available < zf_insn_length((uint64_t)bytes[0] << 56)) {
        return false;
    }
    memcpy(&word, bytes, available < sizeof word ? available : sizeof word);
    zf_decode(__builtin_bswap64(word), insn);
    return true;
}
