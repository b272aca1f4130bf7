/*
 * Futexes. The host's kernel waits and wakes; what it would compare or write goes through the
 * guest's byte order, so operations that change a word (wake-op, priority inheritance) do that
 * here. A lock with priority inheritance is fair and exclusive, and inherits nothing.
 */
#include "record.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROBUST_LIMIT = 2048, ROBUST_HEAD_SIZE = 24 };

/* As system calls have them: address, operation, value, timeout or second value, address, value. */
struct futex {
    struct zf_task *task;
    uint32_t *word, *word2;
    int operation, flags;
    uint32_t value, value3;
    uint64_t value2;
    struct timespec limit;
    const struct timespec *timeout;
};

/* As futex_waitv has it. */
struct waiter {
    uint64_t value;
    uint32_t *word;
    uint32_t flags, reserved;
};

static int64_t host_futex(struct zf_task *task, const uint32_t *word, int operation, uint32_t value,
                          const void *timeout, const uint32_t *word2, uint32_t value3) {
    const struct zf_turn_futex f = {word, word2, operation, value, value3, timeout};
    if (task->cpu->cpus->turns.on) {
        return zf_turn_futex(task, &f);
    }
    return zf_host_result(syscall(SYS_futex, word, operation, value, timeout, word2, value3));
}

static uint32_t *futex_word(struct zf_task *task, uint64_t address, int64_t *error) {
    uint32_t *word = address & 3 ? NULL : (uint32_t *)(void *)zf_guest_out(task, address, 4);
    *error = address & 3 ? -EINVAL : word ? 0 : -EFAULT;
    return word;
}

static uint32_t load_word(uint32_t *word) {
    return __builtin_bswap32(__atomic_load_n(word, __ATOMIC_SEQ_CST));
}

