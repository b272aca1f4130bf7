/*
 * The names by which bodies of ops know storage, and what leaves an op: in terms of an access
 * (access_*.h: LOAD, STORE, HOST_READ, HOST_WRITE, WRAP), and of RETURN and RETURN_HERE, which the
 * including file defines. Interpreters and native code expand the same bodies.
 */
#ifndef ZF_INTERP_BODY_H
#define ZF_INTERP_BODY_H

#define SWAP8(v) (v)
#define SWAP16(v) __builtin_bswap16(v)
#define SWAP32(v) __builtin_bswap32(v)
#define SWAP64(v) __builtin_bswap64(v)
#define LD8(ea) LOAD(8, ea)
#define LD16(ea) LOAD(16, ea)
#define LD32(ea) LOAD(32, ea)
#define LD64(ea) LOAD(64, ea)
#define ST8(ea, value) STORE(8, ea, value)
#define ST16(ea, value) STORE(16, ea, value)
#define ST32(ea, value) STORE(32, ea, value)
#define ST64(ea, value) STORE(64, ea, value)
/* 16 bytes as a vector, reversed as registers are */
#ifndef LOAD128
#define LOAD128(address)                                                                           \
    ({                                                                                             \
        uint64_t from_ = (address);                                                                \
        zf_vb got_;                                                                                \
        memcpy(&got_, SPAN_READ(from_, 16), sizeof got_);                                          \
        zf_swap_q(got_);                                                                           \
    })
#define STORE128(address, value)                                                                   \
    do {                                                                                           \
        uint64_t from_ = (address);                                                                \
        zf_vb put_ = zf_swap_q(value);                                                             \
        uint8_t *p = SPAN_WRITE(from_, 16);                                                        \
        memcpy(p, &put_, sizeof put_);                                                             \
        SPAN_DONE(from_, 16)                                                                       \
    } while (0)
#endif
#define LD128(ea) LOAD128(ea)
#define ST128(ea, value) STORE128(ea, value)

/* Up to 256 bytes as one piece of host storage; through `span` when they cross a page or need
 * checks. */
#define SPAN_READ(ea, n)                                                                           \
    ({                                                                                             \
        const uint8_t *span_ = HOST_READ(ea, n);                                                   \
        if (ZF_UNLIKELY(!span_)) {                                                                 \
            if (!zf_load_bytes(cpu, ea, span, n)) {                                                \
                FAULT                                                                              \
            }                                                                                      \
            span_ = span;                                                                          \
        }                                                                                          \
        span_;                                                                                     \
    })
#define SPAN_WRITE(ea, n)                                                                          \
    ({                                                                                             \
        uint8_t *span_ = HOST_WRITE(ea, n);                                                        \
        if (ZF_UNLIKELY(!span_)) {                                                                 \
            span_ = span;                                                                          \
        }                                                                                          \
        span_;                                                                                     \
    })
#define SPAN_DONE(ea, n)                                                                           \
    if (ZF_UNLIKELY(p == span) && !zf_store_bytes(cpu, ea, span, n)) {                             \
        FAULT                                                                                      \
    }

#define MOVE(to, from, n)                                                                          \
    uint64_t d_ = (to), s_ = (from);                                                               \
    unsigned n_ = (n);                                                                             \
    uint8_t *dp_ = HOST_WRITE(d_, n_);                                                             \
    uint8_t *sp_ = HOST_READ(s_, n_);                                                              \
    if (ZF_LIKELY(dp_ && sp_)) {                                                                   \
        zf_host_move(dp_, sp_, n_);                                                                \
    } else if (!zf_guest_move(cpu, d_, s_, n_)) {                                                  \
        FAULT                                                                                      \
    }
#define COMPARE_BYTES(first, second, n)                                                            \
    uint64_t d_ = (first), s_ = (second);                                                          \
    unsigned n_ = (n);                                                                             \
    const uint8_t *dp_ = HOST_READ(d_, n_);                                                        \
    const uint8_t *sp_ = HOST_READ(s_, n_);                                                        \
    if (ZF_LIKELY(dp_ && sp_)) {                                                                   \
        CC = zf_host_compare(dp_, sp_, n_);                                                        \
    } else if (!zf_guest_compare(cpu, d_, s_, n_)) {                                               \
        FAULT                                                                                      \
    }
#define COMBINE(first, second, n, how)                                                             \
    uint64_t d_ = (first), s_ = (second);                                                          \
    unsigned n_ = (n);                                                                             \
    uint8_t *dp_ = HOST_WRITE(d_, n_);                                                             \
    const uint8_t *sp_ = HOST_READ(s_, n_);                                                        \
    if (ZF_LIKELY(dp_ && sp_)) {                                                                   \
        CC = zf_host_combine(dp_, sp_, n_, how);                                                   \
    } else if (!zf_guest_combine(cpu, d_, s_, n_, how)) {                                          \
        FAULT                                                                                      \
    }

/* An operand on its boundary, as the host's atomic operations take it. */
#define INTERLOCKED(size, ea)                                                                      \
    ({                                                                                             \
        uint8_t *at_ = HOST_WRITE(ea, (size) / 8);                                                 \
        if (ZF_UNLIKELY(!at_)) {                                                                   \
            at_ = zf_interlocked(cpu, ea, (size) / 8);                                             \
            if (!at_) {                                                                            \
                FAULT                                                                              \
            }                                                                                      \
        }                                                                                          \
        (uint##size##_t *)(uintptr_t)at_;                                                          \
    })
#define COMPARE_AND_SWAP(p, expected, replacement)                                                 \
    __atomic_compare_exchange_n(p, &(expected), replacement, false, __ATOMIC_SEQ_CST,              \
                                __ATOMIC_SEQ_CST)
/* Adds to storage and gives what was there; interlocked when it lies on its boundary. */
#define FETCH_ADD(size, ea, value)                                                                 \
    ({                                                                                             \
        uint##size##_t before_, add_ = (uint##size##_t)(int64_t)(value);                           \
        if (ZF_LIKELY(!((ea) & ((size) / 8 - 1)))) {                                               \
            uint##size##_t *word_ = INTERLOCKED(size, ea);                                         \
            uint##size##_t raw_ = __atomic_load_n(word_, __ATOMIC_RELAXED);                        \
            do {                                                                                   \
                before_ = SWAP##size(raw_);                                                        \
            } while (!COMPARE_AND_SWAP(word_, raw_, SWAP##size(before_ + add_)));                  \
        } else {                                                                                   \
            before_ = LOAD(size, ea);                                                              \
            STORE(size, ea, before_ + add_);                                                       \
        }                                                                                          \
        before_;                                                                                   \
    })

#define FAULT RETURN_HERE(ZF_EXIT_PGM)
#define PGM_IF(bad, code)                                                                          \
    if (ZF_UNLIKELY(bad)) {                                                                        \
        zf_pgm(cpu, code);                                                                         \
        FAULT                                                                                      \
    }
#define FIXED_DIVIDE_IF(bad) PGM_IF(bad, ZF_PGM_FIXED_DIVIDE)
#define SPECIFICATION_IF(bad) PGM_IF(bad, ZF_PGM_SPECIFICATION)
#define LEAVE_TO_LOOP RETURN(ZF_EXIT_LOOP)
#define LEAVE(pc_)                                                                                 \
    {                                                                                              \
        cpu->psw.addr = (pc_);                                                                     \
        RETURN(ZF_EXIT_LOOP)                                                                       \
    }
#define LEAVE_AFTER RETURN_HERE(ZF_EXIT_AFTER)

#endif
