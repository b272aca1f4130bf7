#include "run/lockstep_calls.h"

#include "zfacet/base.h"
#include "zfacet/cpu.h"
#include "zfacet/decode.h"
#include "zfacet/feature.h"
#include "zfacet/model.h"

#include <fcntl.h>

bool zf_lockstep_is_made(uint64_t number, const uint64_t *args) {
    static const uint16_t own[] = {6,   11,  41,  45,  63,   90,    91,    119, 125,
                                   150, 151, 163, 173, 174,  175,   186,   219, 238,
                                   252, 304, 326, 383, KILL, TKILL, TGKILL};
    uint64_t flags = number == OPEN ? args[1] : number == OPENAT ? args[2] : 0;
    if (number == OPEN || number == OPENAT) {
        return !(flags & (O_ACCMODE | O_CREAT | O_TRUNC));
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(own); i++) {
        if (own[i] == number) {
            return true;
        }
    }
    return false;
}

bool zf_lockstep_is_of_turns(uint64_t number) {
    static const uint16_t calls[] = {FUTEX, SCHED_YIELD, NANOSLEEP, CLOCK_NANOSLEEP};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(calls); i++) {
        if (calls[i] == number) {
            return true;
        }
    }
    return false;
}

bool zf_lockstep_makes(uint64_t number) {
    return number == FORK || number == VFORK || number == CLONE || number == CLONE3;
}

enum zf_lockstep_tag zf_lockstep_stores(const struct zf_cpu *cpu, uint64_t word, uint64_t *at,
                                        uint64_t *length) {
    struct zf_insn insn;
    struct zf_operands o;
    zf_decode(word, &insn);
    enum zf_row row = (enum zf_row)insn.row;
    if (row == ZF_ROW_INVALID) {
        return ENDED;
    }
    zf_insn_operands(&insn, &o);
    *at = (o.b2 ? cpu->gr[o.b2] : 0) + (uint64_t)(int64_t)o.d2;
    enum zf_query query = zf_query_by_mnemonic(zf_row_get(row)->mnemonic);
    if (row == ZF_ROW_stfle) {
        *length = 8 * ((cpu->gr[0] & 0xff) + 1);
        return QUERY;
    }
    if (row == ZF_ROW_stck || row == ZF_ROW_stckf || row == ZF_ROW_stcke) {
        *length = row == ZF_ROW_stcke ? 16 : 8;
        return CLOCK;
    }
    if (query != ZF_QUERY_COUNT && zf_query_has_query_function(query) && !(cpu->gr[0] & 0x7f)) {
        *at = cpu->gr[1];
        *length = ZF_QUERY_BITS / 8;
        return QUERY;
    }
    return ENDED;
}

void zf_lockstep_add(uint64_t *sum, const uint8_t *bytes, uint64_t length) {
    for (uint64_t i = 0; i < length; i++) { /* FNV-1a */
        *sum = (*sum ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
}
