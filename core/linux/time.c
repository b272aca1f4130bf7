/* Clocks, sleeping and timers. Guest timespec and timeval: two doublewords. */
#include "guest.h"
#include "signals.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum { GUEST_TIMER_ABSTIME = 1, MICROSECOND = 1000, MICROSECONDS = 1000000, TICK = 10000 };

bool zf_get_timespec(struct zf_task *task, uint64_t address, struct timespec *t) {
    const uint8_t *in = zf_guest_in(task, address, 16);
    if (in) {
        t->tv_sec = (time_t)zf_get64(in);
        t->tv_nsec = (long)zf_get64(in + 8);
    }
    return in;
}

bool zf_put_timespec(struct zf_task *task, uint64_t address, const struct timespec *t) {
    uint8_t *out = zf_guest_out(task, address, 16);
    if (out) {
        zf_put64(out, (uint64_t)t->tv_sec);
        zf_put64(out + 8, (uint64_t)t->tv_nsec);
    }
    return out;
}

bool zf_put_timeval(struct zf_task *task, uint64_t address, const struct timeval *t) {
    struct timespec both = {t->tv_sec, t->tv_usec};
    return zf_put_timespec(task, address, &both);
}

/* In a repeatable run there is the time of day, and one other time. */
int zf_get_clock(const struct zf_task *task, clockid_t clock, struct timespec *t) {
    enum { SECOND = 1000000000 };
    if (clock_gettime(clock, t)) {
        return -errno;
    }
    if (task->cpu->cpus->turns.on) {
        bool real = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
                    clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
        uint64_t ns = zf_clock_ns(task->cpu, real ? CLOCK_REALTIME : CLOCK_MONOTONIC);
        *t = (struct timespec){(time_t)(ns / SECOND), (long)(ns % SECOND)};
    }
    return 0;
}

int64_t zf_sys_clock_gettime(struct zf_task *task, const uint64_t *a) {
    struct timespec t;
    int error = zf_get_clock(task, (clockid_t)a[0], &t);
    if (error) {
        return error;
    }
    return zf_put_timespec(task, a[1], &t) ? 0 : -EFAULT;
}

int64_t zf_sys_clock_getres(struct zf_task *task, const uint64_t *a) {
    struct timespec t;
    if (clock_getres((clockid_t)a[0], &t)) {
        return -errno;
    }
    return !a[1] || zf_put_timespec(task, a[1], &t) ? 0 : -EFAULT;
}

int64_t zf_sys_clock_settime(struct zf_task *task, const uint64_t *a) {
    struct timespec t;
    if ((clockid_t)a[0] != CLOCK_REALTIME) {
        return -EINVAL;
    }
    /* the host's clock is not the guest's to set */
    return zf_get_timespec(task, a[1], &t) ? -EPERM : -EFAULT;
}

int64_t zf_sys_settimeofday(struct zf_task *task, const uint64_t *a) {
    struct timespec t; /* with microseconds */
    if (a[0] && !zf_get_timespec(task, a[0], &t)) {
        return -EFAULT;
    }
    if (a[0] && (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec > MICROSECONDS)) {
        return -EINVAL;
    }
    return a[1] && !zf_guest_in(task, a[1], sizeof(struct timezone)) ? -EFAULT : -EPERM;
}

/* Reads the host's state of the clock, in the structure that both have in another byte order. */
static int64_t adjust(struct zf_task *task, clockid_t clock, uint64_t address) {
    enum { MODES_READ_ONLY = ADJ_OFFSET_SS_READ };
    static const char fields[] = "2w4d2w8d2w5dw";
    struct timex t;
    uint8_t *guest = zf_guest_out(task, address, sizeof t);
    if (!guest) {
        return -EFAULT;
    }
    memcpy(&t, guest, sizeof t);
    zf_layout_swap(fields, (uint8_t *)&t, sizeof t, false);
    if (t.modes && t.modes != MODES_READ_ONLY) {
        return -EPERM;
    }
    int state = clock_adjtime(clock, &t);
    if (state < 0) {
        return -errno;
    }
    if (task->cpu->cpus->turns.on) {
        struct timespec now;
        zf_get_clock(task, clock, &now);
        t = (struct timex){.status = STA_UNSYNC, .tick = TICK};
        t.time = (struct timeval){now.tv_sec, now.tv_nsec / MICROSECOND};
        state = TIME_ERROR;
    }
    zf_layout_swap(fields, (uint8_t *)&t, sizeof t, true);
    memcpy(guest, &t, sizeof t);
    return state;
}

