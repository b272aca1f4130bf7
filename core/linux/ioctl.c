/*
 * ioctl: requests by what their argument is: a value, or a structure of known fields that the host
 * reads or writes. All that are not known are answered as of a file that does not have them.
 */
#include "proc.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/if_tun.h>
#include <linux/loop.h>
#include <linux/nsfs.h>
#include <linux/random.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    LARGEST = 512,
    IFREQ_SIZE = 40,
    SET_TICKS = 0x40085400,
    GET_STAMP = 0x8906,
    GET_STAMP_NS = 0x8907,
    PID_TYPE = 0xff,
    PID_NAMESPACES = 10, /* of a pidfd: one number each, then the information */
    PID_INFO = 11,
    IFCONF_SIZE = 16,
    INTERFACES_LIMIT = 1024,
};

/* VALUE: a number; FILE_VALUE: a descriptor. The other ones say whether the host reads the
 * structure, writes it, or both. */
enum direction { NONE, VALUE, FILE_VALUE, IN, OUT, BOTH };

struct row {
    uint32_t request;
    enum direction direction;
    unsigned size;
    const char *fields; /* see layout.c */
    bool has_file;      /* the first word is a descriptor */
};

/* clang-format off */
#define WORD(request, direction) {request, direction, 4, "w", false}
#define DOUBLEWORD(request, direction) {request, direction, 8, "d", false}
#define INTERFACE(request, fields) {request, BOTH, IFREQ_SIZE, "16b" fields, false}
#define NUMBER(request) {request, VALUE, 0, "", false}
#define LOOP_INFO "5d4w160b2d"

