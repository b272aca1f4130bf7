/*
 * Restartable sequences (rseq): a thread has a structure that tells the CPU it runs on, and names a
 * critical section. A thread that lost its CPU or got a signal inside the section continues at its
 * abort handler.
 *
 * When the host takes a thread from guest code is not seen here. So from the first section on,
 * threads execute guest code one at a time (permit.c), and one that had to wait for another has
 * lost its CPU. Until then nothing of this costs anything. What shows a section: a LARL of a
 * section's description, when it is translated; where it comes by other ways, the structure.
 */
#include "guest.h"

#include "zfacet/tb.h"

#include <sched.h>
#include <unistd.h>

enum {
    UNREGISTER = 1,
    SMALLEST = 32, /* of the structure, and its alignment */
    /* the structure */
    CPU_START = 0,
    CPU = 4,
    SECTION = 8,
    FLAGS = 16,
    NODE = 20,
    CONCURRENCY = 24,
    /* a section's description */
    VERSION = 0,
    SECTION_FLAGS = 4,
    START = 8,
    LENGTH = 16,
    ABORT = 24,
    DESCRIPTION_SIZE = 32,
};

/* What s390x programs have before their abort handlers; some have another. */
#define USUAL_SIGNATURE UINT32_C(0xb2ff0fff)

struct section {
    uint64_t start, length, abort;
    uint32_t version, flags, signature;
};

/* False: nothing that can be read is there. */
static bool read_section(struct zf_task *task, uint64_t address, struct section *s) {
    const uint8_t *p = zf_guest_in(task, address, DESCRIPTION_SIZE);
    if (!p) {
        return false;
    }
    *s = (struct section){.start = zf_get64(p + START),
                          .length = zf_get64(p + LENGTH),
                          .abort = zf_get64(p + ABORT),
                          .version = zf_get32(p + VERSION),
                          .flags = zf_get32(p + SECTION_FLAGS)};
    const uint8_t *signature = zf_guest_in(task, s->abort - 4, 4);
    s->signature = signature ? zf_get32(signature) : 0;
    return signature;
}

static bool is_in(const struct section *s, uint64_t address) {
    return address - s->start < s->length;
}

static bool is_valid(const struct section *s, uint32_t signature) {
    return !s->version && s->start + s->length >= s->start && !is_in(s, s->abort) &&
           s->signature == signature;
}

static bool is_armed(const struct zf_linux *process) {
    return __atomic_load_n(&process->permit.armed, __ATOMIC_ACQUIRE);
}

static uint32_t our_cpu(const struct zf_task *task) {
    unsigned cpu, node;
    if (!task->process->config.cpus) {
        return (uint32_t)sched_getcpu(); /* quicker */
    }
    zf_processors_now(task, &cpu, &node);
    return cpu;
}

/* Stores where the thread is. False: it cannot. */
static bool store_cpu(struct zf_task *task) {
    struct zf_rseq *rseq = &task->rseq;
    unsigned cpu, node;
    zf_processors_now(task, &cpu, &node);
    uint8_t *out = zf_guest_out(task, rseq->address, SMALLEST);
    if (out) {
        rseq->cpu = cpu;
        zf_put32(out + CPU_START, cpu);
        zf_put32(out + CPU, cpu);
        zf_put32(out + NODE, node);
        zf_put32(out + CONCURRENCY, rseq->concurrency);
    }
    return out;
}

/*
 * The thread may have lost its CPU: out of a section it goes to the abort handler. False: the
 * structure is no good, of which Linux lets the program die.
 */
static bool restart(struct zf_task *task) {
    struct zf_rseq *rseq = &task->rseq;
    uint8_t *own = rseq->address ? zf_guest_out(task, rseq->address, SMALLEST) : NULL;
    uint64_t description = own ? zf_get64(own + SECTION) : 0;
    struct section s;
    if (!description) {
        return own || !rseq->address;
    }
    if (!read_section(task, description, &s) || !is_valid(&s, rseq->signature)) {
        return false;
    }
    if (is_in(&s, task->cpu->psw.addr)) {
        if (s.flags || zf_get32(own + FLAGS)) {
            return false;
        }
        task->cpu->psw.addr = s.abort;
    }
    zf_put64(own + SECTION, 0);
    return true;
}

void zf_rseq_fence(struct zf_task *task) {
    bool other;
    if (is_armed(task->process) && zf_permit_take(task, &other)) {
        zf_permit_give(task);
    }
}

bool zf_rseq_signal(struct zf_task *task) {
    return restart(task);
}

/* A section that no LARL has shown. */
static bool names_section(struct zf_task *task) {
    const uint8_t *own = zf_guest_in(task, task->rseq.address, SMALLEST);
    return own && zf_get64(own + SECTION);
}

