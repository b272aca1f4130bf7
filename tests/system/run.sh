#!/usr/bin/env bash
# Bare guests that know what is right: a disabled wait at 0. Each runs in all engines. smp.c and litmus.c have
# several CPUs, which also take turns in a repeatable run; cc -DBATCHES=N litmus.c does it more often.
# usage: run.sh ZFACET WORK-FOLDER
set -u
here=$(dirname "$0")
zfacet=$1 work=$2 failed=0 ran=0
cc=${ZFACET_S390X_CC:-s390x-linux-gnu-gcc}
command -v "$cc" >/dev/null || { echo "$cc is missing: it builds the guests"; exit 1; }
mkdir -p "$work"
for source in "$here"/*.S "$here"/*.c; do
    guest=$work/$(basename "${source%.*}")
    "$cc" -O2 -march=z14 -mno-vx -msoft-float -m64 -ffreestanding -fno-pic -no-pie -fno-stack-protector \
        -fno-asynchronous-unwind-tables -nostdlib -static -Wl,-T"$here/bare.ld" -Wl,--build-id=none \
        -o "$guest" "$source" || exit 1
    cpus=$(sed -n 's/^ \* cpus: //p' "$source")
    model=$(sed -n 's/^ \* model: //p' "$source")
    for way in "" "--engine switch" "--engine base" "--engine auto" "--engine auto,hot=2" \
        ${cpus:+"--deterministic" "--deterministic --engine auto,hot=2"}; do
        ran=$((ran + 1))
        # shellcheck disable=SC2086 # several words, or none
        if ! timeout -k 5 60 "$zfacet" run $way --bare --cpus "${cpus:-1}" ${model:+--model "$model"} "$guest" >"$work/out" 2>&1; then
            failed=$((failed + 1))
            echo "FAILED: $(basename "$guest") $way"
            cat "$work/out"
        fi
    done
done
echo "$ran ran, $failed failed"
[ "$failed" -eq 0 ]
