/*
 * Operands by name. A format's fields lie anywhere, so a jump by format would be mispredicted every
 * other time; instead a table says for each name where it comes from. Fields of four and eight bits
 * are one shuffle of a vector, the displacement and the immediate are zf_decode's, and only formats
 * with more wide fields than those branch.
 */
#include "table.h"

#if defined(__x86_64__) && !defined(ZF_NO_SHUFFLE)
#define SHUFFLE
#include <tmmintrin.h>
#endif

_Static_assert(offsetof(struct zf_operands, l2) < 16, "r1 to l2 are one vector");
_Static_assert(offsetof(struct zf_operands, v1) == 16, "then come v1 to v4");
_Static_assert(offsetof(struct zf_operands, v4) == 19, "then come v1 to v4");

/* The RXB bit of a vector register (bits 36-39, for bits 8, 12, 16, 32) is the leftmost of its
 * five: what it adds to the vector's right half, by RXB. */
struct lanes {
    _Alignas(16) uint8_t lane[16];
};
#define RXB(rxb)                                                                                   \
    {                                                                                              \
        {                                                                                          \
            [ZF_LANE(8)] = ((rxb)&8) << 1, [ZF_LANE(12)] = ((rxb)&4) << 2,                         \
            [ZF_LANE(16)] = ((rxb)&2) << 3, [ZF_LANE(32)] = ((rxb)&1) << 4                         \
        }                                                                                          \
    }
static const struct lanes rxb_lanes[16] = {RXB(0),  RXB(1),  RXB(2),  RXB(3), RXB(4),  RXB(5),
                                           RXB(6),  RXB(7),  RXB(8),  RXB(9), RXB(10), RXB(11),
                                           RXB(12), RXB(13), RXB(14), RXB(15)};

/* Written out, because compilers would call the host's string instruction. */
typedef uint64_t line __attribute__((vector_size(16), aligned(1), may_alias));
static inline void clear(struct zf_operands *o) {
    _Static_assert(sizeof *o == 7 * sizeof(line), "all of it");
    line *lines = (line *)o;
    lines[1] = lines[2] = lines[3] = lines[4] = lines[5] = lines[6] = (line){0};
}

static inline void place_wide(const struct zf_insn *insn, const struct zf_shape_place *p,
                              struct zf_operands *o) {
    int64_t imm = insn->imm & (int64_t)p->imm_mask;
    o->rel = insn->imm & (int64_t)p->rel_mask;
    memcpy((char *)o + p->disp_at, &insn->disp, sizeof insn->disp);
    memcpy((char *)o + p->imm_at, &imm, sizeof imm);
    for (unsigned i = 0; i < p->more; i++) {
        const struct zf_field_place *f = &p->field[i];
        int64_t value = (int64_t)(insn->word << f->left) >> f->right & (int64_t)f->mask;
        if (f->size == sizeof value) {
            memcpy((char *)o + f->at, &value, sizeof value);
        } else {
            memcpy((char *)o + f->at, &(int32_t){(int32_t)value}, sizeof(int32_t));
        }
    }
}

/* The same as below on hosts without a shuffle. */
static void place_each(const struct zf_insn *insn, const struct zf_shape_place *p,
                       struct zf_operands *o) {
    uint64_t word = insn->word;
    uint8_t lane[16] = {[ZF_LANE_BYTE] = (uint8_t)(word >> 48)};
    uint8_t *bytes = (uint8_t *)o;
    clear(o);
    for (unsigned i = 0; i < 8; i++) {
        lane[8 + i] = (uint8_t)(word >> (24 + 4 * i) & 15);
    }
    for (unsigned i = 0; i < 16; i++) {
        bytes[i] = lane[p->byte[i]];
    }
    for (unsigned i = 0; i < 4; i++) {
        bytes[16 + i] = lane[p->vr[i]] | rxb_lanes[word >> 24 & 15].lane[p->vr[i]];
    }
    place_wide(insn, p, o);
}

#ifdef SHUFFLE
__attribute__((target("ssse3"))) static void
place_shuffled(const struct zf_insn *insn, const struct zf_shape_place *p, struct zf_operands *o) {
    uint64_t word = insn->word;
    __m128i bytes = _mm_cvtsi32_si128((int32_t)(word >> 24));
    __m128i low = _mm_and_si128(bytes, _mm_set1_epi8(15));
    __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
    __m128i lanes = _mm_unpacklo_epi64(_mm_slli_epi64(bytes, 32), _mm_unpacklo_epi8(low, high));
    __m128i rxb = _mm_load_si128((const void *)&rxb_lanes[word >> 24 & 15]);
    int32_t registers;
    memcpy(&registers, p->vr, sizeof registers);
    __m128i vr = _mm_shuffle_epi8(_mm_or_si128(lanes, rxb), _mm_cvtsi32_si128(registers));
    __m128i named = _mm_shuffle_epi8(lanes, _mm_loadu_si128((const void *)p->byte));

    clear(o);
    _mm_storeu_si128((void *)o, named);
    registers = _mm_cvtsi128_si32(vr);
    memcpy(&o->v1, &registers, sizeof registers);
    place_wide(insn, p, o);
}

static inline void place(const struct zf_insn *insn, const struct zf_shape_place *p,
                         struct zf_operands *o) {
    if (__builtin_cpu_supports("ssse3")) {
        place_shuffled(insn, p, o);
    } else {
        place_each(insn, p, o);
    }
}
#else
#define place place_each
#endif

void zf_insn_operands(const struct zf_insn *insn, struct zf_operands *o) {
    place(insn, &zf_table_place[insn->shape], o);
}