/* From now on threads execute one at a time; all of them come by here before they go on. */
static void arm(struct zf_task *task) {
    struct zf_linux *process = task->process;
    struct zf_cpus *cpus = task->cpu->cpus;
    zf_cpus_pause(cpus, task->cpu);
    if (!is_armed(process)) {
        __atomic_store_n(&process->permit.armed, true, __ATOMIC_RELEASE);
        for (unsigned i = 0; i < cpus->count; i++) {
            zf_cpu_hurry(cpus->cpu[i]);
        }
        zf_cpus_claim(cpus);
        zf_tb_flush(task->machine->tbs); /* what arrives at sections no longer needs to be told */
        zf_cpus_release(cpus);
    }
    zf_cpus_resume(cpus);
}

bool zf_rseq_resume(struct zf_task *task, bool looks) {
    struct zf_linux *process = task->process;
    bool other = false;
    if (!task->rseq.address && !is_armed(process)) {
        return true;
    }
    if (!is_armed(process) && (task->rseq.seen || (looks && names_section(task)))) {
        arm(task);
    }
    if (is_armed(process) && !zf_permit_take(task, &other)) {
        return false;
    }
    bool moved = task->rseq.address && !process->config.log && our_cpu(task) != task->rseq.cpu;
    if (((other || moved) && !restart(task)) || (moved && !store_cpu(task))) {
        zf_linux_die(task, SIGSEGV);
    }
    return true;
}

void zf_rseq_forget(struct zf_task *task) {
    task->rseq = (struct zf_rseq){0};
}

void zf_rseq_exec(struct zf_task *task) {
    zf_rseq_forget(task);
    task->process->permit.armed = false;
    task->process->permit.holder = NULL;
}

/* A description of a section, as the compiler aligns it. */
static bool is_description(struct zf_task *task, uint64_t address) {
    struct section s;
    uint32_t signature = task->rseq.address ? task->rseq.signature : USUAL_SIGNATURE;
    return address % DESCRIPTION_SIZE == 0 && read_section(task, address, &s) && s.start &&
           s.length && is_valid(&s, signature);
}

static enum zf_next arrive(struct zf_cpu *cpu, const struct zf_call *call) {
    struct zf_task *task = cpu->task;
    (void)call;
    if (!task->rseq.address || is_armed(task->process)) {
        return ZF_NEXT;
    }
    task->rseq.seen = true;
    zf_cpu_hurry(cpu); /* to zf_rseq_resume(), after which the instruction is executed */
    return ZF_NEXT_REPEAT;
}

void zf_rseq_address(void *context, struct zf_block *block, uint64_t address) {
    const struct zf_call call = {arrive};
    if (!is_armed(context) && is_description(block->cpu->task, address)) {
        zf_emit_call(block, &call, sizeof call);
    }
}

static int64_t leave(struct zf_task *task, uint64_t address, uint32_t size, uint32_t signature) {
    const struct zf_rseq *rseq = &task->rseq;
    if (!rseq->address || rseq->address != address || rseq->size != size) {
        return -EINVAL;
    }
    if (rseq->signature != signature) {
        return -EPERM;
    }
    uint8_t *out = zf_guest_out(task, address, SMALLEST);
    if (!out) {
        return -EFAULT;
    }
    zf_put32(out + CPU_START, 0);
    zf_put32(out + CPU, UINT32_MAX); /* not registered */
    zf_put32(out + NODE, 0);
    zf_put32(out + CONCURRENCY, 0);
    zf_rseq_forget(task);
    return 0;
}

static int64_t enter(struct zf_task *task, uint64_t address, uint32_t size, uint32_t signature) {
    struct zf_rseq *rseq = &task->rseq;
    if (rseq->address) {
        return rseq->address != address || rseq->size != size ? -EINVAL
               : rseq->signature != signature                 ? -EPERM
                                                              : -EBUSY;
    }
    if (size < SMALLEST || address % SMALLEST) {
        return -EINVAL;
    }
    uint8_t *out = address + size < address ? NULL : zf_guest_out(task, address, SMALLEST);
    if (!out) {
        return -EFAULT;
    }
    zf_put64(out + SECTION, 0);
    *rseq = (struct zf_rseq){.address = address,
                             .size = size,
                             .signature = signature,
                             .concurrency = task->cpu->address % zf_processors_count(task)};
    if (signature != USUAL_SIGNATURE) {
        rseq->seen = true; /* code may have been translated that shows a section by this one */
    }
    return store_cpu(task) ? 0 : -EFAULT;
}

/* args: structure, its size, flags, signature */
int64_t zf_sys_rseq(struct zf_task *task, const uint64_t *a) {
    if ((uint32_t)a[2] & ~(uint32_t)UNREGISTER) {
        return -EINVAL;
    }
    return (a[2] & UNREGISTER ? leave : enter)(task, a[0], (uint32_t)a[1], (uint32_t)a[3]);
}
