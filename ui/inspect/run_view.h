/*
 * The parts of the view `run`: each draws itself into a box, from a copy of the guest.
 */
#ifndef ZFACET_INSPECT_RUN_VIEW_H
#define ZFACET_INSPECT_RUN_VIEW_H

#include "inspect/inspector.h"

struct zf_run_view {
    struct zf_inspector *in;
    struct zf_gui *gui;
    const struct zf_shot *shot;
    const struct zf_gate *gate;
};

void zf_run_code(struct zf_run_view *v, struct zf_box box);
void zf_run_findings(struct zf_run_view *v, struct zf_box box);
void zf_run_console(struct zf_run_view *v, struct zf_box box);

/** Where it is in its time, and a way back. */
void zf_run_time(struct zf_run_view *v, struct zf_box box);

void zf_run_registers(struct zf_run_view *v, struct zf_box box);
/** In percent of `box`: the height at which all registers are in sight. */
int zf_run_registers_share(const struct zf_gui *gui, struct zf_box box);

void zf_run_storage(struct zf_run_view *v, struct zf_box box);
void zf_run_blocks(struct zf_run_view *v, struct zf_box box);
void zf_run_ops(struct zf_run_view *v, struct zf_box box);
void zf_run_cpus(struct zf_run_view *v, struct zf_box box);

/** What was at work and found in the last seconds; none on paper. */
void zf_run_strips(struct zf_run_view *v, struct zf_box box);

/** Instead of all that, while no guest is there: which one? */
void zf_run_choose(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box);

#endif
