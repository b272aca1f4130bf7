/* Helpers of bfp.c that stand behind ops: no row names them, their translators do. */
#ifndef ZF_FLOAT_BFP_HELPER_H
#define ZF_FLOAT_BFP_HELPER_H

#include "zfacet/op.h"

zf_helper zf_do_bfp_add_short, zf_do_bfp_add_long;
zf_helper zf_do_bfp_subtract_short, zf_do_bfp_subtract_long;
zf_helper zf_do_bfp_multiply_short, zf_do_bfp_multiply_long;
zf_helper zf_do_bfp_divide_short, zf_do_bfp_divide_long;
zf_helper zf_do_bfp_square_root_short, zf_do_bfp_square_root_long;
zf_helper zf_do_bfp_multiply_add_short, zf_do_bfp_multiply_add_long;
zf_helper zf_do_bfp_multiply_subtract_short, zf_do_bfp_multiply_subtract_long;
zf_helper zf_do_bfp_compare_short, zf_do_bfp_compare_long;
zf_helper zf_do_bfp_compare_signal_short, zf_do_bfp_compare_signal_long;
zf_helper zf_do_bfp_load_test_short, zf_do_bfp_load_test_long;
zf_helper zf_do_bfp_short_to_long, zf_do_bfp_long_to_short;
zf_helper zf_do_bfp_from_32_short, zf_do_bfp_from_32_long;
zf_helper zf_do_bfp_from_64_short, zf_do_bfp_from_64_long;
zf_helper zf_do_bfp_to_32_short, zf_do_bfp_to_32_long;
zf_helper zf_do_bfp_to_64_short, zf_do_bfp_to_64_long;
zf_helper zf_do_bfp_from_logical_64_long, zf_do_bfp_to_logical_64_long;
zf_helper zf_do_bfp_integral_short, zf_do_bfp_integral_long;

#endif
