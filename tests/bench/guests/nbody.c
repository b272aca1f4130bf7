/* Planets that attract each other: scalar doubles, square roots and quotients. */
#include "runtime.h"

enum { BODIES = 5, STEPS = 400000 / SHRINK };

struct body {
    double x[3], v[3], mass;
};

/* Positions in a plane and out of it, speeds around the first, which is heavy. */
static struct body bodies[BODIES] = {
    {{0, 0, 0}, {0, 0, 0}, 39.5},
    {{4.84, -1.16, -0.10}, {0.61, 2.81, -0.02}, 0.0377},
    {{8.34, 4.12, -0.4}, {-1.01, 1.82, 0.008}, 0.0113},
    {{12.9, -15.1, -0.22}, {1.08, 0.87, -0.01}, 0.0017},
    {{15.4, -25.9, 0.18}, {0.98, 0.59, -0.035}, 0.002},
};

static void attract(struct body *a, struct body *b, double step) {
    double d[3], square = 0;
    for (int k = 0; k < 3; k++) {
        d[k] = a->x[k] - b->x[k];
        square += d[k] * d[k];
    }
    double pull = step / (square * __builtin_sqrt(square));
    for (int k = 0; k < 3; k++) {
        a->v[k] -= d[k] * b->mass * pull;
        b->v[k] += d[k] * a->mass * pull;
    }
}

int guest_main(void) {
    const double step = 0.001;
    for (int n = 0; n < STEPS; n++) {
        for (int i = 0; i < BODIES; i++) {
            for (int j = i + 1; j < BODIES; j++) {
                attract(&bodies[i], &bodies[j], step);
            }
        }
        for (int i = 0; i < BODIES; i++) {
            for (int k = 0; k < 3; k++) {
                bodies[i].x[k] += step * bodies[i].v[k];
            }
        }
    }
    u64 sum = 0;
    for (int i = 0; i < BODIES; i++) {
        u64 bits[3];
        memcpy(bits, bodies[i].x, sizeof bits);
        sum = sum * 31 + (bits[0] ^ bits[1] >> 1 ^ bits[2] >> 2);
    }
    print_hex("nbody ", sum);
    return 0;
}
