/*
 * The caches of each machine, from what is published of it: sizes and ways of data or unified
 * caches and of instruction caches. Lines have 256 bytes everywhere.
 */
#include "zfacet/guest_view.h"

/* Topology bytes. */
enum { SPLIT = 0x04, PRIVATE = 0x07, SHARED = 0x0b };

struct machine_caches {
    unsigned generation;
    enum zf_machine_class class;
    struct zf_guest_cache cache[ZF_CACHE_LEVELS];
};

#define MIB(n) ((n) << 10)
/* clang-format off */
static const struct machine_caches machines[] = {
    {10, ZF_MACHINE_EC, {{SPLIT, {128, 64}, {8, 4}}, {PRIVATE, {MIB(3), 0}, {12, 0}}, {SHARED, {MIB(48), 0}, {24, 0}}}},
    {10, ZF_MACHINE_BC, {{SPLIT, {128, 64}, {8, 4}}, {PRIVATE, {MIB(3), 0}, {12, 0}}, {SHARED, {MIB(24), 0}, {24, 0}}}},
    {11, ZF_MACHINE_EC, {{SPLIT, {128, 64}, {8, 4}}, {PRIVATE, {1536, 0}, {12, 0}}, {SHARED, {MIB(24), 0}, {12, 0}},
                         {SHARED, {MIB(192), 0}, {24, 0}}}},
    {11, ZF_MACHINE_BC, {{SPLIT, {128, 64}, {8, 4}}, {PRIVATE, {1536, 0}, {12, 0}}, {SHARED, {MIB(12), 0}, {12, 0}},
                         {SHARED, {MIB(96), 0}, {24, 0}}}},
    {12, ZF_MACHINE_EC, {{SPLIT, {96, 64}, {6, 4}}, {SPLIT, {MIB(1), MIB(1)}, {8, 8}}, {SHARED, {MIB(48), 0}, {12, 0}},
                         {SHARED, {MIB(384), 0}, {24, 0}}}},
    {12, ZF_MACHINE_BC, {{SPLIT, {96, 64}, {6, 4}}, {SPLIT, {MIB(1), MIB(1)}, {8, 8}}, {SHARED, {MIB(24), 0}, {12, 0}},
                         {SHARED, {MIB(192), 0}, {24, 0}}}},
    {13, ZF_MACHINE_EC, {{SPLIT, {128, 96}, {8, 6}}, {SPLIT, {MIB(2), MIB(2)}, {8, 8}}, {SHARED, {MIB(64), 0}, {16, 0}},
                         {SHARED, {MIB(480), 0}, {30, 0}}}},
    {14, ZF_MACHINE_EC, {{SPLIT, {128, 128}, {8, 8}}, {SPLIT, {MIB(4), MIB(2)}, {8, 8}}, {SHARED, {MIB(128), 0}, {32, 0}},
                         {SHARED, {MIB(672), 0}, {42, 0}}}},
    {15, ZF_MACHINE_EC, {{SPLIT, {128, 128}, {8, 8}}, {SPLIT, {MIB(4), MIB(4)}, {8, 8}}, {SHARED, {MIB(256), 0}, {32, 0}},
                         {SHARED, {MIB(960), 0}, {60, 0}}}},
    {16, ZF_MACHINE_EC, {{SPLIT, {128, 128}, {8, 8}}, {PRIVATE, {MIB(32), 0}, {16, 0}}, {SHARED, {MIB(256), 0}, {16, 0}}}},
    {17, ZF_MACHINE_EC, {{SPLIT, {128, 128}, {8, 8}}, {PRIVATE, {MIB(36), 0}, {18, 0}}, {SHARED, {MIB(360), 0}, {18, 0}}}},
};
/* clang-format on */

/* The row of a generation, its own for smaller machines where that has other sizes; else the last.
 */
const struct zf_guest_cache *zf_guest_caches(const struct zf_model *model) {
    unsigned generation = zf_level_generation(model->machine->level);
    const struct machine_caches *found = machines;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(machines); i++) {
        const struct machine_caches *m = &machines[i];
        bool own = m->class == model->machine->class || m->class == ZF_MACHINE_EC;
        if (m->generation <= generation && own) {
            found = m;
        }
    }
    return found->cache;
}