static bool swap_word(uint32_t *word, uint32_t from, uint32_t to) {
    uint32_t expected = __builtin_bswap32(from);
    return __atomic_compare_exchange_n(word, &expected, __builtin_bswap32(to), false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static uint32_t operated(uint32_t operation, uint32_t old, uint32_t operand) {
    switch (operation) {
    case FUTEX_OP_SET:
        return operand;
    case FUTEX_OP_ADD:
        return old + operand;
    case FUTEX_OP_OR:
        return old | operand;
    case FUTEX_OP_ANDN:
        return old & ~operand;
    default:
        return old ^ operand;
    }
}

static bool compared(uint32_t comparison, int32_t old, int32_t operand) {
    switch (comparison) {
    case FUTEX_OP_CMP_EQ:
        return old == operand;
    case FUTEX_OP_CMP_NE:
        return old != operand;
    case FUTEX_OP_CMP_LT:
        return old < operand;
    case FUTEX_OP_CMP_LE:
        return old <= operand;
    case FUTEX_OP_CMP_GT:
        return old > operand;
    default:
        return old >= operand;
    }
}

/* FUTEX_WAKE_OP: changes the second word, wakes on the first and, if its old value says so, on it.
 */
static int64_t wake_op(const struct futex *f) {
    uint32_t code = f->value3, operation = code >> 28 & 7, comparison = code >> 24 & 15, old;
    int32_t operand = (int32_t)(code << 8) >> 20, against = (int32_t)(code << 20) >> 20;
    if (operation > FUTEX_OP_XOR || comparison > FUTEX_OP_CMP_GE) {
        return -ENOSYS;
    }
    if (code & UINT32_C(1) << 31) { /* FUTEX_OP_OPARG_SHIFT */
        operand = (int32_t)(UINT32_C(1) << (operand & 31));
    }
    do {
        old = load_word(f->word2);
    } while (!swap_word(f->word2, old, operated(operation, old, (uint32_t)operand)));
    int64_t woken = host_futex(f->task, f->word, FUTEX_WAKE | f->flags, f->value, NULL, NULL, 0);
    if (woken >= 0 && compared(comparison, (int32_t)old, against)) {
        int64_t more = host_futex(f->task, f->word2, FUTEX_WAKE | f->flags, (uint32_t)f->value2,
                                  NULL, NULL, 0);
        woken = more < 0 ? more : woken + more;
    }
    return woken;
}

/* Until the word has this thread's number, or `once` has been tried. The time limit is absolute. */
static int64_t lock_pi(const struct futex *f, bool once) {
    uint32_t self = (uint32_t)gettid();
    for (;;) {
        uint32_t value = load_word(f->word), owner = value & FUTEX_TID_MASK;
        if (!owner) {
            if (swap_word(f->word, value, self | (value & (FUTEX_OWNER_DIED | FUTEX_WAITERS)))) {
                return 0;
            }
            continue;
        }
        if (owner == self) {
            return -EDEADLK;
        }
        if (kill((pid_t)owner, 0) && errno == ESRCH) {
            return -ESRCH; /* whoever had it is gone, and had no robust list */
        }
        if (once) {
            return -EAGAIN;
        }
        if (!(value & FUTEX_WAITERS) && !swap_word(f->word, value, value | FUTEX_WAITERS)) {
            continue;
        }
        zf_record_waits(f->task);
        int clock = f->operation == FUTEX_LOCK_PI ? FUTEX_CLOCK_REALTIME : f->flags;
        int64_t result = host_futex(
            f->task, f->word,
            FUTEX_WAIT_BITSET | (f->flags & FUTEX_PRIVATE_FLAG) | (clock & FUTEX_CLOCK_REALTIME),
            __builtin_bswap32(value | FUTEX_WAITERS), f->timeout, NULL, FUTEX_BITSET_MATCH_ANY);
        if (result < 0 && result != -EAGAIN) {
            return result;
        }
    }
}

/* Whoever waits competes again, and marks the word again while others wait. */
static int64_t unlock_pi(const struct futex *f) {
    uint32_t value;
    do {
        value = load_word(f->word);
        if ((value & FUTEX_TID_MASK) != (uint32_t)gettid()) {
            return -EPERM;
        }
    } while (!swap_word(f->word, value, value & FUTEX_WAITERS));
    host_futex(f->task, f->word, FUTEX_WAKE | (f->flags & FUTEX_PRIVATE_FLAG), 1, NULL, NULL, 0);
    return 0;
}

/* Waits on a word; who is woken from it, or by a requeue, takes the lock in the second one. */
static int64_t wait_requeue_pi(const struct futex *f) {
    if (f->word == f->word2) {
        return -EINVAL;
    }
    int64_t result =
        host_futex(f->task, f->word, FUTEX_WAIT_BITSET | f->flags, __builtin_bswap32(f->value),
                   f->timeout, NULL, FUTEX_BITSET_MATCH_ANY);
    if (result < 0) {
        return result;
    }
    struct futex lock = *f;
    lock.word = f->word2;
    lock.operation = FUTEX_LOCK_PI2;
    return lock_pi(&lock, false);
}

/* All that would be requeued to a lock are woken, and compete for it. */
static int64_t requeue_pi(const struct futex *f) {
    if (f->value != 1 || f->word == f->word2) {
        return -EINVAL;
    }
    if (load_word(f->word) != f->value3) {
        return -EAGAIN;
    }
    uint64_t count = f->value + f->value2;
    return host_futex(f->task, f->word, FUTEX_WAKE | (f->flags & FUTEX_PRIVATE_FLAG),
                      count > INT32_MAX ? INT32_MAX : (uint32_t)count, NULL, NULL, 0);
}

static int64_t operate(const struct futex *f) {
    switch (f->operation) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return host_futex(f->task, f->word, f->operation | f->flags, __builtin_bswap32(f->value),
                          f->timeout, NULL, f->value3);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return host_futex(f->task, f->word, f->operation | f->flags, f->value, NULL, NULL,
                          f->value3);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        return host_futex(f->task, f->word, f->operation | f->flags, f->value,
                          (const void *)(uintptr_t)f->value2, f->word2,
                          __builtin_bswap32(f->value3));
    case FUTEX_WAKE_OP:
        return wake_op(f);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        return lock_pi(f, false);
    case FUTEX_TRYLOCK_PI:
        return lock_pi(f, true);
    case FUTEX_UNLOCK_PI:
        return unlock_pi(f);
    case FUTEX_WAIT_REQUEUE_PI:
        return wait_requeue_pi(f);
    case FUTEX_CMP_REQUEUE_PI:
        return requeue_pi(f);
    default:
        return -ENOSYS;
    }
}

static bool has_timeout(int operation) {
    return operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET ||
           operation == FUTEX_LOCK_PI || operation == FUTEX_LOCK_PI2 ||
           operation == FUTEX_WAIT_REQUEUE_PI;
}

static bool has_second(int operation) {
    return operation == FUTEX_REQUEUE || operation == FUTEX_CMP_REQUEUE ||
           operation == FUTEX_WAKE_OP || operation == FUTEX_WAIT_REQUEUE_PI ||
           operation == FUTEX_CMP_REQUEUE_PI;
}

int64_t zf_sys_futex(struct zf_task *task, const uint64_t *a) {
    int64_t error = 0;
    struct futex f = {.task = task,
                      .operation = (int)a[1] & FUTEX_CMD_MASK,
                      .flags = (int)a[1] & ~FUTEX_CMD_MASK,
                      .value = (uint32_t)a[2],
                      .value2 = (uint32_t)a[3],
                      .value3 = (uint32_t)a[5]};
    f.word = futex_word(task, a[0], &error);
    if (!error && has_second(f.operation)) {
        f.word2 = futex_word(task, a[4], &error);
    }
    if (!error && has_timeout(f.operation) && a[3]) {
        error = zf_get_timespec(task, a[3], &f.limit) ? 0 : -EFAULT;
        f.timeout = &f.limit;
    }
    if (!error && f.timeout && f.operation == FUTEX_WAIT) {
        zf_limit_take(task, &f.limit);
    }
    return error ? error : operate(&f);
}

/* args: words, how many, flags, time limit, its clock. Which one it was that woke. */
int64_t zf_sys_futex_waitv(struct zf_task *task, const uint64_t *a) {
    enum { MOST = 128, ENTRY = 24, SIZE = 3, SIZE_32 = 2 };
    struct waiter waiters[MOST];
    struct timespec limit;
    int64_t error = 0;
    if (task->cpu->cpus->turns.on) {
        return -ENOSYS;
    }
    if (a[2] || !a[1] || a[1] > MOST || !a[0]) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, a[0], ENTRY * a[1]);
    if (!in || (a[3] && !zf_get_timespec(task, a[3], &limit))) {
        return -EFAULT;
    }
    for (uint64_t i = 0; i < a[1]; i++, in += ENTRY) {
        struct waiter *w = &waiters[i];
        *w = (struct waiter){.value = __builtin_bswap32((uint32_t)zf_get64(in)),
                             .flags = zf_get32(in + 16),
                             .reserved = zf_get32(in + 20)};
        if ((w->flags & SIZE) != SIZE_32 || w->reserved) {
            return -EINVAL;
        }
        w->word = futex_word(task, zf_get64(in + 8), &error);
        if (error) {
            return error;
        }
    }
    return zf_host_result(
        syscall(SYS_futex_waitv, waiters, a[1], 0, a[3] ? &limit : NULL, (clockid_t)a[4]));
}

