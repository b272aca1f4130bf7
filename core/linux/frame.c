/*
 * The stack frame of a signal handler, as Linux on s390x lays it out: a caller's save area, then
 * for handlers with siginfo an SVC, the siginfo and a ucontext; for others a sigcontext and the
 * registers. The offsets are the kernel's user-visible structures'.
 */
#include "guest.h"
#include "signals.h"

#include "zfacet/vector_register.h"

enum { SIGRTMIN_OF_KERNEL = 32, REPLACED = 1 /* where no frame is: the program was */ };
enum {
    SAVE_AREA = 160,
    GUEST_SA_SIGINFO = 4,
    GUEST_SA_RESTORER = 0x04000000,
    GUEST_SA_ONSTACK = 0x08000000,
    GUEST_SS_ONSTACK = 1,
    GUEST_SS_DISABLE = 2,
    /* registers: PSW, general, access, floating-point control, floating-point */
    REGS_GR = 16,
    REGS_AR = 144,
    REGS_FPC = 208,
    REGS_FPR = 216,
    REGS_SIZE = 344,
    /* extension: right halves of vector registers 0-15, then 16-31, then reserved */
    EXT_LOW = 0,
    EXT_HIGH = 128,
    EXT_SIZE = 512,
    /* frame with siginfo */
    RT_SVC = SAVE_AREA,
    RT_INFO = 168,
    RT_CONTEXT = 296,
    UC_FLAGS = 0,
    UC_LINK = 8,
    UC_STACK = 16,
    UC_REGS = 40,
    UC_MASK = 384,
    UC_EXT = 512,
    UC_VXRS = 2,
    RT_SIZE = RT_CONTEXT + UC_EXT + EXT_SIZE,
    /* frame without */
    OLD_MASK = SAVE_AREA,
    OLD_REGS_POINTER = 168,
    OLD_REGS = 176,
    OLD_NUMBER = OLD_REGS + REGS_SIZE,
    OLD_EXT = 528,
    OLD_SVC = OLD_EXT + EXT_SIZE,
    OLD_SIZE = OLD_SVC + 8,
};

/* What a handler may change of the PSW: condition code, program mask. */
static const uint64_t PSW_USER_MASK = ZF_PSW_CC | ZF_PSW_PM;

/* Who asked for it wants to know of a file: its events and descriptor are where others' sender is.
 */
static bool tells_of_file(int number, int code) {
    return code > 0 && code <= POLL_HUP && (number == SIGIO || number >= SIGRTMIN_OF_KERNEL);
}

void zf_put_siginfo(uint8_t *out, int number, const struct zf_guest_siginfo *info) {
    memset(out, 0, 128);
    zf_put32(out, (uint32_t)number);
    zf_put32(out + 4, (uint32_t)info->error);
    zf_put32(out + 8, (uint32_t)info->code);
    if (info->condition) {
        zf_put64(out + 16, info->address);
        return;
    }
    if (number == SIGSYS && info->code > 0) { /* a call's place, number and machine */
        zf_put64(out + 16, info->address);
        zf_put64(out + 24, info->value);
        return;
    }
    if (tells_of_file(number, info->code)) {
        zf_put64(out + 16, (uint64_t)info->uid << 32 | (uint32_t)info->pid);
        zf_put32(out + 24, (uint32_t)info->value);
        return;
    }
    zf_put32(out + 16, (uint32_t)info->pid);
    zf_put32(out + 20, info->uid);
    if (number == SIGCHLD) {
        zf_put32(out + 24, (uint32_t)info->status);
    } else {
        zf_put64(out + 24, info->value);
    }
}

static void put_registers(const struct zf_cpu *cpu, uint8_t *regs, uint8_t *ext) {
    zf_put64(regs, zf_psw_mask_seen(cpu));
    zf_put64(regs + 8, cpu->psw.addr);
    for (unsigned i = 0; i < 16; i++) {
        zf_put64(regs + REGS_GR + 8 * i, cpu->gr[i]);
        zf_put32(regs + REGS_AR + 4 * i, cpu->ar[i]);
        zf_put64(regs + REGS_FPR + 8 * i, zf_fpr(cpu, i));
        zf_put64(ext + EXT_LOW + 8 * i, cpu->vr[i].half[ZF_VR_RIGHT]);
        zf_vr_to_storage(&cpu->vr[16 + i], ext + EXT_HIGH + 16 * i);
    }
    zf_put32(regs + REGS_FPC, cpu->fpc);
}

