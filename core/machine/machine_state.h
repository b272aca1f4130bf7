/*
 * What the files of core/ share about a machine beyond the public headers.
 */
#ifndef ZF_MACHINE_STATE_H
#define ZF_MACHINE_STATE_H

#include "zfacet/machine.h"

/* linear.c */
enum zf_status zf_linear_create(struct zf_machine *machine, struct zf_error *err);
void zf_linear_destroy(struct zf_machine *machine);
/** Around every run of a linear machine: host access faults of this thread are this CPU's. */
void zf_linear_enter(struct zf_cpu *cpu);
void zf_linear_leave(void);
/** The page has translated code from now on: a store to it must be noticed. */
void zf_linear_code_page(struct zf_machine *machine, uint64_t page);

/* storage.c */
enum zf_status zf_storage_create(struct zf_machine *machine, uint64_t size, struct zf_error *err);
void zf_storage_destroy(struct zf_machine *machine);

/** All zero, storage and keys. */
void zf_storage_clear(struct zf_machine *machine);

/* interrupt.c */
/** Looks at timers and pending interruptions; takes the one of highest priority that is enabled. */
void zf_interrupt_poll(struct zf_cpu *cpu);
/** The program interruption of cpu->pgm; the PSW is as it is to be stored. */
void zf_interrupt_program(struct zf_cpu *cpu);
void zf_interrupt_svc(struct zf_cpu *cpu, uint8_t code, unsigned ilc);
/** Whether the condition leaves the PSW at the instruction (nullification). */
bool zf_pgm_nullifies(uint16_t code);
/** In the wait state: sleeps until something can happen; false when nothing ever will. */
bool zf_interrupt_wait(struct zf_cpu *cpu);

/* devices/devices.c */
enum zf_status zf_devices_create(struct zf_machine *machine, struct zf_error *err);
void zf_devices_destroy(struct zf_machine *machine);

/** As they were created, but for the console's connection. */
void zf_devices_reset(struct zf_machine *machine);
/** Looks for console input. */
void zf_devices_poll(struct zf_machine *machine);
/** Sleeps, at most `ns` nanoseconds; false when no input can come that is wanted. */
bool zf_devices_wait(struct zf_machine *machine, uint64_t ns, bool input_wanted);

#endif
