/*
 * What both sides of zfacet diverge do at each instruction and each system call. The stream has a
 * letter and what belongs to it: an instruction that is about to be executed, with the registers
 * that have changed since the last one; what a query or a clock stored; a system call's result and
 * all that it stored; and that the run has ended.
 */
#include "run/lockstep.h"

#include "run/lockstep_calls.h"
#include "run/lockstep_files.h"
#include "run/lockstep_stream.h"
#include "run/lockstep_written.h"
#include "run/part.h"
#include "text/common.h"
#include "zfacet/linear.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NEXT = 10, RANGES = 64, QUERY_BYTES = 256, GRS = 16, MAX_THREADS = 256 };

struct step {
    uint64_t address, word;
};

/* Of a register that is not the same on both sides: since which instruction. */
struct difference {
    bool differs;
    struct step since;
};

/* Of a thread of the program's. */
struct thread {
    uint64_t gr[GRS]; /* the leader's */
    struct step now;  /* what is executed */
    /* what that stores that is not the program's own */
    enum zf_lockstep_tag stores;
    uint64_t stored_at, stored;
    /* the call that is made */
    struct {
        uint64_t address, length;
    } range[RANGES];
    unsigned ranges;
    int64_t recorded; /* its result */
    bool made;        /* by the follower, too */
    bool unrecorded;  /* each side's result is its own */
    bool makes_thread;
    /* it reads such a file: by which name, where to, and what the leader got */
    const char *file;
    uint64_t read_to, leaders_hash;
    uint64_t written; /* sum of the bytes that a call writes */
    struct difference register_[GRS];
};

struct zf_lockstep {
    struct zf_run_stream stream;
    struct zf_linux_log log;
    struct zf_run *run;
    int result; /* where the follower writes what it found */
    bool leads, off;
    bool complete;            /* the leader's run has ended */
    int32_t signal;           /* that the leader alone has got, or 0 */
    int64_t leader;           /* its process number */
    uint64_t count;           /* instructions, the same on both sides */
    const struct zf_cpu *cpu; /* which executes or calls: the CPUs take turns */
    uint32_t number;          /* its number, the same on both sides */
    struct thread *t;         /* its thread */
    struct thread *thread[MAX_THREADS];
    struct {
        int64_t leaders, own;
    } id[MAX_THREADS]; /* of threads that were made */
    unsigned ids;
    struct zf_lockstep_files files;
    unsigned processes; /* that were made, and are not compared */
    /* the follower's findings */
    json_t *queries;
    bool diverged;
    const char *differs; /* of a call, or NULL */
    json_t *registers;   /* that differed then */
    unsigned own_steps, leader_steps;
    struct step own[NEXT], leaders[NEXT];
};

/* The thread number `number`; too many are not compared. */
static struct thread *thread_at(struct zf_lockstep *l, uint32_t number) {

    number %= MAX_THREADS;
    if (!l->thread[number]) {
        l->thread[number] = calloc(1, sizeof *l->thread[number]);
    }
    ZF_ASSERT(l->thread[number]);
    return l->thread[number];
}

/* From now on it is about this CPU. */
static void turn_to(struct zf_lockstep *l, const struct zf_cpu *cpu) {
    l->cpu = cpu;
    l->number = (uint32_t)cpu->turn.number;
    l->t = thread_at(l, l->number);
}

static uint8_t *storage_at(const struct zf_lockstep *l, uint64_t address, uint64_t length) {
    struct zf_storage *storage = &l->run->machine->storage;
    return zf_linear_allows(storage, address, length, ZF_PROT_READ) ? storage->ram + address : NULL;
}

