/*
 * Storage access of everything that is not hot: 24- and 31-bit addressing, and what a debugger
 * watches, whatever lies beneath.
 */
#define ENGINE_LOCALS
#define NOTE_BRANCH CPU->branch_at = u;
#define WRAP(address) ((address)&CPU->address_mask)
#define LOAD(size, address)                                                                        \
    ({                                                                                             \
        uint64_t slow_;                                                                            \
        CPU->code_at = u;                                                                          \
        if (!zf_load_slow(CPU, (address), size / 8, &slow_)) {                                     \
            FAULT                                                                                  \
        }                                                                                          \
        (uint##size##_t) slow_;                                                                    \
    })
#define STORE(size, address, value)                                                                \
    do {                                                                                           \
        uint##size##_t put_ = (value);                                                             \
        CPU->code_at = u;                                                                          \
        if (!zf_store_slow(CPU, (address), size / 8, put_)) {                                      \
            FAULT                                                                                  \
        }                                                                                          \
    } while (0)
#define HOST_READ(address, n)                                                                      \
    ({                                                                                             \
        CPU->code_at = u;                                                                          \
        (void)(address);                                                                           \
        (uint8_t *)NULL;                                                                           \
    })
#define HOST_WRITE(address, n) HOST_READ(address, n)
