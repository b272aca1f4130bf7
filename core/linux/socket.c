/*
 * Sockets. Calls pass through; the first halfword of an address (the family) is in the guest's byte
 * order, the rest of the families that programs use (unix, inet, inet6) is in the network's. What
 * netlink carries is translated in netlink.c.
 */
#include "record.h"

#include "zfacet/clock.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    ADDRESS_LIMIT = 256,
    MSGHDR_SIZE = 56,
    MMSGHDR_SIZE = 64,
    CONTROL_LIMIT = 4096,
    SCOPE_AT = 24,  /* of an inet6 address */
    NUMBERS_AT = 4, /* of netlink's and packets' */
};

union address {
    struct sockaddr any;
    uint8_t bytes[ADDRESS_LIMIT];
};

/* The scope of an inet6 address is a number of the machine too, as are netlink's numbers, and a
 * packet's interface and kind of hardware. */
static void swap_numbers(sa_family_t family, uint8_t *bytes, size_t size) {
    size_t at = family == AF_INET6 ? SCOPE_AT : NUMBERS_AT;
    const char *fields = family == AF_INET6     ? "w"
                         : family == AF_NETLINK ? "2w"
                         : family == AF_PACKET  ? "wh"
                                                : NULL;
    if (fields && size > at) {
        zf_layout_swap(fields, bytes + at, size - at, false);
    }
}

static int64_t get_address(struct zf_task *task, uint64_t at, uint64_t size,
                           union address *address) {
    if (size > ADDRESS_LIMIT) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, at, size);
    if (!in) {
        return -EFAULT;
    }
    memset(address, 0, sizeof *address);
    memcpy(address->bytes, in, size);
    if (size >= 2) {
        address->any.sa_family = zf_get16(in);
        swap_numbers(address->any.sa_family, address->bytes, size);
    }
    return 0;
}

/* Stores as much of an address as the guest's word at `size_at` has room for. */
static int64_t put_address(struct zf_task *task, uint64_t at, uint64_t size_at,
                           union address *address, socklen_t size) {
    const uint8_t *room_at = zf_guest_in(task, size_at, 4);
    if (!room_at) {
        return -EFAULT;
    }
    uint32_t room = zf_get32(room_at);
    size_t stored = size < sizeof *address ? size : sizeof *address;
    sa_family_t family = address->any.sa_family;
    if (size >= 2) {
        zf_put16(address->bytes, family);
        swap_numbers(family, address->bytes, stored);
    }
    stored = stored < room ? stored : room;
    uint8_t *out = zf_guest_out(task, at, stored);
    if ((int32_t)room < 0 || !out) {
        return (int32_t)room < 0 ? -EINVAL : -EFAULT;
    }
    memcpy(out, address->bytes, stored);
    return zf_guest_put32(task, size_at, size) ? 0 : -EFAULT;
}

int64_t zf_sys_socket(struct zf_task *task, const uint64_t *a) {
    if ((int)a[0] == AF_NETLINK && !zf_netlink_permits((int)a[2])) {
        return -EPROTONOSUPPORT; /* its messages are structures of the machine */
    }
    task->process->uses_netlink |= (int)a[0] == AF_NETLINK;
    return zf_host_result(socket((int)a[0], (int)a[1], (int)a[2]));
}

int64_t zf_sys_socketpair(struct zf_task *task, const uint64_t *a) {
    int fds[2];
    uint8_t *out = zf_guest_out(task, a[3], 8);
    if (!out || socketpair((int)a[0], (int)a[1], (int)a[2], fds)) {
        return out ? -errno : -EFAULT;
    }
    zf_put32(out, (uint32_t)fds[0]);
    zf_put32(out + 4, (uint32_t)fds[1]);
    return 0;
}

int64_t zf_sys_bind(struct zf_task *task, const uint64_t *a) {
    union address address;
    int64_t error = get_address(task, a[1], a[2], &address);
    return error ? error : zf_host_result(bind((int)a[0], &address.any, (socklen_t)a[2]));
}

int64_t zf_sys_connect(struct zf_task *task, const uint64_t *a) {
    union address address;
    int64_t error = get_address(task, a[1], a[2], &address);
    return error ? error : zf_host_result(connect((int)a[0], &address.any, (socklen_t)a[2]));
}

