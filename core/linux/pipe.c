/* Data between descriptors without a buffer of the guest's, or with flags beside the position. */
#include "guest.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

/* An optional 64-bit offset that the call reads and updates. */
static bool get_offset(struct zf_task *task, uint64_t address, uint8_t **at, loff_t *offset) {
    *at = address ? zf_guest_out(task, address, 8) : NULL;
    if (*at) {
        *offset = (loff_t)zf_get64(*at);
    }
    return !address || *at;
}

static void put_offset(uint8_t *at, loff_t offset) {
    if (at) {
        zf_put64(at, (uint64_t)offset);
    }
}

int64_t zf_sys_splice(struct zf_task *task, const uint64_t *a) {
    uint8_t *in_at, *out_at;
    loff_t in, out;
    if (!get_offset(task, a[1], &in_at, &in) || !get_offset(task, a[3], &out_at, &out)) {
        return -EFAULT;
    }
    int64_t result = zf_host_result(splice((int)a[0], in_at ? &in : NULL, (int)a[2],
                                           out_at ? &out : NULL, a[4], (unsigned)a[5]));
    if (result >= 0) {
        put_offset(in_at, in);
        put_offset(out_at, out);
    }
    return result;
}

int64_t zf_sys_tee(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(tee((int)a[0], (int)a[1], a[2], (unsigned)a[3]));
}

/* Into a pipe from the guest's storage, or out of one; which, is for the kernel to find out. */
int64_t zf_sys_vmsplice(struct zf_task *task, const uint64_t *a) {
    struct iovec vector[ZF_VECTOR_LIMIT];
    bool reads = (fcntl((int)a[0], F_GETFL) & O_ACCMODE) == O_RDONLY;
    int64_t error = zf_guest_vector(task, a[1], a[2], reads, vector);
    return error ? error : zf_host_result(vmsplice((int)a[0], vector, a[2], (unsigned)a[3]));
}

/* args: fd, vector, count, offset (its low half is all of it), unused, flags */
int64_t zf_sys_preadv2(struct zf_task *task, const uint64_t *a) {
    struct iovec vector[ZF_VECTOR_LIMIT];
    int64_t error = zf_guest_vector(task, a[1], a[2], true, vector);
    return error ? error
                 : zf_host_result(preadv2((int)a[0], vector, (int)a[2], (off_t)a[3], (int)a[5]));
}

int64_t zf_sys_pwritev2(struct zf_task *task, const uint64_t *a) {
    struct iovec vector[ZF_VECTOR_LIMIT];
    int64_t error = zf_guest_vector(task, a[1], a[2], false, vector);
    return error ? error
                 : zf_host_result(pwritev2((int)a[0], vector, (int)a[2], (off_t)a[3], (int)a[5]));
}

int64_t zf_sys_sync_file_range(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(sync_file_range((int)a[0], (off_t)a[1], (off_t)a[2], (unsigned)a[3]));
}

int64_t zf_sys_readahead(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(readahead((int)a[0], (off_t)a[1], a[2]));
}
