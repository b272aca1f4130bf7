/*
 * What a Linux kernel is given: its command line (--append) and ramdisk (--initrd).
 */
#include "run/run.h"
#include "text/common.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int bad_ramdisk(const char *path, const char *why) {
    fprintf(stderr, "zfacet: %s: %s\n", path, why);
    return zf_run_end_status(ZF_RUN_BAD_GUEST);
}

static int map_ramdisk(const char *path, struct zf_kernel_input *input) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return bad_ramdisk(path, strerror(errno));
    }
    void *map = MAP_FAILED;
    bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    if (file) {
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    close(fd);
    if (map == MAP_FAILED) {
        return bad_ramdisk(path, file ? "cannot be read" : "not a regular file, or empty");
    }
    input->ramdisk = map;
    input->ramdisk_size = (size_t)st.st_size;
    return -1;
}

int zf_run_load_kernel_input(struct zf_run *run, const void *bytes, size_t size) {
    const struct zf_run_options *o = run->options;
    struct zf_kernel_input input = {.command_line = o->append};
    struct zf_error err;
    if (!o->append && !o->initrd) {
        return -1;
    }
    if (run->kind == ZF_GUEST_PROGRAM) {
        return zf_usage_error("run: --append and --initrd apply to Linux kernels, not to programs");
    }
    int status = o->initrd ? map_ramdisk(o->initrd, &input) : -1;
    if (status < 0 &&
        zf_guest_load_kernel_input(run->machine, bytes, size, &input, &err) != ZF_OK) {
        fprintf(stderr, "zfacet: %s: %s\n", o->guest, err.message);
        status = zf_run_end_status(ZF_RUN_BAD_GUEST);
    }
    if (input.ramdisk) {
        munmap((void *)input.ramdisk, input.ramdisk_size);
    }
    return status;
}
