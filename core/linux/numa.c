/* Memory policies and nodes: the host's, which are what /sys/devices/system/node tells of. */
#include "guest.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SET_WORDS = 64, WORD = 8, PIECES = 1024 };

/* A set of nodes; NULL stays NULL. */
struct nodes {
    unsigned long words[SET_WORDS];
    unsigned long *set;
    uint64_t count; /* of bits, as the call has it */
};

static uint64_t bytes_of(const struct nodes *n) {
    return (n->count + 63) / 64 * WORD;
}

/* As the kernel counts them, one less. */
static int64_t get_nodes(struct zf_task *task, uint64_t address, uint64_t count, struct nodes *n) {
    *n = (struct nodes){.count = count};
    if (!address || !count) {
        return 0;
    }
    const uint8_t *in =
        bytes_of(n) <= sizeof n->words ? zf_guest_in(task, address, bytes_of(n)) : NULL;
    if (!in) {
        return bytes_of(n) <= sizeof n->words ? -EFAULT : -EINVAL;
    }
    for (uint64_t i = 0; i < bytes_of(n) / WORD; i++) {
        n->words[i] = zf_get64(in + WORD * i);
    }
    n->set = n->words;
    return 0;
}

static bool put_nodes(struct zf_task *task, uint64_t address, const struct nodes *n) {
    uint8_t *out = zf_guest_out(task, address, bytes_of(n));
    for (uint64_t i = 0; out && i < bytes_of(n) / WORD; i++) {
        zf_put64(out + WORD * i, n->words[i]);
    }
    return out;
}

static bool is_mapped(const struct zf_task *task, uint64_t address, uint64_t length) {
    return zf_linear_allows(&task->machine->storage, address, length, 0);
}

int64_t zf_sys_get_mempolicy(struct zf_task *task, const uint64_t *a) {
    struct nodes n = {.count = a[2]};
    const uint64_t known = MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED;
    int mode = 0;
    void *place = NULL;
    if (a[4] & ~known) {
        return -EINVAL;
    }
    if (a[4] & MPOL_F_ADDR) {
        if (!is_mapped(task, a[3], 1)) {
            return -EFAULT;
        }
        place = task->machine->storage.ram + a[3];
    } else if (a[3]) {
        return -EINVAL;
    }
    if (bytes_of(&n) > sizeof n.words) {
        return -EINVAL;
    }
    n.set = a[1] ? n.words : NULL;
    int64_t result = zf_host_result(
        syscall(SYS_get_mempolicy, a[0] ? &mode : NULL, n.set, n.count, place, a[4]));
    bool stored = (!a[0] || zf_guest_put32(task, a[0], (uint32_t)mode)) &&
                  (!a[1] || put_nodes(task, a[1], &n));
    return result || stored ? result : -EFAULT;
}

int64_t zf_sys_set_mempolicy(struct zf_task *task, const uint64_t *a) {
    struct nodes n;
    int64_t error = get_nodes(task, a[1], a[2], &n);
    return error ? error : zf_host_result(syscall(SYS_set_mempolicy, (int)a[0], n.set, n.count));
}

int64_t zf_sys_mbind(struct zf_task *task, const uint64_t *a) {
    struct nodes n;
    int64_t error = get_nodes(task, a[3], a[4], &n);
    if (a[0] & ~ZF_PAGE_MASK) {
        return -EINVAL;
    }
    if (a[1] && !is_mapped(task, a[0], a[1])) {
        return -EFAULT;
    }
    error = error ? error
                  : zf_host_result(syscall(SYS_mbind, task->machine->storage.ram + a[0], a[1],
                                           (int)a[2], n.set, n.count, (unsigned)a[5]));
    task->process->binds_nodes |= !error && a[2];
    return error;
}

int64_t zf_sys_migrate_pages(struct zf_task *task, const uint64_t *a) {
    struct nodes from, to;
    int64_t error = get_nodes(task, a[2], a[1], &from);
    error = error ? error : get_nodes(task, a[3], a[1], &to);
    return error ? error
                 : zf_host_result(syscall(SYS_migrate_pages, (pid_t)a[0], a[1], from.set, to.set));
}

/* Where pages of this process are, or shall be: addresses, and a word for each that says it. */
static int64_t move_some(struct zf_task *task, const uint64_t *a, uint64_t first, uint64_t count) {
    void *pages[PIECES];
    int nodes[PIECES], status[PIECES];
    const uint8_t *in = zf_guest_in(task, a[2] + 8 * first, 8 * count);
    const uint8_t *to = a[3] ? zf_guest_in(task, a[3] + 4 * first, 4 * count) : in;
    uint8_t *out = zf_guest_out(task, a[4] + 4 * first, 4 * count);
    if (!in || !to || !out) {
        return -EFAULT;
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t address = zf_get64(in + 8 * i);
        pages[i] = is_mapped(task, address, 1) ? task->machine->storage.ram + address : NULL;
        nodes[i] = a[3] ? (int)zf_get32(to + 4 * i) : 0;
    }
    int64_t result = zf_host_result(
        syscall(SYS_move_pages, 0, count, pages, a[3] ? nodes : NULL, status, (int)a[5]));
    for (uint64_t i = 0; result >= 0 && i < count; i++) {
        zf_put32(out + 4 * i, (uint32_t)status[i]);
    }
    return result;
}

int64_t zf_sys_move_pages(struct zf_task *task, const uint64_t *a) {
    enum { LIMIT = 1 << 20 }; /* it is not interrupted */
    int64_t result = 0;
    if (a[1] > LIMIT) {
        return -ENOMEM;
    }
    if ((pid_t)a[0] && (pid_t)a[0] != getpid()) {
        return kill((pid_t)a[0], 0) && errno == ESRCH ? -ESRCH : -EPERM;
    }
    if (a[5] & ~(uint64_t)(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) {
        return -EINVAL;
    }
    for (uint64_t i = 0; i < a[1] && !result; i += PIECES) {
        result = move_some(task, a, i, a[1] - i < PIECES ? a[1] - i : PIECES);
    }
    return result;
}
