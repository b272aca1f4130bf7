/*
 * Filters of system calls, which sandboxes give themselves: programs of the older packet filter
 * over the number and arguments of a call, run before it is made. All that a thread has are asked,
 * and the strictest answer holds. Listeners, who would answer in a program's place, there are none.
 */
#include "guest.h"
#include "signals.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    DATA_SIZE = 64, /* of struct seccomp_data */
    PROGRAM_SIZE = 16,
    INSN_SIZE = 8,
    INSNS_LIMIT = 4096,
    PATH_LIMIT = 32768,
    PATH_COST = 4, /* of each filter */
    ERRNO_LIMIT = 4095,
};

static const uint32_t ARCH = 0x80000016; /* AUDIT_ARCH_S390X */

struct zf_filter {
    const struct zf_filter *older; /* of the thread's */
    struct zf_filter *made_before; /* of the process's, to free them */
    unsigned count, path;          /* instructions here, and on the whole way */
    struct sock_filter insns[];
};

/* What an instruction may be; those that are not here, seccomp does not know. */
static bool is_known(const struct sock_filter *f) {
    static const uint16_t codes[] = {BPF_LD | BPF_W | BPF_ABS,
                                     BPF_LD | BPF_W | BPF_LEN,
                                     BPF_LDX | BPF_W | BPF_LEN,
                                     BPF_RET | BPF_K,
                                     BPF_RET | BPF_A,
                                     BPF_LD | BPF_IMM,
                                     BPF_LDX | BPF_IMM,
                                     BPF_MISC | BPF_TAX,
                                     BPF_MISC | BPF_TXA,
                                     BPF_LD | BPF_MEM,
                                     BPF_LDX | BPF_MEM,
                                     BPF_ST,
                                     BPF_STX,
                                     BPF_JMP | BPF_JA,
                                     BPF_JMP | BPF_JEQ | BPF_K,
                                     BPF_JMP | BPF_JEQ | BPF_X,
                                     BPF_JMP | BPF_JGE | BPF_K,
                                     BPF_JMP | BPF_JGE | BPF_X,
                                     BPF_JMP | BPF_JGT | BPF_K,
                                     BPF_JMP | BPF_JGT | BPF_X,
                                     BPF_JMP | BPF_JSET | BPF_K,
                                     BPF_JMP | BPF_JSET | BPF_X,
                                     BPF_ALU | BPF_ADD,
                                     BPF_ALU | BPF_ADD | BPF_X,
                                     BPF_ALU | BPF_SUB | BPF_K,
                                     BPF_ALU | BPF_SUB | BPF_X,
                                     BPF_ALU | BPF_MUL | BPF_K,
                                     BPF_ALU | BPF_MUL | BPF_X,
                                     BPF_ALU | BPF_DIV | BPF_K,
                                     BPF_ALU | BPF_DIV | BPF_X,
                                     BPF_ALU | BPF_AND | BPF_K,
                                     BPF_ALU | BPF_AND | BPF_X,
                                     BPF_ALU | BPF_OR | BPF_K,
                                     BPF_ALU | BPF_OR | BPF_X,
                                     BPF_ALU | BPF_XOR | BPF_K,
                                     BPF_ALU | BPF_XOR | BPF_X,
                                     BPF_ALU | BPF_LSH | BPF_K,
                                     BPF_ALU | BPF_LSH | BPF_X,
                                     BPF_ALU | BPF_RSH | BPF_K,
                                     BPF_ALU | BPF_RSH | BPF_X,
                                     BPF_ALU | BPF_NEG};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(codes); i++) {
        if (codes[i] == f->code) {
            return true;
        }
    }
    return false;
}

/* Whether an instruction, with `left` after it, is valid. */
static bool is_valid(const struct sock_filter *f, unsigned left) {
    if (!is_known(f)) {
        return false;
    }
    switch (f->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        return f->k < DATA_SIZE && f->k % 4 == 0;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
        return f->k < BPF_MEMWORDS;
    case BPF_ALU | BPF_DIV | BPF_K:
        return f->k;
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K:
        return f->k < 32;
    case BPF_JMP | BPF_JA:
        return f->k < left;
    default:
        return BPF_CLASS(f->code) != BPF_JMP || (f->jt < left && f->jf < left);
    }
}

