/*
 * Options of sockets. Most are words; a row says of what others consist, so that numbers come in
 * the reader's byte order while text, and what is in the network's order, stays.
 */
#include "guest.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum { OPTION_LIMIT = 4096, FILTER_LIMIT = 4096, FILTER_SIZE = 8, PROGRAM_SIZE = 16 };

/* Fields as in zf_layout_swap(); what comes after them stays. */
static const struct {
    int level, name;
    const char *fields;
} layouts[] = {
    /* clang-format off */
    {SOL_SOCKET, SO_BINDTODEVICE, ""}, {SOL_SOCKET, SO_PEERSEC, ""}, {SOL_SOCKET, SO_PEERNAME, "h"},
    {SOL_SOCKET, SO_RCVTIMEO, "2d"}, {SOL_SOCKET, SO_SNDTIMEO, "2d"},
    {SOL_SOCKET, 66 /* SO_RCVTIMEO_NEW */, "2d"}, {SOL_SOCKET, 67 /* SO_SNDTIMEO_NEW */, "2d"},
    {SOL_SOCKET, SO_COOKIE, "d"}, {SOL_SOCKET, 71 /* SO_NETNS_COOKIE */, "d"},
    {IPPROTO_IP, IP_OPTIONS, ""}, {IPPROTO_IP, IP_PKTOPTIONS, ""}, {IPPROTO_IP, 80 /* SO_ORIGINAL_DST */, "h"},
    {IPPROTO_IP, IP_MULTICAST_IF, "8bw"}, {IPPROTO_IP, IP_ADD_MEMBERSHIP, "8bw"}, {IPPROTO_IP, IP_DROP_MEMBERSHIP, "8bw"},
    {IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, ""}, {IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, ""},
    {IPPROTO_IP, IP_BLOCK_SOURCE, ""}, {IPPROTO_IP, IP_UNBLOCK_SOURCE, ""}, {IPPROTO_IP, IP_MSFILTER, "8b2w"},
    {IPPROTO_IPV6, IPV6_JOIN_GROUP, "16bw"}, {IPPROTO_IPV6, IPV6_LEAVE_GROUP, "16bw"},
    {IPPROTO_IPV6, IPV6_JOIN_ANYCAST, "16bw"}, {IPPROTO_IPV6, IPV6_LEAVE_ANYCAST, "16bw"},
    {IPPROTO_IPV6, 80 /* the same */, "h"}, {IPPROTO_IPV6, IPV6_RTHDR, ""}, {IPPROTO_IPV6, IPV6_HOPOPTS, ""},
    {IPPROTO_IPV6, IPV6_DSTOPTS, ""}, {IPPROTO_IPV6, IPV6_RTHDRDSTOPTS, ""}, {IPPROTO_IPV6, IPV6_PKTINFO, "16bw"},
    {IPPROTO_TCP, TCP_CONGESTION, ""}, {IPPROTO_TCP, TCP_ULP, ""}, {IPPROTO_TCP, TCP_FASTOPEN_KEY, ""},
    {IPPROTO_TCP, TCP_MD5SIG, "a2bhw"}, {IPPROTO_TCP, TCP_INFO, ZF_TCP_INFO},
    {SOL_PACKET, PACKET_ADD_MEMBERSHIP, "w2h"}, {SOL_PACKET, PACKET_DROP_MEMBERSHIP, "w2h"},
    /* clang-format on */
};

static const char *fields_of(int level, int name, size_t size) {
    if (level == IPPROTO_IP || level == IPPROTO_IPV6) {
        switch (name) {
        case MCAST_JOIN_GROUP:
        case MCAST_LEAVE_GROUP:
            return "w4ba";
        case MCAST_BLOCK_SOURCE:
        case MCAST_UNBLOCK_SOURCE:
        case MCAST_JOIN_SOURCE_GROUP:
        case MCAST_LEAVE_SOURCE_GROUP:
            return "w4b2a";
        case MCAST_MSFILTER:
            return "w4ba2w8a";
        }
    }
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(layouts); i++) {
        if (layouts[i].level == level && layouts[i].name == name) {
            return layouts[i].fields;
        }
    }
    return level == SOL_SOCKET && name == SO_MAX_PACING_RATE && size == 8 ? "d" : "*w";
}

/* A filter's program: a halfword, and where it is. */
static int64_t attach_filter(struct zf_task *task, const uint64_t *a, const uint8_t *in) {
    struct sock_filter program[FILTER_LIMIT];
    unsigned count = zf_get16(in);
    if (!count || count > FILTER_LIMIT) {
        return -EINVAL;
    }
    const uint8_t *from = zf_guest_in(task, zf_get64(in + 8), (uint64_t)count * FILTER_SIZE);
    if (!from) {
        return -EFAULT;
    }
    for (unsigned i = 0; i < count; i++, from += FILTER_SIZE) {
        program[i] = (struct sock_filter){zf_get16(from), from[2], from[3], zf_get32(from + 4)};
    }
    const struct sock_fprog filter = {(unsigned short)count, program};
    return zf_host_result(setsockopt((int)a[0], (int)a[1], (int)a[2], &filter, sizeof filter));
}

/* Rings of packets are storage in which the kernel writes its numbers. */
static bool is_ring(int level, int name) {
    return level == SOL_PACKET &&
           (name == PACKET_RX_RING || name == PACKET_TX_RING || name == PACKET_VERSION);
}

int64_t zf_sys_setsockopt(struct zf_task *task, const uint64_t *a) {
    uint8_t value[OPTION_LIMIT];
    if (is_ring((int)a[1], (int)a[2])) {
        return -ENOPROTOOPT;
    }
    if (a[4] > sizeof value) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, a[3], a[4]);
    if (!in) {
        return -EFAULT;
    }
    int name = (int)a[2];
    bool filter = name == SO_ATTACH_FILTER || name == SO_ATTACH_REUSEPORT_CBPF;
    if (filter && (int)a[1] == SOL_SOCKET && a[4] == PROGRAM_SIZE) {
        return attach_filter(task, a, in);
    }
    memcpy(value, in, a[4]);
    zf_layout_swap(fields_of((int)a[1], name, a[4]), value, a[4], false);
    return zf_host_result(setsockopt((int)a[0], (int)a[1], (int)a[2], value, (socklen_t)a[4]));
}

int64_t zf_sys_getsockopt(struct zf_task *task, const uint64_t *a) {
    uint8_t value[OPTION_LIMIT];
    const uint8_t *size_at = zf_guest_in(task, a[4], 4);
    if (!size_at) {
        return -EFAULT;
    }
    socklen_t size = zf_get32(size_at);
    if ((int)size < 0) {
        return -EINVAL;
    }
    size = size < sizeof value ? size : sizeof value;
    if (getsockopt((int)a[0], (int)a[1], (int)a[2], value, &size)) {
        return -errno;
    }
    uint8_t *out = zf_guest_out(task, a[3], size);
    if (!out) {
        return -EFAULT;
    }
    zf_layout_swap(fields_of((int)a[1], (int)a[2], size), value, size, true);
    memcpy(out, value, size);
    return zf_guest_put32(task, a[4], size) ? 0 : -EFAULT;
}
