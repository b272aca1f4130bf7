/* Planets that attract each other: scalar doubles, square roots and quotients. */
#include "runtime.h"

enum { BODIES = 5, STEPS = 400000 / SHRINK };

struct body {
    double x, y, z, vx, vy, vz, mass;
};

/* Positions in a plane and out of it, speeds around the first, which is heavy. */
static struct body bodies[BODIES] = {
    {0, 0, 0, 0, 0, 0, 39.5},
    {4.84, -1.16, -0.10, 0.61, 2.81, -0.02, 0.0377},
    {8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.0113},
    {12.9, -15.1, -0.22, 1.08, 0.87, -0.01, 0.0017},
    {15.4, -25.9, 0.18, 0.98, 0.59, -0.035, 0.002},
};

static void attract(struct body *a, struct body *b, double step) {
    double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
    double square = dx * dx + dy * dy + dz * dz;
    double pull = step / (square * __builtin_sqrt(square));
    a->vx -= dx * b->mass * pull;
    a->vy -= dy * b->mass * pull;
    a->vz -= dz * b->mass * pull;
    b->vx += dx * a->mass * pull;
    b->vy += dy * a->mass * pull;
    b->vz += dz * a->mass * pull;
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
            bodies[i].x += step * bodies[i].vx;
            bodies[i].y += step * bodies[i].vy;
            bodies[i].z += step * bodies[i].vz;
        }
    }
    u64 sum = 0;
    for (int i = 0; i < BODIES; i++) {
        u64 bits[3];
        memcpy(bits, &bodies[i].x, sizeof bits);
        sum = sum * 31 + (bits[0] ^ bits[1] >> 1 ^ bits[2] >> 2);
    }
    print_hex("nbody ", sum);
    return 0;
}
