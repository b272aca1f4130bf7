/* System calls that move data through file descriptors. */
#include "guest.h"

#include "proc.h"
#include "record.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { TRANSFER_LIMIT = 0x7ffff000 };

/* What one call moves at most, as on Linux. */
static size_t transfer(uint64_t length) {
    return length > TRANSFER_LIMIT ? TRANSFER_LIMIT : (size_t)length;
}

int64_t zf_sys_read(struct zf_task *task, const uint64_t *a) {
    uint8_t *out = zf_guest_out(task, a[1], transfer(a[2]));
    if (!out) {
        return -EFAULT;
    }
    int64_t result;
    struct zf_proc_transfer t = {.buffer = out, .size = transfer(a[2]), .offset = -1};
    if (zf_standard_read(task, (int)a[0], out, transfer(a[2]), &result)) {
        return result;
    }
    if (zf_proc_transfer(task, (int)a[0], &t)) {
        return t.result;
    }
    ssize_t got = read((int)a[0], out, transfer(a[2]));
    if (got < 0) {
        return -errno;
    }
    zf_special_read((int)a[0], out, (size_t)got);
    zf_random_read(task, (int)a[0], out, (size_t)got);
    zf_netlink_received(task, (int)a[0], &(struct iovec){out, (size_t)got}, 1, (size_t)got);
    return got;
}

/* Over netlink, in one piece and in the host's order. */
static int64_t write_all(struct zf_task *task, int fd, const struct iovec *vector, uint64_t count) {
    struct iovec message = {0};
    int64_t result = zf_netlink_sent(task, fd, vector, count, &message);
    if (!result) {
        result = zf_host_result(message.iov_base ? write(fd, message.iov_base, message.iov_len)
                                                 : writev(fd, vector, (int)count));
    }
    free(message.iov_base);
    return result;
}

int64_t zf_sys_write(struct zf_task *task, const uint64_t *a) {
    uint8_t swapped[8];
    size_t size = transfer(a[2]);
    const uint8_t *in = zf_guest_in(task, a[1], size);
    if (!in) {
        return -EFAULT;
    }
    if (zf_standard_write(task, (int)a[0], in, size)) {
        return (int64_t)size;
    }
    struct zf_proc_transfer t = {
        .buffer = (uint8_t *)in, .size = size, .offset = -1, .write = true};
    if (zf_proc_transfer(task, (int)a[0], &t)) {
        return t.result;
    }
    in = zf_special_write((int)a[0], in, size, swapped);
    return task->process->uses_netlink
               ? write_all(task, (int)a[0], &(struct iovec){(void *)(uintptr_t)in, size}, 1)
               : zf_host_result(write((int)a[0], in, size));
}

int64_t zf_sys_pread64(struct zf_task *task, const uint64_t *a) {
    uint8_t *out = zf_guest_out(task, a[1], transfer(a[2]));
    struct zf_proc_transfer t = {.buffer = out, .size = transfer(a[2]), .offset = (int64_t)a[3]};
    if (out && t.offset >= 0 && zf_proc_transfer(task, (int)a[0], &t)) {
        return t.result;
    }
    return out ? zf_host_result(pread((int)a[0], out, transfer(a[2]), (off_t)a[3])) : -EFAULT;
}

int64_t zf_sys_pwrite64(struct zf_task *task, const uint64_t *a) {
    const uint8_t *in = zf_guest_in(task, a[1], transfer(a[2]));
    struct zf_proc_transfer t = {
        .buffer = (uint8_t *)in, .size = transfer(a[2]), .offset = (int64_t)a[3], .write = true};
    if (in && t.offset >= 0 && zf_proc_transfer(task, (int)a[0], &t)) {
        return t.result;
    }
    return in ? zf_host_result(pwrite((int)a[0], in, transfer(a[2]), (off_t)a[3])) : -EFAULT;
}

