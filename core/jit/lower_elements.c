/*
 * Lowerings of integer operations on vector registers. Host elements are in reverse order: what is
 * left in the book is the host's upper half.
 */
#include "x86.h"

#include "zfacet/op.h"

enum form {
    BY_STENCIL,
    COPY,     /* a = b */
    CONSTANT, /* both doublewords of a = IMM64 */
    TWO,      /* a = b host c */
    REVERSED, /* a = c host b */
    NOT,      /* the complement of a = b host c */
    ABOVE,   /* a = ones where b is more than c, unsigned: `host` finds the smaller, `more` the same
              */
    SELECT,  /* a = b where x has ones, c where it has zeros */
    SHIFT,   /* a = c shifted by IMM: `host`, its `number`, of `size` bits */
    PACK_16, /* a = the right bytes of halfwords of b and c */
    PACK_32, /* the same, halfwords of words */
    PACK_64, /* the same, words of doublewords */
    LOW,     /* a = elements of b's right half made wider by `host` */
    HIGH,    /* the same, left half */
    PRODUCTS /* a = products of even or odd halfwords (`number`: which) of b and c */
};

struct row {
    uint8_t form, number, size;
    uint32_t host, more;
};

enum { SLL = 6, SRL = 2, SRA = 4 };
#define X_1(opcode) X_VEX(1, 1, 0, opcode)
#define X_2(opcode) X_VEX(1, 2, 0, opcode)
#define ROW(op, ...) [ZF_OP_##op] = {__VA_ARGS__}
#define HOST(op, form, opcode) ROW(op, form, .host = opcode)
#define ROW_ABOVE(op, smaller, same) ROW(op, ABOVE, .host = smaller, .more = same)
#define ROW_SHIFT(op, number, size, opcode) ROW(op, SHIFT, number, size, X_1(opcode))

