/*
 * The engines: one function per pair of dispatch and storage access, from the same op bodies.
 */
#ifndef ZF_INTERP_INTERP_H
#define ZF_INTERP_INTERP_H

#include "zfacet/op.h"

#include "interp/pair.h"

/* Why an engine came back. The values after ZF_EXIT_LOOP are those of enum zf_next. */
enum zf_exit {
    ZF_EXIT_LOOP = 0, /* cpu->psw.addr is where to go on */
    ZF_EXIT_PGM = ZF_NEXT_PGM,
    ZF_EXIT_BEHIND = ZF_NEXT_LEAVE, /* go on behind the instruction of cpu->fault_uop */
    ZF_EXIT_BRANCH = ZF_NEXT_BRANCH,
    ZF_EXIT_REPEAT = ZF_NEXT_REPEAT,
    ZF_EXIT_SVC = ZF_NEXT_SVC,
    ZF_EXIT_STOP = ZF_NEXT_STOP,
    ZF_EXIT_STOP_HERE = ZF_NEXT_STOP_HERE,
    ZF_EXIT_AT, /* the slice is over; go on at cpu->fault_uop */
};

/* With `handlers`: fills in what zf_uop.handler must hold, for each op and behind them for each
 * pair of ops (0: the engine has no pairs), and runs nothing. */
typedef enum zf_exit zf_engine_function(struct zf_cpu *cpu, struct zf_uop *u, uintptr_t *handlers);

zf_engine_function zf_goto_linear, zf_goto_tlb;
zf_engine_function zf_goto_linear_v3, zf_goto_tlb_v3; /* for x86-64-v3 hosts */
zf_engine_function zf_switch_linear, zf_switch_tlb, zf_switch_any;

struct zf_unaligned8 {
    uint8_t v;
} __attribute__((packed, may_alias));
struct zf_unaligned16 {
    uint16_t v;
} __attribute__((packed, may_alias));
struct zf_unaligned32 {
    uint32_t v;
} __attribute__((packed, may_alias));
struct zf_unaligned64 {
    uint64_t v;
} __attribute__((packed, may_alias));

#endif
