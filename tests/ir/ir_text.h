/*
 * Ops from text, as zf_ir_print() writes it.
 */
#ifndef ZF_TESTS_IR_TEXT_H
#define ZF_TESTS_IR_TEXT_H

#include "zfacet/op.h"

/**
 * Reads one op; numbers are C's. Operands stand in the order of its specification; `a=5` sets a
 * byte of the op as it is, for what is to be refused, and the name `?` is an op that does not
 * exist. Returns NULL, or what cannot be read.
 */
const char *ir_parse(const char *line, struct zf_ir *ir);

/** Writes what zf_ir_uses() tells of the op: `=r3[4-7] r1[0-7] +cc`. */
void ir_print_uses(const struct zf_ir *ir, char *buffer, size_t size);

#endif
