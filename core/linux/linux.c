/*
 * A Linux program on a machine: made, started, its system calls dispatched by syscall.def, ended.
 * What a call does is in the file of its kind.
 */
#include "record.h"
#include "signals.h"

#include "trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct syscall_row {
    zf_syscall *function;
    const char *name;
    const char *format; /* what the arguments are */
};

static const struct syscall_row syscalls[] = {
#define SYSCALL(number, name, format) [number] = {zf_sys_##name, #name, format},
#include "syscall.def"
#undef SYSCALL
};

/* Whether the PSW is after an SVC that can be made again by going back over it. */
static bool behind_svc(struct zf_task *task) {
    const uint8_t *p = zf_guest_in(task, task->cpu->psw.addr - 2, 2);
    return p && p[0] == 0x0a;
}

/*
 * A buffer was there when the call looked, and is not any more: another thread, or whoever cut the
 * file short. The call ends where it is.
 */
static int64_t make(struct zf_task *task, const struct syscall_row *row, const uint64_t *args) {
    sigjmp_buf here;
    volatile int64_t result = -EFAULT;
    if (!sigsetjmp(here, 0)) {
        task->cpu->guard = &here;
        result = row->function(task, args);
    }
    task->cpu->guard = NULL;
    return result;
}

/* Calls that look for a place and map something there, one at a time. */
static bool changes_map(uint64_t number) {
    static const uint16_t numbers[] = {45,  90,  91,  125, 150, 151, 152, 153,
                                       163, 219, 267, 374, 397, 398, 440, 462};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(numbers); i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

/* A descriptor of zfacet's own is none of the guest's. */
static bool is_foreign(const struct zf_task *task, const struct syscall_row *row,
                       const uint64_t *args) {
    for (unsigned i = 0; row->format[i] && row->format[i] != ':'; i++) {
        if ((row->format[i] | 0x20) == 'f' && zf_own_file(task, args[i])) {
            return true;
        }
    }
    return false;
}

static int64_t call(struct zf_task *task, uint64_t number, const struct syscall_row *row,
                    const uint64_t *args) {
    if (!row) {
        return -ENOSYS;
    }
    if (is_foreign(task, row, args)) {
        return -EBADF;
    }
    if (!changes_map(number)) {
        return make(task, row, args);
    }
    pthread_mutex_lock(&task->process->map_lock);
    int64_t result = make(task, row, args);
    pthread_mutex_unlock(&task->process->map_lock);
    return result;
}

/* The same with whoever records or replays calls. */
static int64_t call_logged(struct zf_task *task, uint64_t number, const struct syscall_row *row,
                           uint64_t *args) {
    const struct zf_linux_log *log = task->process->config.log;
    int64_t result;
    if (!log) {
        return call(task, number, row, args);
    }
    if (log->before(log->context, number, args, &result)) {
        result = call(task, number, row, args);
    }
    log->after(log->context, number, &result);
    return result;
}

static bool has_stopped(const struct zf_task *task) {
    return __atomic_load_n(&task->machine->stop, __ATOMIC_ACQUIRE);
}

/* The machine has stopped, or another program begins: false when this thread does no more. */
static bool goes_on(struct zf_task *task) {
    if (zf_task_must_yield(task)) {
        zf_permit_give(task);
        zf_cpu_leave(task->cpu); /* others may want all out of guest code before they end */
        zf_task_yield(task);
        zf_cpu_enter(task->cpu);
        return false;
    }
    return !task->ended && !has_stopped(task);
}

/* The program does what it did before, and nobody is told again. */
static int64_t repeat(struct zf_task *task, uint64_t number, const struct syscall_row *row,
                      const uint64_t *args) {
    int64_t result;
    if (!zf_record_repeat(task, number, &result)) {
        result = call(task, number, row, args);
        zf_record_check(task, number, result);
    }
    return result;
}

/* Whoever traces, filters or records calls has their part. */
static int64_t call_seen(struct zf_task *task, uint64_t number, const struct syscall_row *row,
                         uint64_t *args) {
    struct zf_trace_line line;
    if (zf_record_repeats(task)) {
        return repeat(task, number, row, args);
    }
    zf_record_begin(task);
    bool traced = task->process->config.trace_line &&
                  !zf_trace_enter(task, number, row ? row->format : NULL, args, &line);
    int64_t result = -EINTR;
    bool makes = !row || zf_turn_before_call(task, row->function, args);
    bool filtered = task->strict || __atomic_load_n(&task->filter, __ATOMIC_ACQUIRE);
    if (makes && (!filtered || zf_seccomp_permits(task, number, args, &result))) {
        result = call_logged(task, number, row, args);
        if (result == -ENOSYS) {
            zf_absent_count(task, number);
        }
    }
    if (row) {
        result = zf_turn_after_call(task, row->function, result);
    }
    if (traced) {
        zf_trace_leave(task, result, &line);
    }
    zf_record_call(task, number, result);
    return result;
}

/* The SVC is executed again, and counts once. */
static void go_back(struct zf_task *task) {
    task->cpu->psw.addr -= 2;
    zf_record_undo(task);
    zf_turn_undo_call(task);
}

/* It is made again. */
static void give_up_call(struct zf_task *task, uint64_t argument) {
    struct zf_cpu *cpu = task->cpu;
    cpu->gr[2] = argument;
    cpu->slice = -1;
    go_back(task);
    zf_limit_again(task);
}

static bool on_svc(void *context, struct zf_cpu *cpu, uint8_t code) {
    struct zf_task *task = cpu->task;
    (void)context;
    uint64_t number = code ? code : (uint32_t)cpu->gr[1];
    const struct syscall_row *row =
        number < ZF_ARRAY_LENGTH(syscalls) && syscalls[number].function ? &syscalls[number] : NULL;
    task->in_call = true;
    zf_frame_look(task);
    if ((zf_task_must_yield(task) || has_stopped(task)) && behind_svc(task)) {
        zf_timer_rest(task);
        cpu->slice = -1;
        go_back(task); /* nothing more happens, or it is made when the machine runs again */
        return false;
    }
    if (zf_signal_comes(task) && behind_svc(task)) {
        zf_timer_rest(task);
        go_back(task); /* handlers come before a call that may block */
        zf_record_look(task, false);
        zf_signal_deliver(task);
        return true;
    }
    zf_permit_give(task);
    zf_limit_begin(task);
    uint64_t args[6];
    memcpy(args, &cpu->gr[2], sizeof args);
    int64_t result = call_seen(task, number, row, args);
    if (result != ZF_SYS_NO_RESULT) {
        cpu->gr[2] = (uint64_t)result;
    }
    zf_timer_rest(task);
    if (task->ended) {
        return false;
    }
    if (result == -EINTR && zf_turn_is_lost(cpu) && behind_svc(task)) {
        give_up_call(task, args[0]);
        return false;
    }
    zf_record_look(task, true);
    bool waits = zf_signal_waits(task);
    if (result == -EINTR && (!waits || zf_signal_restarts(task, number)) && behind_svc(task)) {
        /* also when it was not the guest's signal: someone wants the machine to look around */
        give_up_call(task, args[0]);
    } else if (result == -EINTR && behind_svc(task)) {
        zf_signal_interrupted(task, number, args);
    }
    if (waits) {
        zf_signal_deliver(task);
    }
    if (!zf_rseq_resume(task, false)) {
        zf_cpu_hurry(cpu);
    }
    return !has_stopped(task);
}

static bool on_poll(void *context, struct zf_cpu *cpu) {
    struct zf_task *task = cpu->task;
    (void)context;
    bool on;
    zf_turn_redo_call(task);
    do {
        on = goes_on(task);
        if (on) {
            zf_record_turn(task);
        }
    } while (on && !zf_rseq_resume(task, true));
    if (on) {
        zf_record_look(task, false);
        zf_signal_deliver(task);
    }
    return !has_stopped(task);
}

static char *copy_text(const char *text) {
    return text ? strdup(text) : NULL;
}

/* Without links, as the paths are that the host tells of what is open. NULL: the host's root. */
static char *find_sysroot(const char *sysroot) {
    char *path = sysroot ? realpath(sysroot, NULL) : NULL;
    if (path && !path[1]) {
        free(path);
        path = NULL;
    }
    return path;
}

static void copy_config(struct zf_linux *process, const struct zf_linux_config *config) {
    process->config = *config;
    process->config.platform = copy_text(config->platform ? config->platform : "z900");
    process->config.sysroot = find_sysroot(config->sysroot);
    process->config.cpuinfo = copy_text(config->cpuinfo);
    process->config.program = NULL;
    process->config.argv = process->config.envp = NULL;
    if (!config->stack_size) {
        process->config.stack_size = 8 << 20;
    }
}

int zf_linux_keep_file(struct zf_linux *process, int fd) {
    return zf_own_away(process, fd);
}

void zf_linux_drop_file(struct zf_linux *process, int fd) {
    zf_own_drop(process, fd);
}

static void free_process(struct zf_linux *process) {
    if (process) {
        zf_own_end(process);
        zf_absent_destroy(process->absent);
        zf_seccomp_destroy(process);
        zf_record_destroy(process);
        zf_task_free(process->leader);
        zf_permit_destroy(&process->permit);
        pthread_cond_destroy(&process->changed);
        pthread_mutex_destroy(&process->map_lock);
        pthread_mutex_destroy(&process->files_lock);
        pthread_mutex_destroy(&process->births);
        pthread_mutex_destroy(&process->lock);
        free(process);
    }
}

struct zf_linux *zf_linux_create(struct zf_machine *machine, const struct zf_linux_config *config,
                                 struct zf_error *err) {
    if (!machine->storage.linear) {
        zf_fail(err, ZF_ERROR_USAGE, "a Linux program needs a machine with a linear map");
        return NULL;
    }
    struct zf_linux *process = calloc(1, sizeof *process);
    if (process) {
        process->machine = machine;
        pthread_mutex_init(&process->lock, NULL);
        pthread_mutex_init(&process->births, NULL);
        pthread_mutex_init(&process->map_lock, NULL);
        zf_own_init(process);
        pthread_cond_init(&process->changed, NULL);
        zf_permit_init(&process->permit);
        process->leader = zf_task_create(process, machine->cpus.cpu[0]);
        process->absent = zf_absent_create();
    }
    bool records = process && config->record && machine->config.deterministic;
    if (!process || !process->leader || !process->absent ||
        (records && !zf_record_create(process))) {
        free_process(process);
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the Linux personality");
        return NULL;
    }
    if (config->no_execute) {
        machine->storage.fetch_prot = ZF_PROT_EXEC;
    }
    for (unsigned i = 0; i < ZF_VIEWS; i++) {
        process->views[i] = -1;
    }
    process->exe_file = -1;
    process->random_state = 0x5a6172636869u;
    copy_config(process, config);
    process->config.fixed_random |= machine->config.deterministic;
    process->leader->processors = zf_processors_all(process);
    zf_own_begin(process);
    if (zf_exec_start(process->leader, config, err) != ZF_OK) {
        zf_linux_destroy(process);
        return NULL;
    }
    process->leader->tid = gettid();
    machine->personality = (struct zf_personality){.context = process,
                                                   .svc = on_svc,
                                                   .pgm = zf_signal_pgm,
                                                   .poll = on_poll,
                                                   .begin = zf_task_begin,
                                                   .end = zf_task_end,
                                                   .interrupt = zf_task_interrupted,
                                                   .address = zf_rseq_address,
                                                   .take = zf_record_take,
                                                   .restore = zf_record_restore,
                                                   .turn = zf_record_give_turn};
    zf_signal_attach(process->leader);
    zf_timer_start(process->leader);
    return process;
}

void zf_linux_destroy(struct zf_linux *process) {
    if (!process) {
        return;
    }
    zf_linux_repeat_no_more(process, false);
    zf_machine_end_threads(process->machine);
    zf_timer_stop(process->leader);
    zf_timers_end(process); /* before the host acts on signals of theirs */
    zf_signal_detach(process->leader);
    process->leader->cpu->task = NULL;
    process->machine->personality = (struct zf_personality){0};
    free((char *)process->config.platform);
    free((char *)process->config.sysroot);
    free((char *)process->left_sysroot);
    free((char *)process->config.cpuinfo);
    for (unsigned i = 0; i < ZF_VIEWS; i++) {
        if (process->views[i] >= 0) {
            close(process->views[i]);
        }
    }
    if (process->exe_file >= 0) {
        close(process->exe_file);
    }
    free(process->exe);
    free(process->segments);
    free_process(process);
}

void zf_linux_attach(struct zf_linux *process) {
    zf_signal_adopt(process->leader);
    zf_timer_adopt(process->leader);
    process->leader->tid = gettid();
}

void zf_linux_interrupt(struct zf_linux *process, bool on) {
    zf_task_interrupt_all(process, on);
}

bool zf_linux_died(const struct zf_linux *process, unsigned *cpu) {
    *cpu = process->died ? process->died->address : 0;
    return process->died;
}

bool zf_linux_is_child(const struct zf_linux *process) {
    return process->child;
}

const char *zf_linux_signal_name(int signal_number, char buffer[16]) {
    const char *name = sigabbrev_np(signal_number);
    if (name) {
        snprintf(buffer, 16, "SIG%s", name);
    } else {
        snprintf(buffer, 16, "signal %d", signal_number);
    }
    return buffer;
}