static const struct row rows[] = {
    /* terminals */
    {TCGETS, OUT, 36, "4w", false}, {TCSETS, IN, 36, "4w", false}, {TCSETSW, IN, 36, "4w", false},
    {TCSETSF, IN, 36, "4w", false}, {TCGETA, OUT, 18, "4h", false}, {TCSETA, IN, 18, "4h", false},
    {TCSETAW, IN, 18, "4h", false}, {TCSETAF, IN, 18, "4h", false},
    {TCGETS2, OUT, 44, "4w20b2w", false}, {TCSETS2, IN, 44, "4w20b2w", false},
    {TCSETSW2, IN, 44, "4w20b2w", false}, {TCSETSF2, IN, 44, "4w20b2w", false},
    {TIOCGLCKTRMIOS, OUT, 36, "4w", false}, {TIOCSLCKTRMIOS, IN, 36, "4w", false},
    {TIOCGWINSZ, OUT, 8, "4h", false}, {TIOCSWINSZ, IN, 8, "4h", false},
    WORD(TIOCGPGRP, OUT), WORD(TIOCGSID, OUT), WORD(TIOCOUTQ, OUT), WORD(TIOCGPTN, OUT), WORD(TIOCGPTLCK, OUT),
    WORD(TIOCGETD, OUT), WORD(TIOCMGET, OUT), WORD(TIOCGEXCL, OUT), WORD(TIOCSPGRP, IN), WORD(TIOCSPTLCK, IN),
    WORD(TIOCSETD, IN), WORD(TIOCPKT, IN), WORD(TIOCGPKT, OUT), WORD(TIOCGSOFTCAR, OUT), WORD(TIOCSSOFTCAR, IN),
    WORD(TIOCMSET, IN), WORD(TIOCMBIS, IN), WORD(TIOCMBIC, IN), {TIOCSTI, IN, 1, "", false},
    NUMBER(TCSBRK), NUMBER(TCSBRKP), NUMBER(TCXONC), NUMBER(TCFLSH), NUMBER(TIOCSBRK), NUMBER(TIOCCBRK), NUMBER(TIOCSCTTY),
    NUMBER(TIOCNOTTY), NUMBER(TIOCEXCL), NUMBER(TIOCNXCL), NUMBER(TIOCGPTPEER), NUMBER(TIOCVHANGUP), NUMBER(TIOCCONS),
    /* any file */
    WORD(FIONREAD, OUT), WORD(FIOGETOWN, OUT), WORD(FIONBIO, IN), WORD(FIOASYNC, IN), WORD(FIOSETOWN, IN),
    DOUBLEWORD(FIOQSIZE, OUT), NUMBER(FIOCLEX), NUMBER(FIONCLEX),
    WORD(FIGETBSZ, OUT), WORD(FS_IOC_GETFLAGS, OUT), WORD(FS_IOC_SETFLAGS, IN), WORD(FS_IOC_GETVERSION, OUT),
    WORD(FS_IOC_SETVERSION, IN), {FS_IOC_FSGETXATTR, OUT, 28, "5w", false}, {FS_IOC_FSSETXATTR, IN, 28, "5w", false},
    {FS_IOC_GETFSLABEL, OUT, FSLABEL_MAX, "", false}, {FS_IOC_SETFSLABEL, IN, FSLABEL_MAX, "", false},
    NUMBER(FIFREEZE), NUMBER(FITHAW), {FITRIM, BOTH, 24, "3d", false},
    {FICLONE, FILE_VALUE, 0, "", false}, {FICLONERANGE, IN, 32, "4d", true}, DOUBLEWORD(SET_TICKS, BOTH),
    /* block devices */
    DOUBLEWORD(BLKGETSIZE64, OUT), DOUBLEWORD(BLKGETSIZE, OUT), DOUBLEWORD(BLKRAGET, OUT), DOUBLEWORD(BLKFRAGET, OUT),
    WORD(BLKSSZGET, OUT), WORD(BLKPBSZGET, OUT), WORD(BLKIOMIN, OUT), WORD(BLKIOOPT, OUT), WORD(BLKALIGNOFF, OUT),
    WORD(BLKDISCARDZEROES, OUT), WORD(BLKROGET, OUT), WORD(BLKROSET, IN), WORD(BLKBSZGET, OUT), WORD(BLKBSZSET, IN),
    {BLKSECTGET, OUT, 2, "h", false}, {BLKROTATIONAL, OUT, 2, "h", false}, {HDIO_GETGEO, OUT, 16, "2bh4bd", false},
    {BLKDISCARD, IN, 16, "2d", false}, {BLKSECDISCARD, IN, 16, "2d", false}, {BLKZEROOUT, IN, 16, "2d", false},
    NUMBER(BLKFLSBUF), NUMBER(BLKRRPART), NUMBER(BLKRASET), NUMBER(BLKFRASET),
    {LOOP_SET_FD, FILE_VALUE, 0, "", false}, {LOOP_CHANGE_FD, FILE_VALUE, 0, "", false}, NUMBER(LOOP_CLR_FD),
    NUMBER(LOOP_SET_CAPACITY), NUMBER(LOOP_SET_DIRECT_IO), NUMBER(LOOP_SET_BLOCK_SIZE), NUMBER(LOOP_CTL_ADD),
    NUMBER(LOOP_CTL_REMOVE), NUMBER(LOOP_CTL_GET_FREE), {LOOP_SET_STATUS64, IN, 232, LOOP_INFO, false},
    {LOOP_GET_STATUS64, OUT, 232, LOOP_INFO, false}, {LOOP_CONFIGURE, IN, 304, "2w" LOOP_INFO "8d", true},
    /* sockets and network interfaces: a name, then a word, a halfword, or an address that begins with one */
    WORD(SIOCATMARK, OUT), WORD(SIOCGPGRP, OUT), WORD(SIOCSPGRP, IN), {GET_STAMP, OUT, 16, "2d", false},
    {GET_STAMP_NS, OUT, 16, "2d", false},
    INTERFACE(SIOCGIFINDEX, "w"), INTERFACE(SIOCGIFNAME, "w"), INTERFACE(SIOCGIFMTU, "w"), INTERFACE(SIOCSIFMTU, "w"),
    INTERFACE(SIOCGIFMETRIC, "w"), INTERFACE(SIOCGIFTXQLEN, "w"), INTERFACE(SIOCSIFTXQLEN, "w"),
    INTERFACE(SIOCBRADDIF, "w"), INTERFACE(SIOCBRDELIF, "w"), INTERFACE(SIOCGIFFLAGS, "h"), INTERFACE(SIOCSIFFLAGS, "h"),
    INTERFACE(SIOCGIFADDR, "h"), INTERFACE(SIOCSIFADDR, "h"), INTERFACE(SIOCGIFNETMASK, "h"), INTERFACE(SIOCSIFNETMASK, "h"),
    INTERFACE(SIOCGIFBRDADDR, "h"), INTERFACE(SIOCSIFBRDADDR, "h"), INTERFACE(SIOCGIFDSTADDR, "h"),
    INTERFACE(SIOCSIFDSTADDR, "h"), INTERFACE(SIOCGIFHWADDR, "h"), INTERFACE(SIOCSIFHWADDR, "h"), INTERFACE(SIOCSIFNAME, ""),
    INTERFACE(SIOCGIFMAP, "2dh"), {SIOCBRADDBR, IN, 16, "", false}, {SIOCBRDELBR, IN, 16, "", false},
    INTERFACE(TUNSETIFF, "h"), INTERFACE(TUNGETIFF, "h"), INTERFACE(TUNSETQUEUE, "h"), WORD(TUNGETFEATURES, OUT),
    WORD(TUNGETSNDBUF, OUT), WORD(TUNSETSNDBUF, IN), WORD(TUNGETVNETHDRSZ, OUT), WORD(TUNSETVNETHDRSZ, IN),
    NUMBER(TUNSETPERSIST), NUMBER(TUNSETOWNER), NUMBER(TUNSETGROUP), NUMBER(TUNSETOFFLOAD), NUMBER(TUNSETNOCSUM),
    NUMBER(TUNSETLINK),
    /* random numbers, namespaces */
    WORD(RNDGETENTCNT, OUT), WORD(RNDADDTOENTCNT, IN), NUMBER(RNDZAPENTCNT), NUMBER(RNDCLEARPOOL),
    NUMBER(NS_GET_USERNS), NUMBER(NS_GET_PARENT), NUMBER(NS_GET_NSTYPE), WORD(NS_GET_OWNER_UID, OUT),
};
/* clang-format on */