static const struct row rows[ZF_OP_COUNT] = {
    /* clang-format off */
    ROW(vlr, COPY), ROW(vrep64, CONSTANT), ROW(vsel, SELECT),
    HOST(va_b, TWO, X_1(0xfc)), HOST(va_h, TWO, X_1(0xfd)), HOST(va_f, TWO, X_1(0xfe)), HOST(va_g, TWO, X_1(0xd4)),
    HOST(vs_b, TWO, X_1(0xf8)), HOST(vs_h, TWO, X_1(0xf9)), HOST(vs_f, TWO, X_1(0xfa)), HOST(vs_g, TWO, X_1(0xfb)),
    HOST(vml_h, TWO, X_1(0xd5)), HOST(vml_f, TWO, X_2(0x40)),
    ROW(vmo_h, PRODUCTS, 0x55), ROW(vme_h, PRODUCTS, 0xaa),
    HOST(vn, TWO, X_1(0xdb)), HOST(vo, TWO, X_1(0xeb)), HOST(vx, TWO, X_1(0xef)), HOST(vnc, REVERSED, X_1(0xdf)),
    HOST(vnn, NOT, X_1(0xdb)), HOST(vno, NOT, X_1(0xeb)), HOST(vnx, NOT, X_1(0xef)),
    HOST(vmx_b,  TWO, X_2(0x3c)), HOST(vmx_h,  TWO, X_1(0xee)), HOST(vmx_f,  TWO, X_2(0x3d)),
    HOST(vmxl_b, TWO, X_1(0xde)), HOST(vmxl_h, TWO, X_2(0x3e)), HOST(vmxl_f, TWO, X_2(0x3f)),
    HOST(vmn_b,  TWO, X_2(0x38)), HOST(vmn_h,  TWO, X_1(0xea)), HOST(vmn_f,  TWO, X_2(0x39)),
    HOST(vmnl_b, TWO, X_1(0xda)), HOST(vmnl_h, TWO, X_2(0x3a)), HOST(vmnl_f, TWO, X_2(0x3b)),
    HOST(vceq_b, TWO, X_1(0x74)), HOST(vceq_h, TWO, X_1(0x75)), HOST(vceq_f, TWO, X_1(0x76)), HOST(vceq_g, TWO, X_2(0x29)),
    HOST(vch_b,  TWO, X_1(0x64)), HOST(vch_h,  TWO, X_1(0x65)), HOST(vch_f,  TWO, X_1(0x66)), HOST(vch_g,  TWO, X_2(0x37)),
    ROW_ABOVE(vchl_b, X_1(0xda), X_1(0x74)), ROW_ABOVE(vchl_h, X_2(0x3a), X_1(0x75)), ROW_ABOVE(vchl_f, X_2(0x3b), X_1(0x76)),
    HOST(vmrh_b, REVERSED, X_1(0x68)), HOST(vmrh_h, REVERSED, X_1(0x69)), HOST(vmrh_f, REVERSED, X_1(0x6a)), HOST(vmrh_g, REVERSED, X_1(0x6d)),
    HOST(vmrl_b, REVERSED, X_1(0x60)), HOST(vmrl_h, REVERSED, X_1(0x61)), HOST(vmrl_f, REVERSED, X_1(0x62)), HOST(vmrl_g, REVERSED, X_1(0x6c)),
    ROW(vpk_h, PACK_16), ROW(vpk_f, PACK_32), ROW(vpk_g, PACK_64),
    HOST(vupl_b,  LOW,  X_2(0x20)), HOST(vupl_h,  LOW,  X_2(0x23)), HOST(vupl_f,  LOW,  X_2(0x25)),
    HOST(vupll_b, LOW,  X_2(0x30)), HOST(vupll_h, LOW,  X_2(0x33)), HOST(vupll_f, LOW,  X_2(0x35)),
    HOST(vuph_b,  HIGH, X_2(0x20)), HOST(vuph_h,  HIGH, X_2(0x23)), HOST(vuph_f,  HIGH, X_2(0x25)),
    HOST(vuplh_b, HIGH, X_2(0x30)), HOST(vuplh_h, HIGH, X_2(0x33)), HOST(vuplh_f, HIGH, X_2(0x35)),
    ROW_SHIFT(vesl_h,  SLL, 16, 0x71), ROW_SHIFT(vesl_f,  SLL, 32, 0x72), ROW_SHIFT(vesl_g,  SLL, 64, 0x73),
    ROW_SHIFT(vesrl_h, SRL, 16, 0x71), ROW_SHIFT(vesrl_f, SRL, 32, 0x72), ROW_SHIFT(vesrl_g, SRL, 64, 0x73),
    ROW_SHIFT(vesra_h, SRA, 16, 0x71), ROW_SHIFT(vesra_f, SRA, 32, 0x72),
    /* clang-format on */
};

enum { ONES = X_1(0x76), XOR = X_1(0xef), AND = X_1(0xdb), AND_NOT = X_1(0xdf), OR = X_1(0xeb) };
enum { BLEND_16 = X_VEX(1, 3, 0, 0x0e), BROADCAST = X_2(0x59), SHIFT_16 = X_1(0x71) };
enum { PACK_BYTES = X_1(0x67), PACK_HALFWORDS = X_2(0x2b), SHUFFLE_WORDS = X_VEX(0, 1, 0, 0xc6) };
enum { SHIFT_BYTES = X_1(0x73), N_BYTES_RIGHT = 3, MULTIPLY_ADD = X_1(0xf5) };

static void put(struct emitter *e, uint32_t op, unsigned reg, unsigned second, unsigned rm) {
    zf_x86_vex(e, op, reg, second, rm);
}

static void put_with(struct emitter *e, uint32_t op, unsigned reg, unsigned second, unsigned rm,
                     unsigned immediate) {
    zf_x86_vex(e, op, reg, second, rm);
    zf_x86_bytes(e, immediate, 1);
}

static void make_constant(struct emitter *e, unsigned to, uint64_t value) {
    if (!value) {
        put(e, XOR, to, to, to);
    } else if (!~value) {
        put(e, ONES, to, to, to);
    } else {
        zf_x86_constant(e, RAX, value);
        put(e, X_VMOVQ, XMM0, 0, RAX);
        put(e, BROADCAST, to, 0, XMM0);
    }
}

