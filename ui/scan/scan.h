/*
 * Static scan: which machine the code of a file needs, without running it. Code is found from
 * entry points, symbols, unwind tables and calls by following control flow, so that what lies
 * between functions, such as literal pools, is not taken for code. How a function is reached tells
 * whether what it needs is needed: see enum zf_scan_reach.
 */
#ifndef ZFACET_UI_SCAN_SCAN_H
#define ZFACET_UI_SCAN_SCAN_H

#include "zfacet/decode.h"
#include "zfacet/error.h"
#include "zfacet/model.h"

#include <stddef.h>

/* The strongest way from which a function is reached. */
enum zf_scan_reach {
    ZF_SCAN_GUARDED, /* only where a test of facilities, or an ifunc resolver, leads to it */
    ZF_SCAN_POINTER, /* by pointers in data alone, or from nowhere that was found */
    ZF_SCAN_DIRECT,  /* by calls from an entry point or an exported function */
    ZF_SCAN_REACHES
};

const char *zf_scan_reach_name(enum zf_scan_reach reach);

/* What a test of facilities promises to the code behind it: one more than the number of a facility,
 * 0 for nothing. */
enum { ZF_SCAN_UNKNOWN = 255 }; /* it is not known what is tested: taken for what is needed */

/* One of so many functions counts as few. */
enum { ZF_SCAN_FEW = 32 };

/* A row, or one of its forms, that not every machine has. */
struct zf_scan_need {
    uint16_t row, form; /* ZF_SCAN_NO_FORM: the row itself */
    uint8_t machine;    /* the first that has it, as zf_scan_machine_name() counts */
    bool guarded;       /* all of them stand behind a test of facilities that promises it */
    uint8_t promise;    /* the least that tests promise to one of them */
    uint32_t count;
    uint64_t address; /* the first one */
};
enum { ZF_SCAN_NO_FORM = 0xffff };

struct zf_scan_edge {
    uint32_t to; /* of zf_scan_node() */
    bool guarded;
    uint8_t promise; /* where it is guarded */
    bool taken;      /* its address is taken, it is not called */
    bool stored;     /* and that is stored elsewhere than in the frame */
    bool chosen;     /* or a test says whether it is used */
};

/* Addresses, or pages of data: a bit for all that have the same last bits of their numbers. */
enum { ZF_SCAN_MARKS = 4 };
struct zf_scan_marks {
    uint64_t bits[ZF_SCAN_MARKS];
};

struct zf_scan_function {
    uint64_t address, end;
    char *name; /* or NULL */
    bool named_size, exported, entry, resolver, queries, tells, lists, noted;
    bool indirect; /* branches to what it computes */
    bool asks;     /* has branches that depend on facilities, as far as variables are known */
    bool clear;    /* a resolver: it is known of all that it tests what that promises */
    bool looked;   /* who asks was looked for, once at least: */
    struct zf_scan_marks touched; /* of data that it refers to */
    struct zf_scan_marks calling; /* whom it calls */
    uint64_t *seen;  /* bitmap of halfwords: instructions that it reaches begin there; or NULL */
    bool called;     /* by others than chosen functions, and not past a test of facilities */
    bool referred;   /* by anyone */
    bool calls_come; /* from anyone */
    bool pointed;    /* its address is in data, or taken, and not past a test of facilities */
    bool chosen;     /* a test of facilities leads to its address, whoever else has that */
    uint8_t listed;  /* what the tests promise that lead to tables with it, the least; or 0 */
    uint32_t rival;  /* one more than the function that is chosen in its place, or 0 */
    bool dispatched; /* reached by pointers that are chosen by facilities, and not called */
    enum zf_scan_reach reach;
    uint8_t promise;         /* of the tests that lead to a guarded function, the least */
    uint8_t machine;         /* what its unguarded code needs */
    uint8_t guarded_machine; /* what all of it needs */
    uint8_t deep_machine;    /* as `machine`, with all that it calls; where there is a resolver */
    unsigned insns;
    struct zf_scan_need *needs;
    unsigned need_count;
    struct zf_scan_edge *edges;
    unsigned edge_count;
};

struct zf_scan_section {
    uint64_t address;
    const char *name;
    const uint8_t *bytes; /* NULL: .bss */
    size_t size;
    bool code, writable;
    bool own; /* the bytes are freed with the file */
};

