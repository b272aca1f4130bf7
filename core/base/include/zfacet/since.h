/*
 * The machines in the order in which they were announced, as far as instructions can tell them
 * apart.
 */
#ifndef ZFACET_SINCE_H
#define ZFACET_SINCE_H

enum zf_since {
    ZF_SINCE_ESA390, /* older than z/Architecture */
    ZF_SINCE_Z900,
    ZF_SINCE_Z990,
    ZF_SINCE_Z9_109,
    ZF_SINCE_Z9EC,
    ZF_SINCE_Z10,
    ZF_SINCE_Z196,
    ZF_SINCE_ZEC12,
    ZF_SINCE_Z13,
    ZF_SINCE_Z14,
    ZF_SINCE_Z15,
    ZF_SINCE_Z16,
    ZF_SINCE_Z17,
    ZF_SINCE_COUNT
};

/** The machine's usual spelling, such as "z9-109"; NULL when `since` is not one of the above. */
const char *zf_since_name(enum zf_since since);

#endif
