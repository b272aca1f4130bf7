/*
 * Storage access through the soft TLB, 64-bit addressing: one compare tells page, access allowed,
 * and no page crossing (the last byte's page must equal the tag of the first byte's entry).
 */
#define ENGINE_LOCALS
#define NOTE_BRANCH CPU->branch_at = u;
#define WRAP(address) (address)
#define TLB_ENTRY(at)                                                                              \
    ((struct zf_tlb_entry *)((char *)CPU->pages->entry +                                           \
                             (((at) >> (12 - 5)) & ((uint64_t)(ZF_TLB_ENTRIES - 1) << 5))))
#define LOAD(size, address)                                                                        \
    ({                                                                                             \
        uint64_t at_ = (address);                                                                  \
        const struct zf_tlb_entry *e_ = TLB_ENTRY(at_);                                            \
        uint##size##_t got_;                                                                       \
        if (ZF_LIKELY(((at_ + size / 8 - 1) & ZF_PAGE_MASK) == e_->read_tag)) {                    \
            got_ =                                                                                 \
                SWAP##size(((const struct zf_unaligned##size *)(uintptr_t)(at_ + e_->addend))->v); \
        } else {                                                                                   \
            uint64_t slow_;                                                                        \
            CPU->code_at = u;                                                                      \
            if (!zf_load_slow(CPU, at_, size / 8, &slow_)) {                                       \
                FAULT                                                                              \
            }                                                                                      \
            got_ = (uint##size##_t)slow_;                                                          \
        }                                                                                          \
        got_;                                                                                      \
    })
#define STORE(size, address, value)                                                                \
    do {                                                                                           \
        uint64_t at_ = (address);                                                                  \
        uint##size##_t put_ = (value);                                                             \
        const struct zf_tlb_entry *e_ = TLB_ENTRY(at_);                                            \
        if (ZF_LIKELY(((at_ + size / 8 - 1) & ZF_PAGE_MASK) == e_->write_tag)) {                   \
            ((struct zf_unaligned##size *)(uintptr_t)(at_ + e_->addend))->v = SWAP##size(put_);    \
        } else {                                                                                   \
            CPU->code_at = u;                                                                      \
            if (!zf_store_slow(CPU, at_, size / 8, put_)) {                                        \
                FAULT                                                                              \
            }                                                                                      \
        }                                                                                          \
    } while (0)
#define HOST_BY_TAG(address, n, tag)                                                               \
    ({                                                                                             \
        uint64_t at_ = (address);                                                                  \
        const struct zf_tlb_entry *e_ = TLB_ENTRY(at_);                                            \
        CPU->code_at = u;                                                                          \
        ZF_LIKELY(((at_ + (n)-1) & ZF_PAGE_MASK) == e_->tag)                                       \
        ? (uint8_t *)(uintptr_t)(at_ + e_->addend) : NULL;                                         \
    })
#define HOST_READ(address, n) HOST_BY_TAG(address, n, read_tag)
#define HOST_WRITE(address, n) HOST_BY_TAG(address, n, write_tag)
