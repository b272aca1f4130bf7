#!/usr/bin/env bash
# Two runs in lockstep: where they differ first, and why.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
build
"$cc" -march=z13 -nostdlib -static -Wl,--build-id=none -o "$work/asks" "$here/diverge_guest.S" || exit 1

expect facility 3 '^z13 and z14 diverge after [0-9]+ instructions' diverge z13 z14 -- "$work/asks"
has last '0x[0-9a-f]+ +je 0x[0-9a-f]+ +asks!even'
has first_side '0x[0-9a-f]+ +lghi %r2,0 +asks!old'
has second_side '0x[0-9a-f]+ +lghi %r2,1 +asks!new'
has cause 'stfle 64\(%r7\)'
has bit 'bits .* 58 \(miscellaneous-instruction-extensions-2\)'
expect same 0 '^z14 and z14 execute the same [0-9]+ instructions' diverge z14 z14 -- "$work/asks"
for _ in 1 2 3 4; do # whatever the clock says
    expect same_again 0 'execute the same' diverge z14 z14 -- "$work/asks"
done
expect engines 0 'execute the same' diverge z14 z14 --second --engine=switch -- "$work/slip-static" nothing
expect blocked 3 'msgrkc %r4,%r2,%r3|msgrkc' diverge z14 z14,minste2=off -- "$work/slip-static" slip
has killed 'not: the program ended'
has no_registers '^    none$'
expect program 3 'AT_HWCAP|stfle' diverge z196 z14 --sysroot "$sysroot" -- "$work/slip" nothing
expect children 0 'execute the same' diverge z14 z14 -- "$work/slip-static" child
expect threads 0 'execute the same [0-9]{6} instructions' diverge z14 z14 -- "$work/slip-static" crowd
expect threads_diverge 3 'msgrkc .*product' diverge z13 z14 -- "$work/slip-static" crowd
has threads_first 'leave\+0'
expect thread_slip 3 'not: the program ended' diverge z13 z14 -- "$work/slip-static" thread-slip
expect threads_dynamic 0 'execute the same' diverge z14 z14 --sysroot "$sysroot" -- "$work/slip" crowd
expect own_signal 0 'execute the same' diverge z14 z14 -- "$work/slip-static" raise
expect outside_signal 1 'signal from outside' diverge z14 z14 -- "$work/slip-static" signal
expect json 3 '"diverged": true' diverge z13 z14 --json -- "$work/asks"
expect one_model 2 'give two models' diverge z13 -- "$work/asks"
expect no_program 1 'could not be compared' diverge z13 z14 -- "$work/absent"
finish