/* What is asked of a process through a descriptor: a namespace, or as much as there is room for. */
static bool find_of_process(uint32_t request, struct row *row) {
    unsigned number = _IOC_NR(request);
    if (_IOC_TYPE(request) != PID_TYPE || !number || number > PID_INFO) {
        return false;
    }
    bool info = number == PID_INFO;
    *row = (struct row){request, info ? BOTH : VALUE, _IOC_SIZE(request), info ? "2d14wd" : "", 0};
    return row->size <= LARGEST && (info || !row->size);
}

static struct row find(uint32_t request) {
    struct row row = {.direction = NONE};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        if (rows[i].request == request) {
            return rows[i];
        }
    }
    return find_of_process(request, &row) ? row : (struct row){.direction = NONE};
}

/* No address of the guest's: the host says whether that is what is wrong. */
static int64_t ask_without(int fd, uint32_t request, uint64_t address) {
    void *nowhere = address ? (void *)UINTPTR_MAX : NULL;
    int64_t result = zf_host_result(ioctl(fd, request, nowhere));
    return result < 0 ? result : -EFAULT;
}

static int64_t ask(struct zf_task *task, int fd, const struct row *row, uint64_t address) {
    _Alignas(uint64_t) uint8_t host[LARGEST];
    uint8_t *out = row->direction == IN ? NULL : zf_guest_out(task, address, row->size);
    const uint8_t *in = row->direction == IN ? zf_guest_in(task, address, row->size) : out;
    if (!in) {
        return ask_without(fd, row->request, address);
    }
    memcpy(host, in, row->size);
    zf_layout_swap(row->fields, host, row->size, false);
    uint32_t file;
    memcpy(&file, host, sizeof file);
    if (row->has_file && zf_own_file(task, file)) {
        return -EBADF;
    }
    int64_t result = zf_host_result(ioctl(fd, row->request, host));
    if (result >= 0 && out) {
        zf_layout_swap(row->fields, host, row->size, true);
        memcpy(out, host, row->size);
    }
    return result;
}

