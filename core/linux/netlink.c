/*
 * Messages of netlink, by which programs ask for network interfaces, addresses and routes, in the
 * other byte order: headers, and attributes one after the other or in each other, whose numbers
 * netlink_shape.c knows. A message that is not known is not sent; of one that is received, the
 * header alone is understood. Events of the kernel's devices are text.
 */
#include "netlink.h"

#include "guest.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { HEADER = 16, ATTRIBUTE = 4, DEEPEST = 8, KIND_SIZE = 16, TYPE_AT = 4, FLAGS_AT = 6 };

struct walk {
    bool to_guest, known;
    int protocol;
    char kind[KIND_SIZE]; /* of the link whose attributes come */
};

static size_t aligned(size_t size) {
    return (size + 3) & ~(size_t)3;
}

/* Changes a number's order; its value. */
static uint32_t take(const struct walk *w, uint8_t *bytes, const char *field) {
    const size_t width = *field == 'h' ? 2 : 4;
    uint32_t before = 0, after = 0;
    memcpy(&before, bytes, width);
    zf_layout_swap(field, bytes, width, w->to_guest);
    memcpy(&after, bytes, width);
    return w->to_guest ? before : after;
}

static const struct zf_netlink_row *find_row(const struct zf_netlink_shape *shape, unsigned type) {
    const struct zf_netlink_row *row = shape->rows;
    while (row && (row->fields || row->inside)) {
        if (row->type == type) {
            return row;
        }
        row++;
    }
    return NULL;
}

static const char *simple_fields(const struct zf_netlink_shape *shape, unsigned type) {
    char letter = type < strlen(shape->simple) ? shape->simple[type] : '.';
    return letter == 'h' ? "*h" : letter == 'w' ? "*w" : letter == 'd' ? "*d" : "";
}

/* Which attributes there are in attribute `type`, or NULL; of a link's, its kind says. */
static const struct zf_netlink_shape *inside(struct walk *w, const struct zf_netlink_shape *shape,
                                             unsigned type, const uint8_t *bytes, size_t size) {
    enum { KIND = 1, DATA = 2 };
    if (shape == &zf_netlink_link_info && type == KIND) {
        memset(w->kind, 0, sizeof w->kind);
        memcpy(w->kind, bytes, size < KIND_SIZE ? size : KIND_SIZE - 1);
    }
    if (shape == &zf_netlink_link_info && type == DATA) {
        const struct zf_netlink_shape *data = zf_netlink_kind(w->kind);
        w->known &= data || !size;
        return data;
    }
    const struct zf_netlink_row *row = find_row(shape, type);
    return row ? row->inside : shape->each;
}

static void swap_attributes(struct walk *w, const struct zf_netlink_shape *shape, uint8_t *bytes,
                            size_t size, unsigned depth);

/* Hops one after the other, each with a length, a header, and attributes. */
static void swap_hops(struct walk *w, uint8_t *bytes, size_t size, unsigned depth) {
    for (size_t at = 0; at + zf_netlink_hop.header_size <= size;) {
        uint16_t length;
        uint8_t first[2] = {bytes[at], bytes[at + 1]};
        length = (uint16_t)take(w, first, "h");
        if (length < zf_netlink_hop.header_size || length > size - at) {
            return;
        }
        swap_attributes(w, &zf_netlink_hop, bytes + at, length, depth);
        at += aligned(length);
    }
}

static void swap_attributes(struct walk *w, const struct zf_netlink_shape *shape, uint8_t *bytes,
                            size_t size, unsigned depth) {
    size_t at = shape->header_size;
    zf_layout_swap(shape->header, bytes, size < at ? size : at, w->to_guest);
    while (at + ATTRIBUTE <= size && depth < DEEPEST) {
        size_t length = take(w, bytes + at, "h");
        unsigned type = take(w, bytes + at + 2, "h") & NLA_TYPE_MASK;
        if (length < ATTRIBUTE || length > size - at) {
            return;
        }
        uint8_t *value = bytes + at + ATTRIBUTE;
        size_t value_size = length - ATTRIBUTE;
        const struct zf_netlink_shape *in = inside(w, shape, type, value, value_size);
        const struct zf_netlink_row *row = find_row(shape, type);
        if (in == &zf_netlink_hop) {
            swap_hops(w, value, value_size, depth + 1);
        } else if (in) {
            swap_attributes(w, in, value, value_size, depth + 1);
        } else {
            const char *fields = row ? row->fields : simple_fields(shape, type);
            w->known &= *fields != *ZF_NETLINK_UNKNOWN;
            zf_layout_swap(fields, value, value_size, w->to_guest);
        }
        at += aligned(length);
    }
}

/* `asks`: it goes to the kernel, or is what went there. */
static const struct zf_netlink_shape *shape_of(const struct walk *w, unsigned type, bool asks,
                                               const uint8_t *bytes, size_t size) {
    switch (w->protocol) {
    case NETLINK_ROUTE:
        return zf_netlink_route(type);
    case NETLINK_SOCK_DIAG:
        return size ? zf_netlink_diagnosis(type, bytes[0], asks) : NULL;
    default:
        return zf_netlink_generic(type);
    }
}

static void swap_payload(struct walk *w, unsigned type, bool asks, uint8_t *bytes, size_t size) {
    const struct zf_netlink_shape *shape = shape_of(w, type, asks, bytes, size);
    if (shape) {
        swap_attributes(w, shape, bytes, size, 0);
    } else {
        w->known = false;
    }
}

