/*
 * Threads: locks of all kinds, signals, cancellation, the ends of threads and processes, code that
 * another thread writes. Prints "right".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 6, ROUNDS = 4000 };

static int wrong;

static void expect(const char *what, long got, long right) {
    if (got != right) {
        printf("%s: %ld instead of %ld\n", what, got, right);
        wrong = 1;
    }
}

static void in_threads(void *(*function)(void *), int count) {
    pthread_t threads[64];
    for (long i = 0; i < count; i++) {
        expect("create", pthread_create(&threads[i], NULL, function, (void *)i), 0);
    }
    for (long i = 0; i < count; i++) {
        void *result;
        expect("join", pthread_join(threads[i], &result), 0);
        expect("result", (long)result, i);
    }
}

/* locks */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, inherited, robust;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static int atomic_word;
static long counters[5], atomics[4], pair[2], seen_torn;
static __thread long own;

static void *count(void *number) {
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        counters[0]++;
        pthread_mutex_unlock(&lock);
        pthread_mutex_lock(&inherited);
        counters[1]++;
        pthread_mutex_unlock(&inherited);
        pthread_spin_lock(&spin);
        counters[2]++;
        pthread_spin_unlock(&spin);
        pthread_rwlock_wrlock(&rwlock);
        pair[0]++;
        pair[1]++;
        pthread_rwlock_unlock(&rwlock);
        pthread_rwlock_rdlock(&rwlock);
        if (pair[0] != pair[1]) {
            seen_torn++;
        }
        pthread_rwlock_unlock(&rwlock);
        __atomic_fetch_add(&atomic_word, 1, __ATOMIC_SEQ_CST);
        __atomic_fetch_add(&atomics[1], 1, __ATOMIC_RELAXED);
        __atomic_fetch_xor(&atomics[2], 1L << (long)number, __ATOMIC_SEQ_CST);
        own++;
        if (i % 1000 == 0) {
            pthread_barrier_wait(&barrier);
        }
    }
    expect("thread-local", own, ROUNDS);
    return number;
}

static void test_locks(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&inherited, &attributes);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    pthread_barrier_init(&barrier, NULL, THREADS);
    in_threads(count, THREADS);
    for (int i = 0; i < 3; i++) {
        expect("counter", counters[i], (long)THREADS * ROUNDS);
    }
    expect("atomic word", atomic_word, THREADS * ROUNDS);
    expect("atomic", atomics[1], (long)THREADS * ROUNDS);
    expect("atomic exclusive or", atomics[2], 0);
    expect("torn pairs", seen_torn, 0);
}

/* a queue of one place */

static pthread_cond_t full = PTHREAD_COND_INITIALIZER, empty = PTHREAD_COND_INITIALIZER;
static long place = -1, sum;

static void *consume(void *number) {
    for (;;) {
        pthread_mutex_lock(&lock);
        while (place < 0) {
            pthread_cond_wait(&full, &lock);
        }
        long got = place;
        if (got) {
            place = -1;
            sum += got;
        }
        pthread_cond_signal(&empty);
        pthread_mutex_unlock(&lock);
        if (!got) {
            pthread_cond_broadcast(&full);
            return number;
        }
    }
}

static void *produce(void *unused) {
    for (long i = 2000; i >= 0; i--) {
        pthread_mutex_lock(&lock);
        while (place >= 0) {
            pthread_cond_wait(&empty, &lock);
        }
        place = i;
        pthread_cond_signal(&full);
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static void test_queue(void) {
    pthread_t producer;
    pthread_create(&producer, NULL, produce, NULL);
    in_threads(consume, 3);
    pthread_join(producer, NULL);
    expect("sum", sum, 2000 * 2001 / 2);
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_nsec = (limit.tv_nsec + 20000000) % 1000000000;
    limit.tv_sec += limit.tv_nsec < 20000000;
    pthread_mutex_lock(&lock);
    expect("timed wait", pthread_cond_timedwait(&full, &lock, &limit), ETIMEDOUT);
    pthread_mutex_unlock(&lock);
}

/* a thread that ends with a lock */

static void *die(void *number) {
    pthread_mutex_lock(&robust);
    return number;
}

static void test_robust(int protocol) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setprotocol(&attributes, protocol);
    pthread_mutex_init(&robust, &attributes);
    in_threads(die, 1);
    expect("robust", pthread_mutex_lock(&robust), EOWNERDEAD);
    expect("consistent", pthread_mutex_consistent(&robust), 0);
    expect("unlock", pthread_mutex_unlock(&robust), 0);
    expect("again", pthread_mutex_lock(&robust), 0);
    pthread_mutex_unlock(&robust);
}

/* signals */

static volatile int handled;
static pthread_t handler_thread;
static __thread char stack[65536];
static sem_t ready;

static void handle(int number) {
    char here;
    handled += number == SIGUSR1;
    handler_thread = pthread_self();
    expect("alternate stack", &here >= stack && &here < stack + sizeof stack, 1);
}

static void *wait_for_signals(void *number) {
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigset_t set;
    int got;
    sigaltstack(&alternate, NULL);
    sem_post(&ready);
    while (!handled) {
        usleep(1000);
    }
    expect("whose signal", pthread_equal(handler_thread, pthread_self()), 1);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    expect("sigwait", sigwait(&set, &got), 0);
    expect("signal", got, SIGUSR2);
    return number;
}

static void test_signals(void) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
    pthread_t thread;
    sigset_t set;
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sem_init(&ready, 0, 0);
    pthread_create(&thread, NULL, wait_for_signals, (void *)0);
    sem_wait(&ready);
    expect("kill", pthread_kill(thread, SIGUSR1), 0);
    expect("kill process", kill(getpid(), SIGUSR2), 0);
    pthread_join(thread, NULL);
}

