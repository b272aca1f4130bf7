#include "zfacet/since.h"

#include <stddef.h>

const char *zf_since_name(enum zf_since since) {
    static const char *const names[ZF_SINCE_COUNT] = {
        [ZF_SINCE_ESA390] = "esa390", [ZF_SINCE_Z900] = "z900",   [ZF_SINCE_Z990] = "z990",
        [ZF_SINCE_Z9_109] = "z9-109", [ZF_SINCE_Z9EC] = "z9ec",   [ZF_SINCE_Z10] = "z10",
        [ZF_SINCE_Z196] = "z196",     [ZF_SINCE_ZEC12] = "zEC12", [ZF_SINCE_Z13] = "z13",
        [ZF_SINCE_Z14] = "z14",       [ZF_SINCE_Z15] = "z15",     [ZF_SINCE_Z16] = "z16",
        [ZF_SINCE_Z17] = "z17",
    };
    return (unsigned)since < ZF_SINCE_COUNT ? names[since] : NULL;
}
