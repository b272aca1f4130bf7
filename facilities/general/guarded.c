/*
 * The guarded-storage facility: a load of an address in a guarded section becomes a branch to the
 * program's handler, which is told of it in a list of its own.
 */
#include "translator.h"

#include "zfacet/facility.h"

#define CR2_GUARDED_STORAGE ZF_BIT64(59)

/* Fields of the designation, and where the control block and the event's list have theirs. */
enum { CHARACTERISTIC = 0x3f, LEAST_SHIFT = 25, MOST_SHIFT = 56, SECTION_BITS = 6, LOAD_SHIFT = 8 };
enum { BLOCK_LENGTH = 32, BLOCK_DESIGNATION = 8, BLOCK_SECTIONS = 16, BLOCK_LIST = 24 };
enum {
    LIST_LENGTH = 48,
    LIST_MODE = 1,
    LIST_CAUSE = 2,
    LIST_ACCESS = 3,
    LIST_HANDLER = 8,
    LIST_INSTRUCTION = 16,
    LIST_OPERAND = 24,
    LIST_RESULT = 32,
    LIST_RETURN = 40,
};

static bool is_enabled(const struct zf_cpu *cpu) {
    return cpu->cr[2] & CR2_GUARDED_STORAGE;
}

static bool is_guarded(const struct zf_cpu *cpu, uint64_t address) {
    uint64_t designation = cpu->guarded_designation;
    unsigned shift = designation & CHARACTERISTIC;
    if (!is_enabled(cpu) || shift < LEAST_SHIFT || shift > MOST_SHIFT ||
        (address ^ designation) >> shift) {
        return false;
    }
    unsigned section = (unsigned)(address >> (shift - SECTION_BITS)) & 63;
    return cpu->guarded_sections & ZF_BIT64(section);
}

/* How the operand was accessed: translation, space, access register. */
static uint8_t access_of(const struct zf_cpu *cpu, const struct zf_insn_call *i) {
    unsigned space = (unsigned)(cpu->psw.mask >> 46) & 3;
    bool translated = cpu->psw.mask & ZF_PSW_DAT;
    bool by_register = translated && (cpu->psw.mask & ZF_PSW_AS) == ZF_PSW_AS_AR;
    return (uint8_t)(translated << 6 | space << 4 | (by_register ? i->o.b2 : 0));
}

static enum zf_next event(struct zf_cpu *cpu, const struct zf_insn_call *i, uint64_t operand,
                          uint64_t result) {
    enum { EXTENDED = 2, BASIC = 1, BY_LLGFSG = 1 };
    uint64_t list = zf_wrap(cpu, cpu->guarded_parameters);
    uint8_t bytes[LIST_LENGTH];
    if (!zf_load_bytes(cpu, list, bytes, sizeof bytes)) {
        return ZF_NEXT_PGM;
    }
    uint64_t handler = zf_get64(bytes + LIST_HANDLER);
    bytes[LIST_MODE] = (uint8_t)((cpu->psw.mask & ZF_PSW_EA ? EXTENDED : 0) |
                                 (cpu->psw.mask & ZF_PSW_BA ? BASIC : 0));
    bytes[LIST_CAUSE] = i->argument ? BY_LLGFSG : 0;
    bytes[LIST_ACCESS] = access_of(cpu, i);
    zf_put64(bytes + LIST_INSTRUCTION, i->place);
    zf_put64(bytes + LIST_OPERAND, operand);
    zf_put64(bytes + LIST_RESULT, result);
    zf_put64(bytes + LIST_RETURN, i->next);
    if (!zf_store_bytes(cpu, list, bytes, sizeof bytes)) {
        return ZF_NEXT_PGM;
    }
    zf_breaking_event_set(cpu, i->place);
    cpu->psw.addr = zf_wrap(cpu, handler);
    return ZF_NEXT_BRANCH;
}

/* LGG; LLGFSG with the argument 1: a word, shifted as the designation says */
enum zf_next zf_do_load_guarded(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t address = zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2), result;
    if (!zf_load(cpu, address, i->argument ? 4 : 8, &result)) {
        return ZF_NEXT_PGM;
    }
    if (i->argument) {
        result <<= cpu->guarded_designation >> LOAD_SHIFT & 7;
    }
    if (is_guarded(cpu, zf_wrap(cpu, result))) {
        return event(cpu, i, address, result);
    }
    cpu->gr[i->o.r1] = result;
    return ZF_NEXT;
}

enum zf_next zf_do_lgsc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t block[BLOCK_LENGTH];
    if (!is_enabled(cpu)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!zf_load_bytes(cpu, zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2), block, sizeof block)) {
        return ZF_NEXT_PGM;
    }
    cpu->guarded_designation = zf_get64(block + BLOCK_DESIGNATION);
    cpu->guarded_sections = zf_get64(block + BLOCK_SECTIONS);
    cpu->guarded_parameters = zf_get64(block + BLOCK_LIST);
    return ZF_NEXT;
}

enum zf_next zf_do_stgsc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t block[BLOCK_LENGTH] = {0};
    if (!is_enabled(cpu)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_put64(block + BLOCK_DESIGNATION, cpu->guarded_designation);
    zf_put64(block + BLOCK_SECTIONS, cpu->guarded_sections);
    zf_put64(block + BLOCK_LIST, cpu->guarded_parameters);
    return zf_done(
        zf_store_bytes(cpu, zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2), block, sizeof block));
}