/* faults: each thread has its own */

static __thread sigjmp_buf after_fault;

static void on_fault(int number) {
    siglongjmp(after_fault, number);
}

static void *cause_faults(void *number) {
    volatile long *hole = (long *)(8 * 4096 + 64 * (long)number);
    for (int i = 0; i < 50; i++) {
        int got = sigsetjmp(after_fault, 1);
        if (!got) {
            *hole = 1;
        }
        expect("fault", got, SIGSEGV);
    }
    return number;
}

static void test_faults(void) {
    struct sigaction action = {.sa_handler = on_fault}, old;
    sigaction(SIGSEGV, &action, &old);
    in_threads(cause_faults, THREADS);
    sigaction(SIGSEGV, &old, NULL);
}

/* a compare-and-trap instruction tells its address, though it has no code */

static void *trap_address, *trap_place;
static int trap_code = -1;

static void on_trap(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    trap_address = info->si_addr;
    trap_code = info->si_code;
}

static void test_trap(void) {
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGFPE, &action, NULL);
    __asm__ volatile("lghi 1,0\n\tlarl 2,1f\n\tstg 2,%0\n" /* then cgite 1,0 */
                     "1:\t.long 0xec100000\n\t.short 0x8070"
                     : "=Q"(trap_place)
                     :
                     : "1", "2", "memory");
    expect("trap", trap_address == trap_place, 1);
    expect("its code", trap_code, 0);
}

/* cancellation */

static int cleaned;

static void clean(void *unused) {
    (void)unused;
    cleaned++;
}

static void *be_cancelled(void *how) {
    pthread_cleanup_push(clean, NULL);
    if (how) {
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
        sem_post(&ready);
        for (volatile long i = 0;; i++) {
        }
    }
    sem_post(&ready);
    pause();
    pthread_cleanup_pop(0);
    return NULL;
}

static void test_cancel(void) {
    for (long how = 0; how < 2; how++) {
        pthread_t thread;
        void *result;
        pthread_create(&thread, NULL, be_cancelled, (void *)how);
        sem_wait(&ready);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        expect("cancelled", result == PTHREAD_CANCELED, 1);
    }
    expect("clean-up", cleaned, 2);
}

/* many threads, and storage that comes and goes */

static void *use_storage(void *number) {
    for (int i = 0; i < 60; i++) {
        long *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) {
            return NULL;
        }
        p[0] = p[8000] = (long)number + 1;
        void *q = malloc(1000 + 100 * i);
        mprotect(p, 65536, PROT_READ);
        if (p[0] != (long)number + 1 || p[8000] != p[0] || p[4000]) {
            expect("storage of its own", p[0], (long)number + 1);
        }
        free(q);
        munmap(p, 65536);
    }
    return number;
}

static void *nothing(void *number) {
    return number;
}

/* code that another thread writes: always one of two functions, never a mixture */

static unsigned char *code;
static volatile int patching;

static void write_code(int value) {
    const unsigned char lghi_br[] = {0xa7, 0x29, value >> 8, value, 0x07, 0xfe};
    uint64_t word;
    memcpy(&word, code, 8);
    memcpy(&word, lghi_br, sizeof lghi_br);
    __atomic_store_n((uint64_t *)code, word, __ATOMIC_SEQ_CST);
}

static void *run_code(void *number) {
    long last = 0;
    while (patching) {
        long got = ((long (*)(void))code)();
        if (got < last || got > 300) {
            expect("code", got, last);
        }
        last = got;
    }
    __asm__ volatile("bcr 15,0" ::: "memory");
    expect("last code", ((long (*)(void))code)(), 300);
    return number;
}

static void *patch_code(void *unused) {
    for (int i = 1; i <= 300; i++) {
        write_code(i);
        sched_yield();
    }
    patching = 0;
    return unused;
}

