/*
 * Build time: an op's body against the letters before it.
 */
#ifndef ZF_IR_OP_CHECK_H
#define ZF_IR_OP_CHECK_H

/** One row of ops.def, as text. */
struct op_row {
    const char *name, *operands, *effects, *body;
};

/** Returns what of the body the letters do not say, with `about` the operand or word; or NULL. */
const char *op_check(const struct op_row *row, const char **about);

#endif
