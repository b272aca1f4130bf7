/*
 * A run's report as text or JSON.
 *
 * The JSON is one object:
 *   model, machine, policy, ibc (string or null)      what was asked for
 *   totals: {blocked, leak, audit, ignored, hint, unimplemented}   executions of each kind
 *   places: [{kind, address, target, bytes, text, mnemonic, form, function, image, symbol, offset,
 *             file, line, facility, facility_name, first_machine, reason, why, outcome, count,
 *             stack: [{address, image, symbol, offset, file, line}], program, seconds, probed}]
 *   facilities: [{facility, name, places, count}]      most executions first
 *   others                                             executions beyond the places kept
 *   oldest: {machine, set} or null                     the oldest machine that runs all of it
 *   system_calls: [{number, name, count, optional, address, program, image, symbol, offset}]
 *                                                      answered ENOSYS, in all of the guest's
 *                                                      processes
 * A target is where the instruction is when it is that of an EXECUTE at the address. The
 * stack begins with the instruction; calls follow, at the byte before they return to. A finding is
 * probed when the program caught its exception and went on. Keys whose value is not known are left
 * out; addresses and bytes are hexadecimal strings.
 */
#ifndef ZFACET_UI_REPORT_PRINT_H
#define ZFACET_UI_REPORT_PRINT_H

#include "zfacet/report.h"
#include "zfacet/symbol.h"

#include <jansson.h>
#include <stdio.h>

/** Writes one block a place, then the sums; `symbols` may be NULL. Nothing when nothing was met. */
void zf_print_report(FILE *out, const struct zf_report *report, struct zf_symbols *symbols);

json_t *zf_report_json(const struct zf_report *report, struct zf_symbols *symbols);

/** Before a long run: whether a report can be written to `path`; else errno tells why not. */
bool zf_can_write_report(const char *path);

/** Writes the JSON, which it takes, to `path`, or to `opened` if that is there, and closes it;
 * returns an exit status, having told of errors. */
int zf_write_report(const char *path, FILE *opened, json_t *report);

#endif
