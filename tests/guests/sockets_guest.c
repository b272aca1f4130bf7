/* Sockets, epoll and extended attributes: what came, from whom, and what was wrong. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void pair(void) {
    int fds[2], type = 0;
    char text[16] = {0};
    socklen_t size = sizeof type;
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    write(fds[0], "hello", 5);
    printf("pair: %zd", read(fds[1], text, sizeof text));
    getsockopt(fds[0], SOL_SOCKET, SO_TYPE, &type, &size);
    printf(" %s type %d\n", text, type);
    struct timeval wait = {0, 250000};
    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    printf("timeout: %zd %s\n", recv(fds[0], text, 1, 0), strerror(errno));
    size = sizeof wait;
    getsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &wait, &size);
    printf("timeout %ld usec\n", (long)wait.tv_usec);
}

/* A file descriptor and its sender travel in control messages. */
static void rights(void) {
    int fds[2], on = 1, sent, got = -1;
    char byte = 'x', control[256];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
    setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    sent = open("/dev/null", O_RDONLY);
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control};
    message.msg_controllen = CMSG_SPACE(sizeof sent);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof sent);
    memcpy(CMSG_DATA(c), &sent, sizeof sent);
    printf("sendmsg %zd\n", sendmsg(fds[0], &message, 0));
    message.msg_controllen = sizeof control;
    printf("recvmsg %zd\n", recvmsg(fds[1], &message, 0));
    for (c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        struct ucred who;
        if (c->cmsg_type == SCM_RIGHTS) {
            memcpy(&got, CMSG_DATA(c), sizeof got);
            printf("file %d reads %zd\n", got > 2, read(got, &byte, 1));
        } else {
            memcpy(&who, CMSG_DATA(c), sizeof who);
            printf("from myself: %d\n", who.pid == getpid());
        }
    }
}

static void internet(void) {
    struct sockaddr_in address = {.sin_family = AF_INET}, peer;
    char text[16] = {0};
    socklen_t size = sizeof address;
    int on = 1, server = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    printf("bind %d listen", bind(server, (struct sockaddr *)&address, size));
    printf(" %d\n", listen(server, 5));
    getsockname(server, (struct sockaddr *)&address, &size);
    printf("family %d port %d size %u\n", address.sin_family, address.sin_port != 0, size);
    fflush(stdout);
    if (!fork()) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        connect(client, (struct sockaddr *)&address, size);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        send(client, "over tcp", 8, 0);
        _exit(0);
    }
    size = sizeof peer;
    int client = accept(server, (struct sockaddr *)&peer, &size);
    printf("%s: %zd", inet_ntoa(peer.sin_addr), recv(client, text, sizeof text, MSG_WAITALL));
    printf(" %s\n", text);
    wait(NULL);
}

static void datagram(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"}, from;
    char text[16] = {0};
    socklen_t size = sizeof from;
    int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);
    bind(a, (struct sockaddr *)&address, sizeof address);
    printf("sendto %zd\n",
           sendto(b, "datagram", 8, 0, (struct sockaddr *)&address, sizeof address));
    printf("recvfrom %zd", recvfrom(a, text, sizeof text, 0, (struct sockaddr *)&from, &size));
    printf(" %s from %u\n", text, size);
    size = sizeof from;
    printf("name %d %s\n", getsockname(a, (struct sockaddr *)&from, &size), from.sun_path);
    printf("no such: %d", connect(b, (struct sockaddr *)&(struct sockaddr_un){AF_UNIX, "no"}, 5));
    printf(" %s\n", strerror(errno));
    unlink("socket");
}

static void events(void) {
    int fds[2], set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x1122334455667788}, got[4];
    pipe(fds);
    printf("add %d\n", epoll_ctl(set, EPOLL_CTL_ADD, fds[0], &event));
    printf("idle %d\n", epoll_wait(set, got, 4, 10));
    write(fds[1], "x", 1);
    printf("ready %d", epoll_wait(set, got, 4, 1000));
    printf(" %x %llx\n", got[0].events, (unsigned long long)got[0].data.u64);
}

static void attributes(void) {
    char value[64];
    close(open("file", O_CREAT | O_WRONLY, 0600));
    printf("set %d\n", setxattr("file", "user.zf", "value", 5, 0));
    printf("get %zd\n", getxattr("file", "user.zf", value, sizeof value));
    printf("list %zd\n", listxattr("file", value, sizeof value));
    printf("none %zd", lgetxattr("file", "user.other", value, sizeof value));
    printf(" %s\n", strerror(errno));
    printf("no file %zd", getxattr("nofile", "user.zf", value, sizeof value));
    printf(" %s\n", strerror(errno));
}

int main(void) {
    pair();
    rights();
    internet();
    datagram();
    events();
    attributes();
    return 0;
}
