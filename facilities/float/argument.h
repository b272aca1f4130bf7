/*
 * Arguments that rows of decode/isa/hfp.def give to the functions they name.
 */
#ifndef ZF_FLOAT_ARGUMENT_H
#define ZF_FLOAT_ARGUMENT_H

/* Which part of an extended number is the result. */
enum zf_hfp_part { ZF_HFP_WHOLE, ZF_HFP_HIGH, ZF_HFP_LOW };

#endif
