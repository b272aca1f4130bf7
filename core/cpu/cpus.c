/*
 * Requests of one CPU to the others, and the claim to what one at a time changes. The word
 * zf_cpu.requests is the truth; a negative time slice only brings a CPU to its safe point early.
 * The CPU counts its slice down without an interlock, so that store may be lost: who waits stores
 * again, who does not is heard when the slice ends.
 */
#include "zfacet/cpus.h"

#include <time.h>

enum { MOMENT_NS = 1000000 };

void zf_cpus_create(struct zf_cpus *cpus) {
    pthread_mutex_init(&cpus->lock, NULL);
    pthread_cond_init(&cpus->changed, NULL);
}

void zf_cpus_destroy(struct zf_cpus *cpus) {
    pthread_cond_destroy(&cpus->changed);
    pthread_mutex_destroy(&cpus->lock);
}

bool zf_cpu_has_facility(const struct zf_cpu *cpu, unsigned bit) {
    const struct zf_cpus *all = cpu->cpus;
    return !all->has_facility || all->has_facility(all->machine, bit);
}

void zf_cpu_hurry(struct zf_cpu *cpu) {
    __atomic_store_n(&cpu->slice, -1, __ATOMIC_RELAXED);
}

/* The handlers of faults, and who changes translated code, start from nothing else. */
/* NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables) */
static _Thread_local struct zf_cpu *current;

struct zf_cpu *zf_cpu_current(void) {
    return current;
}

void zf_cpu_set_current(struct zf_cpu *cpu) {
    current = cpu;
}

void zf_cpus_await(struct zf_cpus *cpus, uint64_t ns) {
    const uint64_t second = 1000000000;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    ns += (uint64_t)t.tv_nsec;
    t.tv_sec += (time_t)(ns / second);
    t.tv_nsec = (long)(ns % second);
    pthread_cond_timedwait(&cpus->changed, &cpus->lock, &t);
}

static bool is_in_guest(const struct zf_cpu *cpu) {
    return __atomic_load_n(&cpu->in_guest, __ATOMIC_SEQ_CST);
}

static void set_in_guest(struct zf_cpu *cpu, bool in_guest) {
    __atomic_store_n(&cpu->in_guest, in_guest, __ATOMIC_SEQ_CST);
}

/*
 * With the lock: does those of `requests` that are asked of the CPU, which does not execute guest
 * code now. The bits go last: a CPU that finds none may enter guest code without the lock.
 */
static void serve(struct zf_cpu *cpu, uint32_t requests) {
    uint32_t asked = __atomic_load_n(&cpu->requests, __ATOMIC_ACQUIRE) & requests;
    if (asked & ZF_REQUEST_TLB) {
        zf_tlb_clear(cpu);
    }
    __atomic_fetch_and(&cpu->requests, ~asked, __ATOMIC_ACQ_REL);
}

static void serve_all(struct zf_cpu *cpu) {
    serve(cpu, UINT32_MAX);
}

/* With the lock: out of guest code while somebody has all CPUs paused. */
static void sit_out_pause(struct zf_cpu *cpu) {
    struct zf_cpus *cpus = cpu->cpus;
    while (cpus->paused) {
        set_in_guest(cpu, false);
        pthread_cond_broadcast(&cpus->changed);
        pthread_cond_wait(&cpus->changed, &cpus->lock);
    }
    set_in_guest(cpu, true);
    serve_all(cpu);
    pthread_cond_broadcast(&cpus->changed);
}

/* Whether somebody wants to know that the CPU enters or leaves guest code. As in_guest was set
 * before this looks, and they look at in_guest after they have asked, one sees the other. */
static bool is_wanted(const struct zf_cpu *cpu) {
    return __atomic_load_n(&cpu->requests, __ATOMIC_SEQ_CST) ||
           __atomic_load_n(&cpu->cpus->paused, __ATOMIC_SEQ_CST);
}

void zf_cpu_enter(struct zf_cpu *cpu) {
    set_in_guest(cpu, true);
    if (is_wanted(cpu)) {
        pthread_mutex_lock(&cpu->cpus->lock);
        sit_out_pause(cpu);
        pthread_mutex_unlock(&cpu->cpus->lock);
    }
}

void zf_cpu_leave(struct zf_cpu *cpu) {
    set_in_guest(cpu, false);
    if (is_wanted(cpu)) {
        pthread_mutex_lock(&cpu->cpus->lock);
        serve_all(cpu);
        pthread_cond_broadcast(&cpu->cpus->changed);
        pthread_mutex_unlock(&cpu->cpus->lock);
    }
}

void zf_cpu_safe_point(struct zf_cpu *cpu) {
    if (zf_cpu_asked(cpu)) {
        zf_cpu_enter(cpu);
    }
}

/* With the lock: does for a CPU what it cannot do itself now. True: it has to, and will. */
static bool is_left_to(struct zf_cpu *cpu, uint32_t requests) {
    if (!is_in_guest(cpu)) {
        serve_all(cpu);
    } else if (cpu->waits) {
        serve(cpu, ZF_REQUEST_TLB);
    }
    bool left = __atomic_load_n(&cpu->requests, __ATOMIC_ACQUIRE) & requests;
    if (left) {
        zf_cpu_hurry(cpu);
    }
    return left;
}

