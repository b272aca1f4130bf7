/*
 * Guest files: what a file is, and how one for the bare machine gets into storage. Linux programs
 * are only recognized here. All bytes are untrusted.
 */
#ifndef ZFACET_LOAD_H
#define ZFACET_LOAD_H

#include "zfacet/machine.h"

enum zf_guest_kind {
    ZF_GUEST_PROGRAM, /* ELF program for Linux */
    ZF_GUEST_ELF,     /* ELF for the bare machine */
    ZF_GUEST_KERNEL,  /* Linux kernel image: absolute storage from 0, entry at 0x10000 */
    ZF_GUEST_IPL,     /* absolute storage from 0 that begins with the PSW to load */
    ZF_GUEST_FLAT,    /* code alone, at an address that the user names */
    ZF_GUEST_KIND_COUNT
};

/** "Linux program", "bare-metal ELF", … */
const char *zf_guest_kind_name(enum zf_guest_kind kind);

/**
 * Decides what `size` bytes are. An ELF is a program for Linux when it names an interpreter or is
 * position independent, or when it lies at or above 1 MiB and has a stack, TLS or note segment; a
 * file that is no ELF is a kernel image by its signature, or an image with an initial PSW when the
 * first doubleword is one. Errors: FORMAT, also for an ELF of another machine.
 */
enum zf_status zf_guest_identify(const void *bytes, size_t size, enum zf_guest_kind *kind,
                                 struct zf_error *err);

/**
 * Puts a guest for the bare machine into storage and sets the PSW: 64-bit mode at the entry, or
 * the initial PSW of a ZF_GUEST_IPL image. `base` is where ZF_GUEST_FLAT goes. Errors: FORMAT;
 * storage may have been written by then.
 */
enum zf_status zf_guest_load(struct zf_machine *machine, enum zf_guest_kind kind, const void *bytes,
                             size_t size, uint64_t base, struct zf_error *err);

/* What a Linux kernel is given beside its own bytes. */
struct zf_kernel_input {
    const char *command_line; /* or NULL */
    const void *ramdisk;      /* its first root file system, or NULL */
    size_t ramdisk_size;
};

/**
 * Gives the Linux kernel that zfacet has loaded from `bytes` its command line and ramdisk, where
 * the kernel's header says. Errors: FORMAT when there is no such kernel in storage or no room.
 */
enum zf_status zf_guest_load_kernel_input(struct zf_machine *machine, const void *bytes,
                                          size_t size, const struct zf_kernel_input *input,
                                          struct zf_error *err);

#endif