/* Places as text, for whoever reads the result. */
static json_t *place_json(struct zf_lockstep *l, const struct step *step) {
    struct zf_insn insn;
    struct zf_symbol symbol = {0};
    char text[96], address[24];
    zf_decode(step->word, &insn);
    zf_disasm(&insn, step->address, text, sizeof text);
    char *tab = strchr(text, '\t');
    if (tab) {
        *tab = ' ';
    }
    snprintf(address, sizeof address, "0x%" PRIx64, step->address);
    json_t *place = json_pack("{s:s, s:s}", "address", address, "text", text);
    if (l->run->symbols && zf_symbols_find(l->run->symbols, step->address, &symbol)) {
        json_object_set_new(place, "image", zf_json_text(symbol.image));
        json_object_set_new(place, "symbol", zf_json_text(symbol.function));
        json_object_set_new(place, "offset", json_integer((json_int_t)symbol.offset));
        if (symbol.file[0]) {
            json_object_set_new(place, "file", zf_json_text(symbol.file));
            json_object_set_new(place, "line", json_integer(symbol.line));
        }
    }
    return place;
}

static json_t *steps_json(struct zf_lockstep *l, const struct step *steps, unsigned count) {
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++) {
        json_array_append_new(list, place_json(l, &steps[i]));
    }
    return list;
}

static json_t *hex(uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    return json_string(text);
}

static json_t *registers_json(struct zf_lockstep *l) {
    const struct zf_cpu *cpu = l->cpu;
    json_t *list = json_array();
    zf_run_follow_program(l->run);
    for (unsigned r = 0; r < GRS; r++) {
        if (l->t->register_[r].differs) {
            json_array_append_new(list,
                                  json_pack("{s:i, s:o, s:o, s:o}", "register", (int)r, "first",
                                            hex(l->t->gr[r]), "second", hex(cpu->gr[r]), "since",
                                            place_json(l, &l->t->register_[r].since)));
        }
    }
    return list;
}

/* Says what was found, and ends the follower. */
static _Noreturn void report(struct zf_lockstep *l, json_t *registers) {
    zf_run_follow_program(l->run);
    bool cut = l->stream.file && l->stream.ended && !l->complete;
    json_t *value =
        json_pack("{s:b, s:b, s:i, s:I, s:i, s:o, s:o}", "diverged", l->diverged, "cut", cut,
                  "signal", (int)l->signal, "instructions", (json_int_t)l->count, "processes",
                  (int)l->processes, "queries", json_incref(l->queries), "registers", registers);
    if (l->diverged) {
        json_object_set_new(value, "last", place_json(l, &l->t->now));
        json_object_set_new(value, "first", steps_json(l, l->leaders, l->leader_steps));
        json_object_set_new(value, "second", steps_json(l, l->own, l->own_steps));
        json_object_set_new(value, "differs", json_string(l->differs ? l->differs : ""));
    }
    json_dumpfd(value, l->result, JSON_COMPACT);
    _exit(0);
}

static void begin(struct zf_lockstep *l, const struct zf_cpu *cpu) {
    l->t->stores = zf_lockstep_stores(cpu, l->t->now.word, &l->t->stored_at, &l->t->stored);
    l->t->stored = l->t->stored < QUERY_BYTES ? l->t->stored : QUERY_BYTES;
}

/* The bits of a query that only one side has, as numbers. */
static json_t *bits_json(const uint8_t *a, const uint8_t *b, uint64_t size) {
    json_t *bits = json_array();
    for (unsigned bit = 0; bit < 8 * size; bit++) {
        if ((a[bit / 8] ^ b[bit / 8]) & 0x80 >> bit % 8) {
            json_array_append_new(bits, json_integer(bit));
        }
    }
    return bits;
}

/* An answer that is not the leader's; its bits, or NULL, and where it comes from, or NULL. */
static void note_query(struct zf_lockstep *l, json_t *bits, const char *file) {
    zf_run_follow_program(l->run);
    json_t *query = place_json(l, &l->t->now);
    json_object_set_new(query, "instruction", json_integer((json_int_t)l->count));
    json_object_set_new(query, "bits", bits);
    if (file) {
        json_object_set_new(query, "read", json_string(file));
    }
    json_array_append_new(l->queries, query);
}