static void get_registers(struct zf_cpu *cpu, const uint8_t *regs, const uint8_t *ext) {
    uint64_t mask = (zf_psw_mask(cpu) & ~PSW_USER_MASK) | (zf_get64(regs) & PSW_USER_MASK);
    for (unsigned i = 0; i < 16; i++) {
        cpu->gr[i] = zf_get64(regs + REGS_GR + 8 * i);
        cpu->ar[i] = zf_get32(regs + REGS_AR + 4 * i);
        cpu->vr[i].half[ZF_VR_LEFT] = zf_get64(regs + REGS_FPR + 8 * i);
        cpu->vr[i].half[ZF_VR_RIGHT] = zf_get64(ext + EXT_LOW + 8 * i);
        zf_vr_from_storage(&cpu->vr[16 + i], ext + EXT_HIGH + 16 * i);
    }
    cpu->fpc = zf_get32(regs + REGS_FPC);
    zf_psw_load(cpu, mask, zf_get64(regs + 8));
}

static bool on_alternate_stack(const struct zf_task *task) {
    return !(task->alt_flags & (GUEST_SS_DISABLE | ZF_SS_AUTODISARM)) &&
           task->cpu->gr[15] - task->alt_base < task->alt_size;
}

static uint64_t frame_address(const struct zf_task *task, uint64_t flags, uint64_t size) {
    uint64_t sp = task->cpu->gr[15];
    if (flags & GUEST_SA_ONSTACK && !(task->alt_flags & GUEST_SS_DISABLE) &&
        !on_alternate_stack(task)) {
        sp = task->alt_base + task->alt_size;
    }
    return (sp - size) & ~UINT64_C(7);
}

static void put_context(const struct zf_task *task, uint8_t *uc, uint64_t old_mask) {
    zf_put64(uc + UC_FLAGS, UC_VXRS);
    zf_put64(uc + UC_LINK, 0);
    zf_put64(uc + UC_STACK, task->alt_base);
    zf_put32(uc + UC_STACK + 8, on_alternate_stack(task) ? GUEST_SS_ONSTACK : task->alt_flags);
    zf_put64(uc + UC_STACK + 16, task->alt_size);
    put_registers(task->cpu, uc + UC_REGS, uc + UC_EXT);
    zf_put64(uc + UC_MASK, old_mask);
}

/* Registers and masks are what a handler may change. */
static bool is_for_handler(uint64_t at, uint64_t size) {
    return size == RT_SIZE ? at >= RT_CONTEXT + UC_REGS && at <= RT_CONTEXT + UC_MASK
                           : at == OLD_MASK || (at >= OLD_REGS && at < OLD_NUMBER);
}

/* Of the rest of what follows the save area, which is the handler's, too. */
static uint64_t sum_of(const uint8_t *frame, uint64_t size) {
    uint64_t sum = 0;
    for (uint64_t at = SAVE_AREA; at < size; at += 8) {
        if (!is_for_handler(at, size)) {
            sum = (sum ^ zf_get64(frame + at)) * UINT64_C(0x9e3779b97f4a7c15);
        }
    }
    return sum;
}

/* Who left by a jump has its stack pointer above, or other things there by now. */
bool zf_frame_is_open(struct zf_task *task) {
    const struct zf_handling *h = &task->handling;
    if (h->frame == REPLACED) {
        return true;
    }
    const uint8_t *frame =
        h->frame && task->cpu->gr[15] <= h->frame ? zf_guest_in(task, h->frame, h->size) : NULL;
    return frame && sum_of(frame, h->size) == h->sum;
}

void zf_frame_exec(struct zf_task *task) {
    task->handling.frame = zf_frame_is_open(task) ? REPLACED : 0;
    task->handling.back = 0;
}

void zf_frame_look(struct zf_task *task) {
    uint64_t frame = task->handling.frame;
    if (frame > REPLACED && task->cpu->gr[15] > frame && !on_alternate_stack(task)) {
        task->handling.frame = 0;
    }
}

