/*
 * What the instructions share that link programs: PROGRAM CALL, RETURN and TRANSFER, the linkage
 * stack, address-space numbers, and the tables that all of these look into. An instruction works on
 * a copy of the registers, which replaces them when nothing can fail any more.
 */
#ifndef ZF_CONTROL_LINKAGE_H
#define ZF_CONTROL_LINKAGE_H

#include "control/range.h"

#define ZF_CR0_ASN_REUSE ZF_BIT64(44) /* ASN-and-LX-reuse control */
#define ZF_CR12_ASN_TRACE ZF_BIT64(62)
#define ZF_CR12_EXPLICIT_TRACE ZF_BIT64(63)
#define ZF_CR14_ASN_TRANSLATION ZF_BIT64(44)
#define ZF_ASCE_SUBSPACE UINT64_C(0x200)    /* subspace-group control */
#define ZF_ASCE_SPACE_SWITCH UINT64_C(0x40) /* space-switch-event control */
#define ZF_REAL_ORIGIN UINT32_C(0x7fffffc0) /* of tables on a boundary of 64 bytes */

/* The registers that an instruction makes. */
struct zf_linkage {
    uint64_t gr[16], cr[16];
    uint32_t ar[16];
    uint64_t mask, address; /* PSW */
    bool switches;          /* the primary space is another one */
};

/** A copy of the CPU's registers; the PSW is that of the next instruction. */
void zf_linkage_begin(const struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_linkage *l);

/** The copy becomes the CPU's registers, after a branch by the instruction, or none when `branches`
 * is false. */
enum zf_next zf_linkage_end(struct zf_cpu *cpu, const struct zf_insn_call *i,
                            const struct zf_linkage *l, bool branches);

/** As zf_linkage_end() after a branch; then a space-switch event when the primary ASCE asks for it.
 */
enum zf_next zf_linkage_end_space(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                  const struct zf_linkage *l);

/**
 * After an instruction that may have set the home-space mode, or left it, with `before` the PSW's
 * mask: the space-switch event, if there is one, else `next`.
 */
enum zf_next zf_home_switched(struct zf_cpu *cpu, uint64_t before, enum zf_next next);

/** Bits 31 and 32 of a PSW for an address that says its mode as BASSM's do; and the address. */
void zf_linkage_target(struct zf_linkage *l, uint64_t target);
/** Branches within the mode, or from 24- and 31-bit mode to either of them by bit 32. */
void zf_linkage_branch(struct zf_linkage *l, uint64_t target);
/** An address with the mode in bit 63 or bit 32, as links have it. */
uint64_t zf_linkage_link(uint64_t mask, uint64_t address);

/** Whether ASNs and LXs are reused: instance numbers are looked at. */
bool zf_asn_reuse(const struct zf_cpu *cpu);

/* Fields of control registers. */
static inline uint16_t zf_primary_asn(const uint64_t cr[16]) {
    return (uint16_t)cr[4];
}
static inline uint16_t zf_secondary_asn(const uint64_t cr[16]) {
    return (uint16_t)cr[3];
}
static inline void zf_set_field(uint64_t *to, uint64_t mask, uint64_t value) {
    *to = (*to & ~mask) | (value & mask);
}
#define ZF_CR_LEFT UINT64_C(0xffffffff00000000) /* ASTE instance numbers in 3 and 4 */
#define ZF_CR_MIDDLE UINT64_C(0xffff0000)       /* PSW-key mask in 3, AX in 4, EAX in 8 */
#define ZF_CR_RIGHT UINT64_C(0xffff)            /* ASNs in 3 and 4 */

/** `count` words of a table at a real address; false: addressing exception. */
bool zf_real_words(struct zf_cpu *cpu, uint64_t real, uint32_t *word, unsigned count);

/* An ASN-second-table entry. */
struct zf_aste {
    uint32_t origin; /* real */
    uint32_t word[16];
};
enum {
    ZF_ASTE_AX = 1,
    ZF_ASTE_LIST = 4,
    ZF_ASTE_SEQUENCE = 5,
    ZF_ASTE_LINKAGE = 6,
    ZF_ASTE_INSTANCE = 11
};
#define ZF_ASTE_INVALID UINT32_C(0x80000000) /* word 0 */
#define ZF_ASTE_BASE_SPACE UINT32_C(1)       /* word 0 */
#define ZF_ASTE_CONTROLLED UINT32_C(2)       /* word 1 */
#define ZF_ASTE_REUSABLE UINT32_C(1)         /* word 1 */

static inline uint64_t zf_aste_asce(const struct zf_aste *aste) {
    return (uint64_t)aste->word[2] << 32 | aste->word[3];
}

/** The entry at a real address. */
bool zf_aste_get(struct zf_cpu *cpu, uint32_t origin, struct zf_aste *aste);

/** ASN translation; false with the condition set. The caller has looked at the control in `cr14`.
 */
bool zf_asn_translate(struct zf_cpu *cpu, uint16_t asn, struct zf_aste *aste);

/* Exception access identification of an ASTE-instance exception: which ASN it was. */
enum { ZF_INSTANCE_PRIMARY = 0x20, ZF_INSTANCE_SECONDARY = 0x10 };

/* Which authority the authority table is asked for. */
enum zf_authority { ZF_AUTHORITY_PRIMARY, ZF_AUTHORITY_SECONDARY };

/** Whether authorization index `ax` has it; false, too, with cpu->pgm set. */
bool zf_asn_authorized(struct zf_cpu *cpu, uint16_t ax, const struct zf_aste *aste,
                       enum zf_authority which);
/* What PT and SSAR, and with an instance number PTI and SSAIR (argument 1), ask of the entry that
 * the ASN in R1 leads to. False: a program condition is pending. */
bool zf_asn_permitted(struct zf_cpu *cpu, const struct zf_insn_call *i, const struct zf_aste *aste,
                      enum zf_authority which);

/** The ASCE of an entry, replaced by that of the active subspace where the group has one. */
bool zf_subspace_asce(struct zf_cpu *cpu, const struct zf_aste *aste, uint64_t *asce);

/** The dispatchable-unit control table. */
bool zf_duct_get(struct zf_cpu *cpu, uint32_t word[16]);
/** Real address of it. */
uint64_t zf_duct_origin(const struct zf_cpu *cpu);
/** Checks that it may be stored to: low-address protection applies. */
bool zf_real_store_check(struct zf_cpu *cpu, uint64_t real, uint64_t length);

#endif
