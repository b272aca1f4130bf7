/*
 * Futex operations that change words, checked against the kernel's description of them: other
 * emulators pass these words to the host in the wrong byte order. Prints "right".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int wrong;

static void expect(const char *what, long got, long right) {
    if (got != right) {
        printf("%s: %ld instead of %ld\n", what, got, right);
        wrong = 1;
    }
}

static long futex(unsigned *word, int operation, unsigned value, long more, unsigned *word2,
                  unsigned value3) {
    return syscall(SYS_futex, word, operation, value, more, word2, value3);
}

int main(void) {
    unsigned word = 5, other = 10;
    expect("wait with another value", futex(&word, FUTEX_WAIT, 6, 0, NULL, 0), -1);
    expect("its error", errno, EAGAIN);
    expect("wake-op add",
           futex(&word, FUTEX_WAKE_OP, 1, 1, &other, FUTEX_OP(FUTEX_OP_ADD, 7, FUTEX_OP_CMP_GT, 3)),
           0);
    expect("added", other, 17);
    futex(&word, FUTEX_WAKE_OP, 1, 1, &other, FUTEX_OP(FUTEX_OP_ANDN, 1, FUTEX_OP_CMP_EQ, 17));
    expect("and-not", other, 16);
    futex(&word, FUTEX_WAKE_OP, 1, 1, &other, FUTEX_OP(FUTEX_OP_SET, -3, FUTEX_OP_CMP_EQ, 17));
    expect("set", (int)other, -3);
    expect("compare and requeue", futex(&word, FUTEX_CMP_REQUEUE, 1, 1, &other, 5), 0);
    expect("with another value", futex(&word, FUTEX_CMP_REQUEUE, 1, 1, &other, 6), -1);
    word = 0;
    expect("lock", futex(&word, FUTEX_LOCK_PI, 0, 0, NULL, 0), 0);
    expect("owner", word, getpid());
    expect("lock again", futex(&word, FUTEX_LOCK_PI, 0, 0, NULL, 0), -1);
    expect("its error", errno, EDEADLK);
    expect("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, 0, NULL, 0), 0);
    expect("free", word, 0);
    expect("unlock again", futex(&word, FUTEX_UNLOCK_PI, 0, 0, NULL, 0), -1);
    expect("its error", errno, EPERM);
    if (!wrong) {
        puts("right");
    }
    return wrong;
}
