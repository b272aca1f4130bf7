/*
 * Arguments that rows of decode/isa/system.def give to the functions they name.
 */
#ifndef ZF_CONTROL_ARGUMENT_H
#define ZF_CONTROL_ARGUMENT_H

/* What of a PCI instruction's operands is checked before the function handle. */
enum zf_pci {
    ZF_PCI_PAIR,  /* R2 is even */
    ZF_PCI_BLOCK, /* the second operand is on a doubleword */
    ZF_PCI_ANY,
};

#endif