/* A pointer that is in the file, or that the loader makes. */
struct zf_scan_pointer {
    uint64_t place, value;
    const char *symbol; /* or NULL */
    bool resolver;      /* the value is an ifunc resolver */
};

/* Data that has a name, and a size. */
struct zf_scan_extent {
    uint64_t address, end;
};

/* Addresses, of what its user says. */
struct zf_scan_places {
    uint64_t *list;
    unsigned count;
};

/* Data that code refers to, or that has a name. */
struct zf_scan_ref {
    uint64_t address;
    bool guarded;    /* past a test of facilities */
    uint8_t promise; /* which promises that */
    bool used;       /* also where no test is: not its address alone, to be compared */
};

enum { ZF_SCAN_TELLING = 8 };

/* A file with s390x code. */
struct zf_scan_file {
    void **elves; /* of libelf; the names are theirs */
    unsigned elf_count;
    struct zf_scan_section *sections; /* by address */
    unsigned section_count;
    struct zf_scan_pointer *pointers; /* by place */
    unsigned pointer_count;
    struct zf_scan_ref *refs;
    unsigned ref_count;
    struct zf_scan_places
        data; /* where data begins that code refers to, sorted: tables end there */
    struct zf_scan_extent *extents; /* by address; none reaches into another */
    unsigned extent_count;
    struct zf_scan_function *functions; /* by address */
    unsigned function_count;
    /* Tables of functions, as functions that call all that are in them: however many functions use
     * one, it is there once. */
    struct zf_scan_function *tables;
    unsigned table_count;
    struct zf_scan_table {
        uint64_t place;
        uint32_t table;
    } * table_places; /* of each of them, sorted */
    struct zf_scan_variable {
        uint64_t address, size;
        uint8_t source;         /* enum zf_answer_source */
    } telling[ZF_SCAN_TELLING]; /* those that are known by their names */
    unsigned telling_count;
    bool relocatable, executable, queries, kernel;
    bool go, go_read;      /* it has Go's table of functions, of whatever version; that was read */
    bool out_of_memory;    /* something is missing here, so that it says nothing */
    bool unfinished;       /* some functions were not found, since calls lead too deep */
    uint64_t cpu_features; /* a module of Linux is loaded where these are alone: bit n, number n */
    uint64_t entry, code_bytes, insns;
    uint8_t machine[ZF_SCAN_REACHES];  /* what is needed by functions reached so */
    uint8_t counted;                   /* the same of pointers, without what few need */
    unsigned reached[ZF_SCAN_REACHES]; /* how many functions */
};

/** Reads and scans a linked ELF file for s390x, or an unpacked kernel. Errors: FORMAT, MEMORY. Free
 * in any case. */
enum zf_status zf_scan_elf(const void *bytes, size_t size, struct zf_scan_file *file,
                           struct zf_error *err);
void zf_scan_free(struct zf_scan_file *file);

/** A relocatable file, and where it is in what it becomes a part of. */
struct zf_scan_object {
    const char *name;
    const void *bytes;
    size_t size;
    uint64_t start, end, code_bytes;
    bool damaged;
};

/**
 * Reads and scans objects as one file, linked with one another: what is chosen by facilities in one
 * object may stand in another. Damaged ones are left out, and say so. Errors: MEMORY.
 */
enum zf_status zf_scan_library(struct zf_scan_object *objects, unsigned count,
                               struct zf_scan_file *file, struct zf_error *err);
/** Moves the object's part of it to a file of its own. False: out of memory. */
bool zf_scan_take_part(struct zf_scan_file *library, const struct zf_scan_object *object,
                       struct zf_scan_file *part);

/** Whether these are the first bytes of such a file. */
bool zf_scan_is_elf(const uint8_t *bytes, size_t size);
bool zf_scan_is_relocatable(const uint8_t *bytes, size_t size);

/** Whether these are the first bytes of a boot image of Linux; and what it unpacks: NULL: nothing.
 */
bool zf_scan_is_kernel(const uint8_t *bytes, size_t size);
uint8_t *zf_scan_unpack_kernel(const uint8_t *bytes, size_t size, size_t *unpacked);

/**
 * What is needed whatever a test of facilities says; and what can be used beside. Where a file
 * tests, what few functions need that are reached by pointers alone counts among the latter: they
 * may stand in a table that is filled according to the test.
 */
