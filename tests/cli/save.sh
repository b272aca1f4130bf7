#!/bin/sh
# Guests that are saved, and go on elsewhere: save.sh ZFACET
set -u
zfacet=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
    echo "FAIL $*"
    failures=$((failures + 1))
}

# run STATUS ARGUMENT...: console to $work/out, the rest to $work/err
run() {
    wanted=$1
    shift
    timeout -k 5 60 "$zfacet" run "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || {
        fail "run $*: status $got, wanted $wanted"
        sed 's/^/    /' "$work/err" | head -5
    }
}

# saved_if_reached ARGUMENT...: a --save-at that the guest does not reach is a failure
saved_if_reached() {
    timeout -k 5 60 "$zfacet" run "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    [ -f "$work/vm" ] && wanted=0 || wanted=1
    [ "$got" -eq "$wanted" ] || fail "run $*: status $got, wanted $wanted"
}

said() {
    grep -q -- "$1" "$work/err" || {
        fail "'$1' was not said, but:"
        sed 's/^/    /' "$work/err" | head -5
    }
}

# A guest that version 1 of the format has.
run 0 --quiet --restore "$(dirname "$0")/../data/saved-hello.vm"
grep -q "^Hello" "$work/out" || fail "a saved guest of version 1"

# The console of a guest that is saved and restored at many places is that of one that never was,
# in all engines.
places="1 7 50 200 1000" engines="interpreter switch base auto"
[ -z "${ZFACET_TEST_FEW-}" ] || { places="7 200" && engines="interpreter auto"; }
for rom in hello identify interrupt dat smc; do
    run 0 --quiet --model z13 "rom:$rom"
    cp "$work/out" "$work/whole"
    for at in $places; do
        for engine in $engines; do
            : >"$work/parts"
            rm -f "$work/vm"
            saved_if_reached --quiet --model z13 --engine "$engine" --save "$work/vm" --save-at "$at" "rom:$rom"
            cat "$work/out" >>"$work/parts"
            if [ -f "$work/vm" ]; then
                run 0 --quiet --engine "$engine" --restore "$work/vm"
                cat "$work/out" >>"$work/parts"
            fi
            cmp -s "$work/whole" "$work/parts" || fail "rom:$rom saved at $at, engine $engine"
        done
    done
done

# Again and again: every step is a process of its own.
run 0 --quiet --model z13 rom:smc
cp "$work/out" "$work/whole"
run 0 --quiet --model z13 --save "$work/vm" --save-at 400 rom:smc
cp "$work/out" "$work/parts"
steps=1
while [ -f "$work/vm" ] && [ "$steps" -lt 60 ]; do
    mv "$work/vm" "$work/before"
    saved_if_reached --quiet --restore "$work/before" --save "$work/vm" --save-at 400
    cat "$work/out" >>"$work/parts"
    steps=$((steps + 1))
done
cmp -s "$work/whole" "$work/parts" || fail "rom:smc in steps of 400 instructions"
[ "$steps" -gt 3 ] || fail "only $steps steps"

# With CPUs that are stopped: their prefixes and registers are part of it.
run 0 --quiet --model z13 --cpus 3 rom:sigp
cp "$work/out" "$work/whole"
for at in 100 500 2000; do
    rm -f "$work/vm"
    saved_if_reached --quiet --model z13 --cpus 3 --save "$work/vm" --save-at "$at" rom:sigp
    cp "$work/out" "$work/parts"
    [ -f "$work/vm" ] && run 0 --quiet --restore "$work/vm" && cat "$work/out" >>"$work/parts"
    cmp -s "$work/whole" "$work/parts" || fail "rom:sigp saved at $at"
done

# Goes on after the save, and the same once more from the file.
run 0 --model z13 --save "$work/vm" --save-at 30 --keep-running rom:hello
said "guest saved to"
cp "$work/out" "$work/whole"
run 0 --quiet --restore "$work/vm"
cmp -s "$work/whole" "$work/out" || fail "--keep-running"