int64_t zf_sys_listen(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(listen((int)a[0], (int)a[1]));
}

int64_t zf_sys_accept4(struct zf_task *task, const uint64_t *a) {
    union address address = {0};
    socklen_t size = sizeof address;
    int fd = accept4((int)a[0], &address.any, &size, (int)a[3]);
    if (fd < 0) {
        return -errno;
    }
    int64_t error = a[1] ? put_address(task, a[1], a[2], &address, size) : 0;
    if (error) {
        close(fd);
    }
    return error ? error : fd;
}

int64_t zf_sys_getsockname(struct zf_task *task, const uint64_t *a) {
    union address address = {0};
    socklen_t size = sizeof address;
    int error = getsockname((int)a[0], &address.any, &size) ? errno : 0;
    return error ? -error : put_address(task, a[1], a[2], &address, size);
}

int64_t zf_sys_getpeername(struct zf_task *task, const uint64_t *a) {
    union address address = {0};
    socklen_t size = sizeof address;
    int error = getpeername((int)a[0], &address.any, &size) ? errno : 0;
    return error ? -error : put_address(task, a[1], a[2], &address, size);
}

int64_t zf_sys_shutdown(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(shutdown((int)a[0], (int)a[1]));
}

int64_t zf_sys_sendto(struct zf_task *task, const uint64_t *a) {
    union address address;
    const uint8_t *in = zf_guest_in(task, a[1], a[2]);
    int64_t error = a[4] ? get_address(task, a[4], a[5], &address) : 0;
    if (error || !in) {
        return error ? error : -EFAULT;
    }
    const struct iovec all = {(void *)(uintptr_t)in, a[2]};
    struct iovec message = {0};
    int64_t result = zf_netlink_sent(task, (int)a[0], &all, 1, &message);
    if (!result) {
        const void *bytes = message.iov_base ? message.iov_base : in;
        result = zf_host_result(sendto((int)a[0], bytes, a[2], (int)a[3],
                                       a[4] ? &address.any : NULL, a[4] ? (socklen_t)a[5] : 0));
    }
    free(message.iov_base);
    return result;
}

int64_t zf_sys_recvfrom(struct zf_task *task, const uint64_t *a) {
    union address address = {0};
    socklen_t size = sizeof address;
    size_t noted = zf_record_noted(task);
    uint8_t *out = zf_guest_out(task, a[1], a[2]);
    if (!out) {
        return -EFAULT;
    }
    ssize_t got = recvfrom((int)a[0], out, a[2], (int)a[3], &address.any, &size);
    zf_record_filled(task, noted, zf_host_result(got));
    if (got >= 0 && address.any.sa_family == AF_NETLINK) {
        zf_netlink_received(task, (int)a[0], &(struct iovec){out, a[2]}, 1, (size_t)got);
    }
    int64_t error = got < 0 ? -errno : a[4] ? put_address(task, a[4], a[5], &address, size) : 0;
    return error ? error : got;
}

/* A message as the guest has it, and as the host wants it. */
struct message {
    struct msghdr host;
    union address address;
    struct iovec vector[ZF_VECTOR_LIMIT];
    _Alignas(struct cmsghdr) uint8_t control[CONTROL_LIMIT];
    uint64_t name_at, control_at, control_size;
};

