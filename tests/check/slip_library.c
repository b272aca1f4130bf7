/* A slip in a shared library. */
#include "slip.h"

long library_product(long a, long b) {
    long r;
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc %0,%1,%2\n.machine pop"
                     : "=d"(r)
                     : "d"(a), "d"(b)
                     : "cc");
    return r;
}
