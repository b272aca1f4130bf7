/*
 * Registers by name and number, for who shows, saves or sets them all (zfacet/registers.def). What
 * runs guest code takes them from struct zf_cpu.
 */
#ifndef ZFACET_REGISTER_H
#define ZFACET_REGISTER_H

#include "zfacet/cpu.h"

enum zf_register {
#define REGISTER(ID, ...) ZF_REGISTER_##ID,
#define SINGLE(ID, ...) ZF_REGISTER_##ID,
#define PART(ID, ...) ZF_REGISTER_##ID,
#include "zfacet/registers.def"
#undef REGISTER
#undef SINGLE
#undef PART
    ZF_REGISTER_COUNT
};

struct zf_register_info {
    const char *name;  /* short, as before a number: "gr" */
    const char *title; /* what the book calls them */
    uint8_t bytes, count;
    bool part; /* of another register */
};

const struct zf_register_info *zf_register_info(enum zf_register id);

/** Register `n` of these, zero-extended. */
zf_u128 zf_register_get(const struct zf_cpu *cpu, enum zf_register id, unsigned n);

/** Sets it; after control registers zf_cpu_mode_changed() must follow. */
void zf_register_set(struct zf_cpu *cpu, enum zf_register id, unsigned n, zf_u128 value);

#endif
