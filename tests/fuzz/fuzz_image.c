/*
 * Any file is a Linux program or is refused; what is loaded lies in the linear map.
 */
#define _GNU_SOURCE /* memfd_create */
#include "linux/image.h"
#include "zfacet/linear.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct zf_machine_config config = {.linear = true};
    struct zf_machine *machine = zf_machine_create(&config, NULL);
    struct zf_image image;
    struct zf_error err;
    int fd = memfd_create("guest", MFD_CLOEXEC);
    ZF_ASSERT(machine && fd >= 0 && write(fd, data, size) == (ssize_t)size);
    if (zf_image_load(machine, fd, "guest", UINT64_C(0x2000000), &image, &err) == ZF_OK) {
        ZF_ASSERT(zf_linear_allows(&machine->storage, image.entry, 2, ZF_PROT_EXEC));
        ZF_ASSERT(image.end <= machine->storage.size);
    }
    close(fd);
    zf_machine_destroy(machine);
    return 0;
}
