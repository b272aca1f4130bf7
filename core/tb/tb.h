/*
 * Translation blocks: made through the frontend, kept by address and mode, chained to each other,
 * dropped when their code changes. Uops of all blocks lie in one arena in order of creation.
 */
#ifndef ZF_TB_TB_H
#define ZF_TB_TB_H

#include "interp/interp.h"
#include "zfacet/error.h"
#include "zfacet/op.h"

struct zf_tb_cache;

struct zf_tb_cache *zf_tb_cache_create(struct zf_machine *machine, struct zf_error *err);
void zf_tb_cache_destroy(struct zf_tb_cache *tbs);

struct zf_uop *zf_tb_arena(struct zf_tb_cache *tbs);

/** Runs from `uop` in the engine that the machine and the CPU's mode ask for. */
enum zf_exit zf_tb_run(struct zf_tb_cache *tbs, struct zf_cpu *cpu, struct zf_uop *uop);

/** The first uop for the CPU's PSW address and mode; NULL with cpu->pgm set (fetch), or when the
 * cache is full (cpu->pgm clear): flush and try again. */
struct zf_uop *zf_tb_find(struct zf_cpu *cpu, uint64_t pc);

/** Behind a chain stub: the uop to go on with, the branch patched; NULL: through the run loop. */
struct zf_uop *zf_tb_chain(struct zf_cpu *cpu, struct zf_uop *stub);

/** Behind a miss of the branch cache, which it fills. */
struct zf_uop *zf_tb_indirect(struct zf_cpu *cpu, uint64_t pc);

/**
 * The block of an EXECUTE's target: `address` is the target's, `bits` are or-ed into its second
 * byte. NULL with cpu->pgm set, or with it clear and the PSW at the EXECUTE (cache full).
 */
struct zf_uop *zf_tb_execute(struct zf_cpu *cpu, struct zf_uop *uop, uint64_t address,
                             uint8_t bits);

/** Whether the cache is full: no block can be made until it is flushed. */
bool zf_tb_full(const struct zf_tb_cache *tbs);

/**
 * Where a CPU goes on that comes to a uop of a dropped block: at its start, or behind the
 * instruction before, which has stored. The uop's own instruction would not do: what lies between
 * may have no ops, but does no longer stand for what the storage has there.
 */
uint64_t zf_tb_stale_pc(struct zf_cpu *cpu, const struct zf_uop *uop);
uint64_t zf_tb_place(struct zf_tb_cache *tbs, const struct zf_uop *uop, unsigned *length);

/** The guest address that a branch to `uop` goes to: the uop may be a chain stub. */
uint64_t zf_tb_target(struct zf_tb_cache *tbs, const struct zf_uop *uop, uint32_t mode);

/** Room for a call block, for as long as the code lives; never NULL. */
void *zf_tb_data(struct zf_tb_cache *tbs, size_t size);

/** Whether any block was made from bytes of this page (absolute, or linear guest page). */
bool zf_tb_page_has_code(const struct zf_tb_cache *tbs, uint64_t page);

/** Drops the blocks made from bytes in [address, address + length). */
void zf_tb_drop(struct zf_tb_cache *tbs, uint64_t address, uint64_t length);

/** Drops all; no block may be running. */
void zf_tb_flush(struct zf_tb_cache *tbs);

/** Drops all blocks of one virtual address space, by its number; as safe as the next. */
void zf_tb_drop_space(struct zf_tb_cache *tbs, uint32_t number);

/** Drops all blocks of virtual address spaces; safe while a block is running. */
void zf_tb_drop_virtual(struct zf_tb_cache *tbs);

/** Called when a page gets its first block (storage.c): stores to it must be noticed. */
void zf_code_page_added(struct zf_machine *machine, uint64_t page);

/** Trace op. */
void zf_trace_insn(struct zf_cpu *cpu, uint64_t pc);

#endif
