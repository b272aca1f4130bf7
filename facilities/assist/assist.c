/*
 * Instructions with a function code in general register 0 and a parameter block at general
 * register 1: the message-security assist, SORT LISTS, DEFLATE CONVERSION CALL. Operands are
 * checked, then the code; function 0 stores which codes the model has.
 */
#include "assist/assist.h"

#include "zfacet/implemented.h"

/* Registers that must be the even one of a pair, and not register 0; and what differs. */
enum check {
    PAIR_1 = 1,
    PAIR_2 = 2,
    PAIR_3 = 4,
    APART_3 = 8,      /* the third is none of the others */
    NO_MODIFIER = 16, /* bit 56 of general register 0 must be zero */
    KEEPS_CC = 32,
    LONG_QUERY = 64, /* with parameter-block formats */
};

/* clang-format off */
static const uint8_t checks[ZF_QUERY_COUNT] = {
    [ZF_QUERY_KM]     = PAIR_1 | PAIR_2,
    [ZF_QUERY_KMC]    = PAIR_1 | PAIR_2,
    [ZF_QUERY_KMF]    = PAIR_1 | PAIR_2,
    [ZF_QUERY_KMO]    = PAIR_1 | PAIR_2,
    [ZF_QUERY_KMCTR]  = PAIR_1 | PAIR_2 | PAIR_3,
    [ZF_QUERY_KMA]    = PAIR_1 | PAIR_2 | PAIR_3 | APART_3,
    [ZF_QUERY_KMAC]   = PAIR_2 | NO_MODIFIER,
    [ZF_QUERY_KIMD]   = PAIR_2 | NO_MODIFIER,
    [ZF_QUERY_KLMD]   = PAIR_2 | NO_MODIFIER,
    [ZF_QUERY_PCC]    = NO_MODIFIER,
    [ZF_QUERY_PCKMO]  = NO_MODIFIER | KEEPS_CC,
    [ZF_QUERY_PRNO]   = PAIR_1 | PAIR_2,
    [ZF_QUERY_KDSA]   = PAIR_2,
    [ZF_QUERY_SORTL]  = PAIR_1 | PAIR_2 | LONG_QUERY,
    [ZF_QUERY_DFLTCC] = PAIR_1 | PAIR_2 | LONG_QUERY,
};

/* Function codes that general register 0 can name. */
enum { CODES = 128 };

/* By instruction and function code; a code that is there twice does not compile. */
static const struct zf_function functions[ZF_QUERY_COUNT][CODES] = {
#define FUNCTION(query, code, function, algorithm, key) \
    [ZF_QUERY_##query][code] = {ZF_QUERY_##query, ZF_ALGORITHM_##algorithm, KEY_##key, zf_assist_##function},
#define KEY_CLEAR false
#define KEY_WRAPPED true
#include "gate/function.def"
#undef KEY_WRAPPED
#undef KEY_CLEAR
#undef FUNCTION
};
/* clang-format on */

static bool pair_valid(unsigned r) {
    return r && !(r & 1);
}

static bool operands_valid(unsigned check, const struct zf_operands *o, bool modifier) {
    return !(check & PAIR_1 && !pair_valid(o->r1)) && !(check & PAIR_2 && !pair_valid(o->r2)) &&
           !(check & PAIR_3 && !pair_valid(o->r3)) &&
           !(check & APART_3 && (o->r3 == o->r1 || o->r3 == o->r2)) &&
           !(check & NO_MODIFIER && modifier);
}

/* Function 0: a bit for each function code, as the gate has them. */
static enum zf_next store_query(const struct zf_assist *c, enum zf_query query) {
    const uint64_t *bits = zf_cpu_facilities(c->cpu)->gate.function[query];
    uint8_t bytes[ZF_QUERY_BITS / 8];
    for (unsigned i = 0; i < ZF_QUERY_BITS / 64; i++) {
        zf_put64(bytes + 8 * i, bits[i]);
    }
    if (!zf_store_by(c->cpu, 1, c->block, bytes, checks[query] & LONG_QUERY ? 32 : 16)) {
        return ZF_NEXT_PGM;
    }
    return checks[query] & KEEPS_CC ? ZF_NEXT : zf_assist_end(c, 0);
}

/*
 * Function 127: 256 bytes about what the functions are certified for. The format is 0, nothing is
 * claimed.
 */
enum zf_next zf_assist_authentication(const struct zf_assist *c) {
    static const uint8_t information[256];
    if (!zf_store_by(c->cpu, 1, c->block, information, sizeof information)) {
        return ZF_NEXT_PGM;
    }
    return checks[c->f->query] & KEEPS_CC ? ZF_NEXT : zf_assist_end(c, 0);
}

enum zf_next zf_do_assist(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    enum zf_query query = (enum zf_query)i->argument;
    unsigned code = cpu->gr[0] & (CODES - 1);
    struct zf_assist c = {
        .cpu = cpu,
        .insn = i,
        .f = &functions[query][code],
        .modifier = cpu->gr[0] & 0x80,
        .block = zf_wrap(cpu, cpu->gr[1]),
    };
    if (!operands_valid(checks[query], &i->o, c.modifier)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_function_permitted(cpu, i, query, code)) {
        return zf_function_refused(cpu, i, query, code, ZF_PGM_SPECIFICATION);
    }
    if (!code) {
        return store_query(&c, query);
    }
    return c.f->execute ? c.f->execute(&c)
                        : zf_function_unimplemented(cpu, i, query, code, ZF_PGM_SPECIFICATION);
}
