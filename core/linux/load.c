/*
 * A program into the guest: segments, stack with arguments, environment and auxiliary vector,
 * registers. The places are those of a Linux system with a 4 TiB address space, or the same
 * fractions of the linear map where that is smaller.
 */
#include "guest.h"

#include "image.h"
#include "proc.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum { CLOCK_TICKS = 100, HWCAP2 = 26, RSEQ_FEATURE_SIZE = 27, RSEQ_ALIGN = 28 };

struct layout {
    uint64_t top;  /* first address after the stack */
    uint64_t pie;  /* where a position-independent program goes */
    uint64_t mmap; /* where other storage is looked for */
};

static struct layout layout_of(const struct zf_machine *machine) {
    uint64_t size = machine->storage.size;
    if (size > UINT64_C(1) << 42) {
        size = UINT64_C(1) << 42;
    }
    return (struct layout){size - ZF_PAGE_SIZE, size / 3 * 2 & ~UINT64_C(0xfffffff),
                           size - size / 256};
}

/* The stack while it is built, from its top downwards. */
struct stack {
    struct zf_task *task;
    uint64_t pointer;
    uint64_t bottom;
    bool overflow;
};

static uint64_t push(struct stack *s, const void *bytes, size_t length) {
    if (s->overflow || length > s->pointer - s->bottom) {
        s->overflow = true;
        return 0;
    }
    s->pointer -= length;
    memcpy(s->task->machine->storage.ram + s->pointer, bytes, length);
    return s->pointer;
}

static void push64(struct stack *s, uint64_t value) {
    uint8_t bytes[8];
    zf_put64(bytes, value);
    push(s, bytes, sizeof bytes);
}

static size_t count_of(const char *const *texts) {
    size_t n = 0;
    while (texts[n]) {
        n++;
    }
    return n;
}

/* Pushes the strings, last one first, and notes their addresses. */
static void push_strings(struct stack *s, const char *const *texts, size_t count,
                         uint64_t *addresses) {
    for (size_t i = count; i-- > 0;) {
        addresses[i] = push(s, texts[i], strlen(texts[i]) + 1);
    }
}

static void push_addresses(struct stack *s, const uint64_t *addresses, size_t count) {
    push64(s, 0);
    for (size_t i = count; i-- > 0;) {
        push64(s, addresses[i]);
    }
}

static uint64_t push_random(struct stack *s) {
    uint8_t bytes[16] = "zfacet's random";
    if (!s->task->process->config.fixed_random && getrandom(bytes, sizeof bytes, 0) < 0) {
        memset(bytes, 0x5a, sizeof bytes);
    }
    return push(s, bytes, sizeof bytes);
}

struct program {
    const struct zf_image *image;
    uint64_t interpreter_base; /* 0 when static */
    const char *path;
    const char *const *argv, *const *envp;
};

static void push_auxv(struct stack *s, const struct program *p, uint64_t random, uint64_t path,
                      uint64_t platform) {
    const struct zf_linux_config *config = &s->task->process->config;
    const uint64_t auxv[][2] = {
        {AT_HWCAP, config->hwcap},
        {AT_PAGESZ, ZF_PAGE_SIZE},
        {AT_CLKTCK, CLOCK_TICKS},
        {AT_PHDR, p->image->headers},
        {AT_PHENT, sizeof(Elf64_Phdr)},
        {AT_PHNUM, p->image->header_count},
        {AT_BASE, p->interpreter_base},
        {AT_FLAGS, 0},
        {AT_ENTRY, p->image->entry},
        {AT_UID, getuid()},
        {AT_EUID, geteuid()},
        {AT_GID, getgid()},
        {AT_EGID, getegid()},
        {AT_SECURE, 0},
        {AT_RANDOM, random},
        {HWCAP2, config->hwcap2},
        {AT_EXECFN, path},
        {AT_PLATFORM, platform},
        {RSEQ_FEATURE_SIZE, ZF_RSEQ_FEATURES},
        {RSEQ_ALIGN, ZF_RSEQ_ALIGNMENT},
        {AT_NULL, 0},
    };
    for (size_t i = ZF_ARRAY_LENGTH(auxv); i-- > 0;) {
        push64(s, auxv[i][1]);
        push64(s, auxv[i][0]);
    }
    s->task->process->auxv = (struct zf_segment){s->pointer, sizeof auxv};
}

static enum zf_status fill_stack(struct stack *s, const struct program *p, struct zf_error *err) {
    size_t argc = count_of(p->argv), envc = count_of(p->envp);
    uint64_t *addresses = calloc(argc + envc + 1, sizeof *addresses);
    if (!addresses) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for %zu arguments", argc + envc);
    }
    push64(s, 0);
    uint64_t path = push(s, p->path, strlen(p->path) + 1);
    struct zf_stack_places *places = &s->task->process->places;
    places->environment_end = path;
    push_strings(s, p->envp, envc, addresses + argc);
    places->environment = s->pointer;
    push_strings(s, p->argv, argc, addresses);
    places->arguments = s->pointer;
    uint64_t platform =
        push(s, s->task->process->config.platform, strlen(s->task->process->config.platform) + 1);
    uint64_t random = push_random(s);
    s->pointer &= ~UINT64_C(15);
    if ((argc + envc + 3) % 2) {
        push64(s, 0);
    }
    push_auxv(s, p, random, path, platform);
    push_addresses(s, addresses + argc, envc);
    push_addresses(s, addresses, argc);
    push64(s, argc);
    places->pointer = s->pointer;
    free(addresses);
    if (s->overflow) {
        return zf_fail(err, ZF_ERROR_USAGE,
                       "arguments and environment do not fit on a stack of %llu bytes",
                       (unsigned long long)s->task->process->config.stack_size);
    }
    return ZF_OK;
}

