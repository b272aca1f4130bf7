/*
 * What a program can reach of others: execveat; the storage of itself, a child, its parent; the
 * descriptors that the emulator has open, by each way that leads to one. Says "right", or what was
 * not. With an argument, it is a program that was executed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int wrong;

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("line %d: %s, errno %d\n", __LINE__, #condition, errno);                        \
            wrong = 1;                                                                             \
        }                                                                                          \
    } while (0)

extern char **environ;
enum { EXECUTED = 42, LIMIT = 1024 };

static int execute_at(int dir, const char *path, const char *argument, int flags) {
    char *argv[] = {"reach", (char *)argument, NULL};
    int status;
    pid_t pid = fork();
    if (!pid) {
        syscall(SYS_execveat, dir, path, argv, environ, flags);
        _exit(errno);
    }
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static void copy(int from, int to) {
    char bytes[4096];
    ssize_t size;
    while ((size = read(from, bytes, sizeof bytes)) > 0) {
        EXPECT(write(to, bytes, (size_t)size) == size);
    }
}

static void executes(const char *program) {
    char folder[4096], *slash;
    int file = open(program, O_RDONLY | O_CLOEXEC);
    snprintf(folder, sizeof folder, "%s", program);
    slash = strrchr(folder, '/');
    *slash = 0;
    int dir = open(folder, O_PATH | O_DIRECTORY);
    int memory = memfd_create("program", 0);
    copy(file, memory);
    EXPECT(execute_at(file, "", "descriptor", AT_EMPTY_PATH) == EXECUTED);
    EXPECT(execute_at(dir, slash + 1, "relative", 0) == EXECUTED);
    EXPECT(execute_at(AT_FDCWD, program, "path", 0) == EXECUTED);
    EXPECT(execute_at(memory, "", "memory", AT_EMPTY_PATH) == EXECUTED);
    EXPECT(execute_at(file, "", "descriptor", 0) == ENOENT);
    EXPECT(execute_at(77, "", "descriptor", AT_EMPTY_PATH) == EBADF);
    EXPECT(execute_at(dir, "", "folder", AT_EMPTY_PATH) == EACCES);
    EXPECT(execute_at(file, "", "flags", 0x80000) == EINVAL);
    EXPECT(execute_at(file, "x", "no folder", 0) == ENOTDIR);
    unlink("link");
    EXPECT(!symlink(program, "link"));
    EXPECT(execute_at(AT_FDCWD, "link", "link", 0) == EXECUTED);
    EXPECT(execute_at(AT_FDCWD, "link", "link", AT_SYMLINK_NOFOLLOW) == ELOOP);
    unlink("link");
    int script = memfd_create("script", 0);
    EXPECT(dprintf(script, "#!%s script\n", program) > 0);
    EXPECT(execute_at(script, "", "argument", AT_EMPTY_PATH) == EXECUTED);
    fcntl(script, F_SETFD, FD_CLOEXEC);
    EXPECT(execute_at(script, "", "argument", AT_EMPTY_PATH) == ENOENT);
    close(script);
    close(memory);
    close(file);
    close(dir);
}

static int executed(int argc, char **argv) {
    char link[4096] = "";
    EXPECT(readlink("/proc/self/exe", link, sizeof link - 1) > 0);
    if (!strcmp(argv[1], "memory")) {
        EXPECT(!strcmp(link, "/memfd:program (deleted)"));
    } else {
        EXPECT(strstr(link, "reach"));
    }
    EXPECT(strcmp(argv[1], "script") || (argc == 4 && !strncmp(argv[2], "/dev/fd/", 8)));
    return wrong ? 1 : EXECUTED;
}

static int shared_word = 1;

static ssize_t move(int number, pid_t pid, void *local, const void *remote, size_t size) {
    struct iovec here = {local, size}, there = {(void *)remote, size};
    return syscall(number, pid, &here, 1L, &there, 1L, 0L);
}

static void moves_storage(void) {
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int word = 0, status, fds[2], back[2];
    char byte;
    EXPECT(move(SYS_process_vm_readv, getpid(), &word, &shared_word, 4) == 4 && word == 1);
    word = 5;
    EXPECT(move(SYS_process_vm_writev, gettid(), &word, &shared_word, 4) == 4 && shared_word == 5);
    munmap(pages + 4096, 4096);
    EXPECT(move(SYS_process_vm_readv, getpid(), pages, pages + 4096, 4) == -1 && errno == EFAULT);
    EXPECT(move(SYS_process_vm_readv, getpid(), pages, (void *)-4096, 4) == -1 && errno == EFAULT);
    EXPECT(move(SYS_process_vm_readv, getpid(), pages, (void *)(1L << 60), 4) == -1 &&
           errno == EFAULT);
    struct iovec here[2] = {{&word, 3}, {pages, 7}}, there[3] = {{"ab", 2}, {"", 0}, {"cdefg", 5}};
    EXPECT(process_vm_readv(getpid(), here, 2, there, 3, 0) == 7 && !memcmp(&word, "abc", 3) &&
           !memcmp(pages, "defg", 4));
    EXPECT(process_vm_readv(getpid(), here, 2, there, 3, 1) == -1 && errno == EINVAL);
    EXPECT(process_vm_readv(0x3fffffff, here, 2, there, 3, 0) == -1 && errno == ESRCH);
    EXPECT(!pipe(fds) && !pipe(back));
    pid_t pid = fork();
    if (!pid) {
        word = 9;
        EXPECT(move(SYS_process_vm_writev, getppid(), &word, &shared_word, 4) == -1 &&
               errno == EPERM);
        shared_word = 77;
        EXPECT(write(back[1], "x", 1) == 1 && read(fds[0], &byte, 1) == 1);
        EXPECT(shared_word == 78);
        _exit(wrong);
    }
    EXPECT(read(back[0], &byte, 1) == 1);
    EXPECT(move(SYS_process_vm_readv, pid, &word, &shared_word, 4) == 4 && word == 77);
    word = 78;
    EXPECT(move(SYS_process_vm_writev, pid, &word, &shared_word, 4) == 4);
    EXPECT(move(SYS_process_vm_readv, pid, &word, (void *)(1L << 46), 4) == -1 && errno == EFAULT);
    EXPECT(write(fds[1], "x", 1) == 1 && waitpid(pid, &status, 0) == pid && !status);
    EXPECT(shared_word == 5);
}

static void send_it(const int ends[2], int fd) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(4)];
    } control = {.header = {CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    memcpy(CMSG_DATA(&control.header), &fd, 4);
    EXPECT(sendmsg(ends[0], &message, 0) == -1 && errno == EBADF);
    long arguments[] = {fd, (long)&message, 0};
    EXPECT(syscall(SYS_socketcall, 16, arguments) == -1 && errno == EBADF);
    arguments[0] = ends[0];
    EXPECT(syscall(SYS_socketcall, 16, arguments) == -1 && errno == EBADF);
}

/* Whether it is a file that the program was given, or itself. */
static int is_given(int fd) {
    struct stat st, stream;
    int is = fstat(fd, &st) || !S_ISREG(st.st_mode) ||
             (!stat("/proc/self/exe", &stream) && stream.st_ino == st.st_ino);
    for (int i = 0; i < 3 && !is; i++) {
        is = !fstat(i, &stream) && stream.st_ino == st.st_ino;
    }
    return is;
}