int64_t zf_guest_vector(struct zf_task *task, uint64_t address, uint64_t count, bool write,
                        struct iovec *vector) {
    if (count > ZF_VECTOR_LIMIT) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, address, count * 16);
    if (!in) {
        return -EFAULT;
    }
    for (uint64_t i = 0; i < count; i++, in += 16) {
        uint64_t base = zf_get64(in), length = zf_get64(in + 8);
        if ((int64_t)length < 0) {
            return -EINVAL;
        }
        const uint8_t *buffer =
            write ? zf_guest_out(task, base, length) : zf_guest_in(task, base, length);
        if (!buffer) {
            return -EFAULT;
        }
        vector[i] = (struct iovec){(void *)(uintptr_t)buffer, length};
    }
    return 0;
}

/* The first piece, where the file is not one that the host moves. */
static struct zf_proc_transfer first_of(const struct iovec *vector, unsigned i, uint64_t count) {
    struct zf_proc_transfer t = {.offset = -1};
    if (i < count) {
        t.buffer = vector[i].iov_base;
        t.size = vector[i].iov_len;
    }
    return t;
}

int64_t zf_sys_readv(struct zf_task *task, const uint64_t *a) {
    struct iovec vector[ZF_VECTOR_LIMIT];
    int64_t error = zf_guest_vector(task, a[1], a[2], true, vector), result;
    if (error) {
        return error;
    }
    unsigned first = 0;
    while (first + 1 < a[2] && !vector[first].iov_len) {
        first++;
    }
    if (a[2] &&
        zf_standard_read(task, (int)a[0], vector[first].iov_base, vector[first].iov_len, &result)) {
        return result;
    }
    struct zf_proc_transfer t = first_of(vector, first, a[2]);
    if (a[2] && zf_proc_transfer(task, (int)a[0], &t)) {
        return t.result;
    }
    ssize_t got = readv((int)a[0], vector, (int)a[2]);
    if (got < 0) {
        return -errno;
    }
    if (a[2] && (size_t)got <= t.size) {
        zf_special_read((int)a[0], t.buffer, (size_t)got);
    }
    zf_netlink_received(task, (int)a[0], vector, a[2], (size_t)got);
    return got;
}

int64_t zf_sys_writev(struct zf_task *task, const uint64_t *a) {
    struct iovec vector[ZF_VECTOR_LIMIT];
    int64_t error = zf_guest_vector(task, a[1], a[2], false, vector), written = 0;
    if (error) {
        return error;
    }
    unsigned i = 0;
    while (i < a[2] && zf_standard_write(task, (int)a[0], vector[i].iov_base, vector[i].iov_len)) {
        written += (int64_t)vector[i++].iov_len;
    }
    struct zf_proc_transfer t = first_of(vector, 0, a[2]);
    t.write = true;
    if (!i && t.size && zf_proc_transfer(task, (int)a[0], &t)) {
        return t.result;
    }
    return i ? written : write_all(task, (int)a[0], vector, a[2]);
}

int64_t zf_sys_preadv(struct zf_task *task, const uint64_t *a) {
    struct iovec vector[ZF_VECTOR_LIMIT];
    int64_t error = zf_guest_vector(task, a[1], a[2], true, vector);
    return error ? error : zf_host_result(preadv((int)a[0], vector, (int)a[2], (off_t)a[3]));
}

int64_t zf_sys_pwritev(struct zf_task *task, const uint64_t *a) {
    struct iovec vector[ZF_VECTOR_LIMIT];
    int64_t error = zf_guest_vector(task, a[1], a[2], false, vector);
    return error ? error : zf_host_result(pwritev((int)a[0], vector, (int)a[2], (off_t)a[3]));
}

int64_t zf_sys_lseek(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(lseek((int)a[0], (off_t)a[1], (int)a[2]));
}

int64_t zf_sys_close(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(close((int)a[0]));
}

