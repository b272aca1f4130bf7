/*
 * Who may use which floating-point register when: the AFP-register and vector-enablement controls
 * ("Data-Exception Code (DXC)"), and the registers that name a pair.
 */
#include "translator.h"

#include <string.h>

/*
 * The chapters whose rows name floating-point or vector registers; most code is of none. A vector
 * register among the operands makes it one of the vector chapter, wherever the row stands.
 */
enum chapter {
    CHAPTER_OTHER,
    CHAPTER_SUPPORT,
    CHAPTER_HFP,
    CHAPTER_BFP,
    CHAPTER_DFP,
    CHAPTER_VECTOR,
};

static const uint8_t chapter_of[ZF_ROW_COUNT] = {
/* clang-format off */
#define INSN(ID, ...) [ZF_ROW_##ID] = CHAPTER_SUPPORT,
#include "isa/float.def"
#include "isa/special.def"
#include "isa/vector.def"
#undef INSN
#define INSN(ID, ...) [ZF_ROW_##ID] = CHAPTER_HFP,
#include "isa/hfp.def"
#undef INSN
#define INSN(ID, ...) [ZF_ROW_##ID] = CHAPTER_BFP,
#include "isa/bfp.def"
#undef INSN
#define INSN(ID, ...) [ZF_ROW_##ID] = CHAPTER_DFP,
#include "isa/dfp.def"
#undef INSN
    /* clang-format on */
};

static bool data_exception(const struct zf_tr *t, enum zf_dxc dxc) {
    zf_emit_pgm_data(t->block, ZF_PGM_DATA, (uint8_t)dxc);
    return false;
}

static bool enabled(const struct zf_tr *t, enum chapter c) {
    const uint32_t mode = t->block->mode;
    const uint32_t vector = ZF_MODE_AFP | ZF_MODE_VECTOR;
    switch (c) {
    case CHAPTER_BFP:
        return mode & ZF_MODE_AFP || data_exception(t, ZF_DXC_BFP);
    case CHAPTER_DFP:
        return mode & ZF_MODE_AFP || data_exception(t, ZF_DXC_DFP);
    case CHAPTER_VECTOR:
        return (mode & vector) == vector || data_exception(t, ZF_DXC_VECTOR);
    default:
        return true;
    }
}

static unsigned field(const struct zf_operands *o, char number) {
    return number == '1' ? o->r1 : number == '2' ? o->r2 : o->r3;
}

bool zf_float_is(const struct zf_tr *t) {
    enum chapter chapter = (enum chapter)chapter_of[t->insn->row];
    const char *syntax = zf_row_get((enum zf_row)t->insn->row)->syntax;
    return chapter > CHAPTER_SUPPORT || (chapter == CHAPTER_SUPPORT && strpbrk(syntax, "vfF"));
}

bool zf_float_check(const struct zf_tr *t) {
    enum chapter chapter = (enum chapter)chapter_of[t->insn->row];
    if (chapter == CHAPTER_OTHER) {
        return true;
    }
    const char *syntax = zf_row_get((enum zf_row)t->insn->row)->syntax;
    bool additional = false, pairs = true;
    for (const char *s = syntax; *s; s++) {
        chapter = *s == 'v' ? CHAPTER_VECTOR : chapter;
        if (*s == 'f' || *s == 'F') {
            unsigned r = field(t->o, s[1]);
            additional |= r & 9;
            pairs &= *s == 'f' || !(r & 2);
        }
    }
    if (!enabled(t, chapter)) {
        return false;
    }
    if (additional && !(t->block->mode & ZF_MODE_AFP)) {
        return data_exception(t, ZF_DXC_AFP_REGISTER);
    }
    if (!pairs) {
        zf_emit_pgm(t->block, ZF_PGM_SPECIFICATION);
    }
    return pairs;
}
