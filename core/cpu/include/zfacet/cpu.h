/*
 * One CPU: registers, PSW, control registers, pending conditions. Values are in host byte order;
 * guest storage is big-endian and reached through zfacet/storage.h only.
 *
 * The engine addresses general registers by byte offset from the start of this structure, so the
 * first members are laid out for it (see the assertions below).
 */
#ifndef ZFACET_CPU_H
#define ZFACET_CPU_H

#include "zfacet/base.h"
#include "zfacet/turn.h"

#include <pthread.h>
#include <setjmp.h>

/* Parts of the rooms above, which this one hands on and never looks into. */
struct zf_cpus;
struct zf_storage;
struct zf_tb_cache;
struct zf_tier;
struct zf_machine;
struct zf_task;
struct zf_transaction;

/* PSW mask bits, in the 64-bit left half of the z/Architecture PSW. */
#define ZF_PSW_PER ZF_BIT64(1)
#define ZF_PSW_DAT ZF_BIT64(5)
#define ZF_PSW_IO ZF_BIT64(6)
#define ZF_PSW_EXT ZF_BIT64(7)
#define ZF_PSW_KEY (UINT64_C(0xf) << 52)
#define ZF_PSW_BIT12 ZF_BIT64(12)
#define ZF_PSW_MCCK ZF_BIT64(13)
#define ZF_PSW_WAIT ZF_BIT64(14)
#define ZF_PSW_PROBLEM ZF_BIT64(15)
#define ZF_PSW_AS (UINT64_C(3) << 46)
#define ZF_PSW_AS_PRIMARY UINT64_C(0)
#define ZF_PSW_AS_AR (UINT64_C(1) << 46)
#define ZF_PSW_AS_SECONDARY (UINT64_C(2) << 46)
#define ZF_PSW_AS_HOME (UINT64_C(3) << 46)
#define ZF_PSW_CC (UINT64_C(3) << 44)
#define ZF_PSW_PM (UINT64_C(0xf) << 40)
#define ZF_PSW_PM_FIXED_OVERFLOW ZF_BIT64(20)
#define ZF_PSW_PM_DECIMAL_OVERFLOW ZF_BIT64(21)
#define ZF_PSW_PM_HFP_UNDERFLOW ZF_BIT64(22)
#define ZF_PSW_PM_HFP_SIGNIFICANCE ZF_BIT64(23)
#define ZF_PSW_RI ZF_BIT64(24)
#define ZF_PSW_EA ZF_BIT64(31)
#define ZF_PSW_BA ZF_BIT64(32)

/* Control register 0. */
#define ZF_CR0_ENHANCED_DAT ZF_BIT64(40)
#define ZF_CR0_EXECUTION_PROTECTION ZF_BIT64(43)
#define ZF_CR0_AFP ZF_BIT64(45)    /* additional floating-point registers, BFP and DFP */
#define ZF_CR0_VECTOR ZF_BIT64(46) /* vector registers and instructions */
#define ZF_CR0_TRANSACTION ZF_BIT64(8)
#define ZF_CR0_NO_FILTER ZF_BIT64(9) /* of program interruptions in transactions */

/* Control register 12. */
#define ZF_CR12_BRANCH_TRACE ZF_BIT64(0)
#define ZF_CR12_MODE_TRACE ZF_BIT64(1)

/* Floating-point control (FPC): masks, flags, data-exception code, rounding modes. */
#define ZF_FPC_MASKS UINT32_C(0xfc000000)
#define ZF_FPC_FLAGS UINT32_C(0x00fc0000)
#define ZF_FPC_DXC UINT32_C(0x0000ff00)
#define ZF_FPC_DFP_ROUNDING UINT32_C(0x00000070)
#define ZF_FPC_BFP_ROUNDING UINT32_C(0x00000007)
/* Data-exception codes that are not IEEE exceptions. */
enum zf_dxc {
    ZF_DXC_DECIMAL = 0x00,
    ZF_DXC_AFP_REGISTER = 0x01,
    ZF_DXC_BFP = 0x02,
    ZF_DXC_DFP = 0x03,
    ZF_DXC_VECTOR = 0xfe,
    ZF_DXC_COMPARE_AND_TRAP = 0xff,
};

struct zf_psw {
    uint64_t
        mask; /* the condition code in it is stale: zf_cpu.cc has it, zf_psw_mask() joins them */
    uint64_t addr;
};