int64_t zf_sys_close_range(struct zf_task *task, const uint64_t *a) {
    unsigned first = (unsigned)a[0], last = (unsigned)a[1];
    int result = 0;
    if (first > last) {
        return -EINVAL;
    }
    /* from one file of zfacet's to the next */
    const unsigned end = (unsigned)task->process->aside.end;
    for (unsigned fd = first; !result && fd <= last && (fd < ZF_OWN_FDS || fd < end); fd++) {
        if (zf_own_file(task, fd)) {
            result = fd > first ? close_range(first, fd - 1, (int)a[2]) : 0;
            first = fd + 1;
        }
    }
    return result || first > last ? zf_host_result(result)
                                  : zf_host_result(close_range(first, last, (int)a[2]));
}

int64_t zf_sys_dup(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(dup((int)a[0]));
}

int64_t zf_sys_dup2(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(dup2((int)a[0], (int)a[1]));
}

int64_t zf_sys_dup3(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(dup3((int)a[0], (int)a[1], (int)a[2]));
}

static int64_t do_pipe(struct zf_task *task, uint64_t address, int flags) {
    int fds[2];
    uint8_t *out = zf_guest_out(task, address, 8);
    if (!out) {
        return -EFAULT;
    }
    if (pipe2(fds, flags)) {
        return -errno;
    }
    zf_put32(out, (uint32_t)fds[0]);
    zf_put32(out + 4, (uint32_t)fds[1]);
    return 0;
}

int64_t zf_sys_pipe(struct zf_task *task, const uint64_t *a) {
    return do_pipe(task, a[0], 0);
}

int64_t zf_sys_pipe2(struct zf_task *task, const uint64_t *a) {
    return do_pipe(task, a[0], (int)a[1]);
}

int64_t zf_sys_ftruncate(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(ftruncate((int)a[0], (off_t)a[1]));
}

int64_t zf_sys_fallocate(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(fallocate((int)a[0], (int)a[1], (off_t)a[2], (off_t)a[3]));
}

int64_t zf_sys_fadvise64(struct zf_task *task, const uint64_t *a) {
    /* the last two have numbers of their own on s390x */
    static const int advices[] = {
        POSIX_FADV_NORMAL,   POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED, -1, -1,
        POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE};
    (void)task;
    int advice = a[3] < ZF_ARRAY_LENGTH(advices) ? advices[a[3]] : -1;
    return -posix_fadvise((int)a[0], (off_t)a[1], (off_t)a[2], advice);
}

int64_t zf_sys_sync(struct zf_task *task, const uint64_t *a) {
    (void)task, (void)a;
    sync();
    return 0;
}

int64_t zf_sys_syncfs(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(syncfs((int)a[0]));
}

int64_t zf_sys_fsync(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(fsync((int)a[0]));
}

int64_t zf_sys_fdatasync(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(fdatasync((int)a[0]));
}

/* An optional 64-bit offset that the call reads and updates. */
static bool get_offset(struct zf_task *task, uint64_t address, uint8_t **at, off_t *offset) {
    *at = address ? zf_guest_out(task, address, 8) : NULL;
    if (*at) {
        *offset = (off_t)zf_get64(*at);
    }
    return !address || *at;
}

int64_t zf_sys_sendfile(struct zf_task *task, const uint64_t *a) {
    uint8_t *at;
    off_t offset;
    if (!get_offset(task, a[2], &at, &offset)) {
        return -EFAULT;
    }
    int64_t result =
        zf_host_result(sendfile((int)a[0], (int)a[1], at ? &offset : NULL, transfer(a[3])));
    if (at && result >= 0) {
        zf_put64(at, (uint64_t)offset);
    }
    return result;
}

int64_t zf_sys_copy_file_range(struct zf_task *task, const uint64_t *a) {
    uint8_t *in_at, *out_at;
    off_t in, out;
    if (!get_offset(task, a[1], &in_at, &in) || !get_offset(task, a[3], &out_at, &out)) {
        return -EFAULT;
    }
    int64_t result =
        zf_host_result(copy_file_range((int)a[0], in_at ? &in : NULL, (int)a[2],
                                       out_at ? &out : NULL, transfer(a[4]), (unsigned)a[5]));
    if (result >= 0) {
        if (in_at) {
            zf_put64(in_at, (uint64_t)in);
        }
        if (out_at) {
            zf_put64(out_at, (uint64_t)out);
        }
    }
    return result;
}

