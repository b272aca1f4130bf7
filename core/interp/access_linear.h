/*
 * Storage access of Linux programs: one linear map. A host access fault is a guest access fault;
 * it resumes in the run loop, which finds the place through cpu->fault_uop. The mask keeps any
 * guest address within the reserved map.
 */
#define ENGINE_LOCALS                                                                              \
    uint8_t *const linear = CPU->linear;                                                           \
    const uint64_t linear_mask = CPU->linear_mask;
#define WRAP(address) (address)
#define MARK (*(struct zf_uop *volatile *)&CPU->fault_uop = u)
#define HOST_TYPE(size) struct zf_unaligned##size
#define LOAD(size, address)                                                                        \
    ({                                                                                             \
        uint64_t at_ = (address)&linear_mask;                                                      \
        MARK;                                                                                      \
        GET##size(linear + at_);                                                                   \
    })
#define STORE(size, address, value)                                                                \
    do {                                                                                           \
        uint64_t at_ = (address)&linear_mask;                                                      \
        uint##size##_t put_ = (value);                                                             \
        MARK;                                                                                      \
        PUT##size(linear + at_, put_);                                                             \
    } while (0)
/* Accesses are volatile: they stay behind their mark, and stay even when nothing uses the value. */
#define GET8(p) (((const volatile HOST_TYPE(8) *)(p))->v)
#define PUT8(p, value) ((volatile HOST_TYPE(8) *)(p))->v = (value)
#ifdef __MOVBE__
#define GET_MOVBE(size, p)                                                                         \
    ({                                                                                             \
        uint##size##_t got_;                                                                       \
        __asm__ volatile("movbe %1,%0" : "=r"(got_) : "m"(*(const HOST_TYPE(size) *)(p)));         \
        got_;                                                                                      \
    })
#define PUT_MOVBE(size, p, value)                                                                  \
    __asm__ volatile("movbe %1,%0" : "=m"(*(HOST_TYPE(size) *)(p)) : "r"(value))
#define GET16(p) GET_MOVBE(16, p)
#define GET32(p) GET_MOVBE(32, p)
#define GET64(p) GET_MOVBE(64, p)
#define PUT16(p, value) PUT_MOVBE(16, p, value)
#define PUT32(p, value) PUT_MOVBE(32, p, value)
#define PUT64(p, value) PUT_MOVBE(64, p, value)
#else
#define GET16(p) SWAP16(((const volatile HOST_TYPE(16) *)(p))->v)
#define GET32(p) SWAP32(((const volatile HOST_TYPE(32) *)(p))->v)
#define GET64(p) SWAP64(((const volatile HOST_TYPE(64) *)(p))->v)
#define PUT16(p, value) ((volatile HOST_TYPE(16) *)(p))->v = SWAP16(value)
#define PUT32(p, value) ((volatile HOST_TYPE(32) *)(p))->v = SWAP32(value)
#define PUT64(p, value) ((volatile HOST_TYPE(64) *)(p))->v = SWAP64(value)
#endif
/* host address of n bytes within one page, or NULL: the slow path */
#define HOST_READ(address, n)                                                                      \
    ({                                                                                             \
        uint64_t at_ = (address)&linear_mask;                                                      \
        MARK;                                                                                      \
        ZF_LIKELY((at_ & (ZF_PAGE_SIZE - 1)) <= ZF_PAGE_SIZE - (n)) ? linear + at_ : NULL;         \
    })
#define HOST_WRITE(address, n) HOST_READ(address, n)