# A target that lacks something refuses, naming it; or takes the guest along and reports.
run 0 --quiet --model z14 --save "$work/vm" --save-at 3 rom:z14-on-z13
run 117 --restore "$work/vm" --model z13
said "z13 lacks: facility 58, 'minste2'"
said "machine level of z14"
run 0 --quiet --model z15 --save "$work/newer" --save-at 3 rom:z14-on-z13
run 117 --restore "$work/newer" --model z13
said "machine level of z15 (z13 is older)"
run 3 --check --restore "$work/vm" --model z13 --allow-missing
said "lacks what the guest may use: facility 58"
said "the host lacks it"
run 0 --check --restore "$work/vm" --model z14
run 117 --restore "$work/vm" --model z16
said "'csske'"
run 0 --quiet --check --restore "$work/vm"

# The IBC value of the source is one that the target must be able to imitate.
run 0 --quiet --policy ibc --model z13 --host z14 --save "$work/vm" --save-at 3 rom:hello
run 117 --restore "$work/vm" --host z17
said "IBC value 0x031"
run 0 --restore "$work/vm" --host z15,csske=on,bpb=on

# What is no whole stream is refused.
size=$(wc -c <"$work/vm")
head -c $((size - 20)) "$work/vm" >"$work/short"
run 115 --restore "$work/short"
said "stream truncated"
{ cat "$work/vm" && echo more; } >"$work/long"
run 115 --restore "$work/long"
said "after the end of the stream"
run 115 --restore "$zfacet"
said "does not begin with"
run 115 --restore "$work/nothing"
run 2 --restore "$work/vm" rom:hello
run 2 --save-at 5 rom:hello
run 2 --allow-missing rom:hello
run 2 --save "" rom:hello

# When saving fails the guest goes on, the old file is as it was, and the status tells it.
run 1 --model z13 --save "$work/nowhere/vm" --save-at 5 rom:hello
said "guest not saved; it continues"
grep -q . "$work/out" || fail "the guest did not go on"
run 0 --model z13 --save "$work/unasked" rom:hello
said "guest not saved: it ended before SIGUSR1; --save-at-end"
run 1 --model z13 --save "$work/late" --save-at 100G rom:hello
said "it ended before"

# At the end, however it came: the guest goes on from there.
run 116 --model z13 --save "$work/vm" --save-at-end --max-insns 100 rom:hello
said "guest saved to"
run 0 --quiet --restore "$work/vm"
grep -q PASS "$work/out" || fail "--save-at-end: the guest did not go on"

# A target waits for a guest as long as it is told to.
run 124 --incoming "unix:$work/nobody" --timeout 0.2
said "no guest came within"

# On a signal; the guest is a branch to itself.
printf '\247\364\000\000' >"$work/loop"
"$zfacet" run --quiet --timeout 60 --base 0x10000 --save "$work/looping" "$work/loop" </dev/null &
pid=$!
sleep 2 # until it listens
kill -USR1 "$pid"
wait "$pid" || fail "saved on a signal: status $?"
run 116 --restore "$work/looping" --max-insns 1000

# Over a socket: the console of both together is the whole one.
wait_for_socket() {
    tries=0
    until grep -q " 00010000 .*$1\$" /proc/net/unix || [ "$tries" -gt 200 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}
timeout -k 5 60 "$zfacet" run --quiet --incoming "unix:$work/socket" >"$work/there" 2>&1 </dev/null &
pid=$!
wait_for_socket "$work/socket"
run 0 --quiet --model z13 rom:identify
cp "$work/out" "$work/whole"
run 0 --quiet --model z13 --save "unix:$work/socket" --save-at 200 rom:identify
wait "$pid" || fail "the target ended with $?"
cat "$work/there" >>"$work/out"
cmp -s "$work/whole" "$work/out" || fail "over a socket"
[ -s "$work/there" ] || fail "nothing ran at the target"

# A target that refuses: the source goes on to its end.
timeout -k 5 60 "$zfacet" run --incoming "unix:$work/socket" --model z10 >"$work/there" 2>&1 </dev/null &
pid=$!
wait_for_socket "$work/socket"
run 1 --model z13 --save "unix:$work/socket" --save-at 200 rom:identify
said "the target refused the guest: z10 cannot run the guest, which needs"
cmp -s "$work/whole" "$work/out" || fail "the source did not go on"
wait "$pid"
[ $? -eq 117 ] || fail "the target did not end with 117"
run 1 --model z13 --save "unix:$work/socket" --save-at 200 rom:identify
said "cannot connect"

[ "$failures" -eq 0 ] && echo "saved guests: all well"
exit "$failures"
