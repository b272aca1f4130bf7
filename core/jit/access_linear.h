/*
 * Storage access of Linux programs: one linear map, host access faults. Where code faults tells its
 * op, so nothing is marked. Of an address in an instruction base (and index) are held against the
 * map's end; the displacement costs nothing, and what it reaches beyond the map is guarded.
 */
#include "vector_op.h"

#define NOTE_BRANCH /* programs never see the breaking-event address */
#define WRAP(address) (address)
#define IN_MAP(address) ZF_LINEAR_AT(cpu, address, linear_last)
/* base and index, where their sum with the displacement is in the map, too, or made outside it */
#define BASED(sum)                                                                                 \
    ({                                                                                             \
        uint64_t base_ = (sum);                                                                    \
        whole_ = SIGNED_SUM(base_, imm);                                                           \
        if (ZF_UNLIKELY(base_ > linear_last)) {                                                    \
            base_ = IN_MAP(whole_) - (uint64_t)(int64_t)u->imm;                                    \
        }                                                                                          \
        based_ = base_;                                                                            \
        whole_;                                                                                    \
    })
#define LOCALS uint64_t based_ = 0, whole_ = 0;
#define EA_B BASED(G(b))
#define EA_BX BASED(G(b) + G(x))
#define EA_X2 SIGNED_SUM(G(x), imm2)
#define HOST(type, address)                                                                        \
    ({                                                                                             \
        uint64_t at_ = (address);                                                                  \
        (type *)(linear + (based_ + WHOLE(disp)) + (at_ - whole_));                                \
    })
#define HOST_TYPE(size) struct zf_unaligned##size
#define GET_BY(type, insn, size, p)                                                                \
    ({                                                                                             \
        type got_;                                                                                 \
        __asm__ volatile(insn : "=r"(got_) : "m"(*(const HOST_TYPE(size) *)(p)));                  \
        got_;                                                                                      \
    })
#define PUT_BY(insn, size, p, value)                                                               \
    __asm__ volatile(insn : "=m"(*(HOST_TYPE(size) *)(p)) : "r"(value))
#define GET8(p) GET_BY(uint64_t, "movzbl %1,%k0", 8, p)
#define GET16(p) GET_BY(uint16_t, "movbew %1,%w0", 16, p)
#define GET32(p) GET_BY(uint32_t, "movbel %1,%k0", 32, p)
#define GET64(p) GET_BY(uint64_t, "movbeq %1,%0", 64, p)
#define PUT8(p, value) PUT_BY("movb %b1,%0", 8, p, value)
#define PUT16(p, value) PUT_BY("movbew %w1,%0", 16, p, value)
#define PUT32(p, value) PUT_BY("movbel %k1,%0", 32, p, value)
#define PUT64(p, value) PUT_BY("movbeq %1,%0", 64, p, value)
#define LOAD(size, address) GET##size(HOST(HOST_TYPE(size), address))
#define STORE(size, address, value)                                                                \
    do {                                                                                           \
        uint##size##_t put_ = (value);                                                             \
        PUT##size(HOST(HOST_TYPE(size), address), put_);                                           \
    } while (0)
struct unaligned_vector {
    zf_vb v;
} __attribute__((packed, may_alias));
#define LOAD128(address)                                                                           \
    ({                                                                                             \
        zf_vb got_;                                                                                \
        __asm__ volatile("vmovdqu %1,%0"                                                           \
                         : "=x"(got_)                                                              \
                         : "m"(*HOST(const struct unaligned_vector, address)));                    \
        zf_swap_q(got_);                                                                           \
    })
#define STORE128(address, value)                                                                   \
    do {                                                                                           \
        zf_vb put_ = zf_swap_q(value);                                                             \
        __asm__ volatile("vmovdqu %1,%0"                                                           \
                         : "=m"(*HOST(struct unaligned_vector, address))                           \
                         : "x"(put_));                                                             \
    } while (0)
/* host address of n bytes within one page, or NULL: the slow path */
#define HOST_READ(address, n)                                                                      \
    ({                                                                                             \
        uint64_t at_ = IN_MAP(address);                                                            \
        MARK;                                                                                      \
        __asm__ volatile("" ::: "memory");                                                         \
        ZF_LIKELY((at_ & (ZF_PAGE_SIZE - 1)) <= ZF_PAGE_SIZE - (n)) ? linear + at_ : NULL;         \
    })
#define HOST_WRITE(address, n) HOST_READ(address, n)
