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
/** In the wait state: sleeps until something can happen; false when nothing ever will. */
bool zf_interrupt_wait(struct zf_cpu *cpu);

#endif
