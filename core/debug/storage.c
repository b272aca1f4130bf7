#define _GNU_SOURCE /* process_vm_readv */
/*
 * Storage as a debugger reads and writes it: past protection, and without faults. That of a Linux
 * program is memory of this process, whose pages may be anything, so the host's kernel copies.
 */
#include "zfacet/cpus.h"
#include "zfacet/dat.h"
#include "zfacet/debug.h"
#include "zfacet/linear.h"

#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* How an access ends at the guest's page, so that each page is looked up by itself. */
static size_t within_page(uint64_t address, size_t size) {
    size_t rest = ZF_PAGE_SIZE - (size_t)(address & ~ZF_PAGE_MASK);
    return size < rest ? size : rest;
}

static uint8_t *find(struct zf_cpu *cpu, enum zf_debug_space space, uint64_t address, size_t size) {
    struct zf_dat dat = {.real = address};
    if (space == ZF_DEBUG_VIRTUAL && cpu->mode & ZF_MODE_DAT) {
        enum zf_space fetched = zf_access_space(cpu, ZF_ACCESS_FETCH);
        if (!zf_dat_walk(cpu, zf_space_asce(cpu, fetched), address, &dat)) {
            return NULL;
        }
    }
    return zf_absolute(cpu->storage, zf_dat_absolute(cpu, &dat), size);
}

static uint8_t *linear_host(const struct zf_storage *storage, uint64_t address) {
    return storage->ram + (address & (storage->size - 1));
}

/*
 * Pages may be read-only, or have nothing of their file behind them. The CPU's own thread need not
 * ask the host's kernel: it reads what is watched at each instruction.
 */
static bool read_linear(struct zf_cpu *cpu, uint64_t address, void *to, size_t size) {
    const struct zf_storage *storage = cpu->storage;
    if (zf_cpu_current() == cpu) {
        return zf_linear_peek(cpu, address, to, size);
    }
    struct iovec into = {to, size}, from = {linear_host(storage, address), size};
    return process_vm_readv(getpid(), &into, 1, &from, 1, 0) == (ssize_t)size;
}

/* As a file, the process's own memory can be written even where it is read-only. */
static bool write_linear(const struct zf_storage *storage, uint64_t address, const void *from,
                         size_t size) {
    int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    off_t at = (off_t)(uintptr_t)linear_host(storage, address);
    bool done = fd >= 0 && pwrite(fd, from, size, at) == (ssize_t)size;
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

bool zf_debug_read(struct zf_cpu *cpu, enum zf_debug_space space, uint64_t address, void *bytes,
                   size_t size) {
    if (cpu->storage->linear) {
        return zf_linear_allows(cpu->storage, address, size, 0) &&
               read_linear(cpu, address, bytes, size);
    }
    for (uint8_t *to = bytes; size > 0;) {
        size_t part = within_page(address, size);
        const uint8_t *host = find(cpu, space, address, part);
        if (!host) {
            return false;
        }
        memcpy(to, host, part);
        to += part;
        address += part;
        size -= part;
    }
    return true;
}

bool zf_debug_write(struct zf_cpu *cpu, enum zf_debug_space space, uint64_t address,
                    const void *bytes, size_t size) {
    struct zf_storage *storage = cpu->storage;
    if (storage->linear) {
        if (!zf_linear_allows(storage, address, size, 0)) {
            return false;
        }
        zf_code_changed(storage, address, size);
        return write_linear(storage, address, bytes, size);
    }
    for (const uint8_t *from = bytes; size > 0;) {
        size_t part = within_page(address, size);
        uint8_t *host = find(cpu, space, address, part);
        if (!host) {
            return false;
        }
        memcpy(host, from, part);
        zf_code_changed(storage, (uint64_t)(host - storage->ram), part);
        from += part;
        address += part;
        size -= part;
    }
    return true;
}
