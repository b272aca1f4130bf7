/*
 * Two runs of a Linux program in lockstep, each in a process of its own. The first one leads: it
 * sends what it executes, and what its system calls and clocks gave it. The other one follows: it
 * gets the same from them, compares, and says where its control flow is another one first.
 */
#ifndef ZFACET_UI_LOCKSTEP_H
#define ZFACET_UI_LOCKSTEP_H

#include <stdbool.h>

/* What the leader's file ends with once all is there. */
enum { ZF_LOCKSTEP_COMPLETE = 'E' };

struct zf_lockstep;
struct zf_linux_log;
struct zf_machine_config;
struct zf_run;

/**
 * `fd` is one end of a socket, or a file: what the leader writes there, a follower reads later. The
 * follower writes what it has found to `result`, as JSON. NULL: out of memory. It lives as long as
 * the process.
 */
struct zf_lockstep *zf_lockstep_create(int fd, int result, bool leads);

/** The run has ended. A follower reports, if it has not yet, and its process ends. */
void zf_lockstep_finish(struct zf_lockstep *lockstep);

/* For the run: before its machine is made; what its program's system calls are told to. */
void zf_lockstep_open(struct zf_lockstep *lockstep, struct zf_run *run,
                      struct zf_machine_config *config);
const struct zf_linux_log *zf_lockstep_log(const struct zf_lockstep *lockstep);

#endif
