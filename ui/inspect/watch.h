/*
 * A guest that is watched: its control's own thread executes it, and whoever looks gets copies that
 * were taken between blocks. The engine does no more for it than stop at the end of a time slice
 * some ten times a second.
 */
#ifndef ZFACET_INSPECT_WATCH_H
#define ZFACET_INSPECT_WATCH_H

#include "zfacet/control.h"
#include "zfacet/register.h"
#include "zfacet/report.h"
#include "zfacet/symbol.h"

enum {
    ZF_WATCH_CODE = 48,
    ZF_WATCH_LINES = 64,
    ZF_WATCH_REGISTERS = 16,
    ZF_WATCH_CONSOLE = 8192,
    ZF_WATCH_BLOCKS = 256,
    ZF_WATCH_OPS = 64,
    ZF_WATCH_SLOTS = 120,
    ZF_WATCH_FINDINGS = 64,
    ZF_WATCH_NEEDS = 6,
    ZF_WATCH_CPUS = 64,
    ZF_WATCH_BREAKPOINTS = 32,
    ZF_WATCH_LINE = 16, /* bytes of storage */
    ZF_WATCH_HEAT = 10
};

enum zf_watch_state { ZF_WATCH_NOTHING, ZF_WATCH_PAUSED, ZF_WATCH_RUNNING, ZF_WATCH_ENDED };

/* How it ended: well, well but with findings, not well, or stopped before it was over. */
enum zf_watch_outcome {
    ZF_WATCH_OPEN,
    ZF_WATCH_GOOD,
    ZF_WATCH_FOUND,
    ZF_WATCH_FAILED,
    ZF_WATCH_CUT_OFF
};

enum zf_watch_cpu_state { ZF_WATCH_CPU_RUNS, ZF_WATCH_CPU_WAITS, ZF_WATCH_CPU_STOPPED };

struct zf_watch_cpu {
    unsigned address;
    enum zf_watch_cpu_state state;
    uint64_t psw_mask, psw_addr;
};

/* Code that was translated: where, how much, and which facilities its instructions need. */
struct zf_watch_block {
    uint64_t pc, end;
    unsigned insns;
    unsigned needs; /* entries of the next two */
    uint8_t facility[ZF_WATCH_NEEDS];
    uint8_t count[ZF_WATCH_NEEDS];
    uint64_t seen;                /* at work: each time while stepping, else in samples */
    uint64_t unit;                /* second that the last of `heat` is of */
    uint16_t heat[ZF_WATCH_HEAT]; /* of `seen`, by seconds, the newest last */
};

/* Where code comes from; empty where that is not known. */
struct zf_watch_place {
    bool asked;
    uint64_t of;       /* this is known of that address */
    char function[64]; /* with the distance from its beginning */
    char line[64];     /* of the source: FILE:LINE */
};

/* A copy of what there is to see. */
struct zf_shot {
    enum zf_watch_state state;
    enum zf_watch_outcome outcome;
    char guest[160], why[300]; /* why it does not run */
    unsigned cpu;              /* of which the following is */
    struct zf_watch_cpu cpus[ZF_WATCH_CPUS];
    unsigned cpu_count;
    uint64_t psw_mask, psw_addr;
    uint64_t registers[ZF_REGISTER_COUNT][ZF_WATCH_REGISTERS]; /* those of at most 8 bytes */
    uint64_t steps;                                            /* single ones so far */
    bool goes_back; /* to each instruction from the first to the last, in instructions executed */
    int64_t at, first, last;
    char no_way_back[200]; /* else why not */
    struct {
        uint64_t address, word;
        unsigned length; /* 0: cannot be fetched */
        struct zf_watch_place place;
    } code[ZF_WATCH_CODE];
    uint64_t code_from; /* address of the first: it stays while the PSW is in sight */
    bool code_known;    /* where some of it comes from */
    int code_at;        /* where in it the PSW is; -1: nowhere */
    uint64_t breakpoints[ZF_WATCH_BREAKPOINTS];
    unsigned breakpoint_count;
    uint64_t watched[ZF_WATCHPOINTS]; /* lines of storage whose changes stop it */
    unsigned watched_count;
    uint64_t look; /* of the first line */
    struct {
        bool there;
        uint8_t bytes[16];
    } storage[ZF_WATCH_LINES];
    char console[ZF_WATCH_CONSOLE];
    size_t console_length;
    struct zf_watch_block blocks[ZF_WATCH_BLOCKS]; /* the most seen first */
    unsigned block_count, blocks_total;
    char ops[ZF_WATCH_OPS][88];
    unsigned op_count;
    /* a tenth of a second each, the newest last: findings, samples of
     * the code at work */
    uint32_t findings_seen[ZF_WATCH_SLOTS], seen[ZF_WATCH_SLOTS];
    struct zf_finding finding[ZF_WATCH_FINDINGS];
    unsigned findings;
    uint64_t findings_total;
};

/* A guest that stands still, and what else belongs to it. */
struct zf_watch_guest {
    struct zf_control *control; /* whose console is the control's, and which nobody executes yet */
    struct zf_machine *machine;
    const struct zf_report *report; /* NULL: there is none */
    const char *no_way_back;        /* why it cannot go back, if it cannot */
    /* What is at an address; NULL: nobody knows. */
    bool (*symbol)(void *context, uint64_t address, struct zf_symbol *symbol);
    void *context;
    void (*close)(void *context); /* destroys all of it */
};

struct zf_watch;

/** Takes over the guest, which is closed with the watch, now if NULL comes back: when memory or
 * threads are short. */
struct zf_watch *zf_watch_open(const struct zf_watch_guest *guest, const char *name);
void zf_watch_close(struct zf_watch *w);

/** To run, pause and step it, and to type. */
struct zf_control *zf_watch_control(struct zf_watch *w);

/**
 * Executes so many instructions, and comes back when that is done, or when the guest waits for
 * something that does not come: for pictures and text.
 */
void zf_watch_advance(struct zf_watch *w, uint64_t insns);

/** From where on storage is copied. */
void zf_watch_look(struct zf_watch *w, uint64_t address);

/** What is copied is that CPU's, and steps are its. False: there is no such CPU. */
bool zf_watch_select(struct zf_watch *w, unsigned cpu);

/** Sets a breakpoint, or clears it if there is one; false: there is no room. */
bool zf_watch_breakpoint(struct zf_watch *w, uint64_t address);

/** The same for changes of the line of storage at `address`. */
bool zf_watch_storage(struct zf_watch *w, uint64_t address);

static inline bool zf_watch_has(const uint64_t *list, unsigned count, uint64_t address) {
    for (unsigned i = 0; i < count; i++) {
        if (list[i] == address) {
            return true;
        }
    }
    return false;
}

static inline bool zf_watch_stops_at(const struct zf_shot *shot, uint64_t address) {
    return zf_watch_has(shot->breakpoints, shot->breakpoint_count, address);
}

/** The newest copy; asks a running guest for the next. The copy stays until the next call. */
const struct zf_shot *zf_watch_shot(struct zf_watch *w);

#endif
