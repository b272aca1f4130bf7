/* Compares two models: compare z13 z14 */
#include <stdio.h>
#include <zfacet.h>

int main(int argc, char **argv) {
    struct zfacet_error error;
    if (argc != 3) {
        fprintf(stderr, "usage: compare MODEL MODEL\n");
        return 2;
    }
    struct zfacet_model *first = zfacet_model_new(argv[1], &error);
    struct zfacet_model *second = first ? zfacet_model_new(argv[2], &error) : NULL;
    const struct zfacet_comparison *c = second ? zfacet_compare(first, second, &error) : NULL;
    if (!c) {
        fprintf(stderr, "compare: %s\n", error.text);
        return 1;
    }
    printf("%s is %s to %s; a guest %s move\n", zfacet_model_name(first), c->result,
           zfacet_model_name(second), c->may_move ? "may" : "may not");
    for (unsigned i = 0; i < c->second_count; i++) {
        printf("only %s: %s\n", zfacet_model_name(second), c->only_second[i]);
    }
    zfacet_comparison_free(c);
    zfacet_model_free(first);
    zfacet_model_free(second);
    return 0;
}
