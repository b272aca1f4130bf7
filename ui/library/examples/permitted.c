/* Asks whether a model has an instruction, and why not: permitted z13 (it asks for MSGRKC) */
#include <stdio.h>
#include <zfacet.h>

int main(int argc, char **argv) {
    static const unsigned char msgrkc[] = {0xb9, 0xed, 0x40, 0x33};
    struct zfacet_error error;
    struct zfacet_model *model = zfacet_model_new(argc > 1 ? argv[1] : "z13", &error);
    struct zfacet_gate *gate = model ? zfacet_gate_new(model, "model", NULL, -1, &error) : NULL;
    const struct zfacet_verdict *verdict =
        gate ? zfacet_gate_check(gate, msgrkc, sizeof msgrkc, &error) : NULL;
    if (!verdict) {
        fprintf(stderr, "permitted: %s\n", error.text);
        return 1;
    }
    int status = verdict->permitted ? 0 : 3;
    printf("%s: %s\n", zfacet_model_name(model), verdict->outcome);
    if (!verdict->permitted) {
        printf("%s; first on %s\n", verdict->why, verdict->first);
    }
    zfacet_verdict_free(verdict);
    zfacet_gate_free(gate);
    zfacet_model_free(model);
    return status;
}