enum zf_pgm_code {
    ZF_PGM_NONE = 0,
    ZF_PGM_OPERATION = 0x01,
    ZF_PGM_PRIVILEGED = 0x02,
    ZF_PGM_EXECUTE = 0x03,
    ZF_PGM_PROTECTION = 0x04,
    ZF_PGM_ADDRESSING = 0x05,
    ZF_PGM_SPECIFICATION = 0x06,
    ZF_PGM_DATA = 0x07,
    ZF_PGM_FIXED_OVERFLOW = 0x08,
    ZF_PGM_FIXED_DIVIDE = 0x09,
    ZF_PGM_DECIMAL_OVERFLOW = 0x0a,
    ZF_PGM_DECIMAL_DIVIDE = 0x0b,
    ZF_PGM_HFP_OVERFLOW = 0x0c,
    ZF_PGM_HFP_UNDERFLOW = 0x0d,
    ZF_PGM_HFP_SIGNIFICANCE = 0x0e,
    ZF_PGM_HFP_DIVIDE = 0x0f,
    ZF_PGM_SEGMENT_TRANSLATION = 0x10,
    ZF_PGM_PAGE_TRANSLATION = 0x11,
    ZF_PGM_TRANSLATION_SPEC = 0x12,
    ZF_PGM_SPECIAL_OPERATION = 0x13,
    ZF_PGM_OPERAND = 0x15,
    ZF_PGM_TRACE_TABLE = 0x16,
    ZF_PGM_TRANSACTION_CONSTRAINT = 0x18,
    ZF_PGM_VECTOR_PROCESSING = 0x1b,
    ZF_PGM_SPACE_SWITCH = 0x1c,
    ZF_PGM_HFP_SQUARE_ROOT = 0x1d,
    ZF_PGM_PC_TRANSLATION_SPEC = 0x1f,
    ZF_PGM_AFX_TRANSLATION = 0x20,
    ZF_PGM_ASX_TRANSLATION = 0x21,
    ZF_PGM_LX_TRANSLATION = 0x22,
    ZF_PGM_EX_TRANSLATION = 0x23,
    ZF_PGM_PRIMARY_AUTHORITY = 0x24,
    ZF_PGM_SECONDARY_AUTHORITY = 0x25,
    ZF_PGM_LFX_TRANSLATION = 0x26,
    ZF_PGM_LSX_TRANSLATION = 0x27,
    ZF_PGM_ALET_SPEC = 0x28,
    ZF_PGM_ALEN_TRANSLATION = 0x29,
    ZF_PGM_ALE_SEQUENCE = 0x2a,
    ZF_PGM_ASTE_VALIDITY = 0x2b,
    ZF_PGM_ASTE_SEQUENCE = 0x2c,
    ZF_PGM_EXTENDED_AUTHORITY = 0x2d,
    ZF_PGM_LSTE_SEQUENCE = 0x2e,
    ZF_PGM_ASTE_INSTANCE = 0x2f,
    ZF_PGM_STACK_FULL = 0x30,
    ZF_PGM_STACK_EMPTY = 0x31,
    ZF_PGM_STACK_SPEC = 0x32,
    ZF_PGM_STACK_TYPE = 0x33,
    ZF_PGM_STACK_OPERATION = 0x34,
    ZF_PGM_ASCE_TYPE = 0x38,
    ZF_PGM_REGION_FIRST = 0x39,
    ZF_PGM_REGION_SECOND = 0x3a,
    ZF_PGM_REGION_THIRD = 0x3b,
    ZF_PGM_MONITOR = 0x40,
    ZF_PGM_PER = 0x80,
    ZF_PGM_TRANSACTION = 0x200,  /* together with another one: it aborted a transaction */
    ZF_PGM_ABORT_ALONE = 0x1000, /* no interruption: zf_transaction.code says why it is aborted */
};

/* A program condition and what its interruption stores beside the code. */
struct zf_pgm {
    uint16_t code; /* enum zf_pgm_code, 0 when none */
    uint8_t ilc;   /* bytes: 2, 4 or 6; 0 when unpredictable. The run loop fills it in */
    uint8_t dxc;   /* data-exception code or vector-exception code */
    uint16_t monitor_class;
    uint8_t access_id;   /* exception access identification */
    uint8_t operand_id;  /* MOVE PAGE: its R1 and R2 */
    bool has_operand_id; /* the condition is one of MOVE PAGE */
    bool fetching;       /* the instruction could not be fetched */
    bool completed;      /* an event after the instruction: the PSW is what it has made */
    uint64_t address;    /* translation-exception identification, monitor code */
};

