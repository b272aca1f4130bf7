/*
 * A program whose argument says what it asks about its machine, without a branch by the answer:
 * list writes the facility list, status ends with its bit 58, platform writes AT_PLATFORM, a call's
 * name sends or writes the list by that; else it is a file, which it reads and writes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static unsigned long list[4];

static void store_list(void) {
    register unsigned long last __asm__("0") = 3;
    __asm__ volatile("stfle %0" : "=Q"(list), "+d"(last) : : "cc", "memory");
}

/* The list, in two parts. */
static int send_list(const char *how) {
    int pair[2] = {1, 1};
    struct iovec parts[] = {{"list: ", 6}, {list, sizeof list}};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = parts, .msg_iovlen = 2}};
    if (!strncmp(how, "send", 4) && socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) {
        return 1;
    }
    unsigned long call[] = {(unsigned long)pair[1], (unsigned long)list, sizeof list, 0};
    unsigned long call_message[] = {(unsigned long)pair[1], (unsigned long)&message.msg_hdr, 0};
    long done = !strcmp(how, "writev")       ? writev(1, parts, 2)
                : !strcmp(how, "pwritev")    ? pwritev(1, parts, 2, 0)
                : !strcmp(how, "pwritev2")   ? pwritev2(1, parts, 2, 0, 0)
                : !strcmp(how, "sendto")     ? sendto(pair[1], list, sizeof list, 0, NULL, 0)
                : !strcmp(how, "sendmsg")    ? sendmsg(pair[1], &message.msg_hdr, 0)
                : !strcmp(how, "sendmmsg")   ? sendmmsg(pair[1], &message, 1, 0)
                : !strcmp(how, "send-call")  ? syscall(SYS_socketcall, 9, call)
                : !strcmp(how, "sendm-call") ? syscall(SYS_socketcall, 16, call_message)
                                             : -1;
    return done <= 0;
}

int main(int argc, char **argv) {
    static char bytes[1 << 14];
    const char *what = argv[1];
    const void *from = list;
    long length = sizeof list;
    store_list();
    if (!strcmp(what, "status")) {
        return (int)(list[0] >> 5 & 1);
    }
    if (!strncmp(what, "send", 4) || strstr(what, "writev")) {
        return send_list(what);
    }
    if (!strcmp(what, "platform")) {
        from = (const char *)getauxval(AT_PLATFORM);
        length = 3;
    } else if (strcmp(what, "list") != 0) {
        from = bytes;
        length = read(open(what, O_RDONLY), bytes, sizeof bytes);
    }
    return write(1, from, (size_t)length) != length;
}
