/* Entry and output of a bench guest that is built for the host, for what the guest is compared
 * with. */
#include "runtime.h"

#include <stdio.h>

void print_hex(const char *label, u64 value) {
    printf("%s%016lx\n", label, value);
}

int main(void) {
    return guest_main();
}