/* What program-event recording has of the current instruction: see zfacet/per.h. */
struct zf_per {
    bool began;        /* the instruction is one that PER looks at */
    bool may_branch;   /* it is a branch when it sets the PSW's address */
    bool branched;     /* it left for an address that no block knew */
    uint8_t code;      /* events, enum zf_per_code */
    uint8_t atmid;     /* addressing and translation mode, and the space of a store */
    uint8_t access_id; /* the access register of that space */
    uint8_t length;    /* of the instruction, in bytes */
    uint64_t address;  /* of the instruction */
};

/* Access-register mode: the space of an instruction's operands, as the access register has it. */
struct zf_ar_space {
    uint8_t space; /* enum zf_space; 0: the primary one */
    uint8_t ar;
    bool fetch_only;
    uint64_t asce; /* of a space that is neither the primary nor the secondary one */
};

/*
 * Soft-TLB entry. A tag is the page's address (of those for stores to the first pages: of the 256
 * bytes) when that access needs no further checks, else ZF_TLB_EMPTY, which no address equals.
 * `addend` turns a guest address into a host one.
 */
#define ZF_TLB_EMPTY UINT64_C(1)
enum { ZF_TLB_BITS = 9, ZF_TLB_ENTRIES = 1 << ZF_TLB_BITS };
/*
 * After those, entries of their own: the page that code was fetched from last; and, for stores to
 * the first two pages, one for each 256 bytes: low-address protection is for some of these, and
 * there may be code in others.
 */
enum { ZF_TLB_FETCH = ZF_TLB_ENTRIES, ZF_TLB_LOW };
enum { ZF_LOW_SIZE = 256, ZF_LOW_END = 0x2000, ZF_TLB_ALL = ZF_TLB_LOW + ZF_LOW_END / ZF_LOW_SIZE };
/* One for the home space, one for all others: going to and fro, an operating system finds its
 * pages. */
enum { ZF_TLB_OTHER, ZF_TLB_HOME, ZF_TLBS };
struct zf_tlb_entry {
    uint64_t read_tag;
    uint64_t write_tag;
    uintptr_t addend;
    uint64_t absolute; /* of the page's first byte */
};
/* The entries, and what they hold for: of zf_cpu.mode, and of the control registers 1, 7 and 13. */
struct zf_tlb {
    struct zf_tlb_entry entry[ZF_TLB_ALL];
    uint32_t mode;
    uint64_t asce[3];
};

/* Where indirect branches go: guest address and mode to translated code. */
enum { ZF_BRANCH_CACHE_BITS = 16, ZF_BRANCH_CACHE_ENTRIES = 1 << ZF_BRANCH_CACHE_BITS };
struct zf_branch_cache_entry {
    uint64_t pc; /* 0 when empty, but 2 where address 0 would be: that has another place */
    uint32_t mode;
    uint32_t code; /* its distance from cpu->code_base, in bytes */
};

/* From an EXECUTE's code, and what it has executed, to the code for that. */
enum { ZF_EXECUTE_CACHE_ENTRIES = 1 << 8 };
struct zf_execute_entry {
    const void *at; /* NULL when empty */
    uint64_t address;
    uint64_t word; /* as it was executed */
    uint32_t mode;
    uint32_t block; /* number of its code */
};

/* External interruptions that wait, one bit each, in order of priority. */
enum zf_external {
    ZF_EXTERNAL_INTERRUPT_KEY = 1 << 0,
    ZF_EXTERNAL_MALFUNCTION = 1 << 1,
    ZF_EXTERNAL_EMERGENCY = 1 << 2,
    ZF_EXTERNAL_CALL = 1 << 3,
    ZF_EXTERNAL_CLOCK_COMPARATOR = 1 << 4,
    ZF_EXTERNAL_CPU_TIMER = 1 << 5,
    ZF_EXTERNAL_SERVICE = 1 << 6,
};

