/*
 * Who may use which floating-point register when: the AFP-register and vector-enablement controls
 * ("Data-Exception Code (DXC)"), and the registers that name a pair.
 */
#include "translator.h"

enum chapter { CHAPTER_OTHER, CHAPTER_BFP, CHAPTER_DFP, CHAPTER_VECTOR };

static const uint8_t chapter_of[ZF_ROW_COUNT] = {
/* clang-format off */
#define INSN(ID, ...) [ZF_ROW_##ID] = CHAPTER_BFP,
#include "isa/bfp.def"
#undef INSN
#define INSN(ID, ...) [ZF_ROW_##ID] = CHAPTER_DFP,
#include "isa/dfp.def"
#undef INSN
    /* clang-format on */
};

/* Rows that name floating-point or vector registers stand in these files; most code has none. */
static const bool names_float[ZF_ROW_COUNT] = {
/* clang-format off */
#define INSN(ID, ...) [ZF_ROW_##ID] = true,
#include "isa/bfp.def"
#include "isa/dfp.def"
#include "isa/hfp.def"
#include "isa/special.def"
#include "isa/vector.def"
#undef INSN
    /* clang-format on */
};

/* Floating-point support: these stand among the BFP rows, but serve every format. */
static enum chapter chapter(enum zf_row row) {
    switch (row) {
    case ZF_ROW_ld:
    case ZF_ROW_ldy:
    case ZF_ROW_ldr:
    case ZF_ROW_le:
    case ZF_ROW_ley:
    case ZF_ROW_ler:
    case ZF_ROW_lxr:
    case ZF_ROW_std:
    case ZF_ROW_stdy:
    case ZF_ROW_ste:
    case ZF_ROW_stey:
    case ZF_ROW_lzdr:
    case ZF_ROW_lzer:
    case ZF_ROW_lzxr:
    case ZF_ROW_ldgr:
    case ZF_ROW_lgdr:
    case ZF_ROW_cpsdr:
    case ZF_ROW_lcdfr:
    case ZF_ROW_lndfr:
    case ZF_ROW_lpdfr:
    case ZF_ROW_tbdr:
    case ZF_ROW_tbedr:
    case ZF_ROW_thdr:
    case ZF_ROW_thder:
    case ZF_ROW_pfpo:
    case ZF_ROW_lcbb:
        return CHAPTER_OTHER;
    case ZF_ROW_srnmt:
    case ZF_ROW_lfas:
    case ZF_ROW_sfasr:
        return CHAPTER_DFP;
    default:
        return (enum chapter)chapter_of[row];
    }
}

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

bool zf_float_check(const struct zf_tr *t) {
    if (!names_float[t->insn->row]) {
        return true;
    }
    const char *syntax = zf_row_get((enum zf_row)t->insn->row)->syntax;
    bool additional = false, pairs = true;
    enum chapter c = chapter((enum zf_row)t->insn->row);
    for (const char *s = syntax; *s; s++) {
        c = *s == 'v' ? CHAPTER_VECTOR : c;
        if (*s == 'f' || *s == 'F') {
            unsigned r = field(t->o, s[1]);
            additional |= r & 9;
            pairs &= *s == 'f' || !(r & 2);
        }
    }
    if (!enabled(t, c)) {
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
