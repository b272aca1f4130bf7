/* System calls that tell about files and file systems. */
#include "guest.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { GUEST_STAT_SIZE = 144, GUEST_STATX_SIZE = 256, GUEST_STATFS_SIZE = 88 };

static int64_t put_stat(struct zf_task *task, uint64_t address, const struct stat *st) {
    uint8_t *out = zf_guest_out(task, address, GUEST_STAT_SIZE);
    if (!out) {
        return -EFAULT;
    }
    memset(out, 0, GUEST_STAT_SIZE);
    zf_put64(out, st->st_dev);
    zf_put64(out + 8, st->st_ino);
    zf_put64(out + 16, st->st_nlink);
    zf_put32(out + 24, st->st_mode);
    zf_put32(out + 28, st->st_uid);
    zf_put32(out + 32, st->st_gid);
    zf_put64(out + 40, st->st_rdev);
    zf_put64(out + 48, (uint64_t)st->st_size);
    zf_put64(out + 56, (uint64_t)st->st_atim.tv_sec);
    zf_put64(out + 64, (uint64_t)st->st_atim.tv_nsec);
    zf_put64(out + 72, (uint64_t)st->st_mtim.tv_sec);
    zf_put64(out + 80, (uint64_t)st->st_mtim.tv_nsec);
    zf_put64(out + 88, (uint64_t)st->st_ctim.tv_sec);
    zf_put64(out + 96, (uint64_t)st->st_ctim.tv_nsec);
    zf_put64(out + 104, (uint64_t)st->st_blksize);
    zf_put64(out + 112, (uint64_t)st->st_blocks);
    return 0;
}

static int64_t stat_path(struct zf_task *task, int dir, uint64_t path_at, uint64_t out, int flags) {
    const struct zf_path_argument argument = {dir, path_at, (flags & AT_SYMLINK_NOFOLLOW) != 0};
    char buffer[PATH_MAX];
    struct stat st;
    int64_t error;
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    if (!path) {
        return error;
    }
    return fstatat(dir, path, &st, flags) ? -errno : put_stat(task, out, &st);
}

int64_t zf_sys_stat(struct zf_task *task, const uint64_t *a) {
    return stat_path(task, AT_FDCWD, a[0], a[1], 0);
}

int64_t zf_sys_lstat(struct zf_task *task, const uint64_t *a) {
    return stat_path(task, AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW);
}

int64_t zf_sys_newfstatat(struct zf_task *task, const uint64_t *a) {
    return stat_path(task, (int)a[0], a[1], a[2], (int)a[3]);
}

int64_t zf_sys_fstat(struct zf_task *task, const uint64_t *a) {
    struct stat st;
    return fstat((int)a[0], &st) ? -errno : put_stat(task, a[1], &st);
}

static void put_statx_time(uint8_t *out, const struct statx_timestamp *t) {
    zf_put64(out, (uint64_t)t->tv_sec);
    zf_put32(out + 8, t->tv_nsec);
}

/* The fields of newer kernels after that, by offset: headers do not name all of them. */
static void put_statx_rest(uint8_t *out, const struct statx *sx) {
    enum { ALIGNMENTS = 152, SUBVOLUME = 160, END = 188 };
    const uint8_t *in = (const uint8_t *)sx;
    uint32_t word;
    uint64_t doubleword;
    for (unsigned at = ALIGNMENTS; at < END; at += sizeof word) {
        memcpy(&word, in + at, sizeof word);
        zf_put32(out + at, word);
    }
    memcpy(&doubleword, in + SUBVOLUME, sizeof doubleword);
    zf_put64(out + SUBVOLUME, doubleword);
}

static void put_statx(uint8_t *out, const struct statx *sx) {
    memset(out, 0, GUEST_STATX_SIZE);
    zf_put32(out, sx->stx_mask);
    zf_put32(out + 4, sx->stx_blksize);
    zf_put64(out + 8, sx->stx_attributes);
    zf_put32(out + 16, sx->stx_nlink);
    zf_put32(out + 20, sx->stx_uid);
    zf_put32(out + 24, sx->stx_gid);
    zf_put16(out + 28, sx->stx_mode);
    zf_put64(out + 32, sx->stx_ino);
    zf_put64(out + 40, sx->stx_size);
    zf_put64(out + 48, sx->stx_blocks);
    zf_put64(out + 56, sx->stx_attributes_mask);
    put_statx_time(out + 64, &sx->stx_atime);
    put_statx_time(out + 80, &sx->stx_btime);
    put_statx_time(out + 96, &sx->stx_ctime);
    put_statx_time(out + 112, &sx->stx_mtime);
    zf_put32(out + 128, sx->stx_rdev_major);
    zf_put32(out + 132, sx->stx_rdev_minor);
    zf_put32(out + 136, sx->stx_dev_major);
    zf_put32(out + 140, sx->stx_dev_minor);
    zf_put64(out + 144, sx->stx_mnt_id);
    put_statx_rest(out, sx);
}

