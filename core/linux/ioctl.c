/* ioctl: requests by what their argument is. All that are not known are answered as of a file that
 * does not have them. */
#include "guest.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TERMIOS_SIZE = 36, IFREQ_SIZE = 40, IFREQ_AT = 16, SET_TICKS = 0x40085400 };

/* The argument: a number itself; a word or doubleword that is stored, or read and stored; ... */
enum argument { NONE, VALUE, OUT32, INOUT32, OUT64, INOUT64, IF_WORD, IF_HALF, IF_ADDRESS };

static enum argument argument_of(uint64_t request) {
    static const struct {
        uint32_t request;
        enum argument argument;
    } known[] = {
        {FIONREAD, OUT32},
        {TIOCGPGRP, OUT32},
        {TIOCGSID, OUT32},
        {TIOCOUTQ, OUT32},
        {TIOCGPTN, OUT32},
        {TIOCGPTLCK, OUT32},
        {TIOCGETD, OUT32},
        {TIOCMGET, OUT32},
        {TIOCGEXCL, OUT32},
        {SIOCATMARK, OUT32},
        {FIOGETOWN, OUT32},
        {SIOCGPGRP, OUT32},
        {FS_IOC_GETFLAGS, OUT32},
        {FIGETBSZ, OUT32},
        {TIOCSPGRP, INOUT32},
        {FIONBIO, INOUT32},
        {FIOASYNC, INOUT32},
        {TIOCSPTLCK, INOUT32},
        {TIOCSETD, INOUT32},
        {TIOCPKT, INOUT32},
        {FIOSETOWN, INOUT32},
        {SIOCSPGRP, INOUT32},
        {FS_IOC_SETFLAGS, INOUT32},
        {FIOQSIZE, OUT64},
        {BLKGETSIZE64, OUT64},
        {SET_TICKS, INOUT64},
        {TCSBRK, VALUE},
        {TCSBRKP, VALUE},
        {TCXONC, VALUE},
        {TCFLSH, VALUE},
        {TIOCSCTTY, VALUE},
        {TIOCNOTTY, VALUE},
        {TIOCEXCL, VALUE},
        {TIOCNXCL, VALUE},
        {TIOCGPTPEER, VALUE},
        {FIOCLEX, VALUE},
        {FIONCLEX, VALUE},
        {FICLONE, VALUE},
        {SIOCGIFINDEX, IF_WORD},
        {SIOCGIFNAME, IF_WORD},
        {SIOCGIFMTU, IF_WORD},
        {SIOCGIFMETRIC, IF_WORD},
        {SIOCGIFFLAGS, IF_HALF},
        {SIOCGIFADDR, IF_ADDRESS},
        {SIOCGIFNETMASK, IF_ADDRESS},
        {SIOCGIFBRDADDR, IF_ADDRESS},
        {SIOCGIFDSTADDR, IF_ADDRESS},
        {SIOCGIFHWADDR, IF_ADDRESS},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(known); i++) {
        if (known[i].request == request) {
            return known[i].argument;
        }
    }
    return NONE;
}

/* The kernel's termios: four words, line discipline, 19 characters. */
static int64_t get_termios(struct zf_task *task, int fd, uint64_t address) {
    uint32_t host[TERMIOS_SIZE / 4 + 8] = {0};
    if (ioctl(fd, TCGETS, host)) {
        return -errno;
    }
    uint8_t *out = zf_guest_out(task, address, TERMIOS_SIZE);
    if (!out) {
        return -EFAULT;
    }
    memcpy(out, host, TERMIOS_SIZE);
    for (unsigned i = 0; i < 4; i++) {
        zf_put32(out + 4 * i, host[i]);
    }
    return 0;
}

static int64_t set_termios(struct zf_task *task, int fd, unsigned long request, uint64_t address) {
    uint32_t host[TERMIOS_SIZE / 4 + 8] = {0};
    const uint8_t *in = zf_guest_in(task, address, TERMIOS_SIZE);
    if (!in) {
        return -EFAULT;
    }
    memcpy(host, in, TERMIOS_SIZE);
    for (unsigned i = 0; i < 4; i++) {
        host[i] = zf_get32(in + 4 * i);
    }
    return zf_host_result(ioctl(fd, request, host));
}

