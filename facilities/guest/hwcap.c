#include "zfacet/guest_view.h"

/* Capabilities that a Linux kernel derives from the facility list: both bits, or one twice. */
static const struct {
    uint8_t capability, bit, also;
} capabilities[] = {
    {0, 0, 0},      {1, 2, 2},      {2, 7, 7},      {3, 17, 17},    {4, 19, 19},
    {5, 21, 21},    {6, 42, 44},    {7, 8, 8},      {8, 22, 30},    {10, 50, 73},
    {11, 129, 129}, {12, 134, 134}, {13, 135, 135}, {14, 133, 133}, {15, 148, 148},
    {16, 152, 152}, {17, 150, 150}, {18, 151, 151}, {19, 192, 192}, {20, 165, 165},
};

/* The upper halves of the registers are there for every 64-bit kernel. */
enum { HIGH_GPRS = 9 };

uint64_t zf_guest_hwcap(const struct zf_model *model) {
    uint64_t hwcap = UINT64_C(1) << HIGH_GPRS;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(capabilities); i++) {
        if (zf_model_has_facility(model, capabilities[i].bit) &&
            zf_model_has_facility(model, capabilities[i].also)) {
            hwcap |= UINT64_C(1) << capabilities[i].capability;
        }
    }
    return hwcap;
}

const char *zf_guest_platform(const struct zf_model *model) {
    static const char *const names[] = {"z900", "z990", "z9-109", "z10", "z196", "zEC12",
                                        "z13",  "z14",  "z15",    "z16", "z17"};
    enum { FIRST = 7 };
    unsigned generation = zf_level_generation(model->machine->level);
    if (generation < FIRST) {
        return names[0];
    }
    generation -= FIRST;
    return names[generation < ZF_ARRAY_LENGTH(names) ? generation : ZF_ARRAY_LENGTH(names) - 1];
}
