/*
 * Operands by name: each format's fields as code, taken from the instruction word. A list of fields
 * to walk would take three times as long, and every translated instruction comes by here.
 */
#include "zfacet/decode.h"

/* A vector register's RXB bit (for bits 8, 12, 16, 32 at 36 to 39) is the leftmost of its five. */
#define RXB_SHIFT(first) ((first) == 8 ? 27 : (first) == 12 ? 26 : (first) == 16 ? 25 : 24)
#define IS_I2(name) (offsetof(struct zf_operands, name) == offsetof(struct zf_operands, i2))
#define UNSIGNED(first, bits) (word << (first) >> (64 - (bits)))
#define SIGNED(first, bits) ((int64_t)(word << (first)) >> (64 - (bits)))

/* clang-format off */
#define NIBBLE(name, first) o->name = (uint8_t)(word >> (60 - (first)) & 15);
#define VR(name, first) o->name = (uint8_t)((word >> (60 - (first)) & 15) | (word >> RXB_SHIFT(first) & 1) << 4);
#define BYTE(name, first) o->name = (uint8_t)(word >> (56 - (first)));
#define FIELD(name, first, bits) o->name = IS_I2(name) && i2_signed ? SIGNED(first, bits) : (int64_t)UNSIGNED(first, bits);
#define REL(name, first, bits) o->name = SIGNED(first, bits) * 2; o->rel = o->name;
#define DISP(name, first) o->name = (first) == 36 ? (int32_t)(word >> 16 & 0xfff) : insn->disp;
#define LONG(name) o->name = insn->disp;
#define FORMAT(ID, name, length, kind, fields) case ZF_FORMAT_##ID: fields break;
/* clang-format on */

void zf_insn_operands(const struct zf_insn *insn, struct zf_operands *o) {
    const uint64_t word = insn->word;
    const bool i2_signed = zf_decode_row[insn->row].i2_signed;
    *o = (struct zf_operands){0};
    switch ((enum zf_format)insn->format) {
#include "isa/formats.def"
    default:
        break;
    }
}