/* With the lock: whether a CPU still has to do any of that. Reminds it. */
static bool anyone_asked(struct zf_cpus *cpus, const struct zf_cpu *asker, uint32_t requests) {
    bool any = false;
    for (unsigned i = 0; i < cpus->count; i++) {
        any |= cpus->cpu[i] != asker && is_left_to(cpus->cpu[i], requests);
    }
    return any;
}

/* With the lock. */
static void ask_and_wait(struct zf_cpus *cpus, struct zf_cpu *asker, uint32_t requests) {
    for (unsigned i = 0; i < cpus->count; i++) {
        if (cpus->cpu[i] != asker) {
            __atomic_fetch_or(&cpus->cpu[i]->requests, requests, __ATOMIC_SEQ_CST);
        }
    }
    if (asker) {
        asker->waits = true;
    }
    while (anyone_asked(cpus, asker, requests)) {
        zf_cpus_await(cpus, MOMENT_NS);
    }
    if (asker) {
        asker->waits = false;
    }
}

void zf_cpus_ask(struct zf_cpus *cpus, struct zf_cpu *asker, uint32_t requests) {
    pthread_mutex_lock(&cpus->lock);
    ask_and_wait(cpus, asker, requests);
    pthread_mutex_unlock(&cpus->lock);
}

void zf_cpus_pause(struct zf_cpus *cpus, struct zf_cpu *asker) {
    pthread_mutex_lock(&cpus->lock);
    bool inside = asker && is_in_guest(asker);
    while (cpus->paused) {
        if (inside) {
            sit_out_pause(asker);
        } else {
            pthread_cond_wait(&cpus->changed, &cpus->lock);
        }
    }
    __atomic_store_n(&cpus->paused, true, __ATOMIC_SEQ_CST);
    ask_and_wait(cpus, asker, ZF_REQUEST_PAUSE);
    pthread_mutex_unlock(&cpus->lock);
}

void zf_cpus_resume(struct zf_cpus *cpus) {
    pthread_mutex_lock(&cpus->lock);
    __atomic_store_n(&cpus->paused, false, __ATOMIC_SEQ_CST);
    pthread_cond_broadcast(&cpus->changed);
    pthread_mutex_unlock(&cpus->lock);
}

void zf_cpus_claim(struct zf_cpus *cpus) {
    struct zf_cpu *cpu = current;
    pthread_t self = pthread_self();
    pthread_mutex_lock(&cpus->lock);
    if (cpus->claims && !pthread_equal(cpus->claimer, self)) {
        cpus->claimants++;
        if (cpu) {
            cpu->waits = true;
            serve(cpu, ZF_REQUEST_TLB);
            pthread_cond_broadcast(&cpus->changed);
        }
        while (cpus->claims) {
            pthread_cond_wait(&cpus->changed, &cpus->lock);
        }
        cpus->claimants--;
        if (cpu) {
            cpu->waits = false;
        }
    }
    cpus->claims++;
    cpus->claimer = self;
    pthread_mutex_unlock(&cpus->lock);
}

bool zf_cpus_try_claim(struct zf_cpus *cpus) {
    pthread_t self = pthread_self();
    pthread_mutex_lock(&cpus->lock);
    bool claimed = !cpus->claims || pthread_equal(cpus->claimer, self);
    if (claimed) {
        cpus->claims++;
        cpus->claimer = self;
    }
    pthread_mutex_unlock(&cpus->lock);
    return claimed;
}

/* With the lock. */
static void tell_claimants(struct zf_cpus *cpus) {
    if (!cpus->claims && cpus->claimants) {
        pthread_cond_broadcast(&cpus->changed);
    }
}

void zf_cpus_release(struct zf_cpus *cpus) {
    pthread_mutex_lock(&cpus->lock);
    cpus->claims--;
    tell_claimants(cpus);
    pthread_mutex_unlock(&cpus->lock);
}

bool zf_cpus_abandon(struct zf_cpus *cpus) {
    pthread_mutex_lock(&cpus->lock);
    bool had = cpus->claims && pthread_equal(cpus->claimer, pthread_self());
    if (had) {
        cpus->claims = 0;
        tell_claimants(cpus);
    }
    pthread_mutex_unlock(&cpus->lock);
    return had;
}

void zf_tlb_clear_all(struct zf_cpu *cpu) {
    zf_tlb_clear(cpu);
    if (cpu->cpus->count > 1) {
        zf_cpus_ask(cpu->cpus, cpu, ZF_REQUEST_TLB);
    }
}

void zf_cpus_lock(struct zf_cpu *cpu) {
    struct zf_cpu *nobody = NULL;
    while (!__atomic_compare_exchange_n(&cpu->cpus->locked_by, &nobody, cpu, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED)) {
        nobody = NULL;
        if (zf_cpu_asked(cpu)) { /* by the one, perhaps, for whom the lock's owner waits */
            pthread_mutex_lock(&cpu->cpus->lock);
            serve(cpu, ZF_REQUEST_TLB);
            pthread_mutex_unlock(&cpu->cpus->lock);
        }
    }
}

void zf_cpus_unlock(struct zf_cpu *cpu) {
    if (__atomic_load_n(&cpu->cpus->locked_by, __ATOMIC_RELAXED) == cpu) {
        __atomic_store_n(&cpu->cpus->locked_by, NULL, __ATOMIC_RELEASE);
    }
}
