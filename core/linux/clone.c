/*
 * New processes: fork, vfork, clone. A plain one is made by the C library's fork, which frees its
 * own locks in the child; what only the kernel can give (namespaces, a shared table of files or
 * folder, another parent, number, cgroup or signal at the end) is asked of it by clone3. Threads
 * are in task.c.
 */
#include "record.h"
#include "signals.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NUMBERS_LIMIT = 32 };

/* What is asked for a new process or thread. */
struct request {
    uint64_t flags; /* clone3's: no signal in them */
    uint64_t stack, parent_word, child_word, thread_pointer, pidfd;
    unsigned exit_signal;
    bool is_old; /* clone: a signal at the end is no error where there can be none */
    pid_t numbers[NUMBERS_LIMIT];
    unsigned number_count;
    uint64_t cgroup;
};

static const uint64_t NAMESPACES = (uint64_t)CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                   CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
                                   CLONE_NEWTIME;
static const uint64_t LEGACY = 0xffffffff;

/* What the kernel does for a process of this one's kind, beyond a copy. */
static uint64_t for_the_host(const struct request *r) {
    return r->flags &
           (NAMESPACES | CLONE_FS | CLONE_FILES | CLONE_PARENT | CLONE_IO | CLONE_INTO_CGROUP);
}

/*
 * The child of vfork runs before its parent, in the same storage. The host gives it a copy: what it
 * has stored goes to the parent through a pipe when it replaces its program or ends, which closing
 * the pipe tells. What it maps or unmaps does not.
 */
struct vfork_pipe {
    int wait, end;
};

static struct vfork_pipe open_vfork_pipe(struct zf_task *task) {
    int fds[2];
    zf_own_raise(task);
    int error = pipe2(fds, O_CLOEXEC);
    zf_own_lower(task);
    if (error) {
        return (struct vfork_pipe){-1, -1};
    }
    /* the guest, which may close all files, closes none of these */
    return (struct vfork_pipe){zf_own_away(task->process, fds[0]),
                               zf_own_away(task->process, fds[1])};
}

static void close_own(struct zf_task *task, int fd) {
    if (fd >= 0) {
        zf_own_drop(task->process, fd);
    }
}

struct stored {
    uint64_t address, size;
};

static void send_stored(void *context, uint64_t address, const uint8_t *bytes, size_t size) {
    const struct zf_task *task = context;
    struct stored head = {address, size};
    struct iovec both[] = {{&head, sizeof head}, {(void *)(uintptr_t)bytes, size}};
    while (writev(task->vfork_end, both, ZF_ARRAY_LENGTH(both)) < 0 && errno == EINTR) {
        /* at most a page: all of it, or nothing yet */
    }
}

void zf_linux_end_vfork(struct zf_task *task) {
    if (task->vfork_end >= 0) {
        zf_linear_watch_end(&task->machine->storage, send_stored, task);
        close_own(task, task->vfork_end);
        task->vfork_end = -1;
    }
}

/* False: the pipe is closed. Signals wait, as they do in the kernel. */
static bool read_all(int fd, void *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, (uint8_t *)bytes + done, size - done);
        if (!n || (n < 0 && errno != EINTR)) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* In a child of the child of vfork, whose stores are its own. */
static void leave_vfork(struct zf_task *task) {
    zf_linear_watch_end(&task->machine->storage, NULL, NULL);
    close_own(task, task->vfork_end);
    task->vfork_end = -1;
}

static void wait_for_vfork(struct zf_task *task, const struct vfork_pipe *p) {
    struct stored head;
    uint8_t bytes[ZF_PAGE_SIZE];
    close_own(task, p->end);
    while (p->wait >= 0 && read_all(p->wait, &head, sizeof head) && head.size <= sizeof bytes &&
           read_all(p->wait, bytes, head.size)) {
        uint8_t *out = zf_guest_out(task, head.address, head.size);
        if (out) {
            memcpy(out, bytes, head.size);
        }
    }
    close_own(task, p->wait);
}

