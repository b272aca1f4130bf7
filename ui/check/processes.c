#define _GNU_SOURCE /* dup3, pipe2 */
#include "check/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALIVE_FD = 959 };

int zf_processes_move(int fd) {
    int moved = fd == ALIVE_FD ? fcntl(fd, F_DUPFD_CLOEXEC, ALIVE_FD + 1) : fd;
    if (moved != fd) {
        close(fd);
    }
    return moved;
}

static bool is_own(int fd, const int *own, unsigned count) {
    bool found = fd == ALIVE_FD;
    for (unsigned i = 0; i < count; i++) {
        found |= fd == own[i];
    }
    return found;
}

void zf_processes_close_others(const int *own, unsigned count) {
    struct dirent *entry;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && (entry = readdir(dir))) {
        int fd = isdigit((unsigned char)*entry->d_name) ? atoi(entry->d_name) : -1;
        if (fd >= 0 && fd != dirfd(dir) && !is_own(fd, own, count) &&
            fcntl(fd, F_GETFD) & FD_CLOEXEC) {
            close(fd);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

/* The guest cannot close what has O_CLOEXEC when it begins. */
static void begin(int end) {
    setsid();
    if (dup3(end, ALIVE_FD, O_CLOEXEC) < 0) {
        perror("zfacet: limit of open files");
        _exit(1);
    }
    close(end);
}

pid_t zf_processes_fork(int *alive) {
    int ends[2];
    *alive = -1;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    ends[0] = zf_processes_move(ends[0]);
    ends[1] = zf_processes_move(ends[1]);
    pid_t pid = ends[0] < 0 || ends[1] < 0 ? -1 : fork();
    if (!pid) {
        close(ends[0]);
        begin(ends[1]);
        return 0;
    }
    *alive = pid < 0 ? -1 : ends[0];
    if (ends[1] >= 0) {
        close(ends[1]);
    }
    if (pid < 0 && ends[0] >= 0) {
        close(ends[0]);
    }
    return pid;
}

bool zf_processes_ended(int alive) {
    struct pollfd end = {.fd = alive, .events = POLLIN};
    return poll(&end, 1, 0) != 0;
}

/* Those that have the pipe open, by what /proc says. */
static void kill_holders(int alive) {
    char pipe_name[64], path[300], link[64];
    struct stat st;
    struct dirent *entry;
    DIR *dir = fstat(alive, &st) == 0 ? opendir("/proc") : NULL;
    if (!dir) {
        return;
    }
    snprintf(pipe_name, sizeof pipe_name, "pipe:[%llu]", (unsigned long long)st.st_ino);
    while ((entry = readdir(dir))) {
        snprintf(path, sizeof path, "/proc/%s/fd/%d", entry->d_name, ALIVE_FD);
        ssize_t length =
            isdigit((unsigned char)*entry->d_name) ? readlink(path, link, sizeof link - 1) : 0;
        link[length > 0 ? length : 0] = 0;
        if (!strcmp(link, pipe_name)) {
            kill((pid_t)atoi(entry->d_name), SIGKILL);
        }
    }
    closedir(dir);
}

void zf_processes_kill(pid_t leader, int alive) {
    enum { ROUNDS = 10, PAUSE_US = 1000 }; /* they may be about to fork */
    if (leader > 0) {
        kill(leader, SIGKILL);
        kill(-leader, SIGKILL);
    }
    for (int round = 0; round < ROUNDS && !zf_processes_ended(alive); round++) {
        kill_holders(alive);
        usleep(PAUSE_US);
    }
}
