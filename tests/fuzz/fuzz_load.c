/*
 * Any bytes are a guest or are refused; what is loaded lies in storage.
 */
#include "zfacet/load.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct zf_machine_config config = {.storage_size = 1 << 20};
    struct zf_machine *machine = zf_machine_create(&config, NULL);
    enum zf_guest_kind kind;
    struct zf_error err;
    uint8_t *bytes = malloc(size ? size : 1);
    ZF_ASSERT(machine && bytes);
    memcpy(bytes, data, size);
    if (zf_guest_identify(bytes, size, &kind, &err) == ZF_OK) {
        zf_guest_load(machine, kind == ZF_GUEST_PROGRAM ? ZF_GUEST_ELF : kind, bytes, size, 0,
                      &err);
    }
    zf_guest_load(machine, ZF_GUEST_FLAT, bytes, size, 0x10000, &err);
    zf_guest_load(machine, ZF_GUEST_IPL, bytes, size, 0, &err);
    free(bytes);
    zf_machine_destroy(machine);
    return 0;
}
