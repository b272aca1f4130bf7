/*
 * Where each row of registers.def lies in struct zf_cpu, and how far its registers are apart.
 */
#include "zfacet/register.h"

#define MEMBER_SIZE(member) sizeof(((struct zf_cpu *)0)->member)

/* clang-format off */
#define REGISTER(ID, name, title, bytes, count, member)                                            \
    _Static_assert(MEMBER_SIZE(member) == (bytes), "the size of " name);
#define SINGLE(ID, name, title, type, member)
#define PART(ID, name, title, bytes, count, member) REGISTER(ID, name, title, bytes, count, member)
#include "zfacet/registers.def"
#undef REGISTER
#undef SINGLE
#undef PART

static const struct zf_register_info infos[ZF_REGISTER_COUNT] = {
#define REGISTER(ID, name, title, bytes, count, member) {name, title, bytes, count, false},
#define SINGLE(ID, name, title, type, member) {name, title, sizeof(type), 1, false},
#define PART(ID, name, title, bytes, count, member) {name, title, bytes, count, true},
#include "zfacet/registers.def"
#undef REGISTER
#undef SINGLE
#undef PART
};

/* The parts that there are lie in vector registers. */
static const struct {
    uint16_t offset;
    uint8_t step;
} places[ZF_REGISTER_COUNT] = {
#define REGISTER(ID, name, title, bytes, count, member) {offsetof(struct zf_cpu, member), bytes},
#define SINGLE(ID, name, title, type, member) {offsetof(struct zf_cpu, member), sizeof(type)},
#define PART(ID, name, title, bytes, count, member) {offsetof(struct zf_cpu, member), sizeof(union zf_vr)},
#include "zfacet/registers.def"
#undef REGISTER
#undef SINGLE
#undef PART
};
/* clang-format on */

const struct zf_register_info *zf_register_info(enum zf_register id) {
    return &infos[id];
}

static size_t place_of(enum zf_register id, unsigned n) {
    ZF_ASSERT(n < infos[id].count);
    return places[id].offset + (size_t)n * places[id].step;
}

/* Members are in host byte order, and hosts are little-endian. */
zf_u128 zf_register_get(const struct zf_cpu *cpu, enum zf_register id, unsigned n) {
    zf_u128 value = 0;
    memcpy(&value, (const uint8_t *)cpu + place_of(id, n), infos[id].bytes);
    return value;
}

void zf_register_set(struct zf_cpu *cpu, enum zf_register id, unsigned n, zf_u128 value) {
    memcpy((uint8_t *)cpu + place_of(id, n), &value, infos[id].bytes);
}
