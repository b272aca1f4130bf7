/* Which signal a program condition is, and its si_code, as Linux on s390x has them. */
#include "guest.h"
#include "signals.h"

/* A data exception: by its code, as the floating-point flags say. */
static int data_signal(uint8_t dxc, int *code) {
    static const struct {
        uint8_t bit;
        uint8_t code;
    } codes[] = {{0x80, FPE_FLTINV},
                 {0x40, FPE_FLTDIV},
                 {0x20, FPE_FLTOVF},
                 {0x10, FPE_FLTUND},
                 {0x08, FPE_FLTRES}};
    *code = ILL_ILLOPN;
    if (!dxc) {
        return SIGILL;
    }
    *code = 0; /* a trap instruction, say: Linux tells IEEE conditions only */
    for (size_t i = 0; !(dxc & 3) && i < ZF_ARRAY_LENGTH(codes); i++) {
        if (dxc & codes[i].bit) {
            *code = codes[i].code;
            break;
        }
    }
    return SIGFPE;
}

/* A vector-processing exception: by the vector interruption code in the DXC. */
static int vector_signal(uint8_t vxc, int *code) {
    static const uint8_t codes[16] = {
        [1] = FPE_FLTINV, [2] = FPE_FLTDIV, [3] = FPE_FLTOVF, [4] = FPE_FLTUND, [5] = FPE_FLTRES};
    *code = codes[vxc & 15];
    return SIGFPE;
}

int zf_signal_of_condition(const struct zf_pgm *pgm, int *code) {
    switch (pgm->code) {
    case ZF_PGM_OPERATION:
        *code = ILL_ILLOPC;
        return SIGILL;
    case ZF_PGM_PRIVILEGED:
        *code = ILL_PRVOPC;
        return SIGILL;
    case ZF_PGM_EXECUTE:
        *code = ILL_ILLOPN;
        return SIGILL;
    case ZF_PGM_ADDRESSING:
        *code = ILL_ILLADR;
        return SIGILL;
    case ZF_PGM_DATA:
        return data_signal(pgm->dxc, code);
    case ZF_PGM_VECTOR_PROCESSING:
        return vector_signal(pgm->dxc, code);
    case ZF_PGM_FIXED_OVERFLOW:
        *code = FPE_INTOVF;
        return SIGFPE;
    case ZF_PGM_FIXED_DIVIDE:
        *code = FPE_INTDIV;
        return SIGFPE;
    case ZF_PGM_HFP_OVERFLOW:
        *code = FPE_FLTOVF;
        return SIGFPE;
    case ZF_PGM_HFP_UNDERFLOW:
        *code = FPE_FLTUND;
        return SIGFPE;
    case ZF_PGM_HFP_SIGNIFICANCE:
        *code = FPE_FLTRES;
        return SIGFPE;
    case ZF_PGM_HFP_DIVIDE:
        *code = FPE_FLTDIV;
        return SIGFPE;
    case ZF_PGM_HFP_SQUARE_ROOT:
        *code = FPE_FLTINV;
        return SIGFPE;
    case ZF_PGM_PROTECTION:
        *code = SEGV_ACCERR;
        return SIGSEGV;
    case ZF_PGM_PER:
        *code = TRAP_BRKPT;
        return SIGTRAP;
    case ZF_PGM_SPECIFICATION:
    case ZF_PGM_DECIMAL_OVERFLOW:
    case ZF_PGM_DECIMAL_DIVIDE:
    case ZF_PGM_SPECIAL_OPERATION:
    case ZF_PGM_OPERAND:
        *code = ILL_ILLOPN;
        return SIGILL;
    default:
        *code = SEGV_MAPERR;
        return SIGSEGV;
    }
}