/* Bits of zf_cpu.mode: what translated code depends on, beside its address. */
enum zf_mode {
    ZF_MODE_31 = 1 << 0,             /* 31-bit addressing */
    ZF_MODE_64 = 1 << 1,             /* 64-bit addressing; neither bit: 24-bit */
    ZF_MODE_DAT = 1 << 2,            /* address translation on */
    ZF_MODE_AS_SHIFT = 3,            /* two bits: address-space control */
    ZF_MODE_PROBLEM = 1 << 5,        /* problem state */
    ZF_MODE_AFP = 1 << 6,            /* additional floating-point registers enabled (CR0 bit 45) */
    ZF_MODE_VECTOR = 1 << 7,         /* vector registers enabled (CR0 bit 46) */
    ZF_MODE_FIXED_OVERFLOW = 1 << 8, /* fixed-point overflow interrupts (program mask) */
    ZF_MODE_KEY_SHIFT = 9,           /* four bits: access key, with which code was fetched */
    ZF_MODE_PER = 1 << 13,           /* program-event recording: blocks of one instruction */
    ZF_MODE_BRANCH_TRACE = 1 << 14,  /* branch tracing (CR12 bit 0) */
    ZF_MODE_TRANSACTION = 1 << 15,   /* in a transaction: stores are seen */
    ZF_MODE_WATCHED = 1 << 16,       /* a debugger watches accesses: all are seen */
    ZF_MODE_SPACE_SHIFT = 17,        /* number of the address space; 0 when DAT is off */
};

/*
 * A vector register, its 128 bits as one number in host order: element n is the n-th from the end.
 * docs/decisions has the reasons, zfacet/vector_register.h the accessors.
 */
enum { ZF_VR_RIGHT, ZF_VR_LEFT };
#define ZF_VECTOR __attribute__((vector_size(16)))
union zf_vr {
    zf_u128 all;
    uint64_t half[2]; /* the floating-point register is half[ZF_VR_LEFT] */
    /* its elements, named as the suffixes of mnemonics; signed ones with an s */
    ZF_VECTOR uint8_t b;
    ZF_VECTOR uint16_t h;
    ZF_VECTOR uint32_t f;
    ZF_VECTOR uint64_t g;
    zf_u128 q;
    ZF_VECTOR int8_t sb;
    ZF_VECTOR int16_t sh;
    ZF_VECTOR int32_t sf;
    ZF_VECTOR int64_t sg;
    zf_i128 sq;
};

enum zf_cpu_state { ZF_CPU_STOPPED, ZF_CPU_OPERATING, ZF_CPU_CHECK_STOP, ZF_CPU_LOAD };

enum { ZF_CPU_WAYS = 1 << 21 };
struct zf_cpu {
    /* hot: what the engines touch all the time */
    uint64_t gr[16];
    uint64_t zero;         /* always 0: "no register" as the base or index of an address */
    uint64_t scratch;      /* between the ops of one instruction */
    uint32_t cc;           /* condition code, 0 to 3 */
    int32_t slice;         /* blocks until the run loop looks around again */
    const void *code_at;   /* the op that touches storage or is in a helper, as the tier that runs
                              has it: it alone can read this */
    int64_t cc_value;      /* with ZF_CC_OF_SIGN: the CC is 0, 1, 2 as this is 0, less, greater */
    int64_t cc_operand;    /* native code alone: the other value that a CC is made of */
    uint8_t *linear;       /* host address of guest address 0, or NULL when the TLB is in use */
    uint64_t linear_last;  /* the last guest address of that map */
    uint64_t address_mask; /* of the addressing mode */
    uint32_t mode;         /* enum zf_mode */
    uint32_t key;          /* access key of the PSW, 0 to 15 */
    void *code_base;       /* what zf_branch_cache_entry.code counts from */
    struct zf_tlb *pages;  /* that of the mode */
    const void *branch_at; /* systems: the branch that was taken last, as its tier has it; NULL:
                              breaking_event has it */
    int64_t insns_left;    /* counted blocks only: guest instructions until the engine stops */
    uint64_t *tally; /* counter of the run that is executed (zfacet/tally.h), where runs are */

