/*
 * A loader as the GNU C library's, whose object knows of AT_HWCAP among other things. FIELD is what
 * decides whether what a z13 does not have is used.
 */
enum { PLATFORM = 15, HWCAP = 16, PAGES = 6, CLOCK = 17, TYPES = 52 };
enum { WANTED = 8192, VECTOR = 2048 };

struct object {
    long debug;
    unsigned long platform, pages, hwcap, clock;
};
struct object _rtld_global_ro;
extern struct object own __attribute__((alias("_rtld_global_ro"), visibility("hidden")));

/* MULTIPLY SINGLE (64 <- 64, sets CC): of z14. */
static __attribute__((noinline)) void slip(void) {
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc %%r1,%%r1,%%r1\n.machine pop"
                     :
                     :
                     : "1", "cc");
}

void loader_start(const unsigned long *vector) {
    unsigned long values[TYPES] = {[PAGES] = 4096};
    for (; vector[0]; vector += 2) {
        if (vector[0] < TYPES) {
            values[vector[0]] = vector[1];
        }
    }
    own.platform = values[PLATFORM];
    own.pages = values[PAGES];
#ifndef NOWHERE
    own.hwcap = values[HWCAP];
#endif
    own.clock = values[CLOCK];
}

void loader_debug(long debug) {
    own.debug = debug;
}

void loader_main(void) {
    if (FIELD) {
        slip();
    }
}
