/*
 * What a Linux kernel is given: its command line (--append) and ramdisk (--initrd).
 */
#include "run/part.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const void *zf_run_map_file(const char *path, size_t *size, const char **why) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        *why = strerror(errno);
        return NULL;
    }
    void *map = MAP_FAILED;
    bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    if (file) {
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    close(fd);
    *why = file ? "cannot be read" : "not a regular file, or empty";
    *size = file ? (size_t)st.st_size : 0;
    return map == MAP_FAILED ? NULL : map;
}

static enum zf_run_end map_ramdisk(struct zf_run *run, struct zf_kernel_input *input) {
    const char *path = run->options->initrd, *why;
    input->ramdisk = zf_run_map_file(path, &input->ramdisk_size, &why);
    return input->ramdisk ? ZF_RUN_OK : zf_run_fail(run, ZF_RUN_BAD_GUEST, "%s: %s", path, why);
}

enum zf_run_end zf_run_load_kernel_input(struct zf_run *run, const void *bytes, size_t size) {
    const struct zf_run_options *o = run->options;
    struct zf_kernel_input input = {.command_line = o->append};
    struct zf_error err;
    if (!o->append && !o->initrd) {
        return ZF_RUN_OK;
    }
    if (run->kind == ZF_GUEST_PROGRAM) {
        return zf_run_fail(run, ZF_RUN_USAGE,
                           "run: --append and --initrd apply to Linux kernels, not to programs");
    }
    enum zf_run_end end = o->initrd ? map_ramdisk(run, &input) : ZF_RUN_OK;
    if (!end && zf_guest_load_kernel_input(run->machine, bytes, size, &input, &err) != ZF_OK) {
        end = zf_run_fail(run, ZF_RUN_BAD_GUEST, "%s: %s", o->guest, err.message);
    }
    if (input.ramdisk) {
        munmap((void *)input.ramdisk, input.ramdisk_size);
    }
    return end;
}