/* No word of its memory is read on any way before it is written. */
static bool reads_what_it_wrote(const struct zf_filter *filter) {
    uint16_t *written = malloc(filter->count * sizeof *written), now = 0;
    bool ok = written;
    for (unsigned i = 0; written && i < filter->count; i++) {
        written[i] = UINT16_MAX;
    }
    for (unsigned i = 0; ok && i < filter->count; i++) {
        const struct sock_filter *f = &filter->insns[i];
        now = i ? now & written[i] : 0;
        if (f->code == BPF_ST || f->code == BPF_STX) {
            now |= (uint16_t)(1u << f->k);
        } else if (f->code == (BPF_LD | BPF_MEM) || f->code == (BPF_LDX | BPF_MEM)) {
            ok = now >> f->k & 1;
        } else if (f->code == (BPF_JMP | BPF_JA)) {
            written[i + 1 + f->k] &= now;
            now = UINT16_MAX;
        } else if (BPF_CLASS(f->code) == BPF_JMP) {
            written[i + 1 + f->jt] &= now;
            written[i + 1 + f->jf] &= now;
            now = UINT16_MAX;
        }
    }
    free(written);
    return ok;
}

static bool is_program(const struct zf_filter *filter) {
    for (unsigned i = 0; i < filter->count; i++) {
        if (!is_valid(&filter->insns[i], filter->count - 1 - i)) {
            return false;
        }
    }
    return BPF_CLASS(filter->insns[filter->count - 1].code) == BPF_RET &&
           reads_what_it_wrote(filter);
}

static uint32_t operate(uint16_t code, uint32_t a, uint32_t b) {
    switch (BPF_OP(code)) {
    case BPF_ADD:
        return a + b;
    case BPF_SUB:
        return a - b;
    case BPF_MUL:
        return a * b;
    case BPF_DIV:
        return b ? a / b : 0;
    case BPF_AND:
        return a & b;
    case BPF_OR:
        return a | b;
    case BPF_XOR:
        return a ^ b;
    case BPF_LSH:
        return a << (b & 31);
    case BPF_RSH:
        return a >> (b & 31);
    default:
        return -a;
    }
}

static bool holds(uint16_t code, uint32_t a, uint32_t b) {
    switch (BPF_OP(code)) {
    case BPF_JEQ:
        return a == b;
    case BPF_JGE:
        return a >= b;
    case BPF_JGT:
        return a > b;
    default:
        return a & b;
    }
}

/* The answer of one filter. It ends, for all jumps lead forward, and with a return at the latest.
 */
static uint32_t run(const struct zf_filter *filter, const uint8_t data[DATA_SIZE]) {
    uint32_t a = 0, x = 0, memory[BPF_MEMWORDS] = {0};
    for (const struct sock_filter *f = filter->insns;; f++) {
        uint32_t operand = BPF_SRC(f->code) == BPF_X ? x : f->k;
        uint32_t *to = BPF_CLASS(f->code) == BPF_LDX ? &x : &a;
        switch (BPF_CLASS(f->code)) {
        case BPF_RET:
            return BPF_RVAL(f->code) == BPF_A ? a : f->k;
        case BPF_LD:
        case BPF_LDX:
            *to = BPF_MODE(f->code) == BPF_ABS   ? zf_get32(data + f->k)
                  : BPF_MODE(f->code) == BPF_LEN ? DATA_SIZE
                  : BPF_MODE(f->code) == BPF_MEM ? memory[f->k]
                                                 : f->k;
            break;
        case BPF_ST:
            memory[f->k] = a;
            break;
        case BPF_STX:
            memory[f->k] = x;
            break;
        case BPF_ALU:
            a = operate(f->code, a, operand);
            break;
        case BPF_JMP:
            f += BPF_OP(f->code) == BPF_JA ? f->k : holds(f->code, a, operand) ? f->jt : f->jf;
            break;
        default:
            *(f->code == (BPF_MISC | BPF_TAX) ? &x : &a) = f->code == (BPF_MISC | BPF_TAX) ? a : x;
        }
    }
}