static void compare_query(struct zf_lockstep *l, const uint8_t *leaders, const uint8_t *own) {
    if (memcmp(leaders, own, l->t->stored) != 0) {
        note_query(l, bits_json(leaders, own, l->t->stored), NULL);
    }
}

static enum zf_lockstep_tag next_tag(struct zf_lockstep *l) {
    uint8_t tag = 0;
    bool there = !l->complete && zf_run_get(&l->stream, &tag, 1);
    l->complete |= there && tag == COMPLETE;
    return there ? (enum zf_lockstep_tag)tag : ENDED;
}

/* The instruction is complete. */
static void settle(struct zf_lockstep *l) {
    uint8_t leaders[QUERY_BYTES];
    uint8_t *own = l->t->stores ? storage_at(l, l->t->stored_at, l->t->stored) : NULL;
    uint8_t tag = (uint8_t)l->t->stores;
    if (own && l->leads) {
        zf_run_put(&l->stream, &tag, 1);
        zf_run_put(&l->stream, own, l->t->stored);
    } else if (own && next_tag(l) == l->t->stores &&
               zf_run_get(&l->stream, leaders, l->t->stored)) {
        if (l->t->stores == CLOCK) {
            memcpy(own, leaders, l->t->stored);
        } else {
            compare_query(l, leaders, own);
        }
    }
    l->t->stores = ENDED;
}

static void send_insn(struct zf_lockstep *l, const struct zf_cpu *cpu, const struct step *step) {
    uint8_t tag = STEP, changed[GRS], changes = 0;
    for (unsigned r = 0; r < GRS; r++) {
        if (cpu->gr[r] != l->t->gr[r]) {
            changed[changes++] = (uint8_t)r;
        }
    }
    zf_run_put(&l->stream, &tag, 1);
    zf_run_put(&l->stream, &l->number, sizeof l->number);
    zf_run_put(&l->stream, step, sizeof *step);
    zf_run_put(&l->stream, &changes, 1);
    for (unsigned i = 0; i < changes; i++) {
        zf_run_put(&l->stream, &changed[i], 1);
        zf_run_put(&l->stream, &cpu->gr[changed[i]], 8);
    }
    memcpy(l->t->gr, cpu->gr, sizeof l->t->gr);
    if (l->stream.ended) {
        _exit(0); /* the follower has found what it wanted */
    }
}

/* Also of another thread than this side's. */
static bool get_insn(struct zf_lockstep *l, struct step *step, uint32_t *number) {
    uint8_t changes = 0, r = 0;
    bool there = zf_run_get(&l->stream, number, sizeof *number) &&
                 zf_run_get(&l->stream, step, sizeof *step) && zf_run_get(&l->stream, &changes, 1);
    struct thread *t = thread_at(l, there ? *number : l->number);
    for (; there && changes; changes--) {
        there = zf_run_get(&l->stream, &r, 1) && zf_run_get(&l->stream, &t->gr[r % GRS], 8);
    }
    return there;
}

/* What the leader executes from now on, as far as it says so without a call. */
static void get_leaders(struct zf_lockstep *l) {
    uint64_t before[GRS];
    uint32_t number;
    memcpy(before, l->t->gr, sizeof before);
    while (l->leader_steps < NEXT && next_tag(l) == STEP &&
           get_insn(l, &l->leaders[l->leader_steps], &number)) {
        l->leader_steps++;
    }
    memcpy(l->t->gr, before, sizeof before);
}

static void compare_registers(struct zf_lockstep *l, const struct zf_cpu *cpu) {
    for (unsigned r = 0; r < GRS; r++) {
        bool differs = cpu->gr[r] != l->t->gr[r];
        if (differs && !l->t->register_[r].differs) {
            l->t->register_[r].since = l->t->now;
        }
        l->t->register_[r].differs = differs;
    }
}