int64_t zf_sys_adjtimex(struct zf_task *task, const uint64_t *a) {
    return adjust(task, CLOCK_REALTIME, a[0]);
}

int64_t zf_sys_clock_adjtime(struct zf_task *task, const uint64_t *a) {
    return adjust(task, (clockid_t)a[0], a[1]);
}

int64_t zf_sys_gettimeofday(struct zf_task *task, const uint64_t *a) {
    struct timespec now;
    zf_get_clock(task, CLOCK_REALTIME, &now);
    const struct timeval t = {now.tv_sec, now.tv_nsec / MICROSECOND};
    if (a[0] && !zf_put_timeval(task, a[0], &t)) {
        return -EFAULT;
    }
    return a[1] && !zf_guest_put64(task, a[1], 0) ? -EFAULT : 0;
}

/* The same in a repeatable run. */
static int sleep_in_turns(struct zf_task *task, clockid_t clock, int flags,
                          const struct timespec *request, struct timespec *rest) {
    enum { SECOND = 1000000000 };
    struct timespec now, until = *request;
    int error = zf_get_clock(task, clock, &now);
    if (error || (unsigned long)request->tv_nsec >= SECOND || request->tv_sec < 0) {
        return error ? -error : EINVAL;
    }
    if (!(flags & GUEST_TIMER_ABSTIME)) {
        until.tv_sec += now.tv_sec + (request->tv_nsec + now.tv_nsec) / SECOND;
        until.tv_nsec = (request->tv_nsec + now.tv_nsec) % SECOND;
    }
    int64_t result = zf_turn_sleep_until(task, clock, &until);
    zf_get_clock(task, clock, &now);
    bool borrows = until.tv_nsec < now.tv_nsec;
    rest->tv_sec = until.tv_sec - now.tv_sec - borrows;
    rest->tv_nsec = until.tv_nsec - now.tv_nsec + (borrows ? SECOND : 0);
    return (int)-result;
}

/* The library's function knows less of clocks than the kernel. */
static int sleep_on_host(clockid_t clock, int flags, const struct timespec *request,
                         struct timespec *rest) {
    return syscall(SYS_clock_nanosleep, clock, flags, request, rest) ? errno : 0;
}

/* An interrupted sleep tells the rest, unless it was until a given time. */
static int64_t sleep_for(struct zf_task *task, clockid_t clock, int flags, uint64_t request_at,
                         uint64_t rest_at) {
    struct timespec request, rest;
    if (!zf_get_timespec(task, request_at, &request)) {
        return -EFAULT;
    }
    bool of_cpu = clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID;
    if (!(flags & GUEST_TIMER_ABSTIME) && !of_cpu) {
        zf_limit_take(task, &request);
    }
    int error = task->cpu->cpus->turns.on ? sleep_in_turns(task, clock, flags, &request, &rest)
                                          : sleep_on_host(clock, flags, &request, &rest);
    bool told = rest_at && !(flags & GUEST_TIMER_ABSTIME) && zf_signal_comes(task);
    if (error == EINTR && told && !zf_put_timespec(task, rest_at, &rest)) {
        return -EFAULT;
    }
    return -error;
}

void zf_limit_begin(struct zf_task *task) {
    task->limit.next = task->limit.again ? task->limit.next : 0;
    task->limit.again = false;
}

