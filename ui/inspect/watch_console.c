/*
 * What the guest writes and reads: the console of a bare machine, the standard streams of a Linux
 * program. Nothing of it goes to those of zfacet.
 */
#define _GNU_SOURCE /* process_vm_writev */
#include "inspect/watch_state.h"

#include "zfacet/console.h"

#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* System calls of Linux on s390x that are answered here. */
enum { SYS_READ = 3, SYS_WRITE = 4, SYS_WRITEV = 146, IOV_LIMIT = 1024 };

/* Runs differ a little in length, so that no loop is always looked at in the same place. */
static void look(struct zf_watch *w, struct zf_cpu *cpu) {
    w->seed = w->seed * 1103515245 + 12345;
    cpu->slice -= (int32_t)(w->seed >> 16 & 8191);
    zf_watch_count(w, cpu->psw.addr);
}

static void on_text(void *context, const char *text, size_t length) {
    struct zf_shot *now = &((struct zf_watch *)context)->now;
    if (length > sizeof now->console) {
        text += length - sizeof now->console;
        length = sizeof now->console;
    }
    size_t room = sizeof now->console - now->console_length;
    if (length > room) {
        memmove(now->console, now->console + (length - room),
                now->console_length - (length - room));
        now->console_length -= length - room;
    }
    memcpy(now->console + now->console_length, text, length);
    now->console_length += length;
}

/* Waits for input, unless there is something else to do; with the lock. */
static void await(struct zf_watch *w, uint64_t ns) {
    struct timespec limit;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    ns += (uint64_t)limit.tv_nsec;
    limit.tv_sec += (time_t)(ns / 1000000000);
    limit.tv_nsec = (long)(ns % 1000000000);
    if (!w->input_length && !w->quit && !w->queued && !w->wants_shot) {
        pthread_cond_timedwait(&w->changed, &w->lock, &limit);
    }
}

static void take_input(struct zf_watch *w, size_t length) {
    w->input_length -= length;
    memmove(w->input, w->input + length, w->input_length);
}

/* Called once in a time slice, and while the guest waits. */
static bool on_poll(void *context, struct zf_sclp *sclp, uint64_t ns) {
    struct zf_watch *w = context;
    struct zf_cpu *cpu = w->guest.machine->cpu;
    pthread_mutex_lock(&w->lock);
    if (ns) {
        await(w, ns);
    }
    if (w->input_length) {
        take_input(w, zf_console_input(sclp, w->input, w->input_length));
    }
    pthread_mutex_unlock(&w->lock);
    if (!ns && !w->stepping && !(cpu->psw.mask & ZF_PSW_WAIT)) {
        look(w, cpu);
    }
    return true;
}

/* Whether a descriptor is what `stream` was at the beginning, under whatever number. */
static bool is_stream(const struct zf_watch *w, uint64_t fd, unsigned stream) {
    const struct stat *then = &w->stream[stream];
    struct stat now;
    return fd <= INT32_MAX && fstat((int)fd, &now) == 0 && now.st_dev == then->st_dev &&
           now.st_ino == then->st_ino;
}

static bool is_output(const struct zf_watch *w, uint64_t fd) {
    return is_stream(w, fd, STDOUT_FILENO) || is_stream(w, fd, STDERR_FILENO);
}

/* Writes what can be read of it; false: nothing. */
static bool write_out(struct zf_watch *w, uint64_t address, uint64_t length, uint64_t *written) {
    char text[1024];
    while (length > 0) {
        size_t part = length < sizeof text ? length : sizeof text;
        if (!zf_watch_peek(w->guest.machine, address, text, part)) {
            return *written > 0;
        }
        on_text(w, text, part);
        *written += part;
        address += part;
        length -= part;
    }
    return true;
}

static bool write_vector(struct zf_watch *w, const struct zf_cpu *cpu, uint64_t *written) {
    uint8_t part[16];
    for (uint64_t i = 0; i < cpu->gr[4] && i < IOV_LIMIT; i++) {
        if (!zf_watch_peek(w->guest.machine, cpu->gr[3] + i * sizeof part, part, sizeof part) ||
            !write_out(w, zf_get64(part), zf_get64(part + 8), written)) {
            return *written > 0;
        }
    }
    return cpu->gr[4] <= IOV_LIMIT;
}

/* Reads a line of input. When something else is to be done first, the call is made again. */
static bool read_in(struct zf_watch *w, struct zf_cpu *cpu) {
    const struct zf_storage *storage = &w->guest.machine->storage;
    const uint64_t moment = 50000000;
    uint8_t svc = 0;
    pthread_mutex_lock(&w->lock);
    while (!w->input_length && !w->quit && !w->queued) {
        if (w->wants_shot) {
            zf_watch_publish(w);
        }
        await(w, moment);
    }
    size_t length = w->input_length < cpu->gr[4] ? w->input_length : cpu->gr[4];
    struct iovec from = {w->input, length};
    struct iovec to = {storage->ram + (cpu->gr[3] & (storage->size - 1)), length};
    bool done = length == 0 || process_vm_writev(getpid(), &from, 1, &to, 1, 0) == (ssize_t)length;
    zf_watch_peek(w->guest.machine, cpu->psw.addr - 2, &svc, 1);
    if (done && length == 0 && cpu->gr[4] && svc == 0x0a) {
        cpu->psw.addr -= 2;
        cpu->slice = -1;
    } else if (done) {
        take_input(w, length);
        cpu->gr[2] = length;
    }
    pthread_mutex_unlock(&w->lock);
    return done;
}

static bool on_svc(void *context, struct zf_cpu *cpu, uint8_t code) {
    struct zf_watch *w = context;
    uint64_t number = code ? code : (uint32_t)cpu->gr[1], written = 0;
    bool done = false;
    if (number == SYS_READ && is_stream(w, cpu->gr[2], STDIN_FILENO)) {
        done = read_in(w, cpu);
    } else if (number == SYS_WRITE && is_output(w, cpu->gr[2])) {
        done = write_out(w, cpu->gr[3], cpu->gr[4], &written);
    } else if (number == SYS_WRITEV && is_output(w, cpu->gr[2])) {
        done = write_vector(w, cpu, &written);
    }
    if (done && number != SYS_READ) {
        cpu->gr[2] = written;
    }
    return done || w->personality.svc(w->personality.context, cpu, code);
}

static bool on_condition(void *context, struct zf_cpu *cpu) {
    struct zf_watch *w = context;
    return w->personality.pgm(w->personality.context, cpu);
}

static bool on_linux_poll(void *context, struct zf_cpu *cpu) {
    struct zf_watch *w = context;
    if (!w->stepping) {
        look(w, cpu);
    }
    return w->personality.poll(w->personality.context, cpu);
}

void zf_watch_attach_console(struct zf_watch *w) {
    struct zf_machine *machine = w->guest.machine;
    if (!machine->storage.linear) {
        struct zf_console console = {.context = w, .write = on_text, .poll = on_poll};
        zf_console_attach(machine->sclp, &console);
        return;
    }
    for (int i = 0; i < 3; i++) {
        fstat(i, &w->stream[i]);
    }
    w->personality = machine->personality;
    machine->personality =
        (struct zf_personality){w, on_svc, w->personality.pgm ? on_condition : NULL,
                                w->personality.poll ? on_linux_poll : NULL};
}
