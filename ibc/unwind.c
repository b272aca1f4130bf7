/*
 * Who called whom: libdw follows the unwind tables (.eh_frame) of the images; code without them is
 * followed by the back chain that programs keep when they are compiled for it.
 */
#include "symbol_state.h"

#include <string.h>

enum { GENERAL_REGISTERS = 16, SP = 15, RETURN_SLOT = 112, A_THREAD = 1 };

static pid_t next_thread(Dwfl *dwfl, void *context, void **thread) {
    *thread = *thread ? NULL : context;
    return *thread ? A_THREAD : 0;
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *context) {
    const struct zf_symbols *symbols = context;
    uint64_t value;
    if (!symbols->unwind->read(symbols->unwind->context, address, &value)) {
        return false;
    }
    *result = value;
    return true;
}

static bool set_registers(Dwfl_Thread *thread, void *context) {
    const struct zf_symbols *symbols = context;
    Dwarf_Word gr[GENERAL_REGISTERS];
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++) {
        gr[i] = symbols->unwind->gr[i];
    }
    dwfl_thread_state_register_pc(thread, symbols->unwind->address);
    return dwfl_thread_state_registers(thread, 0, GENERAL_REGISTERS, gr);
}

/* Where the frames go while libdw finds them. */
struct frames {
    uint64_t *address;
    unsigned count, limit;
};

static int take_frame(Dwfl_Frame *state, void *context) {
    struct frames *frames = context;
    Dwarf_Addr pc;
    bool activation;
    if (!dwfl_frame_pc(state, &pc, &activation) || !pc) {
        return DWARF_CB_ABORT;
    }
    /* a return address may be the next function's; the call before it is this one's */
    frames->address[frames->count++] = activation ? pc : pc - 1;
    return frames->count < frames->limit ? DWARF_CB_OK : DWARF_CB_ABORT;
}

static bool attach(struct zf_symbols *symbols) {
    static const Dwfl_Thread_Callbacks callbacks = {
        .next_thread = next_thread,
        .memory_read = read_word,
        .set_initial_registers = set_registers,
    };
    zf_symbols_settle(symbols);
    if (!symbols->attached) {
        symbols->attached = dwfl_attach_state(symbols->dwfl, NULL, A_THREAD, &callbacks, symbols);
    }
    return symbols->attached;
}

static unsigned follow_chain(const struct zf_unwind *from, uint64_t *frames, unsigned limit) {
    unsigned count = 0;
    uint64_t sp = from->gr[SP], caller, at;
    frames[count++] = from->address;
    while (count < limit && from->read(from->context, sp, &caller) && caller > sp &&
           from->read(from->context, caller + RETURN_SLOT, &at) && at) {
        frames[count++] = at - 1;
        sp = caller;
    }
    return count;
}

unsigned zf_symbols_unwind(struct zf_symbols *symbols, const struct zf_unwind *from,
                           uint64_t *frames, unsigned limit) {
    struct frames found = {frames, 0, limit};
    symbols->unwind = from;
    if (attach(symbols)) {
        dwfl_getthread_frames(symbols->dwfl, A_THREAD, take_frame, &found);
    }
    symbols->unwind = NULL;
    return found.count > 1 ? found.count : follow_chain(from, frames, limit);
}

/* Frames until `back`; whether the last one was the thread's first. */
struct search {
    const struct zf_unwind_begin *begin;
    uint64_t back;
    unsigned count;
    bool is_first;
};

/* Where the walk ends, which is not the beginning where it only finds no caller: a coroutine has
 * none, either, nor has who clears the register that it returns by. A thread's first function is
 * short, and its frame small: that of a signal's handler has no room above. */
static bool is_first(const struct zf_unwind_begin *begin, uint64_t pc, uint64_t sp) {
    enum { CODE = 128, ROOM = 512 };
    return pc - begin->address <= CODE && begin->stack - sp <= ROOM;
}

static int look_for_back(Dwfl_Frame *state, void *context) {
    enum { DEEP = 4096 };
    struct search *search = context;
    Dwarf_Addr pc;
    Dwarf_Word sp;
    if (!dwfl_frame_pc(state, &pc, NULL) || dwfl_frame_reg(state, SP, &sp) != 0 ||
        pc == search->back || search->count++ >= DEEP) {
        return DWARF_CB_ABORT;
    }
    search->is_first = is_first(search->begin, pc, sp);
    return DWARF_CB_OK;
}

bool zf_symbols_reach_begin(struct zf_symbols *symbols, const struct zf_unwind *from,
                            const struct zf_unwind_begin *begin, uint64_t back) {
    struct search search = {.begin = begin, .back = back};
    symbols->unwind = from;
    bool whole = attach(symbols) &&
                 dwfl_getthread_frames(symbols->dwfl, A_THREAD, look_for_back, &search) == 0;
    symbols->unwind = NULL;
    return whole && search.is_first;
}
