/* Files, directories, pipes, and what stat tells of them. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

static void check(const char *what, long result) {
    printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "", result < 0 ? strerror(errno) : "");
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *folder) {
    char *names[64];
    int count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        names[count++] = strdup(e->d_name);
    }
    closedir(dir);
    qsort(names, count, sizeof *names, by_name);
    for (int i = 0; i < count; i++) {
        printf("[%s]", names[i]);
    }
    puts("");
}

static void show(const char *path) {
    struct stat st;
    check(path, lstat(path, &st));
    printf("%o %ld %ld %ld.%09ld %ld\n", st.st_mode, (long)st.st_nlink, (long)st.st_size,
           (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long)st.st_blksize);
    struct statx sx;
    check("statx", statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &sx));
    printf("%o %u %llu %lld %d\n", sx.stx_mode, sx.stx_nlink, (unsigned long long)sx.stx_size,
           (long long)sx.stx_mtime.tv_sec, sx.stx_ino == st.st_ino);
}

static void files(void) {
    char buffer[64] = "";
    struct timespec times[2] = {{1000000000, 1}, {1234567890, 123456789}};
    int fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0644);
    check("write", write(fd, "hello, world\n", 13));
    check("pwrite", pwrite(fd, "W", 1, 7));
    check("lseek", lseek(fd, -6, SEEK_END));
    check("read", read(fd, buffer, sizeof buffer));
    printf("%s", buffer);
    struct iovec vector[2] = {{"abc", 3}, {"defg\n", 5}};
    check("writev", writev(fd, vector, 2));
    struct iovec parts[2] = {{buffer, 5}, {buffer + 20, 9}};
    check("preadv", preadv(fd, parts, 2, 2));
    printf("%.5s|%.9s\n", buffer, buffer + 20);
    check("ftruncate", ftruncate(fd, 100));
    check("futimens", futimens(fd, times));
    check("flags", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
    struct flock lock = {.l_type = F_WRLCK, .l_start = 3, .l_len = 5};
    check("lock", fcntl(fd, F_SETLK, &lock));
    int n = -1;
    check("FIONREAD", ioctl(fd, FIONREAD, &n));
    check("dup2", dup2(fd, 50));
    check("isatty", isatty(50));
    check("close", close(50));
    check("close again", close(50));
    char *map = mmap(NULL, 100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    map[1] = 'E';
    check("munmap", munmap(map, 100));
    check("fsync", fsync(fd));
    check("pread", pread(fd, buffer, 5, 0));
    printf("%.5s\n", buffer);
    check("futimens", futimens(fd, times));
    close(fd);
    show("file");
    check("exclusive", open("file", O_CREAT | O_EXCL | O_WRONLY, 0600));
    check("bad buffer", write(1, (void *)0x123456789000, 10));
    check("bad path", open((char *)8, O_RDONLY));
    check("directory", open("file", O_DIRECTORY));
}

static void folders(void) {
    char buffer[200] = "";
    check("mkdir", mkdir("folder", 0750));
    check("chdir", chdir("folder"));
    check("symlink", symlink("../file", "link"));
    check("readlink", readlink("link", buffer, sizeof buffer));
    printf("%s\n", buffer);
    check("link", link("../file", "hard"));
    check("rename", rename("hard", "renamed"));
    check("mknod", mkfifo("fifo", 0600));
    check("access", access("renamed", X_OK));
    check("chmod", chmod("renamed", 0755));
    check("access", access("renamed", X_OK));
    list(".");
    struct timespec times[2] = {{1, 0}, {2, 5}};
    check("utimensat", utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW));
    show("link");
    check("unlink", unlink("fifo"));
    check("unlink", unlink("renamed"));
    check("rmdir", rmdir("../folder"));
    check("getcwd", strcmp(strrchr(getcwd(buffer, sizeof buffer), '/'), "/folder"));
    check("chdir", chdir(".."));
    list(".");
}

static void pipes(void) {
    int fds[2];
    char buffer[10] = "";
    check("pipe", pipe2(fds, O_CLOEXEC));
    struct pollfd p[2] = {{fds[0], POLLIN, 0}, {fds[1], POLLOUT, 0}};
    check("poll", poll(p, 2, 0));
    printf("%x %x\n", p[0].revents, p[1].revents);
    check("write", write(fds[1], "12345", 5));
    check("poll", poll(p, 2, -1));
    printf("%x %x\n", p[0].revents, p[1].revents);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    struct timeval none = {0, 0};
    check("select", select(fds[0] + 1, &set, NULL, NULL, &none));
    printf("%d\n", FD_ISSET(fds[0], &set) != 0);
    int n;
    check("FIONREAD", ioctl(fds[0], FIONREAD, &n));
    printf("%d\n", n);
    check("read", read(fds[0], buffer, 10));
    close(fds[1]);
    check("read", read(fds[0], buffer, 10));
    struct winsize size;
    check("TIOCGWINSZ", ioctl(fds[0], TIOCGWINSZ, &size));
}

int main(void) {
    umask(022);
    files();
    folders();
    pipes();
    return 7;
}