void zf_limit_take(struct zf_task *task, struct timespec *limit) {
    enum { SECOND = 1000000000, MOST = 1 << 30 };
    const struct zf_cpu *cpu = task->cpu;
    struct zf_limit *l = &task->limit;
    bool valid = limit->tv_sec >= 0 && limit->tv_nsec >= 0 && limit->tv_nsec < SECOND;
    if (!valid || limit->tv_sec > MOST) {
        l->next = 0;
        return;
    }
    uint64_t ns = zf_clock_ns(cpu, CLOCK_MONOTONIC);
    if (l->next != cpu->psw.addr || l->stack != cpu->gr[15]) {
        uint64_t wanted = (uint64_t)limit->tv_sec * SECOND + (uint64_t)limit->tv_nsec;
        *l = (struct zf_limit){cpu->psw.addr, cpu->gr[15], ns + wanted, false};
    }
    uint64_t left = l->until > ns ? l->until - ns : 0;
    *limit = (struct timespec){(time_t)(left / SECOND), (long)(left % SECOND)};
}

void zf_limit_again(struct zf_task *task) {
    enum { SVC = 2 };
    task->limit.again = task->limit.next == task->cpu->psw.addr + SVC;
}

int64_t zf_sys_nanosleep(struct zf_task *task, const uint64_t *a) {
    return sleep_for(task, CLOCK_MONOTONIC, 0, a[0], a[1]);
}

int64_t zf_sys_clock_nanosleep(struct zf_task *task, const uint64_t *a) {
    return sleep_for(task, (clockid_t)a[0], (int)a[1], a[2], a[3]);
}

int64_t zf_sys_times(struct zf_task *task, const uint64_t *a) {
    struct tms t;
    clock_t now = times(&t);
    if (task->cpu->cpus->turns.on) {
        enum { TICK_NS = 10000000 };
        now = (clock_t)(zf_clock_ns(task->cpu, CLOCK_MONOTONIC) / TICK_NS);
        t = (struct tms){.tms_utime = now};
    }
    if (a[0]) {
        uint8_t *out = zf_guest_out(task, a[0], 32);
        if (!out) {
            return -EFAULT;
        }
        zf_put64(out, (uint64_t)t.tms_utime);
        zf_put64(out + 8, (uint64_t)t.tms_stime);
        zf_put64(out + 16, (uint64_t)t.tms_cutime);
        zf_put64(out + 24, (uint64_t)t.tms_cstime);
    }
    return now;
}

static void get_timer(const uint8_t *in, struct itimerval *timer) {
    timer->it_interval.tv_sec = (time_t)zf_get64(in);
    timer->it_interval.tv_usec = (suseconds_t)zf_get64(in + 8);
    timer->it_value.tv_sec = (time_t)zf_get64(in + 16);
    timer->it_value.tv_usec = (suseconds_t)zf_get64(in + 24);
}

static bool put_timer(struct zf_task *task, uint64_t address, const struct itimerval *timer) {
    return zf_put_timeval(task, address, &timer->it_interval) &&
           zf_put_timeval(task, address + 16, &timer->it_value);
}

int64_t zf_sys_getitimer(struct zf_task *task, const uint64_t *a) {
    struct itimerval timer;
    if (getitimer((int)a[0], &timer)) {
        return -errno;
    }
    return put_timer(task, a[1], &timer) ? 0 : -EFAULT;
}

int64_t zf_sys_setitimer(struct zf_task *task, const uint64_t *a) {
    struct itimerval timer = {0}, old;
    const uint8_t *in = a[1] ? zf_guest_in(task, a[1], 32) : NULL;
    if (a[1] && !in) {
        return -EFAULT;
    }
    if (in) {
        get_timer(in, &timer);
    }
    if (setitimer((int)a[0], &timer, &old)) {
        return -errno;
    }
    __atomic_fetch_or(&task->process->interval_timers, 1u << (a[0] & 3), __ATOMIC_RELAXED);
    return !a[2] || put_timer(task, a[2], &old) ? 0 : -EFAULT;
}

int64_t zf_sys_alarm(struct zf_task *task, const uint64_t *a) {
    __atomic_fetch_or(&task->process->interval_timers, 1u << ITIMER_REAL, __ATOMIC_RELAXED);
    return alarm((unsigned)a[0]);
}