/* Of b and c, in XMM registers p and q. */
static void put_two(struct emitter *e, const struct row *row, unsigned to, unsigned p, unsigned q) {
    switch ((enum form)row->form) {
    case TWO:
        put(e, row->host, to, p, q);
        break;
    case REVERSED:
        put(e, row->host, to, q, p);
        break;
    case NOT:
        put(e, ONES, XMM1, XMM1, XMM1);
        put(e, row->host, XMM0, p, q);
        put(e, XOR, to, XMM0, XMM1);
        break;
    case ABOVE:
        put(e, ONES, XMM1, XMM1, XMM1);
        put(e, row->host, XMM0, p, q);
        put(e, row->more, XMM0, XMM0, p);
        put(e, XOR, to, XMM0, XMM1);
        break;
    case PACK_16:
        put(e, ONES, XMM0, XMM0, XMM0);
        put_with(e, SHIFT_16, SRL, XMM0, XMM0, 8);
        put(e, AND, XMM1, XMM0, p);
        put(e, AND, XMM0, XMM0, q);
        put(e, PACK_BYTES, to, XMM0, XMM1);
        break;
    case PACK_32:
        put(e, XOR, XMM1, XMM1, XMM1);
        put_with(e, BLEND_16, XMM0, XMM1, p, 0x55);
        put_with(e, BLEND_16, XMM1, XMM1, q, 0x55);
        put(e, PACK_HALFWORDS, to, XMM1, XMM0);
        break;
    case PACK_64:
        put_with(e, SHUFFLE_WORDS, to, q, p, 0x88);
        break;
    default: /* products of those halfwords, of the others with zeros */
        put(e, XOR, XMM0, XMM0, XMM0);
        put_with(e, BLEND_16, XMM0, XMM0, p, row->number);
        put(e, MULTIPLY_ADD, to, XMM0, q);
    }
}

static void lower_two(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned p = zf_vector_read(e, ir->b), q = zf_vector_read(e, ir->c);
    unsigned to = zf_vector_prepare(e, ir->a);
    put_two(e, row, to, p, q);
    zf_vector_write(e, to, ir->a);
}

static void lower_select(struct emitter *e, const struct zf_ir *ir) {
    unsigned p = zf_vector_read(e, ir->b), q = zf_vector_read(e, ir->c);
    unsigned mask = zf_vector_read(e, ir->x), to = zf_vector_prepare(e, ir->a);
    put(e, AND, XMM0, mask, p);
    put(e, AND_NOT, XMM1, mask, q);
    put(e, OR, to, XMM0, XMM1);
    zf_vector_write(e, to, ir->a);
}

static void lower_one(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned from = row->form == CONSTANT ? NO_VECTOR : zf_vector_read(e, ir->b);
    unsigned to = zf_vector_prepare(e, ir->a);
    if (row->form == CONSTANT) {
        make_constant(e, to, ir->imm64);
    } else if (row->form == HIGH) {
        put_with(e, SHIFT_BYTES, N_BYTES_RIGHT, XMM0, from, sizeof(uint64_t));
        put(e, row->host, to, 0, XMM0);
    } else if (to != from || row->form != COPY) {
        put(e, row->form == COPY ? X_VMOVDQU : row->host, to, 0, from);
    }
    zf_vector_write(e, to, ir->a);
}

static bool lower_shift(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    if (ir->b != ZF_REG_ZERO) {
        return false;
    }
    unsigned from = zf_vector_read(e, ir->c), to = zf_vector_prepare(e, ir->a);
    put_with(e, row->host, row->number, to, from, (unsigned)ir->imm & (row->size - 1u));
    zf_vector_write(e, to, ir->a);
    return true;
}

bool zf_jit_lower_elements(struct emitter *e, const struct zf_ir *ir) {
    const struct row *row = &rows[ir->op];
    switch ((enum form)row->form) {
    case BY_STENCIL:
        return false;
    case SHIFT:
        return lower_shift(e, row, ir);
    case SELECT:
        lower_select(e, ir);
        return true;
    case COPY:
    case CONSTANT:
    case LOW:
    case HIGH:
        lower_one(e, row, ir);
        return true;
    default:
        lower_two(e, row, ir);
        return true;
    }
}
