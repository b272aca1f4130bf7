/*
 * The guest's storage for system calls: checked before the host touches it, a string or a buffer at
 * a time, so that a bad pointer is EFAULT.
 */
#include "record.h"

/* Whether it is mapped so, where need be now: a stack grows by what system calls do, too. */
static bool allows(struct zf_task *task, uint64_t address, uint64_t length, unsigned prot) {
    struct zf_storage *storage = &task->machine->storage;
    return zf_linear_allows(storage, address, length, prot) ||
           (!zf_linear_find(storage, address, NULL) && zf_linear_grow(storage, address) &&
            zf_linear_allows(storage, address, length, prot));
}

const uint8_t *zf_guest_in(struct zf_task *task, uint64_t address, uint64_t length) {
    uint8_t *ram = task->machine->storage.ram;
    if (!length) {
        return ram; /* no byte, at no matter which address */
    }
    return allows(task, address, length, ZF_PROT_READ) &&
                   zf_linear_present(task->cpu, address, length)
               ? ram + address
               : NULL;
}

uint8_t *zf_guest_out(struct zf_task *task, uint64_t address, uint64_t length) {
    const struct zf_linux_log *log = task->process->config.log;
    if (!length) {
        return task->machine->storage.ram;
    }
    if (log) {
        log->stores(log->context, address, length);
    }
    if (task->process->record) {
        zf_record_stores(task, address, length);
    }
    return allows(task, address, length, ZF_PROT_WRITE) &&
                   zf_linear_present(task->cpu, address, length)
               ? zf_linear_writable(&task->machine->storage, address, length)
               : NULL;
}

bool zf_guest_string(struct zf_task *task, uint64_t address, char *buffer, size_t size,
                     int64_t *error) {
    size_t done = 0;
    while (done < size) {
        uint64_t at = address + done;
        size_t chunk = ZF_PAGE_SIZE - (at & ~ZF_PAGE_MASK);
        chunk = chunk < size - done ? chunk : size - done;
        const uint8_t *from = zf_guest_in(task, at, chunk);
        if (!from) {
            *error = -EFAULT;
            return false;
        }
        const uint8_t *end = memchr(from, 0, chunk);
        memcpy(buffer + done, from, end ? (size_t)(end - from) + 1 : chunk);
        if (end) {
            return true;
        }
        done += chunk;
    }
    *error = -ENAMETOOLONG;
    return false;
}

bool zf_guest_put32(struct zf_task *task, uint64_t address, uint32_t value) {
    uint8_t *p = zf_guest_out(task, address, 4);
    if (p) {
        zf_put32(p, value);
    }
    return p;
}

bool zf_guest_put64(struct zf_task *task, uint64_t address, uint64_t value) {
    uint8_t *p = zf_guest_out(task, address, 8);
    if (p) {
        zf_put64(p, value);
    }
    return p;
}
