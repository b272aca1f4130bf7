/* Linear algebra on vectors of doubles and floats: matrix products, scaled sums, a triangular
 * solve. */
#include "runtime.h"

enum { N = 96, ROUNDS = 40 / SHRINK };

static double a[N][N], b[N][N], c[N][N];
static float fa[N][N], fb[N][N], fc[N][N];

static void fill(void) {
    u32 seed = 12345;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            seed = seed * 1664525 + 1013904223;
            a[i][j] = (double)(seed >> 8) / 16777216.0 + (i == j ? N : 0);
            b[i][j] = (double)(seed & 0xffffff) / 16777216.0 - 0.5;
            fa[i][j] = (float)a[i][j];
            fb[i][j] = (float)b[i][j];
        }
    }
}

#define PRODUCT(name, type)                                                                        \
    static void name(type to[N][N], type x[N][N], type y[N][N]) {                                  \
        for (int i = 0; i < N; i++) {                                                              \
            for (int j = 0; j < N; j++) {                                                          \
                to[i][j] = 0;                                                                      \
            }                                                                                      \
            for (int k = 0; k < N; k++) {                                                          \
                type factor = x[i][k];                                                             \
                for (int j = 0; j < N; j++) {                                                      \
                    to[i][j] += factor * y[k][j];                                                  \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
PRODUCT(product, double)
PRODUCT(product_short, float)

/* Gaussian elimination without pivots; the diagonal is large. */
static void eliminate(double m[N][N]) {
    for (int k = 0; k < N; k++) {
        double pivot = m[k][k];
        for (int i = k + 1; i < N; i++) {
            double factor = m[i][k] / pivot;
            for (int j = k; j < N; j++) {
                m[i][j] -= factor * m[k][j];
            }
        }
    }
}

static u64 checksum(const void *from, u64 length) {
    u64 sum = 0;
    const u64 *p = from;
    for (u64 i = 0; i < length / sizeof *p; i++) {
        sum = (sum << 1 | sum >> 63) + p[i];
    }
    return sum;
}

int guest_main(void) {
    u64 sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        fill();
        product(c, a, b);
        product_short(fc, fa, fb);
        eliminate(a);
        sum += checksum(c, sizeof c) + checksum(fc, sizeof fc) + checksum(a, sizeof a);
    }
    print_hex("linear ", sum);
    return 0;
}
