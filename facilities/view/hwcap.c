/*
 * What Linux tells programs of the model: AT_HWCAP and AT_PLATFORM.
 */
#include "zfacet/guest_view.h"
#include "zfacet/implemented.h"

#include <string.h>

enum { BITS_LIMIT = 2, ROWS_LIMIT = 8 };

/* A bit of AT_HWCAP: the facilities it stands for, and rows that programs then rely on. */
static const struct {
    unsigned shift;
    uint8_t facilities[BITS_LIMIT];
    uint16_t rows[ROWS_LIMIT]; /* ends with ZF_ROW_INVALID */
} capabilities[] = {
    {0, {0, 0}, {0}},                          /* N3 instructions */
    {1, {2, 2}, {0}},                          /* z/Architecture */
    {2, {7, 7}, {ZF_ROW_stfle}},               /* STFLE */
    {3, {17, 17}, {ZF_ROW_km, ZF_ROW_kimd}},   /* message-security assist */
    {4, {19, 19}, {ZF_ROW_ly, ZF_ROW_lay}},    /* long displacement */
    {5, {21, 21}, {ZF_ROW_lgfi}},              /* extended immediates */
    {6, {42, 44}, {ZF_ROW_adtr, ZF_ROW_pfpo}}, /* decimal floating point */
    {7, {8, 8}, {0}},                          /* large pages */
    {8, {22, 30}, {ZF_ROW_cu14, ZF_ROW_cu41}}, /* extended translation 3 */
    {10, {50, 73}, {ZF_ROW_tbegin}},           /* transactions */
    {11,
     {129, 129},
     {ZF_ROW_vl, ZF_ROW_vll, ZF_ROW_vstl, ZF_ROW_vfene, ZF_ROW_vfae, ZF_ROW_vistr, ZF_ROW_vlm}},
    {12, {134, 134}, {ZF_ROW_vl, ZF_ROW_vap}},     /* vector packed decimal */
    {13, {135, 135}, {ZF_ROW_vl, ZF_ROW_vfmax}},   /* vector enhancements 1 */
    {14, {133, 133}, {ZF_ROW_lgg}},                /* guarded storage */
    {15, {148, 148}, {ZF_ROW_vlbr, ZF_ROW_vstrs}}, /* vector enhancements 2 */
    {16, {152, 152}, {ZF_ROW_vl, ZF_ROW_vap}},     /* packed-decimal enhancement */
    {17, {150, 150}, {ZF_ROW_sortl}},              /* sort */
    {18, {151, 151}, {ZF_ROW_dfltcc}},             /* deflate */
    {19, {192, 192}, {ZF_ROW_vl, ZF_ROW_vscshp}},  /* packed-decimal enhancement 2 */
    {20, {165, 165}, {ZF_ROW_nnpa}},               /* neural-network processing */
};

unsigned zf_guest_hwcap_facilities(unsigned shift, uint8_t facilities[2]) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(capabilities); i++) {
        if (capabilities[i].shift == shift) {
            memcpy(facilities, capabilities[i].facilities, BITS_LIMIT);
            return BITS_LIMIT;
        }
    }
    return 0;
}

/* 64-bit registers are kept in 31-bit programs: Linux always says so. */
enum { HIGH_REGISTERS_SHIFT = 9 };

static bool rows_run(const uint16_t rows[ROWS_LIMIT]) {
    for (unsigned i = 0; i < ROWS_LIMIT && rows[i] != ZF_ROW_INVALID; i++) {
        if (!zf_row_useful((enum zf_row)rows[i])) {
            return false;
        }
    }
    return true;
}

uint64_t zf_guest_hwcap(const struct zf_model *model) {
    uint64_t hwcap = UINT64_C(1) << HIGH_REGISTERS_SHIFT;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(capabilities); i++) {
        if (zf_model_has_facility(model, capabilities[i].facilities[0]) &&
            zf_model_has_facility(model, capabilities[i].facilities[1]) &&
            rows_run(capabilities[i].rows)) {
            hwcap |= UINT64_C(1) << capabilities[i].shift;
        }
    }
    return hwcap;
}

const char *zf_guest_platform(const struct zf_model *model) {
    static const char *const names[] = {"z900", "z990", "z9-109", "z10", "z196", "zEC12",
                                        "z13",  "z14",  "z15",    "z16", "z17"};
    unsigned generation = zf_level_generation(model->machine->level);
    unsigned i = generation < 7 ? 0 : generation - 7;
    return names[i < ZF_ARRAY_LENGTH(names) ? i : ZF_ARRAY_LENGTH(names) - 1];
}
