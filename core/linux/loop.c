/* The older status of a loop device, in which numbers of devices are halfwords on s390x. */
#include "guest.h"

#include <linux/loop.h>
#include <sys/ioctl.h>

enum {
    NUMBER,
    DEVICE = 4,
    INODE = 8,
    RDEVICE = 16,
    OFFSET = 20,
    TYPE = 24,
    KEY_SIZE = 28,
    FLAGS = 32,
    NAME = 36,
    KEY = 100,
    INIT = 136,
    STATUS_SIZE = 160
};

static void get_status(const uint8_t *in, struct loop_info *info) {
    *info = (struct loop_info){.lo_number = (int)zf_get32(in + NUMBER),
                               .lo_offset = (int)zf_get32(in + OFFSET),
                               .lo_encrypt_type = (int)zf_get32(in + TYPE),
                               .lo_encrypt_key_size = (int)zf_get32(in + KEY_SIZE),
                               .lo_flags = (int)zf_get32(in + FLAGS)};
    memcpy(info->lo_name, in + NAME, sizeof info->lo_name);
    memcpy(info->lo_encrypt_key, in + KEY, sizeof info->lo_encrypt_key);
    info->lo_init[0] = zf_get64(in + INIT);
    info->lo_init[1] = zf_get64(in + INIT + 8);
}

static void put_status(uint8_t *out, const struct loop_info *info) {
    memset(out, 0, STATUS_SIZE);
    zf_put32(out + NUMBER, (uint32_t)info->lo_number);
    zf_put16(out + DEVICE, (uint16_t)info->lo_device);
    zf_put64(out + INODE, info->lo_inode);
    zf_put16(out + RDEVICE, (uint16_t)info->lo_rdevice);
    zf_put32(out + OFFSET, (uint32_t)info->lo_offset);
    zf_put32(out + TYPE, (uint32_t)info->lo_encrypt_type);
    zf_put32(out + KEY_SIZE, (uint32_t)info->lo_encrypt_key_size);
    zf_put32(out + FLAGS, (uint32_t)info->lo_flags);
    memcpy(out + NAME, info->lo_name, sizeof info->lo_name);
    memcpy(out + KEY, info->lo_encrypt_key, sizeof info->lo_encrypt_key);
    zf_put64(out + INIT, info->lo_init[0]);
    zf_put64(out + INIT + 8, info->lo_init[1]);
}

int64_t zf_loop_status(struct zf_task *task, const uint64_t *a) {
    struct loop_info info;
    if ((uint32_t)a[1] == LOOP_SET_STATUS) {
        const uint8_t *in = zf_guest_in(task, a[2], STATUS_SIZE);
        if (in) {
            get_status(in, &info);
        }
        return in ? zf_host_result(ioctl((int)a[0], LOOP_SET_STATUS, &info)) : -EFAULT;
    }
    if (ioctl((int)a[0], LOOP_GET_STATUS, &info)) {
        return -errno;
    }
    uint8_t *out = zf_guest_out(task, a[2], STATUS_SIZE);
    if (out) {
        put_status(out, &info);
    }
    return out ? 0 : -EFAULT;
}
