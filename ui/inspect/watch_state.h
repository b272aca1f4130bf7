/*
 * What the files of the watch share: its state, by whose it is.
 */
#ifndef ZFACET_INSPECT_WATCH_STATE_H
#define ZFACET_INSPECT_WATCH_STATE_H

#include "inspect/watch.h"

#include <pthread.h>
#include <sys/stat.h>

enum {
    ZF_WATCH_SLOT_MS = 100,
    ZF_WATCH_KEPT = 4096, /* blocks; a power of two */
    ZF_WATCH_WISHES = 64,
    ZF_WATCH_INPUT = 1024
};

struct zf_wish {
    enum zf_watch_wish what;
    uint64_t value; /* address, or number of steps */
};

struct zf_ops_of {
    uint64_t pc, end;
    char lines[ZF_WATCH_OPS][88];
    unsigned count;
};

/* A block that was translated. */
struct zf_kept {
    struct zf_watch_block block;
    unsigned number; /* grows with each that is new; 0: free */
};

struct zf_watch {
    struct zf_watch_guest guest;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    bool quit, wants_shot;
    struct zf_wish queue[ZF_WATCH_WISHES]; /* not yet begun, the oldest first */
    unsigned queued;
    uint64_t asked, served; /* wishes so far; served: done or dropped */
    uint64_t look;
    struct zf_shot published;
    bool fresh;
    char input[ZF_WATCH_INPUT]; /* for the guest's console */
    size_t input_length;
    /* of the thread that looks */
    struct zf_shot shown;
    uint64_t asked_ms;
    /* of the engine's thread */
    struct zf_shot now;
    bool stepping; /* translated code counts its instructions */
    struct zf_kept kept[ZF_WATCH_KEPT];
    struct zf_ops_of ops[16];
    unsigned ops_used;
    uint64_t slot;
    unsigned seed;
    uint64_t target; /* of a run that stops there, else ZF_WATCH_NOWHERE */
    bool depart;     /* it begins there, and is to come back */
    bool arrived;    /* it is there */
    bool (*translate)(void *context, struct zf_block *block);
    void (*found)(void *context, struct zf_cpu *cpu, const struct zf_finding *finding);
    void *found_context;
    struct zf_personality
        personality;       /* of a Linux program, which goes on behind the watch's own */
    struct stat stream[3]; /* what the standard streams were */
};

/* Odd: no instruction is there. */
#define ZF_WATCH_NOWHERE UINT64_C(1)

uint64_t zf_watch_now_ms(void);

/** The slot of the present; the strips move on to it. */
unsigned zf_watch_slot(struct zf_watch *watch);

/** Publishes a copy. With the lock held, by the engine's thread, between blocks. */
void zf_watch_publish(struct zf_watch *watch);

/** Reads guest storage without leaving a trace in the guest, and without a fault. */
bool zf_watch_peek(struct zf_machine *machine, uint64_t address, void *bytes, size_t size);

/** The same of an instruction. */
bool zf_watch_fetch(struct zf_machine *machine, uint64_t address, uint64_t *word, unsigned *length);

/** For struct zf_frontend; the context is the watch. */
bool zf_watch_translate(void *context, struct zf_block *block);

/** The block at `address` is at work. Told now and then at speed, always while stepping. */
void zf_watch_count(struct zf_watch *watch, uint64_t address);

/** From now on a run stops at `target`; ZF_WATCH_NOWHERE: it does not. */
void zf_watch_aim(struct zf_watch *watch, uint64_t target);

/** Copies the blocks that were seen most, then the newest. */
void zf_watch_copy_blocks(struct zf_watch *watch);

/** Takes over the guest's console, or the standard streams of a Linux program. */
void zf_watch_attach_console(struct zf_watch *watch);

#endif