/* An answer: a number, the header of what was asked, all of it after an error, and a report. */
static void swap_answer(struct walk *w, unsigned flags, uint8_t *bytes, size_t size) {
    if (size < 4 + HEADER) {
        zf_layout_swap("w", bytes, size, w->to_guest);
        return;
    }
    bool whole = take(w, bytes, "w") && !(flags & NLM_F_CAPPED);
    size_t length = take(w, bytes + 4, "w");
    unsigned type = take(w, bytes + 4 + TYPE_AT, "h");
    zf_layout_swap("h2w", bytes + 4 + FLAGS_AT, HEADER - FLAGS_AT, w->to_guest);
    size_t room = size - 4, used = whole && length > HEADER ? length : HEADER;
    used = used < room ? used : room;
    if (used > HEADER && type >= NLMSG_MIN_TYPE) {
        swap_payload(w, type, true, bytes + 4 + HEADER, used - HEADER);
    }
    if (flags & NLM_F_ACK_TLVS && aligned(used) < room) {
        swap_attributes(w, &zf_netlink_report, bytes + 4 + aligned(used), room - aligned(used), 0);
    }
}

static void swap_content(struct walk *w, unsigned type, unsigned flags, uint8_t *bytes,
                         size_t size) {
    switch (type) {
    case NLMSG_NOOP:
    case NLMSG_OVERRUN:
        break;
    case NLMSG_DONE:
        zf_layout_swap("w", bytes, size, w->to_guest);
        break;
    case NLMSG_ERROR:
        swap_answer(w, flags, bytes, size);
        break;
    default:
        swap_payload(w, type, !w->to_guest, bytes, size);
    }
}

/* What mq_notify's kernel sends is 32 bytes of the program's own. */
static bool is_message(const uint8_t *bytes, bool to_guest) {
    enum { LONGEST = 1 << 24 };
    uint32_t length;
    memcpy(&length, bytes, sizeof length);
    length = to_guest ? length : __builtin_bswap32(length);
    return length >= HEADER && length < LONGEST;
}

static bool swap_messages(int protocol, uint8_t *bytes, size_t size, bool to_guest) {
    struct walk w = {.to_guest = to_guest, .known = true, .protocol = protocol};
    for (size_t at = 0; at + HEADER <= size && protocol != NETLINK_KOBJECT_UEVENT;) {
        if (!is_message(bytes + at, to_guest)) {
            break;
        }
        size_t length = take(&w, bytes + at, "w");
        unsigned type = take(&w, bytes + at + TYPE_AT, "h");
        unsigned flags = take(&w, bytes + at + FLAGS_AT, "h");
        zf_layout_swap("2w", bytes + at + FLAGS_AT + 2, 8, to_guest);
        size_t there = length < size - at ? length : size - at; /* it may be cut off */
        swap_content(&w, type, flags, bytes + at + HEADER, there - HEADER);
        at += aligned(there);
    }
    return w.known;
}

bool zf_netlink_permits(int protocol) {
    return protocol == NETLINK_ROUTE || protocol == NETLINK_KOBJECT_UEVENT ||
           protocol == NETLINK_GENERIC || protocol == NETLINK_SOCK_DIAG;
}

/* Whether `fd` is a socket of netlink's, and of which protocol. */
static bool is_netlink(const struct zf_task *task, int fd, int *protocol) {
    int family = AF_UNSPEC;
    socklen_t size = sizeof family;
    if (!task->process->uses_netlink || getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) ||
        family != AF_NETLINK) {
        return false;
    }
    size = sizeof *protocol;
    return !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, protocol, &size);
}

static size_t size_of(const struct iovec *vector, size_t count) {
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += vector[i].iov_len;
    }
    return size;
}

/* The first `size` bytes of a vector in one piece, or back from there. */
static void move_bytes(const struct iovec *vector, uint8_t *piece, size_t size, bool back) {
    for (size_t i = 0, at = 0; at < size; at += vector[i++].iov_len) {
        size_t part = vector[i].iov_len < size - at ? vector[i].iov_len : size - at;
        memcpy(back ? vector[i].iov_base : piece + at, back ? piece + at : vector[i].iov_base,
               part);
    }
}

int64_t zf_netlink_sent(struct zf_task *task, int fd, const struct iovec *vector, size_t count,
                        struct iovec *message) {
    int protocol;
    if (!is_netlink(task, fd, &protocol)) {
        return 0;
    }
    size_t size = size_of(vector, count);
    uint8_t *bytes = malloc(size + 1);
    if (!bytes) {
        return -ENOMEM;
    }
    *message = (struct iovec){bytes, size};
    move_bytes(vector, bytes, size, false);
    return swap_messages(protocol, bytes, size, false) ? 0 : -EOPNOTSUPP;
}

void zf_netlink_received(struct zf_task *task, int fd, const struct iovec *vector, size_t count,
                         size_t got) {
    int protocol;
    if (!is_netlink(task, fd, &protocol)) {
        return;
    }
    size_t all = size_of(vector, count), size = got < all ? got : all; /* it may be cut off */
    uint8_t *bytes = malloc(size + 1);
    if (bytes) {
        move_bytes(vector, bytes, size, false);
        swap_messages(protocol, bytes, size, true);
        move_bytes(vector, bytes, size, true);
    }
    free(bytes);
}
