/*
 * Loops that compilers make vector code of, over integers of every size; each tells a hash of what
 * it made. Builds for machines with and without vector instructions must tell the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { N = 1003 };

static uint8_t b[N], c[N], d[N];
static int8_t sb[N];
static uint16_t h[N], k[N];
static int16_t sh[N];
static uint32_t f[N], g[N];
static int32_t sf[N], sg[N];
static uint64_t l[N], m[N];
static int64_t sl[N];
static unsigned __int128 q[N / 16];

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void fill(void *to, size_t size) {
    for (size_t i = 0; i < size; i++) {
        uint64_t r = next();
        ((uint8_t *)to)[i] = r & 0x700 ? (uint8_t)(r >> 20) : r & 0x800 ? 0xff : 0;
    }
}

__attribute__((noinline)) static void tell(const char *what, const void *from, size_t size) {
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ ((const uint8_t *)from)[i]) * 0x100000001b3;
    }
    printf("%-10s %016llx\n", what, (unsigned long long)hash);
}
#define TELL(what, array) tell(what, array, sizeof array)
#define EACH for (unsigned i = 0; i < N; i++)

static void refill(void) {
    fill(b, sizeof b), fill(c, sizeof c), fill(d, sizeof d), fill(sb, sizeof sb);
    fill(h, sizeof h), fill(k, sizeof k), fill(sh, sizeof sh);
    fill(f, sizeof f), fill(g, sizeof g), fill(sf, sizeof sf), fill(sg, sizeof sg);
    fill(l, sizeof l), fill(m, sizeof m), fill(sl, sizeof sl), fill(q, sizeof q);
}

__attribute__((noinline)) static void arithmetic(void) {
    EACH {
        b[i] = (uint8_t)(b[i] + c[i] * 3);
    }
    EACH {
        h[i] = (uint16_t)(h[i] - k[i] * h[i]);
    }
    EACH {
        f[i] = f[i] * g[i] + 77;
    }
    EACH {
        l[i] = l[i] - m[i] + (uint64_t)i;
    }
    EACH {
        d[i] = (uint8_t)((d[i] + c[i] + 1) >> 1);
    }
    EACH {
        k[i] = (uint16_t)((uint32_t)k[i] * h[i] >> 16);
    }
    EACH {
        sf[i] = (int32_t)((int64_t)sf[i] * sg[i] >> 32);
    }
    TELL("byte", b), TELL("half", h), TELL("word", f), TELL("double", l), TELL("average", d);
    TELL("high", k), TELL("highword", sf);
}

__attribute__((noinline)) static void shifts(void) {
    EACH {
        b[i] = (uint8_t)(b[i] << 3 | b[i] >> 5);
    }
    EACH {
        sh[i] = (int16_t)(sh[i] >> 5);
    }
    EACH {
        f[i] = f[i] << (g[i] & 31);
    }
    EACH {
        l[i] = l[i] >> (m[i] & 63);
    }
    EACH {
        sl[i] = sl[i] >> 7;
    }
    EACH {
        g[i] = g[i] << 11 | g[i] >> 21;
    }
    TELL("rotate", b), TELL("arith", sh), TELL("by each", f), TELL("by each", l), TELL("arith", sl);
    TELL("rotate", g);
}

__attribute__((noinline)) static void chosen(void) {
    EACH {
        sb[i] = sb[i] < 0 ? (int8_t)-sb[i] : sb[i];
    }
    EACH {
        h[i] = h[i] > k[i] ? h[i] : k[i];
    }
    EACH {
        sf[i] = sf[i] < sg[i] ? sf[i] : sg[i];
    }
    EACH {
        l[i] = l[i] == m[i] || sl[i] > 0 ? l[i] : ~m[i];
    }
    EACH {
        d[i] = (uint8_t)(sh[i] > 255 ? 255 : sh[i] < 0 ? 0 : sh[i]);
    }
    TELL("positive", sb), TELL("maximum", h), TELL("minimum", sf), TELL("select", l),
        TELL("clamp", d);
}

__attribute__((noinline)) static void widths(void) {
    EACH {
        f[i] = b[i];
    }
    EACH {
        sl[i] = sb[i];
    }
    EACH {
        h[i] = (uint16_t)l[i];
    }
    EACH {
        c[i] = (uint8_t)(g[i] >> 7);
    }
    EACH {
        m[i] = (uint64_t)f[i] * g[i];
    }
    TELL("widen", f), TELL("widen", sl), TELL("narrow", h), TELL("narrow", c), TELL("product", m);
}

__attribute__((noinline)) static void sums(void) {
    uint32_t total = 0, dot = 0;
    int64_t far = 0;
    uint16_t least = UINT16_MAX;
    uint64_t bits = 0, parity = 0;
    EACH {
        total += b[i];
    }
    EACH {
        dot += (uint32_t)(sb[i] * sh[i]);
    }
    EACH {
        far += sf[i] > sg[i] ? (int64_t)sf[i] - sg[i] : 0;
    }
    EACH {
        least = k[i] < least ? k[i] : least;
    }
    EACH {
        bits += (uint64_t)__builtin_popcountll(m[i]) + (uint64_t)__builtin_popcount(g[i]);
    }
    EACH {
        parity ^= l[i];
    }
    uint64_t all[] = {total, dot, (uint64_t)far, least, bits, parity};
    TELL("sums", all);
}

__attribute__((noinline)) static void strides(void) {
    for (unsigned i = 0; i + 3 < N; i += 4) {
        uint8_t red = b[i], blue = b[i + 2];
        b[i] = blue, b[i + 2] = red, b[i + 1] = (uint8_t)~b[i + 1];
    }
    for (unsigned i = 0; i < N / 2; i++) {
        f[i] = g[2 * i] + g[2 * i + 1];
        h[2 * i] = k[i], h[2 * i + 1] = (uint16_t)i;
    }
    EACH {
        c[i] = d[N - 1 - i];
    }
    EACH {
        m[i] = __builtin_bswap64(l[i]);
    }
    EACH {
        sg[i] = (int32_t)__builtin_bswap32((uint32_t)sf[i]);
    }
    TELL("pixels", b), TELL("pairs", f), TELL("interleave", h), TELL("reverse", c), TELL("swap", m);
    TELL("swap", sg);
}

__attribute__((noinline)) static void wide(void) {
    unsigned __int128 sum = 0;
    for (unsigned i = 0; i < N / 16; i++) {
        sum += q[i];
        q[i] = (q[i] << 5) ^ (q[i] >> 77) ^ sum;
        sum = q[i] & 1 ? ~sum : sum;
    }
    TELL("quad", q), tell("quad sum", &sum, sizeof sum);
}

__attribute__((noinline)) static void product(void) {
    enum { SIZE = 24 };
    static int32_t x[SIZE][SIZE], y[SIZE][SIZE], z[SIZE][SIZE];
    fill(x, sizeof x), fill(y, sizeof y);
    for (unsigned i = 0; i < SIZE; i++) {
        for (unsigned n = 0; n < SIZE; n++) {
            for (unsigned j = 0; j < SIZE; j++) {
                z[i][j] = (int32_t)((uint32_t)z[i][j] + (uint32_t)x[i][n] * (uint32_t)y[n][j]);
            }
        }
    }
    TELL("matrix", z);
}

int main(void) {
    static void (*const kernels[])(void) = {arithmetic, shifts,  chosen, widths,
                                            sums,       strides, wide,   product};
    for (unsigned i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
        refill();
        kernels[i]();
    }
    return 0;
}