static int64_t get_message(struct zf_task *task, uint64_t at, bool receive, struct message *m) {
    const uint8_t *in = zf_guest_in(task, at, MSGHDR_SIZE);
    if (!in) {
        return -EFAULT;
    }
    uint64_t name_size = zf_get32(in + 8), count = zf_get64(in + 24), vector_at = zf_get64(in + 16);
    m->name_at = zf_get64(in);
    m->control_at = zf_get64(in + 32);
    m->control_size = zf_get64(in + 40);
    if (receive && m->control_size > CONTROL_LIMIT) {
        m->control_size = CONTROL_LIMIT; /* more than comes with any message */
    }
    if (count > ZF_VECTOR_LIMIT || m->control_size > CONTROL_LIMIT) {
        return count > ZF_VECTOR_LIMIT ? -EMSGSIZE : -ENOBUFS;
    }
    const uint8_t *vector = zf_guest_in(task, vector_at, 16 * count);
    for (uint64_t i = 0; vector && i < count; i++) {
        uint64_t base = zf_get64(vector + 16 * i), length = zf_get64(vector + 16 * i + 8);
        const uint8_t *buffer =
            receive ? zf_guest_out(task, base, length) : zf_guest_in(task, base, length);
        if (!buffer) {
            return -EFAULT;
        }
        m->vector[i] = (struct iovec){(void *)(uintptr_t)buffer, length};
    }
    const uint8_t *control = zf_guest_in(task, m->control_at, m->control_size);
    if (!vector || !control) {
        return -EFAULT;
    }
    m->host = (struct msghdr){.msg_iov = m->vector, .msg_iovlen = count};
    if (m->control_at && m->control_size) {
        memcpy(m->control, control, m->control_size);
        m->host.msg_control = m->control;
        m->host.msg_controllen = m->control_size;
    }
    if (m->name_at) {
        m->host.msg_name = &m->address;
        m->host.msg_namelen = (socklen_t)(receive ? sizeof m->address : name_size);
    }
    return m->name_at && !receive ? get_address(task, m->name_at, name_size, &m->address) : 0;
}

static int64_t send_message(struct zf_task *task, int fd, uint64_t at, int flags) {
    struct message *m = calloc(1, sizeof *m);
    int64_t result = m ? get_message(task, at, false, m) : -ENOMEM;
    struct iovec message = {0};
    if (!result) {
        result = zf_netlink_sent(task, fd, m->vector, m->host.msg_iovlen, &message);
    }
    if (message.iov_base) {
        m->host.msg_iov = &message;
        m->host.msg_iovlen = 1;
    }
    if (!result) {
        result = zf_ancillary_to_host(task, m->control, m->host.msg_controllen)
                     ? zf_host_result(sendmsg(fd, &m->host, flags))
                     : -EBADF;
    }
    free(message.iov_base);
    free(m);
    return result;
}

int64_t zf_sys_sendmsg(struct zf_task *task, const uint64_t *a) {
    return send_message(task, (int)a[0], a[1], (int)a[2]);
}

static int64_t put_message(struct zf_task *task, uint64_t at, struct message *m) {
    uint8_t *header = zf_guest_out(task, at, MSGHDR_SIZE);
    uint8_t *control = zf_guest_out(task, m->control_at, m->host.msg_controllen);
    if (!header || !control) {
        return -EFAULT;
    }
    zf_ancillary_to_guest(m->control, m->host.msg_controllen);
    memcpy(control, m->control, m->host.msg_controllen);
    zf_put64(header + 40, m->host.msg_controllen);
    zf_put32(header + 48, (uint32_t)m->host.msg_flags);
    return m->name_at ? put_address(task, m->name_at, at + 8, &m->address, m->host.msg_namelen) : 0;
}

static int64_t receive_message(struct zf_task *task, int fd, uint64_t at, int flags) {
    struct message *m = calloc(1, sizeof *m);
    size_t noted = zf_record_noted(task);
    int64_t result = m ? get_message(task, at, true, m) : -ENOMEM;
    if (!result) {
        m->host.msg_name = &m->address;
        m->host.msg_namelen = sizeof m->address;
        result = zf_host_result(recvmsg(fd, &m->host, flags));
        zf_record_filled(task, noted, result);
        if (result >= 0 && m->address.any.sa_family == AF_NETLINK) {
            zf_netlink_received(task, fd, m->vector, m->host.msg_iovlen, (size_t)result);
        }
        int64_t error = result < 0 ? 0 : put_message(task, at, m);
        result = error ? error : result;
    }
    free(m);
    return result;
}

int64_t zf_sys_recvmsg(struct zf_task *task, const uint64_t *a) {
    return receive_message(task, (int)a[0], a[1], (int)a[2]);
}

#define NEVER UINT64_MAX

/* An array of message headers, each followed by a word for how much was moved. */
typedef int64_t move_message(struct zf_task *task, int fd, uint64_t at, int flags);