    union zf_vr vr[32]; /* the first 16 overlay the floating-point registers */
    uint32_t fpc;
    uint32_t ar[16];
    uint64_t cr[16];
    struct zf_psw psw;
    uint64_t tod_offset; /* guest TOD minus host TOD, in TOD units (bit 51 = 1 microsecond) */
    uint64_t tod_user;   /* what of that is the user-specified epoch difference */
    int64_t cpu_timer;   /* value at host time cpu_timer_base */
    uint64_t cpu_timer_base;
#define REGISTER(...)
#define PART(...)
#define SINGLE(ID, name, title, type, member) type member;
#include "zfacet/registers.def"
#undef REGISTER
#undef PART
#undef SINGLE
    uint16_t address;      /* CPU address, as STAP stores it */
    bool page_faults_told; /* DIAGNOSE X'258': the guest wants to be told of the hypervisor's */

    struct zf_pgm pgm;                  /* program condition found by the current instruction */
    struct zf_per per;                  /* program events found by it */
    uint8_t depth;                      /* how deep transactions are nested */
    struct zf_transaction *transaction; /* of the CPU, from its first one on; or NULL */
    struct zf_ar_space ar_space[2];     /* access-register mode: where it reads and writes */
    bool ar_differ;                     /* these are of two operands */
    uint32_t external_pending; /* enum zf_external, but for what any CPU may take; atomic */
    uint16_t external_call_source;
    uint64_t emergency_sources; /* bit n: CPU address n */
    enum zf_cpu_state state;
    bool psw_invalid;     /* an early specification exception: the PSW just loaded is not valid */
    unsigned pgm_repeats; /* program interruptions in a row that led to themselves */

    struct zf_cpus *cpus; /* this one and the others, with what they share */
    uint32_t requests;    /* enum zf_request: what others ask; atomic */
    uint32_t orders;      /* enum zf_order: what SIGNAL PROCESSOR wants of it; atomic */
    bool disabled, idle;  /* it waits, and only an order, or another CPU, can end that */
    uint32_t space;       /* number of the address space it is in, or was in last; 0: none yet */
    bool in_guest;        /* between zf_cpu_enter() and zf_cpu_leave(), and not paused; atomic */
    bool waits;           /* in guest code, for another CPU: which does what is asked of this one */
    pthread_t thread;     /* of the host that executes it, if it has one of its own */
    bool has_thread;
    bool ended;           /* it never runs again for the thread of the guest that it was for */
    bool spare;           /* and its thread of the host has gone, too: another one can have it */
    struct zf_turn turn;  /* in repeatable runs; see zfacet/turn.h */
    struct zf_task *task; /* Linux program: which thread of it this CPU executes */
    int64_t insns_beyond; /* the target of an EXECUTE that was the last one of insns_left: 1 */
    uint64_t leaving;     /* where it began to run: a breakpoint there lets it go once */
    const struct zf_watching *watching; /* accesses that are watched (zfacet/watching.h), or NULL */
    uint32_t watch_hits;                /* which of them were made, one bit each, ZF_WATCH_STORED */
    struct zf_storage *storage;
    struct zf_tb_cache *tbs;
    struct zf_tier *tier; /* whose code ran last: code_at is its */
    struct zf_machine *machine;
    sigjmp_buf fault_env;     /* linear mode: where a host access fault resumes */
    uint64_t fault_address;   /* linear mode: the guest address that faulted */
    bool fault_in_file;       /* linear mode: it is mapped, but its file has no such page */
    unsigned fault_repeats;   /* linear mode: how often a store there was made again in vain */
    uint64_t outside_address; /* linear mode: what an access was for that is made outside the map */
    sigjmp_buf *guard; /* linear mode: where a fault resumes while a system call is made, or NULL */

    struct zf_branch_cache_entry branch_cache[ZF_BRANCH_CACHE_ENTRIES];
    struct zf_execute_entry execute_cache[ZF_EXECUTE_CACHE_ENTRIES];
    struct zf_tlb tlb[ZF_TLBS] __attribute__((aligned(64)));
    uint64_t ways[]; /* ZF_CPU_WAYS where executions are counted: so often code took a way
                        (zfacet/tally.h); near the other members, and no other CPU counts there */
};

/*
 * Where in the linear map an access to guest address `address` is made: one beyond the map, in a
 * place behind it that always faults.
 */
#define ZF_LINEAR_OUTSIDE (1 << 19)
#define ZF_LINEAR_AT(cpu, address, last)                                                           \
    ({                                                                                             \
        uint64_t where_ = (address);                                                               \
        if (ZF_UNLIKELY(where_ > (last))) {                                                        \
            (cpu)->outside_address = where_;                                                       \
            where_ = (last) + 1 + ZF_LINEAR_OUTSIDE;                                               \
        }                                                                                          \
        where_;                                                                                    \
    })

