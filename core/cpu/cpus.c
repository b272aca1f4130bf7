/*
 * Requests of one CPU to the others. The word zf_cpu.requests is the truth; a negative time slice
 * only brings a CPU to its safe point early. The CPU counts its slice down without an interlock,
 * so that store may be lost: who waits stores again, who does not is heard when the slice ends.
 */
#include "zfacet/cpus.h"

#include <time.h>

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

/* Waits for a change, at most a millisecond. */
static void await(struct zf_cpus *cpus) {
    const long moment = 1000000, second = 1000000000;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += moment;
    t.tv_sec += t.tv_nsec / second;
    t.tv_nsec %= second;
    pthread_cond_timedwait(&cpus->changed, &cpus->lock, &t);
}

/* With the lock: does what is asked of the CPU, which does not execute guest code now. */
static void serve(struct zf_cpu *cpu) {
    uint32_t asked = __atomic_exchange_n(&cpu->requests, 0, __ATOMIC_ACQ_REL);
    if (asked & ZF_REQUEST_TLB) {
        zf_tlb_clear(cpu);
    }
}

/* With the lock: out of guest code while somebody has all CPUs paused. */
static void sit_out_pause(struct zf_cpu *cpu) {
    struct zf_cpus *cpus = cpu->cpus;
    while (cpus->paused) {
        cpu->in_guest = false;
        pthread_cond_broadcast(&cpus->changed);
        pthread_cond_wait(&cpus->changed, &cpus->lock);
    }
    cpu->in_guest = true;
    serve(cpu);
    pthread_cond_broadcast(&cpus->changed);
}

void zf_cpu_enter(struct zf_cpu *cpu) {
    pthread_mutex_lock(&cpu->cpus->lock);
    sit_out_pause(cpu);
    pthread_mutex_unlock(&cpu->cpus->lock);
}

void zf_cpu_leave(struct zf_cpu *cpu) {
    pthread_mutex_lock(&cpu->cpus->lock);
    cpu->in_guest = false;
    serve(cpu);
    pthread_cond_broadcast(&cpu->cpus->changed);
    pthread_mutex_unlock(&cpu->cpus->lock);
}

void zf_cpu_safe_point(struct zf_cpu *cpu) {
    if (zf_cpu_asked(cpu)) {
        zf_cpu_enter(cpu);
    }
}

/* With the lock: asks a CPU; one that executes nothing has it done for it. */
static void ask(struct zf_cpu *cpu, uint32_t requests) {
    __atomic_fetch_or(&cpu->requests, requests, __ATOMIC_ACQ_REL);
    if (cpu->in_guest) {
        zf_cpu_hurry(cpu);
    } else {
        serve(cpu);
    }
}

/* With the lock: whether a CPU still has to do any of that. Reminds it. */
static bool anyone_asked(struct zf_cpus *cpus, const struct zf_cpu *asker, uint32_t requests) {
    bool any = false;
    for (unsigned i = 0; i < cpus->count; i++) {
        struct zf_cpu *cpu = cpus->cpu[i];
        if (cpu != asker && cpu->in_guest &&
            __atomic_load_n(&cpu->requests, __ATOMIC_ACQUIRE) & requests) {
            zf_cpu_hurry(cpu);
            any = true;
        }
    }
    return any;
}

/* With the lock. */
static void ask_and_wait(struct zf_cpus *cpus, struct zf_cpu *asker, uint32_t requests) {
    for (unsigned i = 0; i < cpus->count; i++) {
        if (cpus->cpu[i] != asker) {
            ask(cpus->cpu[i], requests);
        }
    }
    bool inside = asker && asker->in_guest;
    if (inside) {
        asker->in_guest = false;
        pthread_cond_broadcast(&cpus->changed);
    }
    while (anyone_asked(cpus, asker, requests)) {
        await(cpus);
    }
    if (inside) {
        asker->in_guest = true;
        serve(asker);
    }
}

void zf_cpus_ask(struct zf_cpus *cpus, struct zf_cpu *asker, uint32_t requests) {
    pthread_mutex_lock(&cpus->lock);
    bool inside = asker && asker->in_guest;
    ask_and_wait(cpus, asker, requests);
    if (inside) {
        sit_out_pause(asker);
    }
    pthread_mutex_unlock(&cpus->lock);
}

void zf_cpus_pause(struct zf_cpus *cpus, struct zf_cpu *asker) {
    pthread_mutex_lock(&cpus->lock);
    bool inside = asker && asker->in_guest;
    while (cpus->paused) {
        if (inside) {
            sit_out_pause(asker);
        } else {
            pthread_cond_wait(&cpus->changed, &cpus->lock);
        }
    }
    cpus->paused = true;
    ask_and_wait(cpus, asker, ZF_REQUEST_PAUSE);
    pthread_mutex_unlock(&cpus->lock);
}

void zf_cpus_resume(struct zf_cpus *cpus) {
    pthread_mutex_lock(&cpus->lock);
    cpus->paused = false;
    pthread_cond_broadcast(&cpus->changed);
    pthread_mutex_unlock(&cpus->lock);
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
    }
}

void zf_cpus_unlock(struct zf_cpu *cpu) {
    if (__atomic_load_n(&cpu->cpus->locked_by, __ATOMIC_RELAXED) == cpu) {
        __atomic_store_n(&cpu->cpus->locked_by, NULL, __ATOMIC_RELEASE);
    }
}