/* `until`: a time of the monotonic clock after which no other message is waited for. */
static int64_t move_messages(struct zf_task *task, const uint64_t *a, move_message *move, int flags,
                             uint64_t until) {
    int64_t done = 0, result = 0;
    uint64_t count = a[2] > ZF_VECTOR_LIMIT ? ZF_VECTOR_LIMIT : a[2];
    while ((uint64_t)done < count) {
        uint64_t at = a[1] + (uint64_t)done * MMSGHDR_SIZE;
        result = move(task, (int)a[0], at, flags);
        if (result < 0 || !zf_guest_put32(task, at + MSGHDR_SIZE, (uint32_t)result)) {
            result = result < 0 ? result : -EFAULT;
            break;
        }
        done++;
        flags |= flags & MSG_WAITFORONE ? MSG_DONTWAIT : 0;
        if (until != NEVER && zf_clock_ns(task->cpu, CLOCK_MONOTONIC) >= until) {
            break;
        }
    }
    return done ? done : result;
}

int64_t zf_sys_sendmmsg(struct zf_task *task, const uint64_t *a) {
    return move_messages(task, a, send_message, (int)a[3], NEVER);
}

/* The time limit is looked at after each message: the first one may take longer. */
int64_t zf_sys_recvmmsg(struct zf_task *task, const uint64_t *a) {
    enum { SECOND = 1000000000, LONGEST = INT32_MAX };
    struct timespec limit;
    if (!a[4]) {
        return move_messages(task, a, receive_message, (int)a[3], NEVER);
    }
    if (!zf_get_timespec(task, a[4], &limit)) {
        return -EFAULT;
    }
    if (limit.tv_sec < 0 || limit.tv_nsec < 0 || limit.tv_nsec >= SECOND) {
        return -EINVAL;
    }
    uint64_t seconds = (uint64_t)(limit.tv_sec < LONGEST ? limit.tv_sec : LONGEST);
    uint64_t until =
        zf_clock_ns(task->cpu, CLOCK_MONOTONIC) + seconds * SECOND + (uint64_t)limit.tv_nsec;
    int64_t result = move_messages(task, a, receive_message, (int)a[3], until);
    uint64_t now = zf_clock_ns(task->cpu, CLOCK_MONOTONIC), left = now < until ? until - now : 0;
    limit = (struct timespec){(time_t)(left / SECOND), (long)(left % SECOND)};
    return result > 0 && !zf_put_timespec(task, a[4], &limit) ? -EFAULT : result;
}

/* The older way to make these calls: a number and an array of the arguments. */
int64_t zf_sys_socketcall(struct zf_task *task, const uint64_t *a) {
    enum { SOCKET = 1, SOCKETPAIR = 8 };
    static const struct {
        zf_syscall *call;
        unsigned arguments;
    } calls[] = {
        [1] = {zf_sys_socket, 3},      [2] = {zf_sys_bind, 3},        [3] = {zf_sys_connect, 3},
        [4] = {zf_sys_listen, 2},      [5] = {zf_sys_accept4, 3},     [6] = {zf_sys_getsockname, 3},
        [7] = {zf_sys_getpeername, 3}, [8] = {zf_sys_socketpair, 4},  [9] = {zf_sys_sendto, 4},
        [10] = {zf_sys_recvfrom, 4},   [11] = {zf_sys_sendto, 6},     [12] = {zf_sys_recvfrom, 6},
        [13] = {zf_sys_shutdown, 2},   [14] = {zf_sys_setsockopt, 5}, [15] = {zf_sys_getsockopt, 5},
        [16] = {zf_sys_sendmsg, 3},    [17] = {zf_sys_recvmsg, 3},    [18] = {zf_sys_accept4, 4},
        [19] = {zf_sys_recvmmsg, 5},   [20] = {zf_sys_sendmmsg, 4},
    };
    uint64_t number = (uint32_t)a[0], arguments[6] = {0};
    if (number >= ZF_ARRAY_LENGTH(calls) || !calls[number].call) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, a[1], 8 * calls[number].arguments);
    for (unsigned i = 0; in && i < calls[number].arguments; i++) {
        arguments[i] = zf_get64(in + 8 * i);
    }
    if (in && number > SOCKET && number != SOCKETPAIR && zf_own_file(task, arguments[0])) {
        return -EBADF;
    }
    return in ? calls[number].call(task, arguments) : -EFAULT;
}
