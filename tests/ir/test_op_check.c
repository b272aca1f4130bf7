/*
 * What the build refuses of an op's body: one row for each refusal, beside one that is right.
 */
#include "op_check.h"

#include <criterion/criterion.h>

static const struct {
    struct op_row row;
    const char *fault; /* its beginning; NULL: none */
} rows[] = {
    {{"right", "=ll-l", "", "L(a) = L(b) + L(c);"}, NULL},
    {{"wider", "=gl--", "", "G(a) = G(b);"}, "the body uses an operand as another kind"},
    {{"narrower", "=gg--", "", "L(a) = L(b);"}, "the body does not write all"},
    {{"other half", "=ll--", "", "H(a) = L(b);"}, "the body uses an operand as another kind"},
    {{"idle", "=gg--", "", "G(a) = 0;"}, "the body does not use the operand"},
    {{"more", "=g---", "", "G(a) = u->c;"}, "the body uses an operand that has no letter"},
    {{"written", "gg--", "", "G(a) = G(b);"}, "the body writes an operand without"},
    {{"read", "=gg--", "", "G(a) = G(a) + G(b);"}, NULL}, /* the assignment comes first */
    {{"read first", "=gg--", "", "uint64_t v = G(a); G(a) = v + G(b);"}, "the body reads"},
    {{"changed", "=gg--", "", "G(a) += G(b);"}, "the body reads"},
    {{"element", "=vv--", "", "V(a).b[0] = V(b).b[1];"}, "the body does not write all"},
    {{"vector", "=vv--", "", "V(a).b = V(b).b;"}, NULL},
    {{"size", "=v---", "", "V(a).b = sizeof(V(a).b[0]);"}, NULL},
    {{"address", "=g---", "m", "G(a) = LD64(EA_B);"}, "the body uses an operand that has no"},
    {{"load", "=gg--", "", "G(a) = LD64(EA_B);"}, "the body does what no effect letter says"},
    {{"store", "gg--", "m", "ST64(EA_B, G(a));"}, "the body does what no effect letter says"},
    {{"CC", "=gg--", "", "G(a) = G(b); CC = 0;"}, "the body sets the CC without effect c"},
    {{"uses CC", "=gg--", "", "G(a) = G(b) + CC_NOW;"}, "the body does what no effect letter"},
    {{"helper", "----", "m", "HELPER(CALL_OF_OP)"}, "the body does what no effect letter says"},
};

Test(op_check, refuses) {
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *about, *fault = op_check(&rows[i].row, &about);
        if (!rows[i].fault) {
            cr_expect_null(fault, "%s: %s", rows[i].row.name, fault);
            continue;
        }
        cr_expect(fault && !strncmp(fault, rows[i].fault, strlen(rows[i].fault)), "%s: %s, not %s",
                  rows[i].row.name, fault ? fault : "fine", rows[i].fault);
    }
}
