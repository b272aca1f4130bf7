/*
 * The PCI instructions of a machine without PCI functions: lists are empty, and no function handle
 * is valid. What requests and responses look like is told by Linux's
 * arch/s390/include/asm/pci_clp.h.
 */
#include "control/argument.h"
#include "control/control.h"
#include "general/operand.h"

enum {
    HEADER = 16,
    LIST_HEADER = 32,
    REQUEST_LENGTH = 32,
    REQUEST_LIMIT = 8184,
    RESPONSE_LIMIT = 8176,
    BOTH_LIMIT = 8192,
    FUNCTIONS_LIMIT = 255,
    ENTRY_SIZE = 16,
};

/* Commands in bytes 2-3 of a request, response codes in the same bytes of a response. */
enum { LIST_FUNCTIONS = 2, QUERY_FUNCTION = 3, QUERY_GROUP = 4, SET_FUNCTION = 5 };
enum {
    RESPONSE_OK = 0x0010,
    RESPONSE_COMMAND = 0x0020,
    RESPONSE_LENGTH = 0x0050,
    RESPONSE_NO_HANDLE = 0x0101,
    RESPONSE_NO_GROUP = 0x0201,
};

static bool length_valid(uint64_t length, unsigned lowest, unsigned highest) {
    return length >= lowest && length <= highest && !(length & 7);
}

/* The list of functions: no entry, and no more to come. */
static unsigned list_functions(uint8_t *response, uint64_t length) {
    if (length < LIST_HEADER) {
        return RESPONSE_LENGTH;
    }
    memset(response + HEADER, 0, LIST_HEADER - HEADER);
    zf_put16(response, LIST_HEADER);
    zf_put16(response + 28, FUNCTIONS_LIMIT);
    response[31] = ENTRY_SIZE;
    return RESPONSE_OK;
}

static unsigned respond(unsigned command, uint64_t request_length, uint8_t *response,
                        uint64_t length) {
    if (request_length != REQUEST_LENGTH) {
        return RESPONSE_LENGTH;
    }
    switch (command) {
    case LIST_FUNCTIONS:
        return list_functions(response, length);
    case QUERY_FUNCTION:
    case SET_FUNCTION:
        return RESPONSE_NO_HANDLE;
    case QUERY_GROUP:
        return RESPONSE_NO_GROUP;
    default:
        return RESPONSE_COMMAND;
    }
}

/* The command is R2's contents: 1 asks which logical processors are installed, a bit each. */
static enum zf_next immediate(struct zf_cpu *cpu, const struct zf_operands *o) {
    enum { INSTALLED = 1, PCI = 2 };
    bool known = cpu->gr[o->r2] == INSTALLED;
    cpu->gr[o->r1] = known ? ZF_BIT64(PCI) : cpu->gr[o->r1];
    cpu->cc = known ? 0 : 3;
    return ZF_NEXT;
}

/* CALL LOGICAL PROCESSOR: R2 designates a request, and a response right after it; the leftmost bit
 * of the R3 field says that there is no request. */
enum zf_next zf_do_clp(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { IMMEDIATE = 8 };
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t at = zf_gr_address(cpu, i->o.r2), request, command, length;
    uint8_t response[LIST_HEADER];
    if (i->o.r3 & IMMEDIATE) {
        return immediate(cpu, &i->o);
    }
    if (!zf_load(cpu, at, 2, &request) || !zf_load(cpu, zf_wrap(cpu, at + 2), 2, &command)) {
        return ZF_NEXT_PGM;
    }
    if (!length_valid(request, HEADER, REQUEST_LIMIT)) {
        return zf_raise(cpu, ZF_PGM_OPERAND);
    }
    uint64_t to = zf_wrap(cpu, at + request);
    if (!zf_load(cpu, to, 2, &length)) {
        return ZF_NEXT_PGM;
    }
    if (!length_valid(length, HEADER, RESPONSE_LIMIT) || request + length > BOTH_LIMIT) {
        return zf_raise(cpu, ZF_PGM_OPERAND);
    }
    size_t size = length < LIST_HEADER ? HEADER : LIST_HEADER;
    if (!zf_load_bytes(cpu, to, response, size)) {
        return ZF_NEXT_PGM;
    }
    zf_put16(response + 2, (uint16_t)respond((unsigned)command, request, response, length));
    if (!zf_store_bytes(cpu, to, response, size)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

/* MPCIFC, PCILG, PCISTB, PCISTG, RPCIT, STPCIFC: the function handle is not valid */
enum zf_next zf_do_pci(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    bool wrong = i->argument == ZF_PCI_PAIR    ? i->o.r2 & 1
                 : i->argument == ZF_PCI_BLOCK ? zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2) & 7
                                               : false;
    if (wrong) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    cpu->cc = 3;
    return ZF_NEXT;
}

/*
 * QUERY PROCESSOR ACTIVITY COUNTER INFORMATION: no counter of either kind is there. GR0 has how
 * many doublewords the operand takes, less one, and gets how many there are.
 */
enum zf_next zf_do_qpaci(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { DOUBLEWORDS = 2 };
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    unsigned offered = (unsigned)(cpu->gr[0] & 0xff) + 1;
    static const uint8_t none[8 * DOUBLEWORDS];
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    size_t size = 8 * (offered < DOUBLEWORDS ? offered : DOUBLEWORDS);
    if (!zf_store_bytes(cpu, address, none, size)) {
        return ZF_NEXT_PGM;
    }
    cpu->gr[0] = (cpu->gr[0] & ~UINT64_C(0xff)) | (DOUBLEWORDS - 1);
    cpu->cc = offered < DOUBLEWORDS ? 3 : 0;
    return ZF_NEXT;
}