/* The strictest answer, of those the newest filter's. */
static uint32_t ask(const struct zf_task *task, uint64_t number, const uint64_t *args) {
    uint8_t data[DATA_SIZE];
    uint32_t answer = SECCOMP_RET_ALLOW;
    zf_put32(data, (uint32_t)number);
    zf_put32(data + 4, ARCH);
    zf_put64(data + 8, task->cpu->psw.addr);
    for (unsigned i = 0; i < 6; i++) {
        zf_put64(data + 16 + 8 * i, args[i]);
    }
    for (const struct zf_filter *f = task->filter; f; f = f->older) {
        uint32_t own = run(f, data);
        if ((int32_t)(own & SECCOMP_RET_ACTION_FULL) <
            (int32_t)(answer & SECCOMP_RET_ACTION_FULL)) {
            answer = own;
        }
    }
    return answer;
}

static bool strictly(struct zf_task *task, uint64_t number, int64_t *result) {
    enum { EXIT = 1, READ = 3, WRITE = 4, SIGRETURN = 119 };
    if (number == EXIT || number == READ || number == WRITE || number == SIGRETURN) {
        return true;
    }
    zf_linux_die(task, SIGKILL);
    *result = ZF_SYS_NO_RESULT;
    return false;
}

bool zf_seccomp_permits(struct zf_task *task, uint64_t number, const uint64_t *args,
                        int64_t *result) {
    if (task->strict) {
        return strictly(task, number, result);
    }
    uint32_t answer = ask(task, number, args), data = answer & SECCOMP_RET_DATA;
    struct zf_guest_siginfo info = {.code = 1, /* SYS_SECCOMP */
                                    .error = (int)data,
                                    .address = task->cpu->psw.addr,
                                    .value = number << 32 | ARCH};
    *result = ZF_SYS_NO_RESULT;
    switch (answer & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
        return true;
    case SECCOMP_RET_ERRNO:
        *result = -(int64_t)(data < ERRNO_LIMIT ? data : ERRNO_LIMIT);
        return false;
    case SECCOMP_RET_TRACE:
    case SECCOMP_RET_USER_NOTIF:
        *result = -ENOSYS;
        return false;
    case SECCOMP_RET_TRAP:
        zf_signal_force(task, SIGSYS, &info);
        return false;
    case SECCOMP_RET_KILL_THREAD:
        if (task->process->task_count > 1) {
            zf_task_exit(task, SIGSYS);
            return false;
        }
    }
    zf_linux_die(task, SIGSYS);
    return false;
}

/* Who may lose rights by it may not be another. */
static bool may_filter(void) {
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 || zf_is_capable(CAP_SYS_ADMIN);
}

/* The filter at `address` over those of the thread; NULL with *error. */
static struct zf_filter *read_filter(struct zf_task *task, uint64_t address, int64_t *error) {
    const uint8_t *head = zf_guest_in(task, address, PROGRAM_SIZE);
    unsigned count = head ? zf_get16(head) : 0;
    *error = !head ? -EFAULT : !count || count > INSNS_LIMIT ? -EINVAL : may_filter() ? 0 : -EACCES;
    const uint8_t *in =
        *error ? NULL : zf_guest_in(task, zf_get64(head + 8), (uint64_t)count * INSN_SIZE);
    unsigned path = count + PATH_COST + (task->filter ? task->filter->path : 0);
    if (!in || path > PATH_LIMIT) {
        *error = *error ? *error : in ? -ENOMEM : -EFAULT;
        return NULL;
    }
    struct zf_filter *filter = malloc(sizeof *filter + count * sizeof filter->insns[0]);
    if (!filter) {
        *error = -ENOMEM;
        return NULL;
    }
    *filter = (struct zf_filter){.older = task->filter, .count = count, .path = path};
    for (unsigned i = 0; i < count; i++, in += INSN_SIZE) {
        filter->insns[i] = (struct sock_filter){zf_get16(in), in[2], in[3], zf_get32(in + 4)};
    }
    if (!is_program(filter)) {
        free(filter);
        *error = -EINVAL;
        return NULL;
    }
    return filter;
}

