/* Reads files as JSON and prints what was understood: formatted, unformatted, or where it failed.
 */
#include "cJSON.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *content(const char *name, size_t *size) {
    FILE *f = fopen(name, "rb");
    if (!f) {
        return NULL;
    }
    char *text = malloc(1 << 20);
    *size = fread(text, 1, (1 << 20) - 1, f);
    text[*size] = 0;
    fclose(f);
    return text;
}

/* Arrays of numbers, whose last digits show how they were computed */
static void print_numbers(void) {
    double numbers[200], x = 1.1;
    for (int i = 0; i < 200; i++) {
        numbers[i] = x;
        x = x * -1.37 + 1 / (x + 0.3);
    }
    cJSON *array = cJSON_CreateDoubleArray(numbers, 200);
    char *text = cJSON_Print(array);
    puts(text);
    cJSON *again = cJSON_Parse(text);
    printf("equal %d\n", cJSON_Compare(array, again, 1));
    for (int i = 0; i < 200; i++) {
        printf("%a\n", cJSON_GetArrayItem(again, i)->valuedouble);
    }
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        size_t size = 0;
        char *text = content(argv[i], &size);
        cJSON *tree = text ? cJSON_Parse(text) : NULL;
        printf("file %d, %zu bytes\n", i, size);
        if (!tree) {
            printf("invalid at %td\n", text ? cJSON_GetErrorPtr() - text : -1);
            continue;
        }
        puts(cJSON_Print(tree));
        puts(cJSON_PrintUnformatted(tree));
        cJSON *copy = cJSON_Duplicate(tree, 1);
        printf("equal %d\n", cJSON_Compare(tree, copy, 1));
        cJSON_Minify(text);
        puts(text);
    }
    print_numbers();
    return 0;
}
