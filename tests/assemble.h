/*
 * A small assembler for tests, from the same table as the decoder.
 *
 * "lg 1,8(2,3)" as in assembler source: registers as numbers or with their letter (r1, %r1, f0),
 * numbers in C's notation, a length as in SS instructions (one more than encoded), a relative
 * operand as ".+8" or ".-4" in bytes from the instruction. Extended mnemonics are known. A string
 * of hexadecimal digits with a leading '=' is taken as it is: "=b2220010".
 */
#ifndef ZF_TEST_ASSEMBLE_H
#define ZF_TEST_ASSEMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Assembles one instruction into `bytes`; returns its length, or 0 with a reason in `error`.
 */
unsigned assemble(const char *text, uint8_t bytes[8], char *error, size_t error_size);

#endif
