/*
 * Scans a file again and again, each time without memory for another allocation: that must be said,
 * or change nothing.
 */
#include "../allocation.h"
#include "scan/scan.h"

#include <stdio.h>
#include <stdlib.h>

struct outcome {
    enum zf_status status;
    uint8_t needed, guarded;
    unsigned direct;
};

static struct outcome scan(const void *bytes, size_t size) {
    struct zf_scan_file file;
    struct zf_error err;
    struct outcome o = {.status = zf_scan_elf(bytes, size, &file, &err)};
    memory()->left = -1;
    if (o.status == ZF_OK) {
        o.needed = zf_scan_needed(&file);
        o.guarded = zf_scan_guarded(&file);
        o.direct = file.reached[ZF_SCAN_DIRECT];
    }
    zf_scan_free(&file);
    return o;
}

/* How many of the allocations fail without a word. */
static unsigned try_all(const void *bytes, size_t size) {
    struct outcome whole = scan(bytes, size), o;
    unsigned wrong = 0;
    long n = 0;
    for (bool more = true; more; n++) {
        *memory() = (struct memory){.left = n};
        o = scan(bytes, size);
        more = memory()->failed;
        bool same = o.status == ZF_OK && o.needed == whole.needed && o.guarded == whole.guarded &&
                    o.direct == whole.direct;
        if (!same && o.status != ZF_ERROR_MEMORY) {
            printf("allocation %ld: status %d, machine %u, %u functions reached, not %u\n", n,
                   o.status, o.needed, o.direct, whole.direct);
            wrong++;
        }
    }
    printf("%ld allocations\n", n);
    return wrong;
}

int main(int count, char **words) {
    enum { MOST = 1 << 20 };
    static uint8_t bytes[MOST];
    FILE *f = count == 2 ? fopen(words[1], "rb") : NULL;
    if (!f) {
        fputs("usage: scan_memory FILE\n", stderr);
        return 2;
    }
    size_t size = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    return try_all(bytes, size) != 0;
}