/* One in another is not looked at: what happens then, happens in that one. After execve, there is
 * an exception of the new program. */
static bool is_looked_at(struct zf_task *task, uint64_t at, bool exception) {
    uint64_t last = task->handling.frame;
    return at == last || (last == REPLACED && exception) || !zf_frame_is_open(task);
}

static void close_frame(struct zf_task *task) {
    if (task->handling.frame == task->cpu->gr[15]) {
        task->handling.frame = 0;
    }
}

bool zf_frame_push(struct zf_task *task, int number, const struct zf_guest_siginfo *info,
                   const struct zf_guest_action *action, uint64_t old_mask) {
    struct zf_cpu *cpu = task->cpu;
    if (!zf_rseq_signal(task)) {
        return false;
    }
    bool rt = action->flags & GUEST_SA_SIGINFO;
    uint64_t size = rt ? RT_SIZE : OLD_SIZE;
    uint64_t at = frame_address(task, action->flags, size);
    uint8_t *frame = zf_guest_out(task, at, size);
    if (!frame) {
        return false;
    }
    bool looked_at = number == SIGILL && is_looked_at(task, at, info->condition);
    memset(frame, 0, size);
    zf_put64(frame, cpu->gr[15]);
    if (rt) {
        zf_put16(frame + RT_SVC, 0x0aad);
        zf_put_siginfo(frame + RT_INFO, number, info);
        put_context(task, frame + RT_CONTEXT, old_mask);
    } else {
        zf_put64(frame + OLD_MASK, old_mask);
        zf_put64(frame + OLD_REGS_POINTER, at + OLD_REGS);
        put_registers(cpu, frame + OLD_REGS, frame + OLD_EXT);
        zf_put32(frame + OLD_NUMBER, (uint32_t)number);
        zf_put16(frame + OLD_SVC, 0x0a77);
    }
    cpu->gr[14] = action->flags & GUEST_SA_RESTORER ? action->restorer
                                                    : task->process->trampoline + (rt ? 2 : 0);
    if (looked_at) {
        task->handling = (struct zf_handling){at, size, sum_of(frame, size), cpu->gr[14]};
    }
    cpu->gr[15] = at;
    cpu->gr[2] = (uint64_t)number;
    cpu->gr[3] = at + (rt ? RT_INFO : OLD_MASK);
    cpu->gr[4] = rt ? at + RT_CONTEXT : cpu->pgm.code & 127u;
    if (!rt) {
        cpu->gr[5] = info->address;
    }
    if (task->alt_flags & ZF_SS_AUTODISARM) {
        task->alt_base = task->alt_size = 0;
        task->alt_flags = GUEST_SS_DISABLE;
    }
    zf_psw_load(cpu, zf_psw_mask(cpu), action->handler);
    return true;
}

int64_t zf_sys_rt_sigreturn(struct zf_task *task, const uint64_t *a) {
    (void)a;
    const uint8_t *frame = zf_guest_in(task, task->cpu->gr[15], RT_SIZE);
    if (!frame) {
        zf_linux_die(task, SIGSEGV);
        return ZF_SYS_NO_RESULT;
    }
    const uint8_t *uc = frame + RT_CONTEXT;
    close_frame(task);
    zf_signal_block(task, zf_get64(uc + UC_MASK));
    task->alt_base = zf_get64(uc + UC_STACK);
    task->alt_flags = zf_get32(uc + UC_STACK + 8) & (GUEST_SS_DISABLE | ZF_SS_AUTODISARM);
    task->alt_size = zf_get64(uc + UC_STACK + 16);
    get_registers(task->cpu, uc + UC_REGS, uc + UC_EXT);
    return ZF_SYS_NO_RESULT;
}

int64_t zf_sys_sigreturn(struct zf_task *task, const uint64_t *a) {
    (void)a;
    const uint8_t *frame = zf_guest_in(task, task->cpu->gr[15], OLD_SIZE);
    if (!frame) {
        zf_linux_die(task, SIGSEGV);
        return ZF_SYS_NO_RESULT;
    }
    close_frame(task);
    zf_signal_block(task, zf_get64(frame + OLD_MASK));
    get_registers(task->cpu, frame + OLD_REGS, frame + OLD_EXT);
    return ZF_SYS_NO_RESULT;
}
