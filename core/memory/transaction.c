/*
 * What a transaction has stored, and how it is taken back.
 */
#include "zfacet/transaction.h"

#include "zfacet/storage.h"

#include <string.h>

bool zf_transaction_fail(struct zf_cpu *cpu, uint64_t code, unsigned cc) {
    cpu->transaction->code = code;
    cpu->transaction->cc = (uint8_t)cc;
    return zf_pgm(cpu, ZF_PGM_ABORT_ALONE);
}

static bool has_line(const struct zf_transaction *tx, const uint8_t *host) {
    for (unsigned n = tx->lines; n-- > 0;) {
        if (tx->line[n].host == host) {
            return true;
        }
    }
    return false;
}

bool zf_transaction_stores(struct zf_cpu *cpu, uint8_t *host, size_t length) {
    struct zf_transaction *tx = cpu->transaction;
    const uint8_t *end = host + length;
    for (uint8_t *at = host - (uintptr_t)host % ZF_TRANSACTION_LINE; at < end;
         at += ZF_TRANSACTION_LINE) {
        if (has_line(tx, at)) {
            continue;
        }
        if (tx->lines == ZF_TRANSACTION_LINES) {
            return zf_transaction_fail(cpu, ZF_ABORT_STORE_OVERFLOW, ZF_ABORT_PERSISTENT);
        }
        struct zf_transaction_line *line = &tx->line[tx->lines++];
        line->host = at;
        memcpy(line->before, at, sizeof line->before);
    }
    return true;
}

bool zf_transaction_keeps(struct zf_cpu *cpu, uint8_t *host) {
    struct zf_transaction *tx = cpu->transaction;
    if (tx->kept == ZF_TRANSACTION_KEPT) {
        return zf_transaction_fail(cpu, ZF_ABORT_STORE_OVERFLOW, ZF_ABORT_PERSISTENT);
    }
    struct zf_transaction_kept *kept = &tx->keep[tx->kept++];
    kept->host = host;
    memcpy(kept->bytes, host, sizeof kept->bytes);
    return true;
}

static void put_back(struct zf_storage *storage, uint8_t *host, const uint8_t *bytes,
                     size_t length) {
    zf_code_changed(storage, (uint64_t)(host - storage->ram), length);
    memcpy(host, bytes, length);
}

void zf_transaction_undo(struct zf_cpu *cpu) {
    struct zf_transaction *tx = cpu->transaction;
    for (unsigned n = 0; n < tx->lines; n++) {
        put_back(cpu->storage, tx->line[n].host, tx->line[n].before, ZF_TRANSACTION_LINE);
    }
    for (unsigned n = 0; n < tx->kept; n++) {
        put_back(cpu->storage, tx->keep[n].host, tx->keep[n].bytes, sizeof tx->keep[n].bytes);
    }
    tx->lines = tx->kept = 0;
}
