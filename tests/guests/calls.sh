#!/usr/bin/env bash
# System calls, good ones and bad ones, a line each, in calls/*.calls: the same program for the host and for s390x
# says the same. A line is a call whose result is printed with errno; after ": " it is a format and values, after
# "% " a statement. usage: calls.sh ZFACET WORK-FOLDER
set -u
here=$(cd "$(dirname "$0")" && pwd)
zfacet=$(realpath "$1")
work=$(realpath -m "$2")
cc=${ZFACET_S390X_CC:-s390x-linux-gnu-gcc}
command -v "$cc" >/dev/null || { echo "$cc is missing: it builds the guests"; exit 1; }
rm -rf "$work"
mkdir -p "$work"
failed=0
ran=0
ulimit -Sn 64 # as few as zfacet must do with; which numbers select() looks at follows from how many were open

# run NAME COMMAND...: in an empty folder; output in NAME.out
run() {
    local name=$1
    shift
    mkdir "$work/$name"
    (cd "$work/$name" && timeout -k 5 60 "$@" > "../$name.out" 2>&1 < /dev/null)
    echo "status $?" >> "$work/$name.out"
}

for calls in "$here"/calls/${ONLY:-*}.calls; do
    name=$(basename "$calls" .calls)
    {
        echo '#include "calls.h"'
        echo 'int main(int arguments, char **texts) { setvbuf(stdout, NULL, _IONBF, 0);'
        sed -e 's/^% //; t' -e 's/^: \(.*\)/SHOW(\1);/; t' -e 's/.*/CALL(&);/' "$calls"
        echo 'return 0; }'
    } > "$work/$name.c"
    gcc -w -O1 -I"$here/calls" -o "$work/$name.host" "$work/$name.c" -lpthread || exit 1
    "$cc" -w -O1 -static -I"$here/calls" -o "$work/$name.guest" "$work/$name.c" -lpthread || exit 1
    run "$name.theirs" "$work/$name.host"
    run "$name.ours" "$zfacet" run --quiet --model z14 "$work/$name.guest"
    ran=$((ran + $(grep -c '^[^%:]' "$calls")))
    if ! diff "$work/$name.theirs.out" "$work/$name.ours.out" > "$work/$name.diff"; then
        echo "FAILED: $name"
        head -20 "$work/$name.diff"
        failed=$((failed + 1))
    fi
done
echo "$ran calls, $failed groups differ"
[ "$ran" -gt 0 ] && [ "$failed" = 0 ]
