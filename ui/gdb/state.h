/*
 * What the files of the GDB server share.
 */
#ifndef ZFACET_GDB_STATE_H
#define ZFACET_GDB_STATE_H

#include "gdb/gdb.h"
#include "gdb/packet.h"

#include "zfacet/register.h"

#include <pthread.h>

enum { ZF_GDB_REGISTERS = 160, ZF_GDB_FILES = 16, ZF_GDB_MEMORY = ZF_GDB_PACKET_SIZE / 2 - 64 };

/* What a register of GDB's is here. */
enum zf_gdb_register_kind {
    ZF_GDB_PSW_MASK,
    ZF_GDB_PSW_ADDRESS,
    ZF_GDB_ROW,   /* register `n` of row `id` */
    ZF_GDB_RIGHT, /* the right half of it */
    ZF_GDB_CPU_TIMER,
    ZF_GDB_TOD, /* cannot be set */
};

struct zf_gdb_register {
    enum zf_gdb_register_kind kind;
    enum zf_register id;
    unsigned n, bytes;
    const char *feature, *type;
    char name[16];
};

struct zf_gdb_file {
    bool open;
    int fd;
};

struct zf_gdb_watchpoint {
    enum zf_watch_kind kind;
    uint64_t address, size;
};

struct zf_gdb {
    struct zf_gdb_config config;
    pthread_t thread;
    int owner;            /* the process that serves; not a guest that was forked */
    int listener, client; /* -1: none */
    int halted, finished; /* eventfds: the machine stands still; nobody else comes */
    bool is_unix, serving;
    char path[108];     /* of a socket that is to be removed */
    bool acks, running; /* the client waits for a halt */
    bool shown;         /* the end of a failed guest was told as a halt */
    bool processes;     /* threads are named with their process, for "info proc" */
    bool leaves;        /* the client, after this answer */
    bool extended;      /* it may have the guest begin anew, */
    bool killed;        /* which it has not yet */
    bool exited;        /* its end was told: there is no thread */
    unsigned cpu;       /* that registers and storage are of */
    unsigned told;      /* the one of which a halt was told last */
    struct {
        uint64_t address;
        bool hardware; /* as the client calls it */
    } breakpoints[ZF_BREAKPOINTS];
    unsigned breakpoint_count;
    struct zf_gdb_watchpoint watchpoints[ZF_WATCHPOINTS];
    unsigned watchpoint_count;
    struct zf_gdb_register registers[ZF_GDB_REGISTERS];
    unsigned register_count;
    struct zf_gdb_file files[ZF_GDB_FILES];
    struct zf_gdb_input input;
    struct zf_gdb_reply reply;
};

/* registers.c */

/** Lists the registers of the machine. */
void zf_gdb_list_registers(struct zf_gdb *gdb);
/** Answers g, G, p, P; arguments follow the letter. */
void zf_gdb_get_all(struct zf_gdb *gdb, const char *arguments, size_t length);
void zf_gdb_set_all(struct zf_gdb *gdb, const char *arguments, size_t length);
void zf_gdb_get_one(struct zf_gdb *gdb, const char *arguments, size_t length);
void zf_gdb_set_one(struct zf_gdb *gdb, const char *arguments, size_t length);
/** The target description; to be freed; NULL when memory is short. */
char *zf_gdb_describe(const struct zf_gdb *gdb);

/* resume.c: what makes the machine run, and what is told when it stands still */
void zf_gdb_continue(struct zf_gdb *gdb, const char *arguments, size_t length);
void zf_gdb_step(struct zf_gdb *gdb, const char *arguments, size_t length);
void zf_gdb_resume(struct zf_gdb *gdb, const char *arguments, size_t length); /* vCont;... */
void zf_gdb_step_back(struct zf_gdb *gdb, const char *arguments, size_t length);
void zf_gdb_continue_back(struct zf_gdb *gdb, const char *arguments, size_t length);
/** Whether there is a halt to tell: fills the reply. */
bool zf_gdb_take_halt(struct zf_gdb *gdb);
void zf_gdb_last_halt(struct zf_gdb *gdb, const char *arguments, size_t length);
/** Has the machine stand still for a client that comes; lets it go on without one. */
void zf_gdb_arrive(struct zf_gdb *gdb);
void zf_gdb_leave(struct zf_gdb *gdb);
void zf_gdb_set_breakpoint(struct zf_gdb *gdb, const char *arguments, size_t length);
void zf_gdb_clear_breakpoint(struct zf_gdb *gdb, const char *arguments, size_t length);
/** Whether the CPU is a thread for GDB: any, or one that a thread of the program has. */
bool zf_gdb_is_thread(const struct zf_gdb *gdb, const struct zf_cpu *cpu);
/** False: there is no CPU for that thread. */
bool zf_gdb_select(struct zf_gdb *gdb, uint64_t thread);

/* signal.c */
enum { ZF_GDB_SIGNAL_ABRT = 6 };
/** GDB's number of one of Linux's. */
unsigned zf_gdb_signal(int number);
void zf_gdb_pass_signals(struct zf_gdb *g, const char *at, size_t length);
/** What becomes of a signal that was told of, as one action says. */
void zf_gdb_answer_signal(struct zf_gdb *gdb, const char *action);

/* transfer.c: qXfer:... */
void zf_gdb_transfer(struct zf_gdb *gdb, const char *arguments, size_t length);

/* file.c: vFile:... */
void zf_gdb_file(struct zf_gdb *gdb, const char *arguments, size_t length);
void zf_gdb_close_files(struct zf_gdb *gdb);

/* command.c */

/** Answers a packet into gdb->reply. */
void zf_gdb_command(struct zf_gdb *gdb, const char *text, size_t length);

/** The thread of a CPU, as GDB calls it; skips the process of such a name. */
void zf_gdb_add_thread(struct zf_gdb *gdb, unsigned cpu);
void zf_gdb_skip_process(const char **at);

/** "E" with an error number of the protocol's. */
void zf_gdb_fail(struct zf_gdb *gdb, unsigned number);
void zf_gdb_ok(struct zf_gdb *gdb);
/** False: nobody can change the guest now, as the reply says. */
bool zf_gdb_can_change(struct zf_gdb *gdb);

/* server.c */

/** Has GDB, which waits for a halt, print a text. */
void zf_gdb_say(struct zf_gdb *gdb, const char *text);

/** A new file of this server's, or -1, out of a Linux program's way; its number from now on. */
int zf_gdb_keep_file(const struct zf_gdb *gdb, int fd);
/** It is closed. */
void zf_gdb_drop_file(const struct zf_gdb *gdb, int fd);

/* place.c */

/** A socket that listens at `place`, or -1 with `err` filled. */
int zf_gdb_listen(struct zf_gdb *gdb, const char *place, struct zf_error *err);

#endif
