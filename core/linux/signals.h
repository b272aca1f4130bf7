/*
 * Signals of the guest, their frames, and timers.
 */
#ifndef ZF_LINUX_SIGNALS_H
#define ZF_LINUX_SIGNALS_H

#include "guest.h"

/* signal.c */

/** Makes this thread's host signals those of `guest`, or nobody's again. */
void zf_signal_attach(struct zf_task *task);
/** A handler of the host's: a signal for the guest of this thread. */
void zf_signal_caught(int number, siginfo_t *info, void *context);
/** The calling thread executes the task from now on. */
void zf_signal_adopt(struct zf_task *task);
void zf_signal_detach(struct zf_task *task);
/** Whether system call `number`, just interrupted, is to be made again after the handler. */
bool zf_signal_restarts(const struct zf_task *task, uint64_t number);
/** It is not, and returns EINTR: whether it is made again when no handler gets the signal. */
void zf_signal_interrupted(struct zf_task *task, uint64_t number, const uint64_t *args);
/** Marks a signal as pending and makes the CPU look at it soon. */
void zf_signal_raise(struct zf_task *task, int number, const struct zf_guest_siginfo *info);
/** A signal that cannot wait: to its handler at once, or the program dies of it. */
void zf_signal_force(struct zf_task *task, int number, const struct zf_guest_siginfo *info);
/** Delivers what is pending and not blocked; after a system call with its result in GR 2. */
void zf_signal_deliver(struct zf_task *task);
/** Whether the signal waits, and the machine stops, for a debugger (zf_linux_hold_signals()). */
bool zf_signal_is_held(struct zf_task *task, int number);
/** Whether something comes before a call that may wait. */
bool zf_signal_comes(const struct zf_task *task);
/** Whether zf_signal_deliver would do something. */
bool zf_signal_waits(const struct zf_task *task);
/** All caught signals go back to their defaults. */
void zf_signal_reset(struct zf_task *task);
/** After execve: the same, and no signal waits. */
void zf_signal_exec(struct zf_task *task);
/** A program condition: to its signal, delivered at once. For zf_personality.pgm. */
bool zf_signal_pgm(void *context, struct zf_cpu *cpu);
/** The thread ends: signals of the process that it has caught go to other threads. */
void zf_signal_leave(struct zf_task *task);
/** Timers that the program has created are none any more, as for another program; */
void zf_timers_delete(struct zf_linux *process);
/** nor those of setitimer() and alarm(): it has ended, and no signal of theirs shall come. */
void zf_timers_end(struct zf_linux *process);
/** Replaces the mask of blocked signals, on the host too. */
void zf_signal_block(struct zf_task *task, uint64_t mask);
/** The host blocks what the guest has blocked, and what was caught and is not yet delivered. */
void zf_signal_mask(const struct zf_task *task);
/** Sets a mask until the next delivery, for the calls that wait with one of their own. */
void zf_signal_suspend(struct zf_task *task, uint64_t mask);
/** Waits with that mask, until a signal is delivered: -EINTR. */
int64_t zf_signal_await(struct zf_task *task, uint64_t mask);
/** Sets what a signal does, if there is something new, and says what it did; -errno. */
int64_t zf_signal_action(struct zf_task *task, int number, const struct zf_guest_action *new,
                         struct zf_guest_action *old);
/** Reads a signal set argument; false when the size or address is wrong, *error tells. */
bool zf_signal_set(struct zf_task *task, uint64_t address, uint64_t size, uint64_t *set,
                   int64_t *error);
/** The mask argument of a call that waits, which is the guest's until the call is over. */
bool zf_signal_take_mask(struct zf_task *task, uint64_t address, uint64_t size, sigset_t *host,
                         int64_t *error);
/** Reads the siginfo of a signal to be sent; false: it cannot be read. */
bool zf_signal_get_info(struct zf_task *task, uint64_t address, int number, siginfo_t *host);

/** The host's C library has taken the signal for itself: it is the guest's again. */
void zf_signal_reassert(struct zf_linux *process, int number);

/* host_signal.c */

typedef void zf_host_handler(int number, siginfo_t *info, void *context);
#define ZF_HOST_DEFAULT ((zf_host_handler *)0)
#define ZF_HOST_IGNORE ((zf_host_handler *)1)
/** The action of a signal; while a handler runs all are blocked that can be. */
void zf_host_action(int number, zf_host_handler *handler, uint64_t flags);
bool zf_host_ignores(int number);
/** The mask of blocked signals of the calling thread. */
void zf_host_mask(uint64_t set);
uint64_t zf_host_get_mask(void);
uint64_t zf_host_pending(void);
void zf_signal_to_host(uint64_t set, sigset_t *host);

/* condition.c */

int zf_signal_of_condition(const struct zf_pgm *pgm, int *code);

/* frame.c */

/** Builds the frame of a handler and enters it. False: the stack cannot take it. */
bool zf_frame_push(struct zf_task *task, int number, const struct zf_guest_siginfo *info,
                   const struct zf_guest_action *action, uint64_t old_mask);
/** At a system call: a handler whose frame is below the stack pointer has been left by a jump. */
void zf_frame_look(struct zf_task *task);
/** Whether the last handler of SIGILL has neither returned nor been left by a jump. */
bool zf_frame_is_open(struct zf_task *task);
/** The program is going to be replaced: a handler that is open stays so. */
void zf_frame_exec(struct zf_task *task);
void zf_put_siginfo(uint8_t *out, int number, const struct zf_guest_siginfo *info);

/* timer.c */

/** Creates the timer that ends system calls when the machine's time is over; so does a child. */
void zf_timer_start(struct zf_task *task);
/** The thread ends: its timer goes. */
void zf_timer_end(struct zf_task *task);
/** The timer of another thread becomes the calling one's. */
void zf_timer_adopt(struct zf_task *task);
/** From any thread: calls of the host that wait end at once, until the next time that one ends. */
void zf_timer_interrupt(struct zf_task *task, bool on);
void zf_timer_stop(struct zf_task *task);
/** A signal for the guest was caught: a system call that is about to wait must not. */
void zf_timer_nudge(struct zf_task *task);
/** The system call is over. */
void zf_timer_rest(struct zf_task *task);

#endif
