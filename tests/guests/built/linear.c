/*
 * Linear algebra and transforms as compilers make vector code of them, over floats and doubles:
 * products, sums, decompositions, a Fourier transform, conversions, extremes. Each tells a hash of
 * what it computed, bit for bit: no order of operations is left to the compiler.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { N = 67, POINTS = 512 };

static double a[N][N], b[N][N], c[N][N], v[N * N], w[N * N];
static float fa[N][N], fb[N][N], fc[N][N], fv[N * N], fw[N * N];
static int32_t si[N * N];
static uint32_t ui[N * N];
static int64_t sl[N * N];
static uint64_t ul[N * N];

static void tell(const char *what, const void *from, size_t size) {
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ ((const uint8_t *)from)[i]) * 0x100000001b3;
    }
    printf("%-14s %016llx\n", what, (unsigned long long)hash);
}
#define TELL(what, array) tell(what, array, sizeof array)
#define EACH for (int i = 0; i < N * N; i++)
#define APART __attribute__((noinline, noclone))

/* Numbers of both signs; `special` adds zeros, infinities, subnormals and large ones. */
APART static void fill(int special) {
    uint32_t seed = 12345;
    EACH {
        seed = seed * 1664525 + 1013904223;
        double x = ((double)(seed >> 8) / 16777216.0 - 0.5) * (1 << (seed >> 3 & 15));
        seed = seed * 1664525 + 1013904223;
        double y = ((double)(seed >> 8) / 16777216.0 - 0.5) * 3;
        if (special && seed >> 24 < 40) {
            static const double odd[] = {0.0,     -0.0,  INFINITY,     -INFINITY, 5e-324,
                                         -1e-310, 1e300, -1e300,       1e-45,     3e38,
                                         0.5,     -2.5,  2147483648.0, -9.3e18};
            x = odd[(seed >> 10) % 14];
            y = odd[(seed >> 15) % 14];
        }
        (&a[0][0])[i] = v[i] = x;
        (&b[0][0])[i] = w[i] = y;
        (&fa[0][0])[i] = fv[i] = (float)x;
        (&fb[0][0])[i] = fw[i] = (float)y;
    }
}

#define KERNELS(type, suffix, A, B, C, V, W, root, absolute)                                       \
    APART static void product##suffix(void) {                                                      \
        memset(C, 0, sizeof C);                                                                    \
        for (int i = 0; i < N; i++) {                                                              \
            for (int k = 0; k < N; k++) {                                                          \
                for (int j = 0; j < N; j++) {                                                      \
                    C[i][j] += A[i][k] * B[k][j];                                                  \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        TELL("product" #suffix, C);                                                                \
    }                                                                                              \
    APART static void fused##suffix(void) {                                                        \
        for (int i = 0; i < N; i++) {                                                              \
            for (int j = 0; j < N; j++) {                                                          \
                C[i][j] = (type)__builtin_fma##suffix(A[i][j], B[i][j], -C[i][j]);                 \
            }                                                                                      \
        }                                                                                          \
        TELL("fused" #suffix, C);                                                                  \
    }                                                                                              \
    APART static void eliminate##suffix(void) {                                                    \
        for (int i = 0; i < N; i++) {                                                              \
            A[i][i] += 40000;                                                                      \
        }                                                                                          \
        for (int k = 0; k < N; k++) {                                                              \
            for (int i = k + 1; i < N; i++) {                                                      \
                type factor = A[i][k] / A[k][k];                                                   \
                for (int j = k; j < N; j++) {                                                      \
                    A[i][j] -= factor * A[k][j];                                                   \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        TELL("eliminate" #suffix, A);                                                              \
    }                                                                                              \
    APART static void element##suffix(void) {                                                      \
        EACH {                                                                                     \
            V[i] = root(absolute(V[i])) / (W[i] + 7) - V[i] * W[i];                                \
        }                                                                                          \
        TELL("element" #suffix, V);                                                                \
        EACH {                                                                                     \
            V[i] = V[i] > W[i] ? V[i] : W[i] < 0 ? -V[i] : absolute(W[i]);                         \
        }                                                                                          \
        TELL("select" #suffix, V);                                                                 \
        EACH {                                                                                     \
            C[0][i % N] = V[i] <= W[i] ? C[0][i % N] + 1 : C[0][i % N];                            \
        }                                                                                          \
        TELL("compare" #suffix, C);                                                                \
    }                                                                                              \
    APART static void sums##suffix(void) {                                                         \
        type sum = 0, low = V[0], high = V[0], product = 0;                                        \
        EACH {                                                                                     \
            sum += V[i];                                                                           \
            product += V[i] * W[i];                                                                \
            low = V[i] < low ? V[i] : low;                                                         \
            high = V[i] > high ? V[i] : high;                                                      \
        }                                                                                          \
        type all[] = {sum, low, high, product};                                                    \
        TELL("sums" #suffix, all);                                                                 \
    }
KERNELS(double, , a, b, c, v, w, sqrt, fabs)
KERNELS(float, f, fa, fb, fc, fv, fw, sqrtf, fabsf)

/* Only in range: what C leaves open outside, compilers do in different ways. */
APART static void convert(void) {
    EACH {
        si[i] = (int32_t)(w[i] * 1000);
        ui[i] = (uint32_t)(fabs(w[i]) * 1000);
        sl[i] = (int64_t)(v[i] * 1e6);
        ul[i] = (uint64_t)(fabs(v[i]) * 1e6);
    }
    TELL("to int32", si), TELL("to uint32", ui), TELL("to int64", sl), TELL("to uint64", ul);
    EACH {
        v[i] = (double)sl[i] * 0.001;
        w[i] = (double)(ul[i] * 0x9e3779b97f4a7c15);
        fv[i] = (float)si[i];
        fw[i] = (float)(ui[i] * 0x9e3779b9u);
    }
    TELL("from int64", v), TELL("from uint64", w), TELL("from int32", fv), TELL("from uint32", fw);
    EACH {
        v[i] = rint(v[i]), w[i] = floor(w[i] * 1e-18 * 7), fv[i] = truncf(fv[i] / 3);
        fw[i] = (float)w[i] + ceilf(fw[i] * 1e-5f) + roundf(fv[i] * 0.5f);
    }
    TELL("rint", v), TELL("floor", w), TELL("trunc", fv), TELL("narrow", fw);
    EACH {
        v[i] = (double)fw[i] * fv[i];
        fv[i] = (float)v[i];
    }
    TELL("widen", v), TELL("round", fv);
}

APART static void transform(void) {
    static double re[POINTS], im[POINTS];
    for (int i = 0; i < POINTS; i++) {
        re[i] = i * 37 % 101 - 50, im[i] = i * 11 % 17;
    }
    for (int size = 2; size <= POINTS; size *= 2) {
        for (int start = 0; start < POINTS; start += size) {
            for (int k = 0; k < size / 2; k++) {
                int x = start + k, y = x + size / 2;
                double cr = (double)(k + 1) / size, ci = 1 - cr;
                double tr = re[y] * cr - im[y] * ci, ti = re[y] * ci + im[y] * cr;
                re[y] = re[x] - tr, im[y] = im[x] - ti;
                re[x] += tr, im[x] += ti;
            }
        }
    }
    TELL("transform", re), TELL("transform", im);
}

int main(void) {
    for (int special = 0; special < 2; special++) {
        fill(special);
        if (!special) {
            convert();
            fill(0);
        }
        product(), productf();
        fused(), fusedf();
        element(), elementf();
        sums(), sumsf();
        eliminate(), eliminatef();
        transform();
    }
    return 0;
}
