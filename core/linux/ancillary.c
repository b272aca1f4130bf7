/*
 * Control messages of sockets: a length, a level and a type, then what the type says, in the order
 * of the machine but for addresses. The layout is the same on all machines with 64 bits.
 */
#include "guest.h"

#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

enum { HEADER = 16, LEVEL_AT = 8, TYPE_AT = 12, SENT_RIGHTS = 1 };

/*
 * Fields: b, h, w, d are bytes, halfwords, words, doublewords; the last letter goes on to the end.
 * Those of unknown types are words.
 */
static const char *layout_of(int level, int type) {
    static const struct {
        int level, type;
        const char *layout;
    } known[] = {
        {SOL_SOCKET, SO_TIMESTAMP, "d"},
        {SOL_SOCKET, SO_TIMESTAMPNS, "d"},
        {SOL_SOCKET, SO_TIMESTAMPING, "d"},
        {IPPROTO_IP, IP_PKTINFO, "wb"},
        {IPPROTO_IP, IP_RECVERR, "wbbbbwwhb"},
        {IPPROTO_IP, IP_ORIGDSTADDR, "hb"},
        {IPPROTO_IPV6, IPV6_PKTINFO, "bbbbbbbbbbbbbbbbw"},
        {IPPROTO_IPV6, IPV6_RECVERR, "wbbbbwwhb"},
        {IPPROTO_UDP, UDP_SEGMENT, "h"},
        {SOL_PACKET, PACKET_AUXDATA, "3w4h"},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(known); i++) {
        if (known[i].level == level && known[i].type == type) {
            return known[i].layout;
        }
    }
    return "w";
}

static size_t width_of(char letter) {
    return letter == 'd' ? 8 : letter == 'w' ? 4 : letter == 'h' ? 2 : 1;
}

static void swap(uint8_t *bytes, size_t size, const char *layout) {
    for (size_t width; (width = width_of(*layout)) <= size; bytes += width, size -= width) {
        for (size_t i = 0; i < width / 2; i++) {
            uint8_t byte = bytes[i];
            bytes[i] = bytes[width - 1 - i];
            bytes[width - 1 - i] = byte;
        }
        layout += layout[1] ? 1 : 0;
    }
}

static bool sends_own(const struct zf_task *task, const uint8_t *words, size_t size) {
    for (size_t at = 0; at + 4 <= size; at += 4) {
        uint32_t fd;
        memcpy(&fd, words + at, 4);
        if (zf_own_file(task, fd)) {
            return true;
        }
    }
    return false;
}

/* Swaps the message at `bytes`, of at most `size`; its length, or 0: there is none. */
static size_t swap_message(uint8_t *bytes, size_t size, bool to_host) {
    if (size < HEADER) {
        return 0;
    }
    uint64_t length;
    int level, type;
    if (to_host) {
        swap(bytes, 8, "d");
        swap(bytes + LEVEL_AT, 8, "w");
    }
    memcpy(&length, bytes, 8);
    memcpy(&level, bytes + LEVEL_AT, 4);
    memcpy(&type, bytes + TYPE_AT, 4);
    if (length >= HEADER && length <= size) {
        swap(bytes + HEADER, length - HEADER, layout_of(level, type));
    }
    if (!to_host) {
        swap(bytes, 8, "d");
        swap(bytes + LEVEL_AT, 8, "w");
    }
    return length >= HEADER && length <= size ? (size_t)length : 0;
}

static size_t step(size_t length) {
    return (length + 7) & ~(size_t)7;
}

void zf_ancillary_to_guest(uint8_t *bytes, size_t size) {
    for (size_t at = 0, length; at < size && (length = swap_message(bytes + at, size - at, false));
         at += step(length)) {
    }
}

bool zf_ancillary_to_host(const struct zf_task *task, uint8_t *bytes, size_t size) {
    for (size_t at = 0, length; at < size && (length = swap_message(bytes + at, size - at, true));
         at += step(length)) {
        int level, type;
        memcpy(&level, bytes + at + LEVEL_AT, 4);
        memcpy(&type, bytes + at + TYPE_AT, 4);
        if (level == SOL_SOCKET && type == SENT_RIGHTS &&
            sends_own(task, bytes + at + HEADER, length - HEADER)) {
            return false;
        }
    }
    return true;
}