static void follow(struct zf_lockstep *l, const struct zf_cpu *cpu, const struct step *step) {
    struct step leaders = {0};
    enum zf_lockstep_tag tag = next_tag(l);
    uint32_t number = l->number;
    bool there = tag == STEP && get_insn(l, &leaders, &number);
    if (tag == SIGNAL && zf_run_get(&l->stream, &l->signal, sizeof l->signal)) {
        report(l, json_array());
    }
    if (there && number == l->number) {
        compare_registers(l, cpu);
    }
    if (!there || number != l->number || leaders.address != step->address) {
        l->diverged = true;
        l->leaders[0] = leaders;
        l->leader_steps = there;
        get_leaders(l);
    }
}

static void note(void *context, struct zf_cpu *cpu, uint64_t address) {
    struct zf_lockstep *l = context;
    struct step step = {.address = address};
    struct zf_pgm pgm = cpu->pgm;
    unsigned length;
    if (l->off) {
        return;
    }
    turn_to(l, cpu);
    zf_fetch(cpu, address, &step.word, &length);
    cpu->pgm = pgm;
    if (!l->diverged) {
        settle(l);
    }
    if (l->leads) {
        send_insn(l, cpu, &step);
    } else if (!l->diverged) {
        follow(l, cpu, &step);
    }
    if (l->diverged) {
        l->own[l->own_steps++] = step;
        if (l->own_steps == 1) {
            l->registers = registers_json(l);
        }
        if (l->own_steps == NEXT) {
            report(l, l->registers);
        }
        return;
    }
    l->count++;
    l->t->now = step;
    begin(l, cpu);
}

/* A signal that the program sends itself goes to this process, not to the leader. */
static void send_to_itself(const struct zf_lockstep *l, uint64_t number, uint64_t *args) {
    unsigned targets = number == KILL || number == TKILL ? 1 : number == TGKILL ? 2 : 0;
    for (unsigned i = 0; i < targets; i++) {
        if ((int64_t)args[i] == l->leader) {
            args[i] = (uint64_t)getpid();
        }
        for (unsigned n = 0; n < l->ids; n++) {
            if ((int64_t)args[i] == l->id[n].leaders) {
                args[i] = (uint64_t)l->id[n].own;
                break;
            }
        }
    }
}

static void get_stores(struct zf_lockstep *l) {
    uint32_t ranges = 0;
    l->t->leaders_hash = 0;
    zf_run_get(&l->stream, &ranges, sizeof ranges);
    for (; ranges && !l->stream.ended; ranges--) {
        uint64_t at, length, here;
        uint8_t part[4096];
        zf_run_get(&l->stream, &at, sizeof at);
        zf_run_get(&l->stream, &length, sizeof length);
        for (; length && !l->stream.ended; length -= here, at += here) {
            here = length < sizeof part ? length : sizeof part;
            zf_run_get(&l->stream, part, here);
            zf_lockstep_add(&l->t->leaders_hash, part, here);
            uint8_t *to = l->t->made && !l->t->makes_thread ? NULL : storage_at(l, at, here);
            if (to) {
                memcpy(zf_linear_writable(&l->run->machine->storage, at, here), part, here);
            }
        }
    }
}

static bool makes_thread(const struct zf_lockstep *l, uint64_t number, const uint64_t *args) {
    enum { CLONE_THREAD = 0x10000 };
    const uint8_t *flags = number == CLONE3 ? storage_at(l, args[0], 8) : NULL;
    return (number == CLONE && args[1] & CLONE_THREAD) || (flags && zf_get64(flags) & CLONE_THREAD);
}

/* The call is not the one that the leader makes. */
static _Noreturn void report_call(struct zf_lockstep *l, const char *differs) {
    l->diverged = true;
    l->differs = differs;
    report(l, registers_json(l));
}

