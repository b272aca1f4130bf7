/*
 * What the files of machine/ share beyond the public headers.
 */
#ifndef ZF_MACHINE_STATE_H
#define ZF_MACHINE_STATE_H

#include "zfacet/machine.h"

/* interrupt.c */
/** Looks at timers and pending interruptions; takes the one of highest priority that is enabled. */
void zf_interrupt_poll(struct zf_cpu *cpu);
/** The program interruption of cpu->pgm; the PSW is as it is to be stored. */
void zf_interrupt_program(struct zf_cpu *cpu);
void zf_interrupt_svc(struct zf_cpu *cpu, uint8_t code, unsigned ilc);
/** Whether the condition leaves the PSW at the instruction (nullification). */
bool zf_pgm_nullifies(uint16_t code);
/** In the wait state: sleeps until something can happen; ends the machine when nothing ever will.
 */
void zf_interrupt_wait(struct zf_cpu *cpu);

/* thread.c */
/** Around a run, by the thread that executes the first CPU: all others run, too. */
void zf_machine_begin_run(struct zf_machine *machine);
void zf_machine_end_run(struct zf_machine *machine);
/** The same where turns are given: the caller executes all CPUs. */
void zf_machine_begin_given(struct zf_machine *machine);
/**
 * A CPU that is not in the operating state, or in a disabled wait: sleeps until that changes, or
 * the machine stops. When no other CPU is active, it ends the machine.
 */
void zf_cpu_stand_still(struct zf_cpu *cpu);
/** Another CPU executes alone: waits until the machine stops. */
void zf_cpu_stand_by(struct zf_cpu *cpu);
/** Whether its PSW is a wait that no interruption can end. */
bool zf_cpu_waits_disabled(const struct zf_cpu *cpu);
/** With the lock: whether any CPU operates, and will not wait for ever. */
bool zf_machine_is_active(const struct zf_machine *machine);
/** Between two blocks: does what was ordered. */
void zf_cpu_obey(struct zf_cpu *cpu);

/* transaction.c */
/** In a transaction: the program condition aborts it. The PSW is as it would be stored, and is
 * where to go on when this is false: no interruption then. */
bool zf_transaction_condition(struct zf_cpu *cpu);
/**
 * Between two blocks: from a transaction's begin to its end the CPU is alone, for a time slice at
 * most.
 */
void zf_transaction_settle(struct zf_cpu *cpu, int32_t slice);
/** The CPU ceases to execute. */
void zf_transaction_leave(struct zf_cpu *cpu);

/* machine.c */
/** Room for a CPU, all zero; NULL: out of memory. */
struct zf_cpu *zf_cpu_allocate(const struct zf_machine *machine);
/** How many instructions a CPU may execute. */
int64_t zf_machine_insns_limit(const struct zf_machine *machine);
/** What the user interface may have changed since the last run counts for blocks made from now on.
 */
void zf_machine_prepare(struct zf_machine *machine);

#endif