/* A link in /proc that is not the program's own. */
static void open_it(const char *path) {
    static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR | O_TRUNC, O_WRONLY | O_APPEND, O_PATH};
    int place = open(path, O_PATH), open_to_all = place < 0 || is_given(place);
    close(place);
    if (open_to_all) {
        return;
    }
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
        int fd = open(path, flags[i]);
        if (fd != -1 && i != 4) {
            printf("%s can be opened\n", path);
            wrong = 1;
            return;
        }
        close(fd);
    }
    EXPECT(truncate(path, 0) == -1);
    EXPECT(chmod(path, 0) == -1);
    EXPECT(linkat(AT_FDCWD, path, AT_FDCWD, "stolen", AT_SYMLINK_FOLLOW) == -1);
}

/* What is listed as open is open. */
static void sees_no_descriptor(void) {
    static const char *const folders[] = {"/proc/self/fd", "/proc/thread-self/fdinfo"};
    struct stat st;
    char path[64];
    for (unsigned i = 0; i < 2; i++) {
        DIR *folder = opendir(folders[i]);
        EXPECT(folder);
        for (struct dirent *entry; (entry = readdir(folder));) {
            EXPECT(entry->d_name[0] == '.' || fcntl(atoi(entry->d_name), F_GETFD) >= 0);
        }
        closedir(folder);
        for (int fd = 0; fd < LIMIT; fd++) {
            snprintf(path, sizeof path, "%s/%d", folders[i], fd);
            EXPECT(!lstat(path, &st) == (fcntl(fd, F_GETFD) >= 0));
        }
    }
}

static void reaches_no_descriptor(void) {
    char path[64];
    pid_t parent = getpid();
    int ends[2];
    for (int fd = 3; fd < LIMIT; fd++) {
        close(fd);
    }
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    int mine = ends[1] + 1;
    sees_no_descriptor();
    for (int fd = mine; fd < LIMIT; fd++) {
        EXPECT(fcntl(fd, F_GETFD) == -1 && errno == EBADF);
        EXPECT(dup(fd) == -1 && errno == EBADF);
        EXPECT(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EBADF);
        send_it(ends, fd);
        static const char *const forms[] = {"/proc/self/fd/%d", "/proc/thread-self/fd/%d",
                                            "/dev/fd/%d"};
        for (unsigned i = 0; i < 3; i++) {
            snprintf(path, sizeof path, forms[i], fd);
            open_it(path);
        }
    }
    pid_t pid = fork();
    if (!pid) {
        int of = (int)syscall(SYS_pidfd_open, parent, 0);
        for (int fd = mine; fd < LIMIT; fd++) {
            snprintf(path, sizeof path, "/proc/%d/fd/%d", parent, fd);
            open_it(path);
            int got = of < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, of, fd, 0);
            EXPECT(got < 0 || is_given(got));
            close(got);
        }
        _exit(wrong);
    }
    int status;
    EXPECT(waitpid(pid, &status, 0) == pid && !status);
}

int main(int argc, char **argv) {
    char program[4096];
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1) {
        return executed(argc, argv);
    }
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = 0;
    executes(program);
    moves_storage();
    reaches_no_descriptor();
    puts(wrong ? "wrong" : "right");
    return wrong;
}
