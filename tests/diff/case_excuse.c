#include "case_excuse.h"

#include "zfacet/decode.h"

#include <string.h>

/* What of the state differs. */
enum {
    END = 1, /* the condition, and the PSW's address */
    MASK = 2,
    CC = 4,
    GR = 8,
    AR = 16,
    VR = 32,
    FPC = 64,
    DATA = 128,
};

static unsigned differing_registers(const struct case_result *r) {
    const struct guest_state *is = r->is, *to = r->expected;
    unsigned what = 0;
    for (unsigned i = 0; i < 16; i++) {
        what |= is->gr[i] != to->gr[i] && !(r->c->any_gr >> i & 1) ? GR : 0;
        what |= is->ar[i] != to->ar[i] ? AR : 0;
    }
    for (unsigned i = 0; i < 32; i++) {
        bool same = is->vr[i][0] == to->vr[i][0] && is->vr[i][1] == to->vr[i][1];
        what |= !same && !(r->c->any_vr >> i & 1) ? VR : 0;
    }
    return what;
}

static unsigned differing(const struct case_result *r) {
    const struct insn_case *c = r->c;
    const struct guest_state *is = r->is, *to = r->expected;
    unsigned what = differing_registers(r);
    what |= r->guest->pgm.code != (c->pgm ? c->pgm : ZF_PGM_OPERATION) ? END : 0;
    what |= !c->has_to && is->psw_addr != GUEST_CODE + c->length + (c->pgm ? 0 : 2) ? END : 0;
    what |= c->dxc >= 0 && r->guest->pgm.dxc != c->dxc ? END : 0;
    what |= is->psw_mask != to->psw_mask && !c->any_mask ? MASK : 0;
    what |= is->cc != to->cc && !c->any_cc ? CC : 0;
    what |= is->single[ZF_REGISTER_FPC] != to->single[ZF_REGISTER_FPC] &&
                    !(c->any_single >> ZF_REGISTER_FPC & 1)
                ? FPC
                : 0;
    for (unsigned i = 0; i < GUEST_DATA_SIZE; i++) {
        what |= (is->data[i] ^ to->data[i]) & ~c->any_data[i] ? DATA : 0;
    }
    return what;
}

/* The instruction was executed, with no condition: the illegal one after it ended the run. */
static bool ran(const struct case_result *r) {
    return r->guest->pgm.code == ZF_PGM_OPERATION &&
           r->is->psw_addr == GUEST_CODE + r->c->length + 2;
}

static bool no_overflow(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_FIXED_OVERFLOW && ran(r);
}

static bool no_specification(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_SPECIFICATION && ran(r);
}

static bool access_first(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_SPECIFICATION && r->guest->pgm.code == ZF_PGM_ADDRESSING;
}

static bool no_addressing(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_ADDRESSING && ran(r);
}

static bool no_special_operation(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_SPECIAL_OPERATION && ran(r);
}

/* Mode not 64-bit: the left halves of registers are lost, their right halves agree. */
static bool short_address(const struct case_result *r) {
    bool same = r->mode != 0;
    for (unsigned i = 0; i < 16; i++) {
        same &= (uint32_t)r->is->gr[i] == (uint32_t)r->expected->gr[i];
    }
    return same;
}

static bool left_half(const struct case_result *r) {
    bool same = true;
    for (unsigned i = 0; i < 16; i++) {
        same &= (uint32_t)r->is->gr[i] == (uint32_t)r->expected->gr[i];
    }
    return same;
}

static bool other_space(const struct case_result *r) {
    uint64_t space = r->c->before.psw_mask & ZF_PSW_AS;
    return space == ZF_PSW_AS_AR || space == ZF_PSW_AS_SECONDARY;
}

static bool part_done(const struct case_result *r) {
    return r->is->cc == 3 || r->expected->cc == 3;
}

static bool ieee_trap(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_DATA && r->c->before.single[ZF_REGISTER_FPC] & ZF_FPC_MASKS;
}

static bool signaling_nan(const struct case_result *r) {
    const uint64_t infinity = UINT64_C(0x7ff0000000000000), quiet = UINT64_C(1) << 51;
    uint64_t number = r->c->before.vr[4][0] & INT64_MAX;
    return number > infinity && !(number & quiet);
}

static bool nan_inexact(const struct case_result *r) {
    const uint64_t inexact = 0x80000, is = r->is->single[ZF_REGISTER_FPC];
    return (is ^ r->expected->single[ZF_REGISTER_FPC]) == inexact && is & ZF_FPC_FLAGS;
}

static bool overflow_signal(const struct case_result *r) {
    return r->c->dxc == 0x2b && r->guest->pgm.dxc == 0x23;
}

static bool no_function(const struct case_result *r) {
    return !r->c->pgm && r->guest->pgm.code == ZF_PGM_SPECIFICATION &&
           r->is->psw_addr == GUEST_CODE + r->c->length;
}

/* An element size or another field value of z17. */
static bool no_later_form(const struct case_result *r) {
    return r->c->text[0] == 'v' && no_function(r);
}

static bool no_privilege(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_PRIVILEGED && r->guest->pgm.code == ZF_PGM_SPECIFICATION;
}

static bool long_test_character(const struct case_result *r) {
    return r->c->before.gr[0] > UINT16_MAX;
}

/* In storage at the second operand: the first three bytes of a character from U+0800 on. */
static bool three_byte_character(const struct case_result *r) {
    int at = guest_data_index(r->c->before.gr[4]);
    return at >= 0 && r->c->before.data[at] == 0xe0 && r->is->cc == 2;
}