/*
 * A condition code that may never be asked for is left as the value whose sign it is. Engines alone
 * see it so: they settle it before they call a helper or return.
 */
enum { ZF_CC_OF_SIGN = 4 };

static inline void zf_cc_settle(struct zf_cpu *cpu) {
    if (cpu->cc >= ZF_CC_OF_SIGN) {
        cpu->cc = cpu->cc_value == 0 ? 0 : cpu->cc_value < 0 ? 1 : 2;
    }
}

/* Byte offset of a general register, as ops hold it; ZF_REG_ZERO reads as 0. */
#define ZF_REG(n) ((uint8_t)((n)*8))
#define ZF_REG_ZERO ((uint8_t)offsetof(struct zf_cpu, zero))
#define ZF_REG_SCRATCH ((uint8_t)offsetof(struct zf_cpu, scratch))
_Static_assert(offsetof(struct zf_cpu, gr) == 0, "ops address registers from the start of zf_cpu");
_Static_assert(offsetof(struct zf_cpu, scratch) < 256, "op operands are 8-bit byte offsets");

/** The breaking-event-address register, when an instruction sets it that is not a branch of a
 * block. */
static inline void zf_breaking_event_set(struct zf_cpu *cpu, uint64_t address) {
    cpu->branch_at = NULL;
    cpu->breaking_event = address;
}

/** Sets a pending program condition; returns false so that access functions can `return` it. */
static inline bool zf_pgm(struct zf_cpu *cpu, enum zf_pgm_code code) {
    cpu->pgm.code = (uint16_t)code;
    return false;
}

/** A data exception with its code (DXC). */
static inline bool zf_pgm_data(struct zf_cpu *cpu, uint8_t dxc) {
    cpu->pgm.dxc = dxc;
    return zf_pgm(cpu, ZF_PGM_DATA);
}

/** The current PSW mask with the condition code in place. */
static inline uint64_t zf_psw_mask(const struct zf_cpu *cpu) {
    return (cpu->psw.mask & ~ZF_PSW_CC) | (uint64_t)cpu->cc << 44;
}

/** The same as a program sees it, which the operating system gave all interruptions and DAT. */
static inline uint64_t zf_psw_mask_seen(const struct zf_cpu *cpu) {
    const uint64_t given = ZF_PSW_DAT | ZF_PSW_IO | ZF_PSW_EXT | ZF_PSW_MCCK | ZF_PSW_PROBLEM;
    return zf_psw_mask(cpu) | (cpu->linear ? given : 0);
}

/** Loads PSW mask and address, splits off the condition code, derives the mode. Checks nothing. */
void zf_psw_load(struct zf_cpu *cpu, uint64_t mask, uint64_t addr);

/** Must follow every change of PSW mask or control registers: derives mode, key, address mask. */
void zf_cpu_mode_changed(struct zf_cpu *cpu);

/** Drops every TLB entry. */
void zf_tlb_clear(struct zf_cpu *cpu);

/** The number of the TLB for a mode. */
static inline unsigned zf_tlb_of_mode(uint32_t mode) {
    const uint32_t home = ZF_MODE_DAT | 3 << ZF_MODE_AS_SHIFT;
    return (mode & home) == home ? ZF_TLB_HOME : ZF_TLB_OTHER;
}

/** CPU reset, and initial CPU reset, of a stopped CPU. */
void zf_cpu_reset(struct zf_cpu *cpu);
void zf_cpu_initial_reset(struct zf_cpu *cpu);

/** An address wrapped to the current addressing mode. */
static inline uint64_t zf_wrap(const struct zf_cpu *cpu, uint64_t address) {
    return address & cpu->address_mask;
}

/**
 * Writes an address result to a register as the addressing mode wants it: all 64 bits, or bits
 * 32-63 only (with zeros left of a 31- or 24-bit address).
 */
static inline void zf_gr_set_address(struct zf_cpu *cpu, unsigned r, uint64_t address) {
    if (cpu->mode & ZF_MODE_64) {
        cpu->gr[r] = address;
    } else {
        cpu->gr[r] = (cpu->gr[r] & ~UINT64_C(0xffffffff)) | (address & cpu->address_mask);
    }
}

#endif
