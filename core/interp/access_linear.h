/*
 * Storage access of Linux programs: one linear map. A host access fault is a guest access fault;
 * it resumes in the run loop, which finds the place through cpu->code_at. Addresses beyond the
 * reserved map fault, too.
 */
#include "vector_op.h"

#define ENGINE_LOCALS                                                                              \
    uint8_t *const linear = CPU->linear;                                                           \
    const uint64_t linear_last = CPU->linear_last;
#define NOTE_BRANCH /* programs never see the breaking-event address */
#define WRAP(address) (address)
#define MARK (*(const void *volatile *)&CPU->code_at = u)
#define HOST_TYPE(size) struct zf_unaligned##size
#define LOAD(size, address)                                                                        \
    ({                                                                                             \
        uint64_t at_ = ZF_LINEAR_AT(CPU, address, linear_last);                                    \
        GET##size(linear + at_);                                                                   \
    })
#define STORE(size, address, value)                                                                \
    do {                                                                                           \
        uint64_t at_ = ZF_LINEAR_AT(CPU, address, linear_last);                                    \
        uint##size##_t put_ = (value);                                                             \
        PUT##size(linear + at_, put_);                                                             \
    } while (0)
#define LOAD128(address)                                                                           \
    ({                                                                                             \
        uint64_t at_ = ZF_LINEAR_AT(CPU, address, linear_last);                                    \
        zf_swap_q(GET128(linear + at_));                                                           \
    })
#define STORE128(address, value)                                                                   \
    do {                                                                                           \
        uint64_t at_ = ZF_LINEAR_AT(CPU, address, linear_last);                                    \
        zf_vb put_ = zf_swap_q(value);                                                             \
        PUT128(linear + at_, put_);                                                                \
    } while (0)
/* 16 bytes, aligned or not */
struct unaligned_vector {
    zf_vb v;
} __attribute__((packed, may_alias));
#ifdef __x86_64__
/*
 * An access writes its own address, and the name of the register that has its uop, to a table:
 * linear.c sets code_at from it when the host faults there. So accesses that do not fault need no
 * mark, which would be a store each.
 */
#define ACCESS(insn)                                                                               \
    "1: " insn "\n\t.pushsection zf_access,\"a\"\n\t.balign 4\n\t.long 1b - .\n\t.ascii "          \
    "\"%q2\"\n\t.balign 4\n\t.popsection"
#define GET_BY(type, insn, size, p)                                                                \
    ({                                                                                             \
        type got_;                                                                                 \
        __asm__ volatile(ACCESS(insn) : "=r"(got_) : "m"(*(const HOST_TYPE(size) *)(p)), "r"(u));  \
        got_;                                                                                      \
    })
#define PUT_BY(insn, size, p, value)                                                               \
    __asm__ volatile(ACCESS(insn) : "=m"(*(HOST_TYPE(size) *)(p)) : "r"(value), "r"(u))
#define GET8(p) GET_BY(uint64_t, "movzbl %1,%k0", 8, p) /* wide: nothing is to be extended */
#define PUT8(p, value) PUT_BY("movb %b1,%0", 8, p, value)
#ifdef __MOVBE__
#define GET16(p) GET_BY(uint16_t, "movbe %1,%0", 16, p)
#define GET32(p) GET_BY(uint32_t, "movbe %1,%0", 32, p)
#define GET64(p) GET_BY(uint64_t, "movbe %1,%0", 64, p)
#define PUT16(p, value) PUT_BY("movbe %1,%0", 16, p, value)
#define PUT32(p, value) PUT_BY("movbe %1,%0", 32, p, value)
#define PUT64(p, value) PUT_BY("movbe %1,%0", 64, p, value)
#else
#define GET16(p) SWAP16((uint16_t)GET_BY(uint32_t, "movzwl %1,%0", 16, p))
#define GET32(p) SWAP32(GET_BY(uint32_t, "movl %1,%0", 32, p))
#define GET64(p) SWAP64(GET_BY(uint64_t, "movq %1,%0", 64, p))
#define PUT16(p, value) PUT_BY("movw %1,%0", 16, p, SWAP16(value))
#define PUT32(p, value) PUT_BY("movl %1,%0", 32, p, SWAP32(value))
#define PUT64(p, value) PUT_BY("movq %1,%0", 64, p, SWAP64(value))
#endif
#ifdef __AVX__
#define MOVE128 "vmovdqu"
#else
#define MOVE128 "movdqu"
#endif
#define GET128(p)                                                                                  \
    ({                                                                                             \
        zf_vb got_;                                                                                \
        __asm__ volatile(ACCESS(MOVE128 " %1,%0")                                                  \
                         : "=x"(got_)                                                              \
                         : "m"(*(const struct unaligned_vector *)(p)), "r"(u));                    \
        got_;                                                                                      \
    })
#define PUT128(p, value)                                                                           \
    __asm__ volatile(ACCESS(MOVE128 " %1,%0")                                                      \
                     : "=m"(*(struct unaligned_vector *)(p))                                       \
                     : "x"(value), "r"(u))
#else
/* Accesses are volatile: they stay after their mark, and stay even when nothing uses the value. */
#define GET_MARKED(size, p)                                                                        \
    ({                                                                                             \
        MARK;                                                                                      \
        SWAP##size(((const volatile HOST_TYPE(size) *)(p))->v);                                    \
    })
/* x86 stores over the end of a page all or nothing; elsewhere the next page is asked first. */
#define REACH(size, p)                                                                             \
    if (ZF_UNLIKELY(((uintptr_t)(p) & (ZF_PAGE_SIZE - 1)) > ZF_PAGE_SIZE - (size) / 8)) {          \
        zf_touch((uint8_t *)(p) + (size) / 8 - 1);                                                 \
    }
#define PUT_MARKED(size, p, value)                                                                 \
    MARK;                                                                                          \
    REACH(size, p)                                                                                 \
    ((volatile HOST_TYPE(size) *)(p))->v = SWAP##size(value)
#define GET8(p) GET_MARKED(8, p)
#define GET16(p) GET_MARKED(16, p)
#define GET32(p) GET_MARKED(32, p)
#define GET64(p) GET_MARKED(64, p)
#define PUT8(p, value) PUT_MARKED(8, p, value)
#define PUT16(p, value) PUT_MARKED(16, p, value)
#define PUT32(p, value) PUT_MARKED(32, p, value)
#define PUT64(p, value) PUT_MARKED(64, p, value)
#define GET128(p)                                                                                  \
    ({                                                                                             \
        MARK;                                                                                      \
        ((const volatile struct unaligned_vector *)(p))->v;                                        \
    })
#define PUT128(p, value)                                                                           \
    MARK;                                                                                          \
    REACH(128, p)                                                                                  \
    ((volatile struct unaligned_vector *)(p))->v = (value)
#endif
/* host address of n bytes within one page, or NULL: the slow path */
#define HOST_READ(address, n)                                                                      \
    ({                                                                                             \
        uint64_t at_ = ZF_LINEAR_AT(CPU, address, linear_last);                                    \
        MARK;                                                                                      \
        ZF_LIKELY((at_ & (ZF_PAGE_SIZE - 1)) <= ZF_PAGE_SIZE - (n)) ? linear + at_ : NULL;         \
    })
#define HOST_WRITE(address, n) HOST_READ(address, n)