uint8_t zf_scan_needed(const struct zf_scan_file *file);
uint8_t zf_scan_guarded(const struct zf_scan_file *file);

/** Machines by generation: 0 is what all have; "z900", "z196", ... */
const char *zf_scan_machine_name(unsigned machine);
/** The machine of a model. */
unsigned zf_scan_machine_of(const struct zf_model *model);

/** The facility that a need names first, or -1. */
/** Whether a function needs, unguarded, as much as the file does. */
bool zf_scan_is_top(const struct zf_scan_file *file, const struct zf_scan_function *f);
int zf_scan_facility(const struct zf_scan_need *need);

/* Of the parts of the scan: elf.c and link.c read, flow.c follows code, reach.c follows calls. */
enum zf_status zf_scan_read(const void *bytes, size_t size, struct zf_scan_file *file,
                            struct zf_error *err);
enum zf_status zf_scan_link(struct zf_scan_object *objects, unsigned count,
                            struct zf_scan_file *file, struct zf_error *err);
bool zf_scan_read_image(const void *bytes, size_t size, struct zf_scan_file *file);
void zf_scan_close(struct zf_scan_file *file);
bool zf_scan_add_functions(struct zf_scan_file *file, const struct zf_scan_places *starts);
bool zf_scan_add_place(struct zf_scan_places *places, uint64_t address);
void zf_scan_sort_places(struct zf_scan_places *places);
bool zf_scan_follow(struct zf_scan_file *file);
bool zf_scan_reach(struct zf_scan_file *file);
void zf_scan_sum_up(struct zf_scan_file *file);
/** Whether it is the name of a variable that tells which facilities there are; and in which way. */
bool zf_scan_tells_by_name(const char *name);
uint8_t zf_scan_source_by_name(const char *name);
void zf_scan_find_dispatched(struct zf_scan_file *file); /* dispatch.c */
bool zf_scan_add_ref(struct zf_scan_file *file, const struct zf_scan_ref *ref);
/** Of extents of data: adds one; sorts them, so that one in another is left out; finds the one with
 * a place, or NULL. */
bool zf_scan_add_extent(struct zf_scan_file *file, uint64_t address, uint64_t size);
void zf_scan_settle_extents(struct zf_scan_file *file);
const struct zf_scan_extent *zf_scan_data_at(const struct zf_scan_file *file, uint64_t place);

/** Room for one more element of `size` bytes, zeroed; NULL without memory. */
void *zf_scan_grow(void *array, unsigned *count, size_t size);
/** How many elements of `size` bytes, each of which begins with the address by which they are
 * sorted, lie up to `address`. */
unsigned zf_scan_up_to(const void *array, unsigned count, size_t size, uint64_t address);
const struct zf_scan_section *zf_scan_section_at(const struct zf_scan_file *file, uint64_t address);
/** The function that begins at `address`; the one that covers it. NULL: none. */
struct zf_scan_function *zf_scan_function_at(const struct zf_scan_file *file, uint64_t address);
struct zf_scan_function *zf_scan_function_of(const struct zf_scan_file *file, uint64_t address);
/** A function, or, behind all of them, a table; and how many there are. */
struct zf_scan_function *zf_scan_node(const struct zf_scan_file *file, uint32_t i);
uint32_t zf_scan_node_count(const struct zf_scan_file *file);
const struct zf_scan_pointer *zf_scan_pointer_at(const struct zf_scan_file *file, uint64_t place);

/** Whether the place is in the global offset table: code loads it that knows what it is. */
bool zf_scan_is_of_code(const struct zf_scan_file *file, uint64_t place);

/** The machine that came first with what is promised; UINT8_MAX: it is not known what that is. */
uint8_t zf_scan_promised_machine(uint8_t promise);
/** Whether what is promised comes with what is needed. */
bool zf_scan_covers(uint8_t promise, const struct zf_scan_need *need);
/** The lesser one of two promises. */
uint8_t zf_scan_lesser_promise(uint8_t a, uint8_t b);
/** Whether the need of a guarded function is more than the tests that lead there promise. */
bool zf_scan_is_beyond(const struct zf_scan_function *f, uint8_t machine);

/** What row and form need. */
uint8_t zf_scan_row_machine(enum zf_row row);
uint8_t zf_scan_form_machine(unsigned form);

#endif
