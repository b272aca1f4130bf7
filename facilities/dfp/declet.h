/* Densely packed decimal: three digits in ten bits. declet_gen.c writes the tables. */
#ifndef ZF_DFP_DECLET_H
#define ZF_DFP_DECLET_H

#include <stdint.h>

extern const uint16_t zf_declet_value[1024]; /* of redundant declets too */
extern const uint16_t zf_value_declet[1000]; /* the canonical one */

#endif
