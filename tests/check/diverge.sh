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
has killed ': the program ended'
has no_registers '^    none$'
expect program 3 'AT_HWCAP|stfle' diverge z196 z14 --sysroot "$sysroot" -- "$work/slip" nothing
expect children 0 'execute the same' diverge z14 z14 -- "$work/slip-static" child
expect threads 0 'execute the same [0-9]{6} instructions' diverge z14 z14 -- "$work/slip-static" crowd
expect threads_diverge 3 'msgrkc .*product' diverge z13 z14 -- "$work/slip-static" crowd
has threads_first 'leave\+0'
expect thread_slip 3 ': the program ended' diverge z13 z14 -- "$work/slip-static" thread-slip
expect threads_dynamic 0 'execute the same' diverge z14 z14 --sysroot "$sysroot" -- "$work/slip" crowd
expect own_signal 0 'execute the same' diverge z14 z14 -- "$work/slip-static" raise
expect outside_signal 1 'signal from outside' diverge z14 z14 -- "$work/slip-static" signal

# what the control flow does not show; files that tell of the model
"$cc" -O1 -static -o "$work/reads" "$here/diverge_reads.c" || exit 1
expect written 3 'what is written differs' diverge z13 z14 -- "$work/reads" list
has written_last 'svc 4 '
expect written_same 0 'execute the same' diverge z14 z14 -- "$work/reads" list
for call in writev pwritev pwritev2 sendto sendmsg sendmmsg send-call sendm-call; do
    expect "written_$call" 3 'what is written differs' diverge z13 z14 -- "$work/reads" "$call"
    expect "written_${call}_same" 0 'execute the same' diverge z14 z14 -- "$work/reads" "$call"
done
expect status 3 'the exit status differs' diverge z13 z14 -- "$work/reads" status
has status_register 'r2 +0000000000000000 0000000000000001'
expect cpuinfo 3 'diverge after' diverge z13 z14 -- "$work/reads" /proc/cpuinfo
has cpuinfo_cause 'what it read of /proc/cpuinfo'
expect cpuinfo_same 0 'execute the same' diverge z14 z14 -- "$work/reads" /proc/cpuinfo
expect auxv 3 'what it read of /proc/self/auxv' diverge z13 z14 -- "$work/reads" /proc/self/auxv
expect other_file 0 'execute the same' diverge z13 z14 -- "$work/reads" /proc/version
expect platform 3 'AT_PLATFORM +z13, z14' diverge z13 z14 -- "$work/reads" platform
expect process 0 'Not compared: 1 process that' diverge z13 z14 -- "$work/slip-static" child
has process_same 'execute the same'

# a saved run
for what in nothing crowd raise fail; do
    expect "save_$what" 0 - diverge --save "$work/saved" z14 -- "$work/slip-static" "$what"
    expect "saved_$what" 0 'z14 and z15 execute the same' diverge --saved "$work/saved" z15 -- "$work/slip-static" "$what"
done
# with the environment that it had
ENVIRONMENT=other HOME=/nowhere/at/all expect save_environment 0 - diverge --save "$work/saved" z14 -- "$work/slip-static" nothing
expect saved_environment 0 'execute the same' diverge --saved "$work/saved" z14 -- "$work/slip-static" nothing
head -c 200 "$work/saved" >"$work/cut"
expect saved_environment_cut 1 'not what .* writes' diverge --saved "$work/cut" z13 -- "$work/asks"
expect save_slip 0 - diverge --save "$work/saved" z13 -- "$work/slip-static" slip
expect saved_slip 3 'msgrkc' diverge --saved "$work/saved" z14 -- "$work/slip-static" slip
has saved_killed ': the program ended'
expect save_asks 0 - diverge --save "$work/saved" z13 -- "$work/asks"
expect saved_asks 3 '^z13 and z14 diverge after [0-9]+ instructions' diverge --saved "$work/saved" z14 -- "$work/asks"
has saved_cause 'bits .* 58 \(miscellaneous-instruction-extensions-2\)'
expect saved_other_program 3 'diverge after' diverge --saved "$work/saved" z13 -- "$work/slip-static" nothing
head -c -20 "$work/saved" >"$work/cut"
expect saved_cut 1 'the saved run has no end' diverge --saved "$work/cut" z13 -- "$work/asks"
expect saved_text 1 'not what .* writes' diverge --saved "$here/diverge.sh" z13 -- "$work/asks"
expect saved_absent 1 'No such file' diverge --saved "$work/absent" z13 -- "$work/asks"
expect save_nothing 1 'could not be saved' diverge --save "$work/saved" z13 -- "$work/absent"
expect save_full 1 'No space' diverge --save /dev/full z13 -- "$work/asks"
expect saved_two 2 'give one, then' diverge --saved "$work/saved" z13 z14 -- "$work/asks"
expect saved_both 2 'give --save or --saved' diverge --save a --saved b z13 -- "$work/asks"

expect json 3 '"diverged": true' diverge z13 z14 --json -- "$work/asks"
expect one_model 2 'give two models' diverge z13 -- "$work/asks"
expect no_program 1 'could not be compared' diverge z13 z14 -- "$work/absent"
finish