/* In the child: what clone asked for beyond a copy. */
static void start_child(struct zf_task *task, const struct request *r) {
    struct zf_cpu *cpu = task->cpu;
    leave_vfork(task);
    task->process->child = true;
    task->process->shares_files = r->flags & CLONE_FILES;
    zf_record_forked(task->process);
    task->pending = 0;
    zf_timer_start(task);
    if (r->stack) {
        cpu->gr[15] = r->stack;
        task->begin = (struct zf_begin){cpu->psw.addr, r->stack};
    }
    if (r->flags & CLONE_CHILD_SETTID) {
        zf_guest_put32(task, r->child_word, (uint32_t)gettid());
    }
    task->clear_tid = r->flags & CLONE_CHILD_CLEARTID ? r->child_word : 0;
    if (r->flags & CLONE_SETTLS) {
        cpu->ar[0] = (uint32_t)(r->thread_pointer >> 32);
        cpu->ar[1] = (uint32_t)r->thread_pointer;
    }
    if (r->flags & CLONE_CLEAR_SIGHAND) {
        zf_signal_reset(task);
    }
    if (r->flags & CLONE_VM) {
        zf_rseq_forget(task);
    }
}

/*
 * The host's new process. NOTE: the kernel's call leaves locks of the C library as they are; a
 * thread that is just freeing another's storage would leave its arena locked.
 */