int64_t zf_sys_statx(struct zf_task *task, const uint64_t *a) {
    const struct zf_path_argument argument = {(int)a[0], a[1], (a[2] & AT_SYMLINK_NOFOLLOW) != 0};
    char buffer[PATH_MAX];
    struct statx sx;
    int64_t error;
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    uint8_t *out = zf_guest_out(task, a[4], GUEST_STATX_SIZE);
    if (!path || !out) {
        return path ? -EFAULT : error;
    }
    if (statx((int)a[0], path, (int)a[2], (unsigned)a[3], &sx)) {
        return -errno;
    }
    put_statx(out, &sx);
    return 0;
}

static int64_t put_statfs(struct zf_task *task, uint64_t address, const struct statfs *fs) {
    uint8_t *out = zf_guest_out(task, address, GUEST_STATFS_SIZE);
    int id[2];
    if (!out) {
        return -EFAULT;
    }
    memcpy(id, &fs->f_fsid, sizeof id);
    memset(out, 0, GUEST_STATFS_SIZE);
    zf_put32(out, (uint32_t)fs->f_type);
    zf_put32(out + 4, (uint32_t)fs->f_bsize);
    zf_put64(out + 8, fs->f_blocks);
    zf_put64(out + 16, fs->f_bfree);
    zf_put64(out + 24, fs->f_bavail);
    zf_put64(out + 32, fs->f_files);
    zf_put64(out + 40, fs->f_ffree);
    zf_put32(out + 48, (uint32_t)id[0]);
    zf_put32(out + 52, (uint32_t)id[1]);
    zf_put32(out + 56, (uint32_t)fs->f_namelen);
    zf_put32(out + 60, (uint32_t)fs->f_frsize);
    zf_put32(out + 64, (uint32_t)fs->f_flags);
    return 0;
}

static int64_t statfs_path(struct zf_task *task, uint64_t path_at, uint64_t out) {
    const struct zf_path_argument argument = {ZF_GUEST_CWD, path_at, false};
    char buffer[PATH_MAX];
    struct statfs fs;
    int64_t error;
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    if (!path) {
        return error;
    }
    return statfs(path, &fs) ? -errno : put_statfs(task, out, &fs);
}

static int64_t statfs_fd(struct zf_task *task, int fd, uint64_t out) {
    struct statfs fs;
    return fstatfs(fd, &fs) ? -errno : put_statfs(task, out, &fs);
}

int64_t zf_sys_statfs(struct zf_task *task, const uint64_t *a) {
    return statfs_path(task, a[0], a[1]);
}

int64_t zf_sys_fstatfs(struct zf_task *task, const uint64_t *a) {
    return statfs_fd(task, (int)a[0], a[1]);
}

/* Newer architectures' kernels do not have it, as they say then. */
#ifdef SYS_ustat
enum { HOST_USTAT = SYS_ustat };
#else
enum { HOST_USTAT = -1 };
#endif

/* args: device, structure: blocks, inodes, and two names that nothing fills any more */
int64_t zf_sys_ustat(struct zf_task *task, const uint64_t *a) {
    enum { GUEST_SIZE = 20 };
    struct {
        int32_t blocks;
        uint64_t inodes;
        char names[16];
    } host;
    uint8_t *out = zf_guest_out(task, a[1], GUEST_SIZE);
    if (!out) {
        return -EFAULT;
    }
    if (syscall(HOST_USTAT, (unsigned)a[0], &host)) {
        return -errno;
    }
    memset(out, 0, GUEST_SIZE);
    zf_put32(out, (uint32_t)host.blocks);
    zf_put32(out + 4, (uint32_t)host.inodes);
    return 0;
}

/* The 64-suffixed calls carry the structure's size. */
int64_t zf_sys_statfs64(struct zf_task *task, const uint64_t *a) {
    return a[1] == GUEST_STATFS_SIZE ? statfs_path(task, a[0], a[2]) : -EINVAL;
}

int64_t zf_sys_fstatfs64(struct zf_task *task, const uint64_t *a) {
    return a[1] == GUEST_STATFS_SIZE ? statfs_fd(task, (int)a[0], a[2]) : -EINVAL;
}

int64_t zf_sys_fchmod(struct zf_task *task, const uint64_t *a) {
    return zf_host_result(fchmod((int)a[0], (mode_t)zf_own_mode(task, a[1])));
}

int64_t zf_sys_fchown(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(fchown((int)a[0], (uid_t)a[1], (gid_t)a[2]));
}

int64_t zf_sys_fchdir(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(fchdir((int)a[0]));
}

int64_t zf_sys_umask(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return umask((mode_t)a[0]);
}
