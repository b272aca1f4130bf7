/* Random numbers of the machine: the host's, or in a repeatable run the same each time. */
#include "zfacet/cpus.h"

#include <errno.h>
#include <sys/random.h>

/* Xorshift, 64 bits: what is asked of it is only that it looks random. */
static uint8_t next_byte(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint8_t)(*state >> 32);
}

bool zf_cpus_random(struct zf_cpus *cpus, void *bytes, size_t size) {
    uint8_t *out = bytes;
    size_t done = 0;
    while (done < size && cpus->random_state) {
        out[done++] = next_byte(&cpus->random_state);
    }
    while (done < size) {
        ssize_t n = getrandom(out + done, size - done, 0);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}
