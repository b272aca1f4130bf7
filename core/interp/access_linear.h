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
#define LOAD(size, type, address)                                                                  \
    ({                                                                                             \
        uint64_t at_ = (address)&linear_mask;                                                      \
        MARK;                                                                                      \
        ((const volatile struct zf_unaligned##size *)(linear + at_))->v;                           \
    })
#define STORE(size, address, value)                                                                \
    do {                                                                                           \
        uint64_t at_ = (address)&linear_mask;                                                      \
        MARK;                                                                                      \
        ((volatile struct zf_unaligned##size *)(linear + at_))->v = (value);                       \
    } while (0)
/* host address of n bytes within one page, or NULL: the slow path */
#define HOST_READ(address, n)                                                                      \
    ({                                                                                             \
        uint64_t at_ = (address)&linear_mask;                                                      \
        MARK;                                                                                      \
        ZF_LIKELY((at_ & (ZF_PAGE_SIZE - 1)) <= ZF_PAGE_SIZE - (n)) ? linear + at_ : NULL;         \
    })
#define HOST_WRITE(address, n) HOST_READ(address, n)