int64_t zf_sys_memfd_create(struct zf_task *task, const uint64_t *a) {
    char name[256];
    int64_t error;
    if (!zf_guest_string(task, a[0], name, sizeof name, &error)) {
        return error == -ENAMETOOLONG ? -EINVAL : error;
    }
    return zf_host_result(memfd_create(name, (unsigned)a[1]));
}

int64_t zf_sys_eventfd(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(syscall(SYS_eventfd2, (unsigned)a[0], 0));
}

int64_t zf_sys_eventfd2(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(syscall(SYS_eventfd2, (unsigned)a[0], (int)a[1]));
}

/*
 * Directory entries have the same layout everywhere: inode 8, offset 8, length 2, type 1, name. In
 * the older call's, which are as long, the type comes last.
 */
int64_t zf_sys_getdents(struct zf_task *task, const uint64_t *a) {
    enum { LENGTH_AT = 16, TYPE_AT = 18 };
    int64_t got = zf_sys_getdents64(task, a);
    uint8_t *out = got > 0 ? zf_guest_out(task, a[1], (uint64_t)got) : NULL;
    for (int64_t at = 0, length; out && at < got; at += length) {
        uint8_t *entry = out + at, type = entry[TYPE_AT];
        length = zf_get16(entry + LENGTH_AT);
        memmove(entry + TYPE_AT, entry + TYPE_AT + 1, (size_t)length - TYPE_AT - 1);
        entry[length - 1] = type;
    }
    return got;
}

int64_t zf_sys_getdents64(struct zf_task *task, const uint64_t *a) {
    uint64_t size = (uint32_t)a[2];
    uint8_t *out = zf_guest_out(task, a[1], size);
    if (!out) {
        return -EFAULT;
    }
    int64_t got, kept, most = 0;
    do {
        got = zf_host_result(syscall(SYS_getdents64, (int)a[0], out, size));
        most = got > most ? got : most;
        kept = got > 0 ? (int64_t)zf_proc_list(task, (int)a[0], out, (size_t)got) : got;
    } while (got > 0 && !kept);
    int64_t end = kept > 0 ? kept : 0;
    if (most > end) { /* there were others, behind those */
        zf_record_stores(task, a[1] + (uint64_t)end, (uint64_t)(most - end));
    }
    for (int64_t at = 0; at < kept;) {
        uint8_t *entry = out + at;
        uint64_t inode, offset;
        uint16_t length;
        memcpy(&inode, entry, 8);
        memcpy(&offset, entry + 8, 8);
        memcpy(&length, entry + 16, 2);
        zf_put64(entry, inode);
        zf_put64(entry + 8, offset);
        zf_put16(entry + 16, length);
        at += length;
    }
    return kept;
}

/* What of a range of a file is in storage: doublewords in and out. */
int64_t zf_sys_cachestat(struct zf_task *task, const uint64_t *a) {
    enum { RANGE = 2, COUNTS = 5, NUMBER = 451 };
    uint64_t range[RANGE], counts[COUNTS];
    const uint8_t *in = zf_guest_in(task, a[1], sizeof range);
    if (!in) {
        return -EFAULT;
    }
    for (unsigned i = 0; i < RANGE; i++) {
        range[i] = zf_get64(in + 8 * i);
    }
    int64_t result = zf_host_result(syscall(NUMBER, (unsigned)a[0], range, counts, (unsigned)a[3]));
    uint8_t *out = result < 0 ? NULL : zf_guest_out(task, a[2], sizeof counts);
    for (unsigned i = 0; i < COUNTS && out; i++) {
        zf_put64(out + 8 * i, counts[i]);
    }
    return result < 0 || out ? result : -EFAULT;
}