/* Whether all filters of `task` are among those from `filter` on. */
static bool has_all_of(const struct zf_filter *filter, const struct zf_task *task) {
    while (filter && filter != task->filter) {
        filter = filter->older;
    }
    return filter == task->filter;
}

/* With the lock. For all threads, when each has none that this one lacks: 0, or the first other. */
static int64_t set_for_all(struct zf_task *task, const struct zf_filter *filter) {
    for (struct zf_task *t = task->process->tasks; t; t = t->next) {
        if (t->strict || !has_all_of(task->filter, t)) {
            return t->tid;
        }
    }
    for (struct zf_task *t = task->process->tasks; t; t = t->next) {
        __atomic_store_n(&t->filter, filter, __ATOMIC_RELEASE);
    }
    return 0;
}

static int64_t set_filter(struct zf_task *task, uint64_t flags, uint64_t address) {
    const uint64_t all = SECCOMP_FILTER_FLAG_TSYNC, says_so = SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
    if (flags & ~(all | says_so | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW) ||
        task->strict) {
        return -EINVAL;
    }
    int64_t result;
    struct zf_filter *filter = read_filter(task, address, &result);
    if (!filter) {
        return result;
    }
    struct zf_linux *process = task->process;
    pthread_mutex_lock(&process->lock);
    if (flags & all) {
        result = set_for_all(task, filter);
    } else {
        task->filter = filter;
    }
    if (!result) {
        filter->made_before = process->filters;
        process->filters = filter;
    }
    pthread_mutex_unlock(&process->lock);
    if (result) {
        free(filter);
    }
    return result && flags & says_so ? -ESRCH : result;
}

static int64_t set_strict(struct zf_task *task) {
    if (task->filter) {
        return -EINVAL;
    }
    task->strict = true;
    return 0;
}

void zf_seccomp_destroy(struct zf_linux *process) {
    for (struct zf_filter *f = process->filters, *next; f; f = next) {
        next = f->made_before;
        free(f);
    }
}

int64_t zf_seccomp_get_mode(const struct zf_task *task) {
    return task->strict   ? SECCOMP_MODE_STRICT
           : task->filter ? SECCOMP_MODE_FILTER
                          : SECCOMP_MODE_DISABLED;
}

int64_t zf_seccomp_set_mode(struct zf_task *task, uint64_t mode, uint64_t address) {
    return mode == SECCOMP_MODE_STRICT   ? set_strict(task)
           : mode == SECCOMP_MODE_FILTER ? set_filter(task, 0, address)
                                         : -EINVAL;
}

static int64_t is_available(struct zf_task *task, uint64_t address) {
    static const uint32_t actions[] = {
        SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
        SECCOMP_RET_TRACE,        SECCOMP_RET_LOG,         SECCOMP_RET_ALLOW};
    const uint8_t *in = zf_guest_in(task, address, 4);
    for (size_t i = 0; in && i < ZF_ARRAY_LENGTH(actions); i++) {
        if (actions[i] == zf_get32(in)) {
            return 0;
        }
    }
    return in ? -EOPNOTSUPP : -EFAULT;
}

/* args: operation, flags, its argument */
int64_t zf_sys_seccomp(struct zf_task *task, const uint64_t *a) {
    switch ((uint32_t)a[0]) {
    case SECCOMP_SET_MODE_STRICT:
        return a[1] || a[2] ? -EINVAL : set_strict(task);
    case SECCOMP_SET_MODE_FILTER:
        return set_filter(task, (uint32_t)a[1], a[2]);
    case SECCOMP_GET_ACTION_AVAIL:
        return (uint32_t)a[1] ? -EINVAL : is_available(task, a[2]);
    default:
        return -EINVAL;
    }
}