/* SIOCGIFCONF: how many bytes, and where; all interfaces that have room there. */
static int64_t list_interfaces(struct zf_task *task, int fd, uint64_t address) {
    struct ifreq list[INTERFACES_LIMIT];
    uint8_t *at = zf_guest_out(task, address, IFCONF_SIZE);
    if (!at) {
        return ask_without(fd, SIOCGIFCONF, address);
    }
    int32_t room = (int32_t)zf_get32(at);
    uint64_t to = zf_get64(at + 8);
    struct ifconf c = {.ifc_len = room < (int32_t)sizeof list ? room : (int32_t)sizeof list};
    c.ifc_req = to ? list : NULL;
    int64_t result = zf_host_result(ioctl(fd, SIOCGIFCONF, &c));
    uint8_t *out = to && result >= 0 ? zf_guest_out(task, to, (uint64_t)c.ifc_len) : NULL;
    if (result < 0 || (to && !out)) {
        return result < 0 ? result : -EFAULT;
    }
    for (int i = 0; out && i < c.ifc_len / IFREQ_SIZE; i++) {
        memcpy(out + i * IFREQ_SIZE, &list[i], IFREQ_SIZE);
        zf_layout_swap("16bh", out + i * IFREQ_SIZE, IFREQ_SIZE, true);
    }
    zf_put32(at, (uint32_t)c.ifc_len);
    return result;
}

/* FIEMAP: a head, told of whether or not it fails, and the extents that there is room for. */
static int64_t map_extents(struct zf_task *task, int fd, uint64_t address) {
    enum { HEAD = sizeof(struct fiemap), EXTENT = sizeof(struct fiemap_extent), MOST = 1 << 16 };
    uint8_t *at = zf_guest_out(task, address, HEAD);
    if (!at) {
        return ask_without(fd, FS_IOC_FIEMAP, address);
    }
    uint32_t wanted = zf_get32(at + offsetof(struct fiemap, fm_extent_count));
    uint64_t room = wanted < MOST ? wanted : MOST;
    struct fiemap *map = calloc(1, HEAD + room * EXTENT);
    if (!map) {
        return -ENOMEM;
    }
    memcpy(map, at, HEAD);
    zf_layout_swap("2d4w", (uint8_t *)map, HEAD, false);
    map->fm_extent_count = (uint32_t)room;
    int64_t result = zf_host_result(ioctl(fd, FS_IOC_FIEMAP, map));
    uint64_t size = result < 0 || !room ? 0 : (uint64_t)map->fm_mapped_extents * EXTENT;
    uint8_t *out = zf_guest_out(task, address + HEAD, size);
    for (uint64_t i = 0; i < size / EXTENT; i++) {
        zf_layout_swap("5d4w", (uint8_t *)&map->fm_extents[i], EXTENT, true);
    }
    if (out && size) {
        memcpy(out, map->fm_extents, size);
    }
    map->fm_extent_count = wanted;
    zf_layout_swap("2d4w", (uint8_t *)map, HEAD, true);
    memcpy(at, map, HEAD);
    free(map);
    return out ? result : -EFAULT;
}

/* What no row says. */
static int64_t ask_otherwise(struct zf_task *task, const uint64_t *a) {
    switch ((uint32_t)a[1]) {
    case SIOCGIFCONF:
        return list_interfaces(task, (int)a[0], a[2]);
    case FS_IOC_FIEMAP:
        return map_extents(task, (int)a[0], a[2]);
    case LOOP_SET_STATUS:
    case LOOP_GET_STATUS:
        return zf_loop_status(task, a);
    case (uint32_t)ZF_PROCMAP_QUERY:
        return zf_proc_query(task, (int)a[0], a[2]);
    default:
        return fcntl((int)a[0], F_GETFD) < 0 ? -EBADF : -ENOTTY;
    }
}

int64_t zf_sys_ioctl(struct zf_task *task, const uint64_t *a) {
    const int fd = (int)a[0];
    const struct row row = find((uint32_t)a[1]);
    switch (row.direction) {
    case NONE:
        return ask_otherwise(task, a);
    case FILE_VALUE:
        if (zf_own_file(task, a[2])) {
            return -EBADF;
        }
        return zf_host_result(ioctl(fd, row.request, a[2]));
    case VALUE:
        return zf_host_result(ioctl(fd, row.request, a[2]));
    default:
        return ask(task, fd, &row, a[2]);
    }
}
