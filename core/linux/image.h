/*
 * Loads an s390x ELF program into the linear map of a machine. The file is not trusted: every
 * offset, size and address in it is checked before use.
 */
#ifndef ZF_GUEST_LINUX_IMAGE_H
#define ZF_GUEST_LINUX_IMAGE_H

#include "zfacet/error.h"
#include "zfacet/machine.h"

enum { ZF_IMAGE_INTERPRETER_LENGTH = 256 };

/* What a loaded file looks like in guest storage. */
struct zf_image {
    uint64_t base;    /* what was added to the file's addresses; 0 for ET_EXEC */
    uint64_t entry;   /* address of the first instruction */
    uint64_t headers; /* address of the program headers, 0 when no segment holds them */
    unsigned header_count;
    uint64_t end;                                  /* first page after all segments */
    bool executable_stack;                         /* PT_GNU_STACK asks for it */
    char interpreter[ZF_IMAGE_INTERPRETER_LENGTH]; /* PT_INTERP, empty when static */
};

/**
 * Maps the program in file `fd` (`name` is for messages). A position-independent one goes to
 * `base`. On an error the map may hold part of it.
 */
enum zf_status zf_image_load(struct zf_machine *machine, int fd, const char *name, uint64_t base,
                             struct zf_image *image, struct zf_error *err);

/** Whether the first bytes of a file are those of an s390x program. */
bool zf_image_is_program(const uint8_t *head, size_t length);

#endif
