/*
 * The record of a repeatable program that can go back: each system call with its result and what it
 * stored, each signal with the place at which the program noticed it, each turn of a thread. From a
 * snapshot on, the program does what it did, and no call is made on the host again but those that
 * concern its own storage and signals alone. Then one thread of the host executes all of its
 * threads; their own ones, which may have ended or be those of others by now, stand still.
 *
 * A place is a number of instructions that a CPU has executed, for whichever thread. An SVC that is
 * given up, to be made again later, counts as not executed: the record has nothing of it. So does
 * one in which the thread waits, until it is over.
 */
#ifndef ZF_GUEST_LINUX_RECORD_H
#define ZF_GUEST_LINUX_RECORD_H

#include "guest.h"

/** The record begins. False: out of memory. Before anything is mapped. */
bool zf_record_create(struct zf_linux *process);
void zf_record_destroy(struct zf_linux *process);
/** In a process that the program forked: nobody goes back there. */
void zf_record_forked(struct zf_linux *process);

/** What was done before cannot be repeated, for this reason; nothing is repeated now. */
void zf_record_lose(struct zf_task *task, const char *reason);

/** Whether that was said. */
bool zf_record_is_lost(const struct zf_linux *process);

/** Whether the program does again what it did. */
bool zf_record_repeats(const struct zf_task *task);

/** The thread has the turn, and looks around before it executes anything. */
void zf_record_turn(struct zf_task *task);
/** For zf_personality. */
struct zf_cpu *zf_record_give_turn(void *context);

/** The call that the thread makes has made another thread; repeating: that one, once more, with a
 * CPU. NULL: out of memory. */
void zf_record_born(struct zf_task *task, const struct zf_task *child);
struct zf_task *zf_record_born_again(struct zf_task *task);
/** It ends. */
void zf_record_drop_notes(struct zf_task *task);

/** A call begins; what it stores is noted, and a file that it maps. */
void zf_record_begin(struct zf_task *task);
void zf_record_stores(struct zf_task *task, uint64_t address, uint64_t length);
/** How much was noted so far. Of the buffers since, as many bytes were filled as the result says,
 * one after the other: what is left of them is as it was. */
size_t zf_record_noted(const struct zf_task *task);
void zf_record_filled(struct zf_task *task, size_t since, int64_t result);
void zf_record_mapping(struct zf_task *task, const struct zf_linear_range *range,
                       const struct zf_linear_view *view);
/** The call is about to wait, and others may see what it has stored. */
void zf_record_waits(struct zf_task *task);
/** It is over. */
void zf_record_call(struct zf_task *task, uint64_t number, int64_t result);
/** The SVC was not executed: the call, if it was made, did nothing. */
void zf_record_undo(struct zf_task *task);

/** Repeating: true when the call is not made, but has `*result` and has stored what it stored. */
bool zf_record_repeat(struct zf_task *task, uint64_t number, int64_t *result);
/** It was made again, with that result. */
void zf_record_check(struct zf_task *task, uint64_t number, int64_t result);

/** Signals that have come are noticed: after a call, or between instructions. */
void zf_record_look(struct zf_task *task, bool after_call);
/** A signal's bit is about to be cleared in zf_task.pending. */
void zf_record_taken(struct zf_task *task, int number);
/** A signal waits for a debugger; repeating: whether it did then. */
void zf_record_hold(struct zf_task *task, int number, bool held);
bool zf_record_was_held(struct zf_task *task, int number);
/** A debugger has said what the program gets in place of `number`; 0: nothing. */
void zf_record_answer(struct zf_task *task, int number, int given);

/** For zf_personality: what a snapshot has of the program. */
void *zf_record_take(void *context);
void zf_record_restore(void *context, const void *state);

#endif