static enum zf_status build_stack(struct zf_task *task, uint64_t top, const struct program *p,
                                  struct zf_error *err) {
    uint64_t size = (task->process->config.stack_size + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    unsigned prot = ZF_PROT_READ | ZF_PROT_WRITE | ZF_PROT_GROWS |
                    (p->image->executable_stack ? ZF_PROT_EXEC : 0);
    if (size > top / 2 || zf_linear_free(&task->machine->storage, top - size, size) != top - size ||
        !zf_linear_map(&task->machine->storage, top - size, size, prot, -1, 0)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "no room for a stack of %llu bytes below %#llx",
                       (unsigned long long)size, (unsigned long long)top);
    }
    uint64_t limit = zf_storage_limit(task->process, RLIMIT_STACK);
    zf_linear_limit_growth(&task->machine->storage, limit > size ? limit : size);
    struct stack s = {task, top, top - size, false};
    task->process->places = (struct zf_stack_places){.stack = top - size, .stack_end = top};
    enum zf_status status = fill_stack(&s, p, err);
    task->cpu->gr[15] = s.pointer;
    return status;
}

/* The page that signal handlers return to: SVC sigreturn, SVC rt_sigreturn. */
static bool map_trampoline(struct zf_task *task, uint64_t near) {
    static const uint8_t code[] = {0x0a, 119, 0x0a, 173};
    uint64_t page = zf_linear_free(&task->machine->storage, near, ZF_PAGE_SIZE);
    if (!page || !zf_linear_map(&task->machine->storage, page, ZF_PAGE_SIZE,
                                ZF_PROT_READ | ZF_PROT_WRITE, -1, 0)) {
        return false;
    }
    memcpy(task->machine->storage.ram + page, code, sizeof code);
    task->process->trampoline = page;
    return zf_linear_protect(&task->machine->storage, page, ZF_PAGE_SIZE,
                             ZF_PROT_READ | ZF_PROT_EXEC);
}

static void reset_cpu(struct zf_cpu *cpu, uint64_t entry) {
    uint64_t stack = cpu->gr[15];
    memset(cpu->gr, 0, sizeof cpu->gr);
    memset(cpu->ar, 0, sizeof cpu->ar);
    memset(cpu->vr, 0, sizeof cpu->vr);
    cpu->fpc = 0;
    cpu->gr[15] = stack;
    cpu->cr[0] |= ZF_BIT64(45) | ZF_BIT64(46); /* all floating-point and vector registers */
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA | ZF_PSW_PROBLEM, entry);
}

/* A dynamically linked program starts in its interpreter, which comes out of the sysroot. */
static enum zf_status load_interpreter(struct zf_task *task, struct program *program,
                                       uint64_t where, uint64_t *entry, struct zf_error *err) {
    char buffer[PATH_MAX];
    struct zf_image interpreter;
    const struct zf_path wanted = {ZF_GUEST_CWD, program->image->interpreter, false};
    const char *path = zf_host_path(task, &wanted, buffer);
    zf_own_raise(task);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    zf_own_lower(task);
    if (file < 0) {
        return zf_fail(err, ZF_ERROR_NOT_FOUND,
                       "%s: dynamically linked, and its interpreter %s cannot be opened (%s); give "
                       "the directory of an s390x system as --sysroot, or link with -static",
                       program->path, path, strerror(errno));
    }
    enum zf_status status = zf_image_load(task->machine, file, path, where, &interpreter, err);
    close(file);
    program->interpreter_base = interpreter.base;
    *entry = interpreter.entry;
    if (status == ZF_OK && interpreter.interpreter[0]) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: an interpreter must not need an interpreter itself", path);
    }
    return status;
}

enum zf_status zf_linux_load(struct zf_task *task, int file, const char *path,
                             const char *const *argv, const char *const *envp,
                             struct zf_error *err) {
    struct layout layout = layout_of(task->machine);
    struct zf_image image;
    enum zf_status status = zf_image_load(task->machine, file, path, layout.pie, &image, err);
    if (status != ZF_OK) {
        return status;
    }
    struct program program = {&image, 0, path, argv, envp};
    uint64_t entry = image.entry;
    if (image.interpreter[0]) {
        status = load_interpreter(task, &program, layout.mmap, &entry, err);
        if (status != ZF_OK) {
            return status;
        }
    }
    status = build_stack(task, layout.top, &program, err);
    if (status != ZF_OK) {
        return status;
    }
    if (!map_trampoline(task, layout.mmap)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "no room for the page that ends signal handlers");
    }
    task->process->lock_future = 0;
    task->process->brk_start = task->process->brk = image.end;
    task->process->mmap_base = layout.mmap;
    zf_proc_name(task->process);
    reset_cpu(task->cpu, entry);
    task->begin = (struct zf_begin){image.entry, task->cpu->gr[15]};
    return ZF_OK;
}
