/*
 * Operands by name: the format's field lists, run over the instruction word.
 */
#include "zfacet/decode.h"

/* Four bits, for a vector register its RXB bit (for bits 8, 12, 16, 32 at 36 to 39); or a byte. */
struct narrow {
    uint8_t offset; /* in struct zf_operands, where no field is at 0: 0 ends the list */
    uint8_t shift;
    uint8_t mask;
    uint8_t rxb_shift;
    uint8_t rxb_mask;
};

struct wide {
    uint8_t offset; /* of an int64_t; 0 ends the list */
    uint8_t left;   /* shifts that bring the field to the left and then to the right */
    uint8_t right;
    uint8_t kind;
};

struct displacement {
    uint8_t offset; /* of an int32_t; 0 ends the list */
    uint8_t second; /* at bits 36-47, not 20-31 */
};

enum wide_kind { UNSIGNED, ROW_SIGNED, RELATIVE };

_Static_assert(offsetof(struct zf_operands, rel) == 0, "offset 0 ends the lists");

#define AT(name) offsetof(struct zf_operands, name)
#define RXB_SHIFT(first) ((first) == 8 ? 27 : (first) == 12 ? 26 : (first) == 16 ? 25 : 24)
#define FORMAT(ID, name, length, kind, fields) [ZF_FORMAT_##ID] = {fields},

/* clang-format off */
#define NIBBLE(name, first) {AT(name), 60 - (first), 15, 0, 0},
#define VR(name, first) {AT(name), 60 - (first), 15, RXB_SHIFT(first), 1},
#define BYTE(name, first) {AT(name), 56 - (first), 255, 0, 0},
#define FIELD(name, first, bits)
#define REL(name, first, bits)
#define DISP(name, first)
#define LONG(name)
static const struct narrow narrows[ZF_FORMAT_COUNT][7] = {
#include "isa/formats.def"
};
#undef NIBBLE
#undef VR
#undef BYTE
#undef FIELD
#undef REL

#define NIBBLE(name, first)
#define BYTE(name, first)
#define VR(name, first)
#define FIELD(name, first, bits) {AT(name), first, 64 - (bits), AT(name) == AT(i2) ? ROW_SIGNED : UNSIGNED},
#define REL(name, first, bits) {AT(name), first, 64 - (bits), RELATIVE},
static const struct wide wides[ZF_FORMAT_COUNT][4] = {
#include "isa/formats.def"
};
#undef FIELD
#undef REL
#undef DISP
#undef LONG

#define FIELD(name, first, bits)
#define REL(name, first, bits)
#define DISP(name, first) {AT(name), (first) == 36},
#define LONG(name) {AT(name), 0},
static const struct displacement displacements[ZF_FORMAT_COUNT][3] = {
#include "isa/formats.def"
};
/* clang-format on */

void zf_insn_operands(const struct zf_insn *insn, struct zf_operands *o) {
    uint8_t *out = (uint8_t *)o;
    uint64_t word = insn->word;

    memset(o, 0, sizeof *o);
    for (const struct narrow *n = narrows[insn->format]; n->offset != 0; n++) {
        out[n->offset] =
            (uint8_t)((word >> n->shift & n->mask) | (word >> n->rxb_shift & n->rxb_mask) << 4);
    }
    for (const struct displacement *d = displacements[insn->format]; d->offset != 0; d++) {
        int32_t value = d->second ? (int32_t)(word >> 16 & 0xfff) : insn->disp;
        memcpy(out + d->offset, &value, sizeof value);
    }
    for (const struct wide *w = wides[insn->format]; w->offset != 0; w++) {
        int64_t left = (int64_t)(word << w->left);
        bool is_signed =
            w->kind == RELATIVE || (w->kind == ROW_SIGNED && zf_decode_row[insn->row].i2_signed);
        int64_t value = is_signed ? left >> w->right : (int64_t)((uint64_t)left >> w->right);
        if (w->kind == RELATIVE) {
            value *= 2;
            o->rel = value;
        }
        memcpy(out + w->offset, &value, sizeof value);
    }
}
