/* Decodes an instruction word: decode B9ED4033 */
#include <stdio.h>
#include <zfacet.h>

int main(int argc, char **argv) {
    struct zfacet_error error;
    unsigned char bytes[6];
    size_t size = 0;
    unsigned byte;
    for (const char *at = argc > 1 ? argv[1] : ""; size < 6 && sscanf(at, "%2x", &byte) == 1;
         at += 2) {
        bytes[size++] = (unsigned char)byte;
    }
    const struct zfacet_insn *insn = zfacet_decode(bytes, size, 0, &error);
    if (!insn) {
        fprintf(stderr, "decode: %s\n", error.text);
        return 1;
    }
    if (insn->known) {
        printf("%s: %s, format %s, since %s\n", insn->text, insn->name, insn->format, insn->first);
        if (insn->facility >= 0) {
            printf("needs facility %d (%s)\n", insn->facility, insn->facility_name);
        }
    } else {
        printf("no instruction of %u bytes\n", insn->length);
    }
    zfacet_insn_free(insn);
    return 0;
}