static uint64_t sum_of(const struct zf_lockstep *l, uint64_t address, int64_t length) {
    uint64_t hash = 0;
    const uint8_t *bytes = length > 0 ? storage_at(l, address, (uint64_t)length) : NULL;
    zf_lockstep_add(&hash, bytes, bytes ? (uint64_t)length : 0);
    return hash;
}

/* What the leader got from the same call, which may be another one. */
static void get_call(struct zf_lockstep *l, uint64_t number, const uint64_t *args) {
    uint64_t leaders = 0, written = 0;
    enum zf_lockstep_tag tag = l->diverged ? ENDED : next_tag(l);
    if (tag != CALL) {
        if (!l->diverged && tag == COMPLETE) {
            report_call(l, "which system call is made");
        }
        report(l, l->registers ? l->registers : json_array());
    }
    zf_run_get(&l->stream, &leaders, sizeof leaders);
    zf_run_get(&l->stream, &l->t->recorded, sizeof l->t->recorded);
    if (leaders != number && !l->stream.ended) {
        report_call(l, "which system call is made");
    }
    bool reads = number == READ || number == PREAD;
    l->t->file = reads ? zf_lockstep_file(&l->files, (int)args[0]) : NULL;
    l->t->read_to = args[1];
    l->t->made = zf_lockstep_is_made(number, args) || l->t->makes_thread || l->t->file;
    get_stores(l);
    if (zf_run_get(&l->stream, &written, sizeof written) && written != l->t->written) {
        report_call(l, "what is written");
    }
    l->processes += zf_lockstep_makes(number) && !l->t->makes_thread && l->t->recorded > 0;
}

static const uint8_t *read_storage(void *context, uint64_t address, uint64_t length) {
    return storage_at(context, address, length);
}

static bool before(void *context, uint64_t number, uint64_t *args, int64_t *result) {
    struct zf_lockstep *l = context;
    bool ends = number == EXIT || number == EXIT_GROUP;
    turn_to(l, zf_cpu_current());
    l->t->ranges = 0;
    l->t->unrecorded = zf_lockstep_is_of_turns(number);
    l->t->makes_thread = makes_thread(l, number, args);
    l->t->written =
        zf_lockstep_written(&(struct zf_lockstep_reader){read_storage, l}, number, args);
    if (!l->off && !l->leads && !l->diverged && ends && (args[0] ^ l->t->gr[2]) & UINT8_MAX) {
        report_call(l, "the exit status");
    }
    if (l->off || l->leads || ends || l->t->unrecorded) {
        return true;
    }
    get_call(l, number, args);
    if (number == CLOSE) {
        zf_lockstep_closed(&l->files, (int)args[0]);
    }
    send_to_itself(l, number, args);
    *result = l->t->recorded;
    return l->t->made;
}

/* The result of a call that both have made: descriptors have the leader's numbers. */
static int64_t as_recorded(struct zf_lockstep *l, uint64_t number, int64_t result) {
    bool opens = number == OPEN || number == OPENAT || number == DUP;
    bool opened = l->t->made && opens && result >= 0 && l->t->recorded >= 0;
    if (opened && result != l->t->recorded) {
        dup2((int)result, (int)l->t->recorded);
        close((int)result);
    }
    if (opened) {
        zf_lockstep_opened(&l->files, (int)l->t->recorded);
    }
    return number == MMAP || number == MREMAP || result == ZF_LINUX_NO_RESULT ? result
                                                                              : l->t->recorded;
}

/* What each side has read of its own model. */
static void compare_file(struct zf_lockstep *l, int64_t result) {
    if (result != l->t->recorded || sum_of(l, l->t->read_to, result) != l->t->leaders_hash) {
        note_query(l, json_array(), l->t->file);
    }
}

