/*
 * Storage access of everything that is not hot: 24- and 31-bit addressing, and what a debugger
 * watches, whatever lies beneath.
 */
#define NOTE_BRANCH cpu->branch_at = HOLE_at
#define WRAP(address) ((address)&cpu->address_mask)
#define LOCALS
#define EA_B WRAP(SIGNED_SUM(G(b), imm))
#define EA_BX WRAP(SIGNED_SUM(G(b) + G(x), imm))
#define EA_X2 WRAP(SIGNED_SUM(G(x), imm2))
#define LOAD(size, address) ((uint##size##_t)LOAD_SLOW(size, address))
#define STORE(size, address, value) STORE_SLOW(size, address, value)
#define HOST_READ(address, n)                                                                      \
    ({                                                                                             \
        MARK;                                                                                      \
        (void)(address);                                                                           \
        (uint8_t *)NULL;                                                                           \
    })
#define HOST_WRITE(address, n) HOST_READ(address, n)
