/*
 * What a program asks about its machine: the time, the CPU time, facilities, caches.
 */
#include "translator.h"

#include "zfacet/clock.h"
#include "zfacet/guest_view.h"

/* STCK, STCKF: CC 0, the clock is set */
enum zf_next zf_do_stck(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    if (!zf_store(cpu, zf_ea(cpu, o->b2, o->d2), 8, zf_clock_tod(cpu))) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

/*
 * STCKE: epoch index, 104 bits of the clock, the programmable field. The host's clock has no bits
 * beyond 64; one of them is made nonzero, as the book promises.
 */
enum zf_next zf_do_stcke(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t tod = zf_clock_tod(cpu);
    uint8_t bytes[16];
    zf_put64(bytes, tod >> 8);
    zf_put64(bytes + 8, tod << 56 | 0x10000 | (cpu->tod_programmable & 0xffff));
    if (!zf_store_bytes(cpu, zf_ea(cpu, o->b2, o->d2), bytes, sizeof bytes)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

/* ECTG: GR0 is the first operand less the CPU timer, GR1 the second, R3 what R3 points to */
enum zf_next zf_do_ectg(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t first, second, third;
    if (!zf_use(cpu, o->b1) || !zf_load(cpu, zf_ea(cpu, o->b1, o->d1), 8, &first) ||
        !zf_use(cpu, o->b2) || !zf_load(cpu, zf_ea(cpu, o->b2, o->d2), 8, &second) ||
        !zf_use(cpu, o->r3) || !zf_load(cpu, zf_wrap(cpu, cpu->gr[o->r3]), 8, &third)) {
        return ZF_NEXT_PGM;
    }
    cpu->gr[o->r3] = third;
    cpu->gr[0] = first - (uint64_t)zf_clock_cpu_timer(cpu);
    cpu->gr[1] = second;
    return ZF_NEXT;
}

/* STFLE: GR0 says how many doublewords there is room for, less one, and gets how many there are */
enum zf_next zf_do_stfle(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    const struct zf_model *model = &zf_cpu_facilities(cpu)->gate.model;
    uint64_t address = zf_ea(cpu, o->b2, o->d2);
    unsigned offered = (unsigned)(cpu->gr[0] & 0xff) + 1;
    unsigned needed;
    uint8_t list[256 * 8];
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint32_t cc = zf_guest_facility_list(model, offered, list, &needed);
    if (!zf_store_bytes(cpu, address, list, 8 * (size_t)(offered < needed ? offered : needed))) {
        return ZF_NEXT_PGM;
    }
    cpu->gr[0] = (cpu->gr[0] & ~UINT64_C(0xff)) | (needed - 1);
    cpu->cc = cc;
    return ZF_NEXT;
}

/*
 * ECAG: attribute, level and type come from the second-operand address; what does not exist is all
 * ones. The caches are those of the model's machine, the host's are none of the guest's business.
 */
enum zf_next zf_do_ecag(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { TOPOLOGY, LINE_SIZE, SIZE, WAYS, LINE = 256 };
    const struct zf_guest_cache *caches = zf_guest_caches(&zf_cpu_facilities(cpu)->gate.model);
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t what = zf_ea(cpu, o->b2, o->d2);
    unsigned attribute = what >> 4 & 0xf, level = what >> 1 & 7, type = what & 1;
    uint64_t result = UINT64_MAX;
    if (what & 0xffff00) {
        cpu->gr[o->r1] = result;
        return ZF_NEXT;
    }
    if (attribute == TOPOLOGY) {
        result = 0;
        for (unsigned n = 0; n < ZF_CACHE_LEVELS; n++) {
            result |= (uint64_t)caches[n].topology << (56 - 8 * n);
        }
    } else if (level < ZF_CACHE_LEVELS && caches[level].kib[type]) {
        const struct zf_guest_cache *c = &caches[level];
        result = attribute == LINE_SIZE ? LINE
                 : attribute == SIZE    ? (uint64_t)c->kib[type] << 10
                 : attribute == WAYS    ? c->ways[type]
                                        : UINT64_MAX;
    }
    cpu->gr[o->r1] = result;
    return ZF_NEXT;
}