static void test_code(void) {
    pthread_t thread;
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_code(0);
    patching = 1;
    pthread_create(&thread, NULL, patch_code, NULL);
    in_threads(run_code, 3);
    pthread_join(thread, NULL);
}

/* processes */

static int status_of(pid_t pid) {
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -status;
}

static void *fork_and_count(void *number) {
    for (int i = 0; i < 3; i++) {
        pid_t pid = fork();
        if (!pid) {
            memset(counters, 0, sizeof counters);
            pthread_barrier_init(&barrier, NULL, 2);
            in_threads(use_storage, 2);
            _exit(wrong ? 1 : 20 + (int)(long)number);
        }
        expect("child", status_of(pid), 20 + (long)number);
    }
    return number;
}

/* The child of vfork stores into its parent's storage, and a child of its own does not. */
static void test_vfork(void) {
    static volatile int stored[3000];
    volatile char *heap = calloc(1, 20000);
    volatile int local = 1;
    int number[2] = {0, 0};
    if (pipe(number) || write(number[1], "ab", 2) != 2) {
        expect("pipe", 1, 0);
    }
    pid_t pid = vfork();
    if (!pid) {
        stored[0] = stored[2999] = heap[9999] = 5;
        local = (int)read(number[0], (char *)heap, 2);
        pid_t grandchild = fork();
        if (!grandchild) {
            stored[0] = 6;
            _exit(0);
        }
        waitpid(grandchild, NULL, 0);
        execl("/nothing/there", "there", (char *)NULL);
        _exit(3);
    }
    expect("vfork", status_of(pid), 3);
    expect("stored by vfork's child",
           stored[0] * 1000 + stored[2999] * 100 + heap[9999] * 10 + local, 5552);
    expect("read by it", heap[0] == 'a' && heap[1] == 'b', 1);
}

static void test_spawn(const char *self) {
    extern char **environ;
    char *arguments[] = {(char *)self, "status", NULL};
    pid_t pid;
    expect("spawn", posix_spawn(&pid, self, NULL, NULL, arguments, environ), 0);
    expect("spawned", status_of(pid), 7);
    expect("spawn of nothing", posix_spawn(&pid, "/nothing/there", NULL, NULL, arguments, environ),
           ENOENT);
    pid = fork();
    if (!pid) {
        arguments[1] = "exec";
        execv(self, arguments);
    }
    expect("exec of a thread", status_of(pid), 7);
    pid = fork();
    if (!pid) {
        arguments[1] = "leader-exec";
        execv(self, arguments);
    }
    expect("exec after the leader's end", status_of(pid), 7);
    pid = fork();
    if (!pid) {
        arguments[1] = "leader";
        execv(self, arguments);
    }
    expect("end of the leader", status_of(pid), 9);
}

static void *exec_self(void *self) {
    char *arguments[] = {self, "status", NULL};
    usleep(2000);
    execv(self, arguments);
    return NULL;
}

static void *spin_on(void *unused) {
    for (volatile long i = 0;; i++) {
    }
    return unused;
}

static void *sleep_on(void *unused) {
    for (;;) {
        pause();
    }
    return unused;
}

/* Not before the leader has ended: exit() takes away what its unwinding looks up. */
static void *exit_later(void *leader) {
    pthread_join(*(pthread_t *)leader, NULL);
    exit(9);
    return leader;
}

static int as_told(const char *self, const char *what) {
    static pthread_t leader;
    pthread_t thread;
    leader = pthread_self();
    if (!strcmp(what, "status")) {
        return getpid() == syscall(SYS_gettid) ? 7 : 1;
    }
    pthread_create(&thread, NULL, spin_on, NULL);
    pthread_create(&thread, NULL, sleep_on, NULL);
    if (!strcmp(what, "leader")) {
        pthread_create(&thread, NULL, exit_later, &leader);
    } else {
        pthread_create(&thread, NULL, exec_self, (void *)self);
    }
    if (strcmp(what, "exec")) {
        pthread_exit(NULL);
    }
    pause();
    return 1;
}

int main(int argc, char **argv) {
    if (argc > 1) {
        return as_told(argv[0], argv[1]);
    }
    alarm(100);
    test_locks();
    test_queue();
    test_robust(PTHREAD_PRIO_NONE);
    test_robust(PTHREAD_PRIO_INHERIT);
    test_signals();
    test_faults();
    test_trap();
    test_cancel();
    in_threads(use_storage, THREADS);
    in_threads(nothing, 48);
    for (int i = 0; i < 100; i++) {
        in_threads(nothing, 1);
    }
    test_code();
#ifndef WITHOUT_FORK
    in_threads(fork_and_count, 4);
    test_vfork();
    test_spawn(argv[0]);
#endif
    puts(wrong ? "wrong" : "right");
    return wrong;
}