static int64_t word_ioctl(struct zf_task *task, int fd, unsigned long request, uint64_t address) {
    uint8_t *at = zf_guest_out(task, address, 4);
    int value = at ? (int)zf_get32(at) : 0;
    if (!at) {
        return -EFAULT;
    }
    int64_t result = zf_host_result(ioctl(fd, request, &value));
    if (result >= 0) {
        zf_put32(at, (uint32_t)value);
    }
    return result;
}

static int64_t doubleword_ioctl(struct zf_task *task, int fd, unsigned long request,
                                uint64_t address) {
    uint8_t *at = zf_guest_out(task, address, 8);
    uint64_t value = at ? zf_get64(at) : 0;
    if (!at) {
        return -EFAULT;
    }
    int64_t result = zf_host_result(ioctl(fd, request, &value));
    if (result >= 0) {
        zf_put64(at, value);
    }
    return result;
}

static int64_t window_ioctl(struct zf_task *task, int fd, unsigned long request, uint64_t address) {
    struct winsize size;
    uint8_t *at = zf_guest_out(task, address, 8);
    if (!at) {
        return -EFAULT;
    }
    size = (struct winsize){zf_get16(at), zf_get16(at + 2), zf_get16(at + 4), zf_get16(at + 6)};
    if (ioctl(fd, request, &size)) {
        return -errno;
    }
    zf_put16(at, size.ws_row);
    zf_put16(at + 2, size.ws_col);
    zf_put16(at + 4, size.ws_xpixel);
    zf_put16(at + 6, size.ws_ypixel);
    return 0;
}

static void swap_bytes(uint8_t *bytes, unsigned size) {
    for (unsigned i = 0; i < size / 2; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

/* A network interface: its name, then a word, a halfword, or an address that begins with one. */
static int64_t interface_ioctl(struct zf_task *task, int fd, unsigned long request,
                               uint64_t address) {
    _Alignas(struct ifreq) uint8_t host[IFREQ_SIZE];
    const unsigned width = argument_of(request) == IF_WORD ? 4 : 2;
    uint8_t *at = zf_guest_out(task, address, IFREQ_SIZE);
    _Static_assert(sizeof(struct ifreq) == IFREQ_SIZE, "the same on all machines with 64 bits");
    if (!at) {
        return -EFAULT;
    }
    memcpy(host, at, IFREQ_SIZE);
    swap_bytes(host + IFREQ_AT, width);
    int64_t result = zf_host_result(ioctl(fd, request, host));
    swap_bytes(host + IFREQ_AT, width);
    if (result >= 0) {
        memcpy(at, host, IFREQ_SIZE);
    }
    return result;
}

static int64_t by_argument(struct zf_task *task, const uint64_t *a) {
    const int fd = (int)a[0];
    switch (argument_of(a[1])) {
    case VALUE:
        if (a[1] == FICLONE && zf_own_file(task, a[2])) {
            return -EBADF;
        }
        return zf_host_result(ioctl(fd, a[1], a[2]));
    case OUT32:
    case INOUT32:
        return word_ioctl(task, fd, a[1], a[2]);
    case OUT64:
    case INOUT64:
        return doubleword_ioctl(task, fd, a[1], a[2]);
    case IF_WORD:
    case IF_HALF:
    case IF_ADDRESS:
        return interface_ioctl(task, fd, a[1], a[2]);
    default:
        return fcntl(fd, F_GETFD) < 0 ? -EBADF : -ENOTTY;
    }
}

int64_t zf_sys_ioctl(struct zf_task *task, const uint64_t *a) {
    const int fd = (int)a[0];
    switch (a[1]) {
    case TCGETS:
        return get_termios(task, fd, a[2]);
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return set_termios(task, fd, a[1], a[2]);
    case TIOCGWINSZ:
    case TIOCSWINSZ:
        return window_ioctl(task, fd, a[1], a[2]);
    default:
        return by_argument(task, a);
    }
}
