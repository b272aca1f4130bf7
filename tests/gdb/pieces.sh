#!/bin/sh
# Whoever watches a repeatable program changes nothing of it: neither the pieces in which it is executed, nor going back.
# The programs are compiled here: pieces.sh ZFACET PIECES
set -u
zfacet=$1
here=$(dirname "$0")
# shellcheck source=tests/gdb/session.sh
. "$here/session.sh"
compiled race -pthread
"$cc" -O2 -static -pthread -o "$work/repeat" "$here/../guests/repeat.c" || exit 1
for program in race repeat; do
    for length in 0 10007 1009 734 438; do # of some, the last instructions are fewer than threads that sleep
        name="$program in pieces of $length"
        timeout -k 5 100 "$2" "$work/$program" $length >"$work/out" 2>&1 || fail "exit status $?"
        said out 'instructions, back, status 0$'
        sed 's/\(process\|thread\) [0-9]*//' "$work/out" >"$work/pieces"
        [ $length != 0 ] || cp "$work/pieces" "$work/whole"
        cmp "$work/pieces" "$work/whole" || fail "it did something else"
    done
    name="$program with a debugger that does not come"
    for gdb in "" "--gdb unix:$work/socket"; do
        # shellcheck disable=SC2086 # words
        timeout -k 5 60 "$zfacet" run --quiet --deterministic --model z14 $gdb "$work/$program" >"$work/out${gdb:+2}" ||
            fail "exit status $?"
    done
    cmp "$work/out" "$work/out2" || fail "it did something else"
done

done_with "programs in pieces"
