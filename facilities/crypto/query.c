/*
 * Instructions with a function code in general register 0 and a parameter block at general
 * register 1: the message-security assist, SORT LISTS, DEFLATE CONVERSION CALL. Operands are
 * checked, then the code; function 0 stores which codes the model has.
 */
#include "crypto/function.h"

#include "zfacet/implemented.h"

/* Registers that must be the even one of a pair, and not register 0. */
enum pairs { PAIR_1 = 1, PAIR_2 = 2, PAIR_3 = 4, NO_MODIFIER = 8 };

struct assist {
    uint16_t row;
    uint8_t query;                                                  /* enum zf_query */
    uint8_t checks;                                                 /* enum pairs */
    uint8_t query_bytes;                                            /* of what function 0 stores */
    bool (*execute)(const struct zf_crypto *c, enum zf_next *next); /* NULL: no function */
};

static const struct assist assists[] = {
    {ZF_ROW_km, ZF_QUERY_KM, PAIR_1 | PAIR_2, 16, zf_cipher_function},
    {ZF_ROW_kmc, ZF_QUERY_KMC, PAIR_1 | PAIR_2, 16, zf_cipher_function},
    {ZF_ROW_kmf, ZF_QUERY_KMF, PAIR_1 | PAIR_2, 16},
    {ZF_ROW_kmo, ZF_QUERY_KMO, PAIR_1 | PAIR_2, 16, zf_cipher_function},
    {ZF_ROW_kmctr, ZF_QUERY_KMCTR, PAIR_1 | PAIR_2 | PAIR_3, 16, zf_cipher_function},
    {ZF_ROW_kma, ZF_QUERY_KMA, PAIR_1 | PAIR_2 | PAIR_3, 16, zf_gcm_function},
    {ZF_ROW_kmac, ZF_QUERY_KMAC, PAIR_2 | NO_MODIFIER, 16, zf_cipher_function},
    {ZF_ROW_kimd, ZF_QUERY_KIMD, PAIR_2 | NO_MODIFIER, 16, zf_digest_function},
    {ZF_ROW_klmd, ZF_QUERY_KLMD, PAIR_2 | NO_MODIFIER, 16, zf_digest_function},
    {ZF_ROW_pcc, ZF_QUERY_PCC, NO_MODIFIER, 16},
    {ZF_ROW_pckmo, ZF_QUERY_PCKMO, NO_MODIFIER, 16},
    {ZF_ROW_prno, ZF_QUERY_PRNO, PAIR_1 | PAIR_2, 16, zf_random_function},
    {ZF_ROW_kdsa, ZF_QUERY_KDSA, PAIR_2 | NO_MODIFIER, 16},
    {ZF_ROW_sortl, ZF_QUERY_SORTL, PAIR_1 | PAIR_2, 32},
    {ZF_ROW_dfltcc, ZF_QUERY_DFLTCC, PAIR_1 | PAIR_2, 32},
};

static const struct assist *assist_of(unsigned row) {
    unsigned i = 0;
    while (assists[i].row != row) {
        ZF_ASSERT(++i < ZF_ARRAY_LENGTH(assists));
    }
    return &assists[i];
}

static bool pair_valid(unsigned r) {
    return r && !(r & 1);
}

static bool operands_valid(const struct assist *a, const struct zf_operands *o, bool modifier) {
    if (a->row == ZF_ROW_kma && (o->r3 == o->r1 || o->r3 == o->r2)) {
        return false;
    }
    return !(a->checks & PAIR_1 && !pair_valid(o->r1)) &&
           !(a->checks & PAIR_2 && !pair_valid(o->r2)) &&
           !(a->checks & PAIR_3 && !pair_valid(o->r3)) && !(a->checks & NO_MODIFIER && modifier);
}

/* Function 0: a bit for each function code, as the gate has them. */
static enum zf_next store_query(struct zf_cpu *cpu, const struct assist *a, uint64_t block) {
    const uint64_t *functions = zf_cpu_facilities(cpu)->gate.function[a->query];
    uint8_t bytes[ZF_QUERY_BITS / 8];
    for (unsigned i = 0; i < ZF_QUERY_BITS / 64; i++) {
        zf_put64(bytes + 8 * i, functions[i]);
    }
    if (!zf_store_bytes(cpu, block, bytes, a->query_bytes)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

enum zf_next zf_do_assist(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct assist *a = assist_of(i->insn.row);
    enum zf_next next;
    struct zf_crypto c = {
        .cpu = cpu,
        .insn = i,
        .code = cpu->gr[0] & 0x7f,
        .modifier = cpu->gr[0] & 0x80,
        .block = zf_wrap(cpu, cpu->gr[1]),
    };
    if (!operands_valid(a, &i->o, c.modifier)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_function_permitted(cpu, i, (enum zf_query)a->query, c.code)) {
        return zf_function_refused(cpu, i, (enum zf_query)a->query, c.code, ZF_PGM_SPECIFICATION);
    }
    if (!c.code) {
        return store_query(cpu, a, c.block);
    }
    return a->execute && zf_function_implemented((enum zf_query)a->query, c.code) &&
                   a->execute(&c, &next)
               ? next
               : zf_function_unimplemented(cpu, i, (enum zf_query)a->query, c.code,
                                           ZF_PGM_SPECIFICATION);
}
