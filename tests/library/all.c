/* What the examples of libzfacet leave out: policies, limits, stopping, storage, errors, two runs.
 */
#include <stdio.h>
#include <string.h>
#include <zfacet.h>

static int failures;

static void check(int ok, const char *what) {
    if (!ok) {
        printf("FAIL %s\n", what);
        failures++;
    }
}

static void stop(void *context, const struct zfacet_finding *finding) {
    check(finding->facility == 58 && !strcmp(finding->function, ""), "finding");
    zfacet_run_stop(context);
}

static void policies(const struct zfacet_model *z13, const struct zfacet_model *z16) {
    static const unsigned char msgrkc[] = {0xb9, 0xed, 0x40, 0x33};
    struct zfacet_error error;
    struct zfacet_gate *gate = zfacet_gate_new(z13, "ibc", z16, 0x41, &error);
    const struct zfacet_verdict *v = zfacet_gate_check(gate, msgrkc, sizeof msgrkc, &error);
    check(v && v->permitted && v->beyond && v->implemented, "a leak");
    zfacet_verdict_free(v);
    zfacet_gate_free(gate);
    check(!zfacet_gate_new(z13, "some", NULL, -1, &error) && error.code == ZFACET_INVALID,
          "policy");
    check(!zfacet_gate_new(z13, "some", NULL, -1, NULL), "without an error");
}

static void models(const struct zfacet_model *z13) {
    struct zfacet_error error;
    unsigned count = 0;
    while (zfacet_model_at(count)) {
        count++;
    }
    check(count >= 30, "models");
    check(zfacet_model_ibc(z13) == 0x31 && zfacet_model_type(z13) == 0x2964, "IBC and type");
    check(zfacet_model_has_facility(z13, 129) && !zfacet_model_has_facility(z13, 58), "facility");
    check(zfacet_model_has_feature(z13, "vx", &error) == 1, "feature");
    check(zfacet_model_has_feature(z13, "vxpd", NULL) == 0, "no feature");
    check(zfacet_model_has_feature(z13, "nothing", &error) == -1 && error.code == ZFACET_NOT_FOUND,
          "unknown");
    check(zfacet_model_feature(z13, 0) && !zfacet_model_feature(z13, 100000), "features");
}

static void runs(const struct zfacet_model *z13) {
    struct zfacet_error error;
    unsigned char byte;
    struct zfacet_gate *gate = zfacet_gate_new(z13, "model", NULL, -1, &error);
    struct zfacet_run *run = zfacet_run_new(gate, "rom:hello", NULL, &error);
    struct zfacet_run *other = zfacet_run_new(gate, "rom:z14-on-z13", NULL, &error);
    zfacet_run_set_limits(run, 100, 0);
    zfacet_run_set_finding(other, stop, other);
    check(!strcmp(zfacet_run_go(run)->how, "limit"), "limit");
    const struct zfacet_end *end = zfacet_run_go(other);
    check(!strcmp(end->how, "stopped") && end->findings == 1, "stopped");
    check(!zfacet_run_read(run, 0x20000, &byte, 1) && zfacet_run_read(run, 1ull << 40, &byte, 1),
          "storage");
    zfacet_run_free(run);
    zfacet_run_free(other);
    check(!zfacet_run_new(gate, "/nowhere", NULL, &error) && error.code == ZFACET_NOT_FOUND,
          "no file");
    zfacet_gate_free(gate);
}

int main(void) {
    struct zfacet_model *z13 = zfacet_model_new("z13", NULL), *z16 = zfacet_model_new("z16", NULL);
    check(zfacet_api() == ZFACET_API && zfacet_version()[0], "version");
    policies(z13, z16);
    models(z13);
    runs(z13);
    zfacet_model_free(z13);
    zfacet_model_free(z16);
    return failures != 0;
}