static void after(void *context, uint64_t number, int64_t *result) {
    struct zf_lockstep *l = context;
    uint8_t tag = CALL;
    uint32_t ranges;
    if (l->off || number == EXIT || number == EXIT_GROUP) {
        return;
    }
    turn_to(l, zf_cpu_current());
    ranges = l->t->ranges;
    if (l->t->unrecorded) {
        return;
    }
    if (!l->leads && l->t->makes_thread && l->ids < MAX_THREADS) {
        l->id[l->ids].leaders = l->t->recorded;
        l->id[l->ids++].own = *result;
    }
    if (!l->leads && l->t->file) {
        compare_file(l, *result);
        return;
    }
    if (!l->leads) {
        *result = as_recorded(l, number, *result);
        return;
    }
    zf_run_put(&l->stream, &tag, 1);
    zf_run_put(&l->stream, &number, sizeof number);
    zf_run_put(&l->stream, result, sizeof *result);
    zf_run_put(&l->stream, &ranges, sizeof ranges);
    for (unsigned i = 0; i < l->t->ranges; i++) {
        static const uint8_t gone[1];
        const uint8_t *bytes = storage_at(l, l->t->range[i].address, l->t->range[i].length);
        uint64_t length = bytes ? l->t->range[i].length : 0;
        zf_run_put(&l->stream, &l->t->range[i].address, 8);
        zf_run_put(&l->stream, &length, 8);
        zf_run_put(&l->stream, bytes ? bytes : gone, length);
    }
    zf_run_put(&l->stream, &l->t->written, sizeof l->t->written);
}

static void stores(void *context, uint64_t address, uint64_t length) {
    struct zf_lockstep *l = context;
    if (l->leads && l->t && l->t->ranges < RANGES) {
        l->t->range[l->t->ranges].address = address;
        l->t->range[l->t->ranges++].length = length;
    }
}

/* One that the program sends itself, both sides get. */
static void on_signal(void *context, int number) {
    struct zf_lockstep *l = context;
    uint8_t tag = SIGNAL;
    int32_t value = number;
    if (!l->off && l->leads) {
        zf_run_put(&l->stream, &tag, 1);
        zf_run_put(&l->stream, &value, sizeof value);
    } else if (!l->off && !l->diverged && next_tag(l) == SIGNAL) {
        zf_run_get(&l->stream, &value, sizeof value);
    }
}

static void forked(void *context) {
    struct zf_lockstep *l = context;
    l->off = true; /* the child is not compared */
}

struct zf_lockstep *zf_lockstep_create(int fd, int result, bool leads) {
    struct zf_lockstep *l = calloc(1, sizeof *l);
    if (l) {
        zf_run_stream_open(&l->stream, fd);
        l->result = result;
        l->leads = leads;
        l->queries = json_array();
        l->log = (struct zf_linux_log){l, before, after, stores, forked, on_signal};
    }
    return l;
}

const struct zf_linux_log *zf_lockstep_log(const struct zf_lockstep *lockstep) {
    return &lockstep->log;
}

void zf_lockstep_open(struct zf_lockstep *l, struct zf_run *run, struct zf_machine_config *config) {
    l->run = run;
    config->trace |= ZF_TRACE_INSN;
    config->trace_insn = note;
    config->trace_insn_context = l;
    if (l->leads) {
        l->leader = getpid();
        zf_run_put(&l->stream, &l->leader, sizeof l->leader);
    } else {
        zf_run_get(&l->stream, &l->leader, sizeof l->leader);
    }
}

void zf_lockstep_finish(struct zf_lockstep *l) {
    if (l->leads) {
        static const uint8_t tag = COMPLETE;
        zf_run_put(&l->stream, &tag, 1);
        zf_run_flush(&l->stream);
        return;
    }
    uint32_t number;
    enum zf_lockstep_tag tag = l->diverged ? ENDED : next_tag(l);
    if (tag == CALL && l->t) {
        report_call(l, "which system call is made");
    }
    if (tag == STEP && get_insn(l, &l->leaders[0], &number)) {
        l->diverged = true; /* the leader goes on */
        l->leader_steps = 1;
        get_leaders(l);
    }
    report(l, l->registers ? l->registers : json_array());
}
