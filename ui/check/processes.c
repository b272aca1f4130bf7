#define _GNU_SOURCE /* close_range, dup3, pipe2 */
#include "check/processes.h"

#include "zfacet/aside.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAUSE_US = 1000 };

/* The number that the pipe has in all processes of all guests. */
static int alive_number(void) {
    return zf_aside_range().end - 1;
}

int zf_processes_move(int fd) {
    int moved = fd == alive_number() ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : fd;
    if (moved != fd) {
        close(fd);
    }
    return moved;
}

static bool is_own(int fd, const int *own, unsigned count) {
    bool found = fd == alive_number();
    for (unsigned i = 0; i < count; i++) {
        found |= fd == own[i];
    }
    return found;
}

/* All that have these flags, but for `own`. */
static void close_files(int flags, const int *own, unsigned count) {
    struct dirent *entry;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && (entry = readdir(dir))) {
        int fd = isdigit((unsigned char)*entry->d_name) ? atoi(entry->d_name) : -1;
        if (fd >= 0 && fd != dirfd(dir) && !is_own(fd, own, count) &&
            (fcntl(fd, F_GETFD) & flags) == flags) {
            close(fd);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

/* Whatever is open but for `own`: also without /proc, or where no more files may be open. */
static void close_all_but(int own) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fd != own) {
            close(fd);
        }
    }
    bool before = own == 0 || close_range(0, (unsigned)own - 1, 0) == 0;
    if (!before || close_range((unsigned)own + 1, ~0u, 0) != 0) {
        close_files(0, &own, 1);
    }
}

void zf_processes_close_others(const int *own, unsigned count) {
    close_files(FD_CLOEXEC, own, count);
}

/* The guest cannot close what has O_CLOEXEC when it begins. Whoever is gone by then has left it to
 * the keeper, which did not see it as long as it did not have the pipe. */
static void begin(int end, pid_t parent) {
    setsid();
    if (zf_aside_fd_at(end, alive_number()) < 0) {
        perror("zfacet: limit of open files");
        _exit(1);
    }
    close(end);
    if (getppid() != parent) {
        _exit(1);
    }
}

static uint64_t pipe_of(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

/* The keeper's place for a job with this pipe; 0: a place that is free. */
static uint64_t *place_of(const struct zf_keeper *keeper, uint64_t number) {
    for (unsigned i = 0; i < ZF_KEEPER_JOBS; i++) {
        if (keeper->pipes[i] == number) {
            return &keeper->pipes[i];
        }
    }
    return NULL;
}

static void close_ends(const int ends[2]) {
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0) {
            close(ends[i]);
        }
    }
}

pid_t zf_processes_fork(const struct zf_keeper *keeper, int *alive) {
    int ends[2];
    pid_t self = getpid();
    uint64_t *place = keeper->pid ? place_of(keeper, 0) : NULL;
    *alive = -1;
    if (!place || pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    ends[0] = zf_processes_move(ends[0]);
    ends[1] = zf_processes_move(ends[1]);
    *place = ends[0] < 0 || ends[1] < 0 ? 0 : pipe_of(ends[0]);
    pid_t pid = *place ? fork() : -1;
    if (!pid) {
        close(ends[0]);
        close(keeper->life); /* it ends with us alone */
        begin(ends[1], self);
        return 0;
    }
    if (pid < 0) {
        *place = 0;
        close_ends(ends);
        return -1;
    }
    *alive = ends[0];
    close(ends[1]);
    return pid;
}

void zf_processes_forget(const struct zf_keeper *keeper, int alive) {
    uint64_t number = alive >= 0 ? pipe_of(alive) : 0,
             *place = number ? place_of(keeper, number) : NULL;
    if (place) {
        *place = 0;
    }
    if (alive >= 0) {
        close(alive);
    }
}

bool zf_processes_ended(int alive) {
    struct pollfd end = {.fd = alive, .events = POLLIN};
    return poll(&end, 1, 0) != 0;
}

/* The pipe that a process has where guests have theirs; 0: none. */
static uint64_t held_pipe(const char *process) {
    char path[300], link[64], *end;
    snprintf(path, sizeof path, "/proc/%s/fd/%d", process, alive_number());
    ssize_t length = isdigit((unsigned char)*process) ? readlink(path, link, sizeof link - 1) : 0;
    link[length > 0 ? length : 0] = 0;
    if (strncmp(link, "pipe:[", 6) != 0) {
        return 0;
    }
    uint64_t number = strtoull(link + 6, &end, 10);
    return *end == ']' ? number : 0;
}

/* Those that have one of the pipes open, by what /proc says; how many. */
static unsigned kill_holders(const uint64_t *pipes, unsigned count) {
    struct dirent *entry;
    DIR *dir = opendir("/proc");
    unsigned killed = 0;
    while (dir && (entry = readdir(dir))) {
        uint64_t held = held_pipe(entry->d_name);
        for (unsigned i = 0; held && i < count; i++) {
            if (pipes[i] == held) {
                killed += kill((pid_t)atoi(entry->d_name), SIGKILL) == 0;
            }
        }
    }
    if (dir) {
        closedir(dir);
    }
    return killed;
}

void zf_processes_kill(pid_t leader, int alive) {
    enum { ROUNDS = 10 }; /* they may be about to fork */
    uint64_t pipe = pipe_of(alive);
    if (leader > 0) {
        kill(leader, SIGKILL);
        kill(-leader, SIGKILL);
    }
    for (int round = 0; round < ROUNDS && !zf_processes_ended(alive); round++) {
        kill_holders(&pipe, 1);
        usleep(PAUSE_US);
    }
}

/* Nothing is written to the pipe: it ends. Then all are looked for until none was found for a
 * while, as they may be about to fork, or only have begun. */
static _Noreturn void keep(const struct zf_keeper *keeper, int life) {
    enum { ROUNDS = 1000, QUIET = 5 };
    struct pollfd end = {.fd = life, .events = POLLIN};
    setsid();
    close_all_but(life);
    while (poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
    for (unsigned round = 0, quiet = 0; round < ROUNDS && quiet < QUIET; round++) {
        quiet = kill_holders(keeper->pipes, ZF_KEEPER_JOBS) ? 0 : quiet + 1;
        usleep(PAUSE_US);
    }
    _exit(0);
}

bool zf_keeper_start(struct zf_keeper *keeper) {
    int ends[2];
    *keeper = (struct zf_keeper){.life = -1};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    void *pipes = mmap(NULL, ZF_KEEPER_JOBS * sizeof *keeper->pipes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    keeper->pipes = pipes == MAP_FAILED ? NULL : pipes;
    ends[0] = zf_processes_move(ends[0]);
    ends[1] = zf_processes_move(ends[1]);
    pid_t pid = keeper->pipes && ends[0] >= 0 && ends[1] >= 0 ? fork() : -1;
    if (!pid) {
        close(ends[1]);
        keep(keeper, ends[0]);
    }
    if (pid < 0) {
        close_ends(ends);
        return false;
    }
    keeper->pid = pid;
    keeper->life = ends[1];
    close(ends[0]);
    return true;
}

void zf_keeper_end(struct zf_keeper *keeper) {
    if (keeper->pid) {
        close(keeper->life);
        while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (keeper->pipes) {
        munmap(keeper->pipes, ZF_KEEPER_JOBS * sizeof *keeper->pipes);
    }
}
