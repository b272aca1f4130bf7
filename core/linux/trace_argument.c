/*
 * Arguments of system calls as text, by the letter that the call's row has for each.
 */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_LIMIT = 32, LIST_LIMIT = 16, PATH_LIMIT = 4096 };

void zf_trace_add(struct zf_trace_line *line, const char *format, ...) {
    va_list arguments;
    size_t room = sizeof line->text - line->used;
    va_start(arguments, format);
    int n = vsnprintf(line->text + line->used, room, format, arguments);
    va_end(arguments);
    line->used += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

struct name {
    uint64_t value;
    const char *name;
};

/* clang-format off */
static const struct name open_names[] = {
    {0100, "O_CREAT"}, {0200, "O_EXCL"}, {0400, "O_NOCTTY"}, {01000, "O_TRUNC"}, {02000, "O_APPEND"},
    {04000, "O_NONBLOCK"}, {04010000, "O_SYNC"}, {010000, "O_DSYNC"}, {020000, "FASYNC"}, {040000, "O_DIRECT"},
    {0100000, "O_LARGEFILE"}, {020200000, "O_TMPFILE"}, {0200000, "O_DIRECTORY"}, {0400000, "O_NOFOLLOW"},
    {01000000, "O_NOATIME"}, {02000000, "O_CLOEXEC"}, {010000000, "O_PATH"}, {0, NULL}};
static const struct name prot_names[] = {{1, "PROT_READ"}, {2, "PROT_WRITE"}, {4, "PROT_EXEC"}, {0, NULL}};
static const struct name map_names[] = {
    {3, "MAP_SHARED_VALIDATE"}, {1, "MAP_SHARED"}, {2, "MAP_PRIVATE"}, {0x10, "MAP_FIXED"}, {0x20, "MAP_ANONYMOUS"},
    {0x100, "MAP_GROWSDOWN"}, {0x800, "MAP_DENYWRITE"}, {0x1000, "MAP_EXECUTABLE"}, {0x2000, "MAP_LOCKED"},
    {0x4000, "MAP_NORESERVE"}, {0x8000, "MAP_POPULATE"}, {0x10000, "MAP_NONBLOCK"}, {0x20000, "MAP_STACK"},
    {0x100000, "MAP_FIXED_NOREPLACE"}, {0, NULL}};
static const struct name at_names[] = {
    {0x100, "AT_SYMLINK_NOFOLLOW"}, {0x200, "AT_REMOVEDIR"}, {0x400, "AT_SYMLINK_FOLLOW"}, {0x800, "AT_NO_AUTOMOUNT"},
    {0x1000, "AT_EMPTY_PATH"}, {0x2000, "AT_STATX_FORCE_SYNC"}, {0x4000, "AT_STATX_DONT_SYNC"}, {0, NULL}};
static const struct name access_names[] = {{4, "R_OK"}, {2, "W_OK"}, {1, "X_OK"}, {0, NULL}};
static const struct name clone_names[] = {
    {0x100, "CLONE_VM"}, {0x200, "CLONE_FS"}, {0x400, "CLONE_FILES"}, {0x800, "CLONE_SIGHAND"},
    {0x1000, "CLONE_PIDFD"}, {0x2000, "CLONE_PTRACE"}, {0x4000, "CLONE_VFORK"}, {0x8000, "CLONE_PARENT"},
    {0x10000, "CLONE_THREAD"}, {0x20000, "CLONE_NEWNS"}, {0x40000, "CLONE_SYSVSEM"}, {0x80000, "CLONE_SETTLS"},
    {0x100000, "CLONE_PARENT_SETTID"}, {0x200000, "CLONE_CHILD_CLEARTID"}, {0x1000000, "CLONE_CHILD_SETTID"},
    {0x2000000, "CLONE_NEWCGROUP"}, {0x4000000, "CLONE_NEWUTS"}, {0x8000000, "CLONE_NEWIPC"}, {0x10000000, "CLONE_NEWUSER"},
    {0x20000000, "CLONE_NEWPID"}, {0x40000000, "CLONE_NEWNET"}, {0x80000000, "CLONE_IO"}, {0, NULL}};
static const struct name action_names[] = {
    {0x04000000, "SA_RESTORER"}, {8, "SA_ONSTACK"}, {8u << 24, "SA_ONSTACK"}, {0x10000000, "SA_RESTART"},
    {0x40000000, "SA_NODEFER"}, {0x80000000, "SA_RESETHAND"}, {4, "SA_SIGINFO"}, {1, "SA_NOCLDSTOP"},
    {2, "SA_NOCLDWAIT"}, {0, NULL}};
static const struct name whence_names[] = {
    {0, "SEEK_SET"}, {1, "SEEK_CUR"}, {2, "SEEK_END"}, {3, "SEEK_DATA"}, {4, "SEEK_HOLE"}, {0, NULL}};
static const struct name how_names[] = {{0, "SIG_BLOCK"}, {1, "SIG_UNBLOCK"}, {2, "SIG_SETMASK"}, {0, NULL}};
static const struct name fcntl_names[] = {
    {0, "F_DUPFD"}, {1, "F_GETFD"}, {2, "F_SETFD"}, {3, "F_GETFL"}, {4, "F_SETFL"}, {5, "F_GETLK"}, {6, "F_SETLK"},
    {7, "F_SETLKW"}, {8, "F_SETOWN"}, {9, "F_GETOWN"}, {10, "F_SETSIG"}, {36, "F_OFD_GETLK"}, {37, "F_OFD_SETLK"},
    {38, "F_OFD_SETLKW"}, {1030, "F_DUPFD_CLOEXEC"}, {1031, "F_SETPIPE_SZ"}, {1032, "F_GETPIPE_SZ"},
    {1033, "F_ADD_SEALS"}, {1034, "F_GET_SEALS"}, {0, NULL}};
static const struct name ioctl_names[] = {
    {0x5401, "TCGETS"}, {0x5402, "TCSETS"}, {0x5403, "TCSETSW"}, {0x5404, "TCSETSF"}, {0x5413, "TIOCGWINSZ"},
    {0x5414, "TIOCSWINSZ"}, {0x540f, "TIOCGPGRP"}, {0x5410, "TIOCSPGRP"}, {0x541b, "FIONREAD"}, {0x5421, "FIONBIO"},
    {0x5450, "FIONCLEX"}, {0x5451, "FIOCLEX"}, {0, NULL}};
static const struct name clock_names[] = {
    {0, "CLOCK_REALTIME"}, {1, "CLOCK_MONOTONIC"}, {2, "CLOCK_PROCESS_CPUTIME_ID"}, {3, "CLOCK_THREAD_CPUTIME_ID"},
    {4, "CLOCK_MONOTONIC_RAW"}, {5, "CLOCK_REALTIME_COARSE"}, {6, "CLOCK_MONOTONIC_COARSE"}, {7, "CLOCK_BOOTTIME"},
    {0, NULL}};
static const struct name limit_names[] = {
    {0, "RLIMIT_CPU"}, {1, "RLIMIT_FSIZE"}, {2, "RLIMIT_DATA"}, {3, "RLIMIT_STACK"}, {4, "RLIMIT_CORE"},
    {5, "RLIMIT_RSS"}, {6, "RLIMIT_NPROC"}, {7, "RLIMIT_NOFILE"}, {8, "RLIMIT_MEMLOCK"}, {9, "RLIMIT_AS"},
    {0, NULL}};
static const struct name prctl_names[] = {
    {1, "PR_SET_PDEATHSIG"}, {3, "PR_GET_DUMPABLE"}, {4, "PR_SET_DUMPABLE"}, {15, "PR_SET_NAME"}, {16, "PR_GET_NAME"},
    {22, "PR_SET_SECCOMP"}, {23, "PR_CAPBSET_READ"}, {36, "PR_SET_CHILD_SUBREAPER"}, {38, "PR_SET_NO_NEW_PRIVS"},
    {0x53564d41, "PR_SET_VMA"}, {0, NULL}};
static const struct name family_names[] = {
    {0, "AF_UNSPEC"}, {1, "AF_UNIX"}, {2, "AF_INET"}, {10, "AF_INET6"}, {16, "AF_NETLINK"}, {17, "AF_PACKET"}, {0, NULL}};
static const struct name socket_names[] = {
    {0x80000, "SOCK_CLOEXEC"}, {0x800, "SOCK_NONBLOCK"}, {0, NULL}};
static const struct name socket_kinds[] = {
    {1, "SOCK_STREAM"}, {2, "SOCK_DGRAM"}, {3, "SOCK_RAW"}, {5, "SOCK_SEQPACKET"}, {0, NULL}};
static const struct name advice_names[] = {
    {0, "MADV_NORMAL"}, {1, "MADV_RANDOM"}, {2, "MADV_SEQUENTIAL"}, {3, "MADV_WILLNEED"}, {4, "MADV_DONTNEED"},
    {8, "MADV_FREE"}, {14, "MADV_HUGEPAGE"}, {15, "MADV_NOHUGEPAGE"}, {16, "MADV_DONTDUMP"}, {0, NULL}};
static const struct name epoll_names[] = {{1, "EPOLL_CTL_ADD"}, {2, "EPOLL_CTL_DEL"}, {3, "EPOLL_CTL_MOD"}, {0, NULL}};
static const struct name rseq_names[] = {{1, "RSEQ_FLAG_UNREGISTER"}, {0, NULL}};
static const struct name futex_names[] = {
    {0, "FUTEX_WAIT"}, {1, "FUTEX_WAKE"}, {3, "FUTEX_REQUEUE"}, {4, "FUTEX_CMP_REQUEUE"}, {5, "FUTEX_WAKE_OP"},
    {6, "FUTEX_LOCK_PI"}, {7, "FUTEX_UNLOCK_PI"}, {8, "FUTEX_TRYLOCK_PI"}, {9, "FUTEX_WAIT_BITSET"},
    {10, "FUTEX_WAKE_BITSET"}, {11, "FUTEX_WAIT_REQUEUE_PI"}, {12, "FUTEX_CMP_REQUEUE_PI"}, {13, "FUTEX_LOCK_PI2"},
    {0, NULL}};
/* clang-format on */

static const char *name_of(const struct name *names, uint64_t value) {
    while (names->name && names->value != value) {
        names++;
    }
    return names->name;
}

static void add_name(struct zf_trace_line *line, const struct name *names, uint64_t value) {
    const char *name = name_of(names, value);
    if (name) {
        zf_trace_add(line, "%s", name);
    } else {
        zf_trace_add(line, "%#llx", (unsigned long long)value);
    }
}

/* Names of bits; `none` when there is none. */
static void add_bits(struct zf_trace_line *line, const struct name *names, uint64_t bits,
                     const char *none) {
    const char *bar = "";
    for (; names->name; names++) {
        if ((bits & names->value) == names->value) {
            zf_trace_add(line, "%s%s", bar, names->name);
            bits &= ~names->value;
            bar = "|";
        }
    }
    if (bits || !*bar) {
        if (bits || !none) {
            zf_trace_add(line, "%s%#llx", bar, (unsigned long long)bits);
        } else {
            zf_trace_add(line, "%s", none);
        }
    }
}

static void add_address(struct zf_trace_line *line, uint64_t value) {
    if (value) {
        zf_trace_add(line, "%#llx", (unsigned long long)value);
    } else {
        zf_trace_add(line, "NULL");
    }
}

static void add_byte(struct zf_trace_line *line, uint8_t byte, uint8_t after) {
    static const char escapes[] = "\"\"\\\\\nn\tt\rr\vv\ff";
    for (size_t i = 0; i + 1 < sizeof escapes; i += 2) {
        if (byte == (uint8_t)escapes[i]) {
            zf_trace_add(line, "\\%c", escapes[i + 1]);
            return;
        }
    }
    if (byte >= ' ' && byte < 127) {
        zf_trace_add(line, "%c", byte);
    } else {
        zf_trace_add(line, after >= '0' && after <= '7' ? "\\%03o" : "\\%o", byte);
    }
}

static void add_bytes(struct zf_task *task, struct zf_trace_line *line, uint64_t address,
                      uint64_t length) {
    uint64_t shown = length < TEXT_LIMIT ? length : TEXT_LIMIT;
    const uint8_t *bytes = address ? zf_guest_in(task, address, shown) : NULL;
    if (!bytes) {
        add_address(line, address);
        return;
    }
    zf_trace_add(line, "\"");
    for (uint64_t i = 0; i < shown; i++) {
        add_byte(line, bytes[i], i + 1 < shown ? bytes[i + 1] : 0);
    }
    zf_trace_add(line, "\"%s", shown < length ? "..." : "");
}

static void add_string(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    char text[PATH_LIMIT];
    int64_t error;
    if (!address || !zf_guest_string(task, address, text, sizeof text, &error)) {
        add_address(line, address);
        return;
    }
    zf_trace_add(line, "\"");
    for (const char *c = text; *c; c++) {
        add_byte(line, (uint8_t)c[0], (uint8_t)c[1]);
    }
    zf_trace_add(line, "\"");
}

static void add_strings(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at;
    unsigned n = 0;
    zf_trace_add(line, "[");
    while ((at = zf_guest_in(task, address + 8 * n, 8)) && zf_get64(at)) {
        zf_trace_add(line, n ? ", " : "");
        if (n++ == LIST_LIMIT) {
            zf_trace_add(line, "...");
            break;
        }
        add_string(task, line, zf_get64(at));
    }
    zf_trace_add(line, "]");
}

static void add_environment(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at;
    unsigned n = 0;
    while (address && (at = zf_guest_in(task, address + 8 * n, 8)) && zf_get64(at)) {
        n++;
    }
    add_address(line, address);
    zf_trace_add(line, " /* %u var%s */", n, n == 1 ? "" : "s");
}

/* A descriptor: directories of the at-calls have one that is none. */
static void add_directory(struct zf_trace_line *line, int fd) {
    if (fd == -100) {
        zf_trace_add(line, "AT_FDCWD");
    } else {
        zf_trace_add(line, "%d", fd);
    }
}

static void add_signal(struct zf_trace_line *line, uint64_t number) {
    char name[16];
    if (number) {
        zf_trace_add(line, "%s", zf_linux_signal_name((int)number, name));
    } else {
        zf_trace_add(line, "0");
    }
}

static void add_set(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at = address ? zf_guest_in(task, address, 8) : NULL;
    if (!at) {
        add_address(line, address);
        return;
    }
    uint64_t set = zf_get64(at);
    bool most = __builtin_popcountll(set) > ZF_SIGNALS / 2;
    const char *space = "";
    set = most ? ~set : set;
    zf_trace_add(line, most ? "~[" : "[");
    for (int n = 1; n <= ZF_SIGNALS; n++) {
        char name[16];
        if (set >> (n - 1) & 1) {
            zf_linux_signal_name(n, name);
            zf_trace_add(line, "%s%s", space, !strncmp(name, "SIG", 3) ? name + 3 : name + 7);
            space = " ";
        }
    }
    zf_trace_add(line, "]");
}

static void add_action(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at = address ? zf_guest_in(task, address, 32) : NULL;
    if (!at) {
        add_address(line, address);
        return;
    }
    uint64_t handler = zf_get64(at);
    zf_trace_add(line, "{sa_handler=");
    if (handler < 2) {
        zf_trace_add(line, handler ? "SIG_IGN" : "SIG_DFL");
    } else {
        add_address(line, handler);
    }
    zf_trace_add(line, ", sa_mask=");
    add_set(task, line, address + 24);
    zf_trace_add(line, ", sa_flags=");
    add_bits(line, action_names, zf_get64(at + 8), "0");
    zf_trace_add(line, "}");
}

static void add_timespec(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at = address ? zf_guest_in(task, address, 16) : NULL;
    if (at) {
        zf_trace_add(line, "{tv_sec=%lld, tv_nsec=%lld}", (long long)zf_get64(at),
                     (long long)zf_get64(at + 8));
    } else {
        add_address(line, address);
    }
}

static void add_stat(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    enum { MODE_AT = 24, SIZE_AT = 48, STAT_SIZE = 144 };
    static const struct name kinds[] = {
        {S_IFREG, "S_IFREG"}, {S_IFDIR, "S_IFDIR"}, {S_IFLNK, "S_IFLNK"},   {S_IFCHR, "S_IFCHR"},
        {S_IFBLK, "S_IFBLK"}, {S_IFIFO, "S_IFIFO"}, {S_IFSOCK, "S_IFSOCK"}, {0, NULL}};
    const uint8_t *at = zf_guest_in(task, address, STAT_SIZE);
    if (!at) {
        add_address(line, address);
        return;
    }
    uint32_t mode = zf_get32(at + MODE_AT);
    zf_trace_add(line, "{st_mode=");
    add_name(line, kinds, mode & S_IFMT);
    zf_trace_add(line, "|%#o, st_size=%llu, ...}", mode & 07777,
                 (unsigned long long)zf_get64(at + SIZE_AT));
}

static void add_vector(struct zf_task *task, struct zf_trace_line *line, uint64_t address,
                       uint64_t count) {
    const uint8_t *at = zf_guest_in(task, address, 16 * (count < LIST_LIMIT ? count : LIST_LIMIT));
    if (!at) {
        add_address(line, address);
        return;
    }
    zf_trace_add(line, "[");
    for (uint64_t i = 0; i < count && i < LIST_LIMIT; i++) {
        uint64_t length = zf_get64(at + 16 * i + 8);
        zf_trace_add(line, i ? ", {iov_base=" : "{iov_base=");
        add_bytes(task, line, zf_get64(at + 16 * i), length);
        zf_trace_add(line, ", iov_len=%llu}", (unsigned long long)length);
    }
    zf_trace_add(line, count > LIST_LIMIT ? ", ...]" : "]");
}

static void add_numbers(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at = zf_guest_in(task, address, 8);
    if (at) {
        zf_trace_add(line, "[%d, %d]", (int)zf_get32(at), (int)zf_get32(at + 4));
    } else {
        add_address(line, address);
    }
}

static void add_status(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at = address ? zf_guest_in(task, address, 4) : NULL;
    char name[16];
    if (!at) {
        add_address(line, address);
        return;
    }
    uint32_t status = zf_get32(at);
    if (!(status & 0x7f)) {
        zf_trace_add(line, "[{WIFEXITED(s) && WEXITSTATUS(s) == %u}]", status >> 8 & 255);
    } else {
        zf_trace_add(line, "[{WIFSIGNALED(s) && WTERMSIG(s) == %s}]",
                     zf_linux_signal_name((int)(status & 0x7f), name));
    }
}

static void add_limit(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at = address ? zf_guest_in(task, address, 16) : NULL;
    if (!at) {
        add_address(line, address);
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        uint64_t limit = zf_get64(at + 8 * i);
        zf_trace_add(line, i ? ", rlim_max=" : "{rlim_cur=");
        if (limit == UINT64_MAX) {
            zf_trace_add(line, "RLIM64_INFINITY");
        } else {
            zf_trace_add(line, "%llu", (unsigned long long)limit);
        }
    }
    zf_trace_add(line, "}");
}

static void add_socket_address(struct zf_task *task, struct zf_trace_line *line, uint64_t address,
                               uint64_t length) {
    const uint8_t *at = length >= 2 && length < 256 ? zf_guest_in(task, address, length) : NULL;
    if (!at) {
        add_address(line, address);
        return;
    }
    zf_trace_add(line, "{sa_family=");
    add_name(line, family_names, zf_get16(at));
    if (zf_get16(at) == 1) {
        zf_trace_add(line, ", sun_path=");
        add_bytes(task, line, address + 2, strnlen((const char *)at + 2, length - 2));
    } else if (zf_get16(at) == 2 && length >= 8) {
        zf_trace_add(line, ", sin_port=htons(%u), sin_addr=inet_addr(\"%u.%u.%u.%u\")",
                     zf_get16(at + 2), at[4], at[5], at[6], at[7]);
    }
    zf_trace_add(line, "}");
}

/* The arguments of mmap lie in storage. */
static void add_mapping(struct zf_task *task, struct zf_trace_line *line, uint64_t address) {
    const uint8_t *at = zf_guest_in(task, address, 48);
    if (!at) {
        add_address(line, address);
        return;
    }
    add_address(line, zf_get64(at));
    zf_trace_add(line, ", %llu, ", (unsigned long long)zf_get64(at + 8));
    add_bits(line, prot_names, zf_get64(at + 16), "PROT_NONE");
    zf_trace_add(line, ", ");
    add_bits(line, map_names, zf_get64(at + 24), NULL);
    zf_trace_add(line, ", %d, ", (int)zf_get64(at + 32));
    uint64_t offset = zf_get64(at + 40);
    zf_trace_add(line, offset ? "%#llx" : "%llu", (unsigned long long)offset);
}

static void add_open(struct zf_trace_line *line, uint64_t flags) {
    static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
    zf_trace_add(line, "%s", modes[flags & 3]);
    if (flags & ~UINT64_C(3)) {
        zf_trace_add(line, "|");
        add_bits(line, open_names, flags & ~UINT64_C(3), NULL);
    }
}

static void add_futex(struct zf_trace_line *line, uint64_t operation) {
    add_name(line, futex_names, operation & 127);
    zf_trace_add(line, "%s%s", operation & 128 ? "_PRIVATE" : "",
                 operation & 256 ? "|FUTEX_CLOCK_REALTIME" : "");
}

static void add_clone(struct zf_trace_line *line, uint64_t flags) {
    add_bits(line, clone_names, flags & ~UINT64_C(255), "0");
    if (flags & 255) {
        zf_trace_add(line, "|");
        add_signal(line, flags & 255);
    }
}

static void add_socket(struct zf_trace_line *line, uint64_t kind) {
    add_name(line, socket_kinds, kind & 15);
    if (kind & ~UINT64_C(15)) {
        zf_trace_add(line, "|");
        add_bits(line, socket_names, kind & ~UINT64_C(15), NULL);
    }
}

bool zf_trace_is_result(char letter) {
    return strchr("rtKVWIDGjh", letter);
}

/* Letters that name values. */
static bool add_named(struct zf_trace_line *line, char letter, uint64_t value) {
    static const struct {
        char letter;
        bool bits;
        const struct name *names;
        const char *none;
    } kinds[] = {
        {'P', true, prot_names, "PROT_NONE"}, {'Q', true, at_names, "0"},
        {'a', true, access_names, "F_OK"},    {'L', false, whence_names, NULL},
        {'b', false, how_names, NULL},        {'c', false, fcntl_names, NULL},
        {'q', false, ioctl_names, NULL},      {'k', false, clock_names, NULL},
        {'R', false, limit_names, NULL},      {'B', false, prctl_names, NULL},
        {'N', false, family_names, NULL},     {'X', false, advice_names, NULL},
        {'e', false, epoll_names, NULL},      {'i', true, rseq_names, "0"},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(kinds); i++) {
        if (kinds[i].letter == letter && kinds[i].bits) {
            add_bits(line, kinds[i].names, value, kinds[i].none);
            return true;
        }
        if (kinds[i].letter == letter) {
            add_name(line, kinds[i].names, (uint32_t)value);
            return true;
        }
    }
    return false;
}

static bool add_number(struct zf_trace_line *line, char letter, uint64_t value) {
    switch (letter) {
    case 'd':
    case 'f':
        zf_trace_add(line, "%d", (int)value);
        return true;
    case 'u':
        zf_trace_add(line, "%u", (unsigned)value);
        return true;
    case 'z':
        zf_trace_add(line, "%llu", (unsigned long long)value);
        return true;
    case 'l':
        zf_trace_add(line, "%lld", (long long)value);
        return true;
    case 'F':
        add_directory(line, (int)value);
        return true;
    case 'n':
        add_signal(line, value);
        return true;
    case 'O':
        add_open(line, value);
        return true;
    case 'C':
        add_clone(line, value);
        return true;
    case 'U':
        add_futex(line, value);
        return true;
    case 'Y':
        add_socket(line, value);
        return true;
    default:
        return add_named(line, letter, value);
    }
}

/* Letters of what lies in storage; `length` is the next argument. */
static bool add_storage(struct zf_task *task, struct zf_trace_line *line, char letter,
                        uint64_t value, uint64_t length) {
    switch (letter) {
    case 's':
        add_string(task, line, value);
        return true;
    case 'w':
        add_bytes(task, line, value, length);
        return true;
    case 'A':
        add_strings(task, line, value);
        return true;
    case 'E':
        add_environment(task, line, value);
        return true;
    case 'T':
    case 't':
        add_timespec(task, line, value);
        return true;
    case 'g':
    case 'G':
        add_set(task, line, value);
        return true;
    case 'H':
    case 'h':
        add_action(task, line, value);
        return true;
    case 'v':
    case 'V':
        add_vector(task, line, value, length);
        return true;
    case 'y':
        add_socket_address(task, line, value, length);
        return true;
    case 'J':
    case 'j':
        add_limit(task, line, value);
        return true;
    case 'm':
        add_mapping(task, line, value);
        return true;
    case 'K':
        add_stat(task, line, value);
        return true;
    case 'I':
        add_numbers(task, line, value);
        return true;
    case 'W':
        add_status(task, line, value);
        return true;
    default:
        return false;
    }
}

bool zf_trace_argument(struct zf_task *task, struct zf_trace_line *line, char letter, unsigned n,
                       int64_t result) {
    enum { CREATES = 020000100 };
    uint64_t value = line->args[n], next = n < 5 ? line->args[n + 1] : 0;
    bool in_vain = zf_trace_is_result(letter) && (result < 0 || letter == 'D');
    if (letter == 'r' && !in_vain) {
        add_bytes(task, line, value, (uint64_t)result);
    } else if (letter == 'o') {
        if (n && line->rest[-1] == 'O' && !(line->args[n - 1] & CREATES)) {
            return false; /* the mode of what is not made */
        }
        zf_trace_add(line, value ? "0%llo" : "%llo", (unsigned long long)value);
    } else if (in_vain || (!add_number(line, letter, value) &&
                           !add_storage(task, line, letter, value, next))) {
        add_address(line, value);
    }
    /* a wake has no time, a wait no second word */
    bool wake = n >= 1 && letter == 'u' && line->rest[-1] == 'U' && (line->args[1] & 127) == 1;
    bool wait =
        n >= 1 && letter == 'T' && n == 3 && (line->args[1] & 127) == 0 && line->rest[-2] == 'U';
    return !wake && !wait;
}
