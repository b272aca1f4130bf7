/*
 * The processes of a job's guest. They are a session of their own, which no signal of the guest's
 * to its process group leaves, and all of them have a pipe open, so that the end of the last one
 * is seen, whoever its parent is by then.
 */
#ifndef ZFACET_UI_CHECK_PROCESSES_H
#define ZFACET_UI_CHECK_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { ZF_KEEPER_JOBS = 256 };

/* A process of ours that kills those of all jobs when we are gone, even by SIGKILL. */
struct zf_keeper {
    pid_t pid;       /* 0: it could not be started */
    int life;        /* ends with us */
    uint64_t *pipes; /* of the jobs that run, by the numbers of their inodes; it has them, too */
};

/** Starts it; false: errno says why not. */
bool zf_keeper_start(struct zf_keeper *keeper);
void zf_keeper_end(struct zf_keeper *keeper);

/** As fork(); in the parent, `alive` gets the end of the pipe that tells. */
pid_t zf_processes_fork(const struct zf_keeper *keeper, int *alive);
/** All have ended and `alive` is not looked at again: closes it. */
void zf_processes_forget(const struct zf_keeper *keeper, int alive);
/** A file of ours, at another number than the one that the processes hold: -1 is passed on. */
int zf_processes_move(int fd);
/** In the process: closes what another program would not get, such as a journal, but for `own`. */
void zf_processes_close_others(const int *own, unsigned count);
/** Whether all have ended. */
bool zf_processes_ended(int alive);
/** Kills all of them, of which `leader` may have been reaped (0). */
void zf_processes_kill(pid_t leader, int alive);

#endif
