/* Runs a guest on a model and tells what it used that the model lacks: run z13 rom:z14-on-z13 */
#include <inttypes.h>
#include <stdio.h>
#include <zfacet.h>

static void found(void *context, const struct zfacet_finding *finding) {
    printf("%s at %#" PRIx64 ": %s (%s)\n", finding->kind, finding->address, finding->text,
           finding->why);
}

static void wrote(void *context, const char *text, size_t length) {
    fwrite(text, 1, length, stdout);
}

int main(int argc, char **argv) {
    struct zfacet_error error;
    const char *guest = argc > 2 ? argv[2] : "rom:z14-on-z13";
    struct zfacet_model *model = zfacet_model_new(argc > 1 ? argv[1] : "z13", &error);
    struct zfacet_gate *gate = model ? zfacet_gate_new(model, "model", NULL, -1, &error) : NULL;
    struct zfacet_run *run = gate ? zfacet_run_new(gate, guest, NULL, &error) : NULL;
    if (!run) {
        fprintf(stderr, "run: %s\n", error.text);
        return 1;
    }
    zfacet_run_set_finding(run, found, NULL);
    zfacet_run_set_output(run, wrote, NULL);
    const struct zfacet_end *end = zfacet_run_go(run);
    printf("%s, r2 = %" PRIu64 "\n", end->how, zfacet_run_register(run, 2));
    zfacet_run_free(run);
    zfacet_gate_free(gate);
    zfacet_model_free(model);
    return 0;
}