/* Robust futexes: a list in the guest's storage of the locks that a thread holds when it dies. */

int64_t zf_sys_set_robust_list(struct zf_task *task, const uint64_t *a) {
    if (a[1] != ROBUST_HEAD_SIZE) {
        return -EINVAL;
    }
    task->robust_list = a[0];
    return 0;
}

int64_t zf_sys_get_robust_list(struct zf_task *task, const uint64_t *a) {
    if (a[0] && (pid_t)a[0] != gettid()) {
        return kill((pid_t)a[0], 0) && errno == ESRCH ? -ESRCH : -EPERM;
    }
    return zf_guest_put64(task, a[1], task->robust_list) &&
                   zf_guest_put64(task, a[2], ROBUST_HEAD_SIZE)
               ? 0
               : -EFAULT;
}

/* The owner is dead: says so in the word, and wakes one who waits. */
static void abandon(struct zf_task *task, uint64_t address) {
    int64_t error;
    uint32_t *word = futex_word(task, address, &error), value;
    if (!word) {
        return;
    }
    do {
        value = load_word(word);
        if ((value & FUTEX_TID_MASK) != (uint32_t)task->tid) {
            return;
        }
    } while (!swap_word(word, value, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED));
    host_futex(task, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void zf_futex_wake(struct zf_task *task, uint64_t address) {
    int64_t error;
    uint32_t *word = futex_word(task, address, &error);
    if (word) {
        host_futex(task, word, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

void zf_futex_exit(struct zf_task *task) {
    const uint8_t *head =
        task->robust_list ? zf_guest_in(task, task->robust_list, ROBUST_HEAD_SIZE) : NULL;
    if (!head) {
        return;
    }
    uint64_t next = zf_get64(head), offset = zf_get64(head + 8), pending = zf_get64(head + 16);
    for (unsigned i = 0; i < ROBUST_LIMIT && (next & ~UINT64_C(1)) != task->robust_list; i++) {
        const uint8_t *entry = zf_guest_in(task, next & ~UINT64_C(1), 8);
        if (!entry) {
            break;
        }
        uint64_t at = next & ~UINT64_C(1);
        next = zf_get64(entry);
        if (at != pending) {
            abandon(task, at + offset);
        }
    }
    if (pending) {
        abandon(task, (pending & ~UINT64_C(1)) + offset);
    }
    task->robust_list = 0;
}
