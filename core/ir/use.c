/*
 * What an op accesses of the CPU's registers: the one place where passes, the verifier and engines
 * learn it, from the op's specification.
 */
#include "zfacet/op.h"

/* The part of a register that an operand of each kind names. */
static const struct {
    uint8_t file, first, size, registers;
} part_of[] = {
    [ZF_OPERAND_GR] = {ZF_FILE_GR, 0, 8, 16},        [ZF_OPERAND_GR_LOW] = {ZF_FILE_GR, 4, 4, 16},
    [ZF_OPERAND_GR_HIGH] = {ZF_FILE_GR, 0, 4, 16},   [ZF_OPERAND_FPR] = {ZF_FILE_VR, 0, 8, 16},
    [ZF_OPERAND_FPR_SHORT] = {ZF_FILE_VR, 0, 4, 16}, [ZF_OPERAND_VR] = {ZF_FILE_VR, 0, 16, 32},
    [ZF_OPERAND_AR] = {ZF_FILE_AR, 0, 4, 16},
};

/* The register's number; false: none, the operand is unused, a number, or always zero. */
static bool first_register(const struct zf_operand_spec *o, uint8_t value, unsigned *number) {
    if (o->kind <= ZF_OPERAND_NUMBER) {
        return false;
    }
    if (part_of[o->kind].file != ZF_FILE_GR) {
        *number = value;
        return true;
    }
    *number = value == ZF_REG_SCRATCH ? ZF_GR_SCRATCH : value / 8u;
    return value != ZF_REG_ZERO;
}

static unsigned registers_of(const struct zf_operand_spec *o, const struct zf_ir *ir) {
    if (o->extent != ZF_EXTENT_SEVERAL) {
        return o->extent == ZF_EXTENT_PAIR ? 2 : 1;
    }
    return ir->c < 16 ? ir->c : 16;
}

/* The register that follows `number` in a pair or a row of several. */
static unsigned next_register(const struct zf_operand_spec *o, unsigned number) {
    bool fpr = o->kind == ZF_OPERAND_FPR || o->kind == ZF_OPERAND_FPR_SHORT;
    unsigned step = fpr && o->extent == ZF_EXTENT_PAIR ? 2 : 1;
    return (number + step) & (part_of[o->kind].registers - 1u);
}

static uint8_t access_of(uint16_t effects, uint16_t uses, uint16_t sets) {
    return (uint8_t)((effects & uses ? ZF_READS : 0) | (effects & sets ? ZF_WRITES : 0));
}

/* A CC that an op leaves undone is written by nobody. */
static uint8_t cc_access(const struct zf_op_spec *spec) {
    uint16_t sets = spec->effects & ZF_EFFECT_DEAD ? 0 : ZF_EFFECT_SETS_CC;
    return access_of(spec->effects, ZF_EFFECT_USES_CC, sets);
}

static uint8_t fpc_access(const struct zf_op_spec *spec) {
    return access_of(spec->effects, ZF_EFFECT_USES_FPC, ZF_EFFECT_SETS_FPC);
}

unsigned zf_ir_uses(const struct zf_ir *ir, struct zf_register_use uses[ZF_REGISTER_USES]) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    const uint8_t values[4] = {ir->a, ir->b, ir->x, ir->c};
    unsigned n = 0, number;
    for (unsigned i = 0; i < 4; i++) {
        const struct zf_operand_spec *o = &spec->operand[i];
        if (!first_register(o, values[i], &number)) {
            continue;
        }
        for (unsigned k = registers_of(o, ir); k > 0; k--) {
            uses[n++] =
                (struct zf_register_use){part_of[o->kind].file, (uint8_t)number,
                                         part_of[o->kind].first, part_of[o->kind].size, o->access};
            number = next_register(o, number);
        }
    }
    if (cc_access(spec)) {
        uses[n++] = (struct zf_register_use){ZF_FILE_CC, 0, 0, 1, cc_access(spec)};
    }
    if (fpc_access(spec)) {
        uses[n++] = (struct zf_register_use){ZF_FILE_FPC, 0, 0, 4, fpc_access(spec)};
    }
    return n;
}

static void add(struct zf_register_set *set, const struct zf_register_use *use) {
    switch (use->file) {
    case ZF_FILE_GR:
        set->gr |= UINT32_C(1) << use->number;
        break;
    case ZF_FILE_VR:
        set->vr |= UINT32_C(1) << use->number;
        break;
    case ZF_FILE_AR:
        set->ar |= (uint16_t)(1 << use->number);
        break;
    default:
        set->other |= (uint16_t)(1 << use->file);
    }
}

void zf_ir_accesses(const struct zf_ir *ir, struct zf_register_set *reads,
                    struct zf_register_set *writes) {
    struct zf_register_use uses[ZF_REGISTER_USES];
    unsigned count = zf_ir_uses(ir, uses);
    *reads = *writes = (struct zf_register_set){0};
    for (unsigned i = 0; i < count; i++) {
        if (uses[i].access & ZF_READS) {
            add(reads, &uses[i]);
        }
        if (uses[i].access & ZF_WRITES) {
            add(writes, &uses[i]);
        }
    }
}