static bool short_source(const struct case_result *r) {
    return !r->c->pgm && ran(r);
}

static bool vector_trap(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_VECTOR_PROCESSING && r->is->psw_addr == GUEST_CODE;
}

static bool no_vector_trap(const struct case_result *r) {
    return r->c->pgm == ZF_PGM_VECTOR_PROCESSING && ran(r);
}

/* Element sizes of vector-enhancements facility 3. */
static bool z17_elements(const struct case_result *r) {
    enum { VECTOR_ENHANCEMENTS_3 = 198 };
    struct zf_insn insn;
    zf_decode_bytes(r->c->code, r->c->length, &insn);
    const struct zf_form *form = zf_insn_form(&insn);
    return form && form->facility.bit[0] == VECTOR_ENHANCEMENTS_3 &&
           r->guest->pgm.code == ZF_PGM_SPECIFICATION;
}

/* Bits of ones that the case itself makes are selected. */
static bool known_ones(const struct case_result *r) {
    return strstr(r->c->text, "vsel ") && strstr(r->c->text, ",65535");
}

/* `what` of the state may differ, when `when`; mnemonics with a space after each, "" for all. */
static const struct excuse {
    const char *mnemonics;
    unsigned what;
    bool (*when)(const struct case_result *r);
    const char *reason;
} excuses[] = {
    {"", END, no_overflow, "fixed-point overflow never interrupts"},
    {"la lae larl lay ", GR, short_address, "a 24- or 31-bit address clears bits 0-31"},
    {"lae ", AR, other_space, "access-register and secondary-space mode change places"},
    {"ltdbr ", END | VR | FPC | CC, signaling_nan, "a signaling NaN is no invalid operation"},
    {"adbr mdbr meebr ledbr fidbr cgdbr ", END | VR | FPC | CC, ieee_trap,
     "an IEEE trap has no result, CC, nor the rounding in its code"},
    {"cgdbr ", FPC, nan_inexact, "a NaN made fixed is not inexact too"},
    {"sfasr ", END | FPC, overflow_signal, "the code does not tell overflow from inexact overflow"},
    {"ectg ", GR, ran, "register 1 gets the second operand's address"},
    {"ecag ", GR, ran, "no attributes of caches"},
    {"ssm ", END | MASK, no_special_operation, "control register 0 does not suppress it"},
    {"iske tprot lurag ", END | GR | CC, no_addressing, "its storage is larger than the cases'"},
    {"tprot sske ", CC, ran, "TPROT does not look at storage keys"},
    {"lura sturg ", END | GR | DATA, no_specification, "alignment is not checked"},
    {"ipte ", DATA | END, ran, "without the facility of ranges"},
    {"stsch ", CC | DATA, ran, "there is a subchannel"},
    {"stsi ", GR, left_half, "bits 0-31 of register 0 are cleared"},
    {"km kmc kmf kmo kmac kmctr kma kimd klmd pcc pckmo prno kdsa ", END | GR | CC | DATA,
     no_function, "without the function code"},
    {"pckmo ", CC | DATA, ran, "the condition code changes, and no function is offered"},
    {"pckmo ", END, no_privilege, "the function code comes before the problem state"},
    {"", END | VR | GR | CC, no_later_form, "without the vector forms of z17"},
    {"csst ", GR, ran, "a word's compare value is put in the left half of its register"},
    {"mvcle mvclu mvst clst tre cu12 ", GR | CC | DATA, part_done,
     "CC 3 comes after another number of bytes"},
    {"mvclu ", END | GR | CC | DATA, no_specification, "an odd length is not checked"},
    {"clst troo ", END, access_first, "storage comes before the check of registers"},
    {"trot ", GR | CC | DATA, long_test_character, "bits 32-47 of register 0 are compared too"},
    {"cu12 cu14 ", GR | CC | DATA, three_byte_character, "E0 A0 is taken for ill-formed"},
    {"", END, vector_trap, "a vector-processing exception is told with its instruction's address"},
    {"vfm ", END | VR | FPC, no_vector_trap, "a tiny result that is exact does not trap"},
    {"vfi ", FPC, ran, "inexactness that is suppressed sets its flag"},
    {"vcgd vclgd ", FPC, nan_inexact, "a NaN made fixed is not inexact too"},
    {"vfnma ", VR, ran, "the sum is negated before it is rounded"},
    {"", END | GR | VR | CC, z17_elements, "without the elements of z17"},
    {"", VR, known_ones, "a selection whose third operand is known to be ones is wrong"},
    {"unpk pka pku ", DATA, short_source, "leftmost digits of the source are lost"},
};

/* The mnemonic is one of the list. */
static bool is_of(const struct insn_case *c, const char *mnemonics) {
    char name[16] = "";
    size_t length = strcspn(c->text, " ");
    if (length < sizeof name - 1) {
        memcpy(name, c->text, length);
        name[length] = ' ';
    }
    for (const char *at = mnemonics; name[0] && (at = strstr(at, name)); at++) {
        if (at == mnemonics || at[-1] == ' ') {
            return true;
        }
    }
    return !mnemonics[0];
}

const char *case_excuse(const struct case_result *r) {
    unsigned what = differing(r);
    for (unsigned i = 0; what && i < sizeof excuses / sizeof excuses[0]; i++) {
        const struct excuse *e = &excuses[i];
        if (is_of(r->c, e->mnemonics) && !(what & ~e->what) && e->when(r)) {
            return e->reason;
        }
    }
    return NULL;
}
