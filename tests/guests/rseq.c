/*
 * Restartable sequences: counters and lists that each CPU has, changed by several threads in
 * critical sections of plain loads and stores; what signals, children and bad descriptions lead to.
 * Prints "right".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 2048, CPUS = 1024, LINE = 256, NODES = 8, LONG_MS = 150 };

struct node {
    struct node *next;
    uint64_t taken;
};

static struct {
    uint64_t count;
    struct node *head;
} __attribute__((aligned(LINE))) cpus[CPUS];

static struct node nodes[NODES];
static volatile uint64_t stays = 1; /* rounds of a loop in the sections */
static volatile int yields = 1;     /* often; else threads make no calls for long */
static int wrong;

static void expect(int line, int ok) {
    if (!ok) {
        printf("wrong at line %d\n", line);
        wrong = 1;
    }
}
#define EXPECT(ok) expect(__LINE__, ok)

static volatile struct rseq *own(void) {
    return (volatile struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

/* A section whose body gets GR 1 to 3; "5" is where it is aborted, with the signature before it.
 * On the way to the commit it goes `stays` times round a loop. */
#define SECTION(signature, body)                                                                   \
    ".pushsection __rseq_cs,\"aw\"\n.balign 32\n"                                                  \
    "3: .long 0,0\n.quad 1f,2f-1f,5f\n.popsection\n"                                               \
    "larl %%r1,3b\nstg %%r1,%[cs]\n"                                                               \
    "1: cl %[cpu],%[now]\njne 6f\nlg %%r3,%[stays]\n"                                              \
    "4: brctg %%r3,4b\n" body "2: lghi %[done],1\nj 7f\n"                                          \
    ".balign 2\n.long " signature "\n5: nopr\n6: lghi %[done],0\n7:\n"

#define OPERANDS [cs] "=m"(r->rseq_cs), [done] "=&d"(done), [now] "+m"(r->cpu_id), [at] "+m"(*at)
#define INPUTS [cpu] "d"(cpu), [stays] "m"(stays)

static int add(volatile struct rseq *r, uint32_t cpu, uint64_t *at) {
    int done;
    __asm__ volatile(SECTION("0xb2ff0fff", "lg %%r1,%[at]\nlg %%r3,%[stays]\n8: brctg %%r3,8b\n"
                                           "aghi %%r1,1\nstg %%r1,%[at]\n")
                     : OPERANDS:INPUTS
                     : "1", "3", "cc", "memory");
    return done;
}

static int push(volatile struct rseq *r, uint32_t cpu, struct node *node) {
    struct node **at = &cpus[cpu].head;
    int done;
    __asm__ volatile(SECTION("0xb2ff0fff",
                             "lg %%r1,%[at]\nstg %%r1,0(%[node])\n"
                             "lg %%r3,%[stays]\n8: brctg %%r3,8b\nstg %[node],%[at]\n")
                     : OPERANDS
                     : INPUTS, [node] "a"(node)
                     : "1", "3", "cc", "memory");
    return done;
}

/* *node stays NULL when the list is empty. */
static int pop(volatile struct rseq *r, uint32_t cpu, struct node **node) {
    struct node **at = &cpus[cpu].head, *first;
    int done;
    __asm__ volatile(SECTION("0xb2ff0fff",
                             "lg %[first],%[at]\nltgr %[first],%[first]\nje 2f\n"
                             "lg %%r1,0(%[first])\nlg %%r3,%[stays]\n8: brctg %%r3,8b\n"
                             "stg %%r1,%[at]\n")
                     : OPERANDS, [first] "=&a"(first)
                     : INPUTS
                     : "1", "3", "cc", "memory");
    *node = done ? first : NULL;
    return done;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void change_each(volatile struct rseq *r) {
    for (int i = 0; i < ROUNDS; i++) {
        struct node *node;
        uint32_t cpu;
        if (yields && i % 64 == 0) {
            sched_yield();
        }
        do {
            cpu = r->cpu_id_start;
        } while (!add(r, cpu, &cpus[cpu].count));
        do {
            cpu = r->cpu_id_start;
        } while (!pop(r, cpu, &node));
        while (node) {
            node->taken++;
            cpu = r->cpu_id_start;
            if (push(r, cpu, node)) {
                node = NULL;
            }
        }
    }
}

/* How often it has. */
static void *change(void *unused) {
    volatile struct rseq *r = own();
    int64_t end = now_ms() + (yields ? 0 : LONG_MS);
    uint64_t rounds = 0;
    do {
        change_each(r);
        rounds += ROUNDS;
    } while (now_ms() < end);
    EXPECT(r->cpu_id < CPUS);
    return (void *)rounds;
}

static void run_threads(void) {
    pthread_t threads[THREADS];
    uint64_t sum = 0, there = 0, expected = 0;
    void *rounds;
    int cpu = sched_getcpu();
    for (int i = 0; i < NODES; i++) {
        nodes[i].next = cpus[cpu].head;
        cpus[cpu].head = &nodes[i];
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, change, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &rounds);
        expected += (uint64_t)rounds;
    }
    for (int i = 0; i < CPUS; i++) {
        sum += cpus[i].count;
        for (struct node *node = cpus[i].head; node && there <= NODES; node = node->next) {
            there++;
        }
    }
    EXPECT(sum == expected);
    EXPECT(there == NODES);
}

static volatile sig_atomic_t signals;
static void on_signal(int number) {
    signals++;
}

/* And again, for whom it comes to before he is in the section. */
static void set_timer(int us) {
    const struct itimerval moment = {{0, 10 * us}, {0, us}};
    setitimer(ITIMER_REAL, &moment, NULL);
}

/* A signal comes in the section: what it would have stored is not. */
static void be_aborted(void) {
    volatile struct rseq *r = own();
    uint64_t untouched = 5;
    signal(SIGALRM, on_signal);
    stays = UINT64_C(1) << 50;
    set_timer(20000);
    do { /* it may lose its CPU before */
        EXPECT(!add(r, r->cpu_id, &untouched));
    } while (!signals);
    set_timer(0);
    EXPECT(untouched == 5 && !r->rseq_cs);
    stays = 1;
    EXPECT(add(r, r->cpu_id, &untouched) && untouched == 6);
}

/* Another signature than that which was registered, seen when a signal comes. */
static void be_killed(void) {
    pid_t child = fork();
    if (!child) {
        volatile struct rseq *r = own();
        uint64_t cpu = r->cpu_id, value = 0, *at = &value;
        int done;
        stays = UINT64_C(1) << 50;
        set_timer(20000);
        __asm__ volatile(SECTION("0x12345678", "stg %%r3,%[at]\n")
                         : OPERANDS:INPUTS
                         : "1", "3", "cc", "memory");
        _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

/* A child keeps the structure; one in its parent's storage has none; nor has a new program. */
static void have_children(void) {
    uint64_t value = 0;
    pid_t child = fork();
    if (!child) {
        volatile struct rseq *r = own();
        _exit(add(r, r->cpu_id, &value) && value == 1 &&
                      syscall(SYS_rseq, r, 32, 0, RSEQ_SIG) == -1 && errno == EBUSY
                  ? 7
                  : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    child = vfork();
    if (!child) {
        _exit(syscall(SYS_rseq, own(), 32, 1, RSEQ_SIG) == -1 && errno == EINVAL ? 8 : 1);
    }
    waitpid(child, &status, 0);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 8);
}

/* The CPU is one of those that the thread may use. */
static void choose_cpu(void) {
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &all)) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            sched_setaffinity(0, sizeof one, &one);
            EXPECT(own()->cpu_id == (uint32_t)cpu && own()->cpu_id_start == (uint32_t)cpu);
            EXPECT(sched_getcpu() == cpu);
        }
    }
    sched_setaffinity(0, sizeof all, &all);
}

int main(void) {
    EXPECT(__rseq_size >= 20 && getauxval(27) == 28 && getauxval(28) == 32);
    EXPECT(own()->cpu_id < CPUS);
    choose_cpu();
    run_threads();
    stays = 100;
    yields = 0;
    memset(cpus, 0, sizeof cpus);
    run_threads();
    be_aborted();
    be_killed();
    have_children();
    if (!wrong) {
        puts("right");
    }
    return wrong;
}
