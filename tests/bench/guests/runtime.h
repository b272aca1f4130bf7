/*
 * What the freestanding bench guests share. linux.c or bare.c has entry, end and output; runtime.c
 * the rest. SHRINK divides the work: for measurements that take long for each instruction.
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#ifndef SHRINK
#define SHRINK 1
#endif

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef int s32;
typedef long s64;

int guest_main(void);
void write_out(const char *text, u64 length);
void print_hex(const char *label, u64 value);
void *memcpy(void *to, const void *from, u64 length);
void *memset(void *to, int value, u64 length);
int memcmp(const void *a, const void *b, u64 length);

#endif
