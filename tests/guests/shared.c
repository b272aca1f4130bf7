/*
 * Storage that processes share: updates that are interlocked and the order that serialization keeps
 * hold between processes, too, whose host processes share no translated code. Prints "right".
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UPDATES = 1000000, TURNS = 200000, PAGE = 4096 };

struct shared {
    volatile int ready[2];
    volatile long sum;
    volatile int count;
    volatile unsigned char bits;
    volatile int wants[2], turn;
    volatile long guarded;
};

static int wrong;

static void expect(const char *how, const char *what, long got, long right) {
    if (got != right) {
        printf("%s, %s: %ld instead of %ld\n", how, what, got, right);
        wrong = 1;
    }
}

/* Dekker's: one load of the other's wish that passes the own store lets both in. */
static void enter(struct shared *s, int me) {
    s->wants[me] = 1;
    __sync_synchronize();
    while (s->wants[!me]) {
        if (s->turn != me) {
            s->wants[me] = 0;
            while (s->turn != me) {
                sched_yield();
            }
            s->wants[me] = 1;
            __sync_synchronize();
        }
    }
}

static void leave(struct shared *s, int me) {
    s->turn = !me;
    s->wants[me] = 0;
}

static void work(struct shared *s, int me) {
    s->ready[me] = 1;
    while (!s->ready[!me]) {
    }
    for (int i = 0; i < UPDATES; i++) {
        asm volatile("agsi %0,1\n\tasi %1,1" : "+T"(s->sum), "+T"(s->count)::"cc");
        if (me) {
            asm volatile("xi %0,1\n\txi %0,2" : "+Q"(s->bits)::"cc");
        } else {
            asm volatile("xi %0,4\n\toi %0,8" : "+Q"(s->bits)::"cc");
        }
    }
    for (int i = 0; i < TURNS; i++) {
        enter(s, me);
        s->guarded++;
        leave(s, me);
    }
    s->wants[me] = 0;
    s->turn = !me;
}

static void *map(int prot) {
    return mmap(NULL, PAGE, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void *map_then_protect(void) {
    void *m = map(PROT_READ);
    return mprotect(m, PAGE, PROT_READ | PROT_WRITE) ? MAP_FAILED : m;
}

static void *attach(void) {
    int id = shmget(IPC_PRIVATE, PAGE, 0600);
    void *m = shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL);
    return m;
}

static void try(const char *how, struct shared *s) {
    if (s == MAP_FAILED) {
        expect(how, "mapped", 0, 1);
        return;
    }
    pid_t child = fork();
    work(s, !child);
    if (!child) {
        _exit(0);
    }
    waitpid(child, NULL, 0);
    expect(how, "agsi", s->sum, 2 * UPDATES);
    expect(how, "asi", s->count, 2 * UPDATES);
    expect(how, "xi and oi", s->bits, 8);
    expect(how, "serialization", s->guarded, 2 * TURNS);
}

/* Each way of sharing in a process that knows no other one. */
int main(void) {
    for (int way = 0; way < 3; way++) {
        int status = 0;
        if (!fork()) {
            if (way == 0) {
                try("mmap", map(PROT_READ | PROT_WRITE));
            } else if (way == 1) {
                try("mprotect", map_then_protect());
            } else {
                try("shmat", attach());
            }
            fflush(stdout);
            _exit(wrong);
        }
        wait(&status);
        wrong |= status;
    }
    puts(wrong ? "wrong" : "right");
    return wrong != 0;
}
