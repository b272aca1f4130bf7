#!/usr/bin/env bash
# zfacet minimum and zfacet bisect.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
build

expect minimum 0 '^z14 is the oldest machine' minimum -- "$work/slip-static" slip
has why_not_older '^z13s: findings: 1 finding: msgrkc; killed by SIGILL'
has which '    slip-static!product: msgrkc'
expect minimum_of_child 0 '^z14 is the oldest' minimum --sysroot "$sysroot" -- "$work/slip" exec
expect minimum_json 0 '"minimum": "z13"' minimum --json -- "$work/slip-static" guard
expect minimum_reference 3 '^z14 is the oldest machine that runs .* as z14 does' minimum --reference z14 -- "$work/slip-static" slip
expect minimum_output 0 '^z14 is the oldest' minimum -- "$work/slip-static" pair
expect minimum_output_why 0 'older.*|"why": "exit status 0, 9 bytes of output"' minimum --json -- "$work/slip-static" pair
"$cc" -O1 -static -o "$work/reads" "$here/diverge_reads.c" || exit 1
expect minimum_contrast 3 "^z16-a02: another outcome: exit status 0, 3 bytes of output, other than z17's from byte 2 on" \
    minimum -- "$work/reads" platform
expect minimum_doubt 0 'system call not implemented \(number 5000\): the guest may' minimum -- "$work/slip-static" call
expect minimum_not_run 1 'could not run' minimum -- "$work/nonesuch"
expect minimum_nothing 2 'give a program' minimum

expect one 0 'with 1 of the [0-9]+ features' bisect --good z14 --bad z13 -- "$work/slip-static" slip
has one_name '^  minste2 off '
lacks one_more '^  vx'
expect two 0 'with 2 of the [0-9]+ features' bisect --good z13 --bad z14 -- "$work/slip-static" pair
has two_first '^  minste2 on '
has two_second '^  vxeh on '
expect needs 0 'with [0-9]+ of the' bisect --good zEC12 --bad z14 -- "$work/slip-static" pair
has needs_base '^  vx on '
expect bisect_contrast 0 "^z14,iep=off: exit status 0, 32 bytes of output, other than z14's from byte [0-9]+ on" \
    bisect --good z14 --bad z14,iep=off -- "$work/reads" list
expect bisect_json 0 '"name": "minste2"' bisect --json --good z14 --bad z13 -- "$work/slip-static" slip
expect same 3 'give the same outcome' bisect --good z14 --bad z15 -- "$work/slip-static" slip
expect incomplete 2 'give --good and --bad' bisect --good z14 -- "$work/slip-static"
finish
