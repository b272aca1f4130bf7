/* Of the library that a program of the tests uses. */
#ifndef ZF_TEST_SLIP_H
#define ZF_TEST_SLIP_H

long library_product(long a, long b);

#endif