static pid_t host_fork(const struct request *r) {
    uint64_t flags = for_the_host(r);
    bool inherits = r->flags & CLONE_PARENT && r->is_old;
    if (!flags && r->exit_signal == SIGCHLD && !r->number_count) {
        return fork();
    }
    struct clone_args args = {.flags = flags,
                              .exit_signal = inherits ? 0 : r->exit_signal,
                              .set_tid = (uintptr_t)(r->number_count ? r->numbers : NULL),
                              .set_tid_size = r->number_count,
                              .cgroup = r->cgroup};
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

/* The guest's storage is private memory of this process, so that the host's fork copies it. */
static int64_t do_fork(struct zf_task *task, const struct request *r) {
    bool vfork = r->flags & CLONE_VFORK;
    struct vfork_pipe p = vfork ? open_vfork_pipe(task) : (struct vfork_pipe){-1, -1};
    fflush(NULL);
    uint64_t mask = zf_host_get_mask();
    zf_host_mask(UINT64_MAX);
    zf_task_fork_begin(task);
    pid_t pid = host_fork(r);
    int error = errno;
    zf_task_fork_end(task, !pid);
    if (!pid) {
        if (task->process->config.forked) {
            task->process->config.forked(task->process->config.context);
        }
        start_child(task, r);
        task->vfork_end = p.end;
        close_own(task, p.wait);
        if (p.end >= 0) {
            zf_linear_watch(&task->machine->storage);
        }
    } else {
        wait_for_vfork(task, &p);
    }
    if (pid) {
        zf_host_mask(mask);
    } else {
        zf_signal_mask(task); /* what waits is its parent's */
    }
    if (pid > 0 && r->flags & CLONE_PARENT_SETTID) {
        zf_guest_put32(task, r->parent_word, (uint32_t)pid);
    }
    task->process->shares_files |= pid > 0 && r->flags & CLONE_FILES;
    return pid < 0 ? -error : pid;
}

/* What the kernel refuses of a process whose storage is a copy, where the host is not asked. */
static int64_t check(const struct zf_task *task, const struct request *r) {
    uint64_t both = CLONE_SIGHAND | CLONE_CLEAR_SIGHAND;
    if ((r->flags & CLONE_SIGHAND && !(r->flags & CLONE_VM)) || (r->flags & both) == both) {
        return -EINVAL;
    }
    if (r->flags & CLONE_VM && !(r->flags & CLONE_VFORK)) {
        return -ENOSYS; /* a process in this one's storage */
    }
    if (!task->process->config.contained) {
        return 0;
    }
    return r->flags & CLONE_PARENT && !task->process->child ? -EINVAL /* of an init */
           : r->flags & NAMESPACES                          ? -EPERM
                                                            : 0;
}

static int64_t new_process(struct zf_task *task, struct request *r) {
    bool has_pidfd = r->flags & CLONE_PIDFD;
    int64_t error = check(task, r);
    if (error) {
        return error;
    }
    if (has_pidfd && !zf_guest_out(task, r->pidfd, 4)) {
        return -EFAULT;
    }
    if (r->flags & CLONE_VFORK) {
        r->flags &=
            ~(uint64_t)CLONE_FILES; /* it would take away the end that the parent waits at */
    }
    int64_t pid = do_fork(task, r);
    return has_pidfd ? zf_pidfd_of_child(task, pid, r->pidfd) : pid;
}

static int64_t do_clone(struct zf_task *task, struct request *r) {
    if (r->flags & CLONE_THREAD) {
        const uint64_t as_clone[] = {r->stack, r->flags, r->parent_word, r->child_word,
                                     r->thread_pointer};
        return zf_task_clone(task, as_clone);
    }
    bool same =
        r->flags & CLONE_PIDFD && r->flags & CLONE_PARENT_SETTID && r->pidfd == r->parent_word;
    bool detached = r->flags & CLONE_PIDFD && r->flags & CLONE_DETACHED;
    return same || detached ? -EINVAL : new_process(task, r);
}

/* args: stack, flags, parent's and child's word for the number, thread pointer */
int64_t zf_sys_clone(struct zf_task *task, const uint64_t *a) {
    struct request r = {.flags = a[1] & LEGACY & ~(uint64_t)CSIGNAL,
                        .stack = a[0],
                        .parent_word = a[2],
                        .child_word = a[3],
                        .thread_pointer = a[4],
                        .pidfd = a[2],
                        .exit_signal = a[1] & CSIGNAL,
                        .is_old = true};
    return do_clone(task, &r);
}

int64_t zf_sys_fork(struct zf_task *task, const uint64_t *a) {
    struct request r = {.exit_signal = SIGCHLD};
    (void)a;
    return do_fork(task, &r);
}

int64_t zf_sys_vfork(struct zf_task *task, const uint64_t *a) {
    struct request r = {.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD};
    (void)a;
    return do_fork(task, &r);
}

/* clone3's structure, doublewords. */
enum {
    C_FLAGS,
    C_PIDFD,
    C_CHILD,
    C_PARENT,
    C_SIGNAL,
    C_STACK,
    C_STACK_SIZE,
    C_TLS,
    C_NUMBERS,
    C_NUMBER_COUNT,
    C_CGROUP,
    C_WORDS
};

/* The words of the structure, those that are not there as 0; -errno when it is not one. */
static int64_t get_words(struct zf_task *task, const uint64_t *a, uint64_t word[C_WORDS]) {
    if (a[1] < CLONE_ARGS_SIZE_VER0) {
        return -EINVAL;
    }
    if (a[1] > ZF_PAGE_SIZE) {
        return -E2BIG;
    }
    const uint8_t *in = zf_guest_in(task, a[0], a[1]);
    for (unsigned i = 0; in && i < a[1] / 8; i++) {
        if (i < C_WORDS) {
            word[i] = zf_get64(in + 8 * i);
        } else if (zf_get64(in + 8 * i)) {
            return -E2BIG;
        }
    }
    return in ? 0 : -EFAULT;
}

static bool is_valid(const uint64_t word[C_WORDS], uint64_t size) {
    const uint64_t known = LEGACY | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;
    const uint64_t never = (CSIGNAL & ~CLONE_NEWTIME) | CLONE_DETACHED;
    bool cgroup = word[C_FLAGS] & CLONE_INTO_CGROUP;
    return word[C_NUMBER_COUNT] <= NUMBERS_LIMIT && !word[C_NUMBERS] == !word[C_NUMBER_COUNT] &&
           word[C_SIGNAL] <= ZF_SIGNALS && !word[C_STACK] == !word[C_STACK_SIZE] &&
           !(cgroup && (word[C_CGROUP] > INT_MAX || size < CLONE_ARGS_SIZE_VER2)) &&
           !(word[C_FLAGS] & (~known | never)) &&
           !(word[C_FLAGS] & (CLONE_THREAD | CLONE_PARENT) && word[C_SIGNAL]);
}

int64_t zf_sys_clone3(struct zf_task *task, const uint64_t *a) {
    uint64_t word[C_WORDS] = {0};
    int64_t error = get_words(task, a, word);
    if (error || !is_valid(word, a[1])) {
        return error ? error : -EINVAL;
    }
    bool cgroup = word[C_FLAGS] & CLONE_INTO_CGROUP;
    if (cgroup && zf_own_file(task, word[C_CGROUP])) {
        return -EBADF;
    }
    struct request r = {.flags = word[C_FLAGS],
                        .stack = word[C_STACK] + word[C_STACK_SIZE],
                        .parent_word = word[C_PARENT],
                        .child_word = word[C_CHILD],
                        .thread_pointer = word[C_TLS],
                        .pidfd = word[C_PIDFD],
                        .exit_signal = (unsigned)word[C_SIGNAL],
                        .number_count = (unsigned)word[C_NUMBER_COUNT],
                        .cgroup = word[C_CGROUP]};
    const uint8_t *numbers = zf_guest_in(task, word[C_NUMBERS], 4 * (uint64_t)r.number_count);
    for (unsigned i = 0; numbers && i < r.number_count; i++) {
        r.numbers[i] = (pid_t)zf_get32(numbers + 4 * i);
    }
    return numbers ? do_clone(task, &r) : -EFAULT;
}
