#!/usr/bin/env bash
# Compares what zfacet inspect prints with golden files: golden.sh ZFACET [--rebase]
set -u
folder=$(dirname "$0")
failures=0
while read -r name arguments; do
    case $name in '' | '#'*) continue ;; esac
    file=$folder/golden/$name.txt
    # shellcheck disable=SC2086 # they are words
    now=$(timeout -k 5 20 "$1" inspect --text ${arguments//FOLDER/$folder} 2>&1)
    if [ "${2-}" = --rebase ]; then
        printf '%s\n' "$now" >"$file"
    elif ! diff -u "$file" - <<<"$now" | head -n 20 || [ "$(cat "$file")" != "$now" ]; then
        failures=$((failures + 1))
        echo "FAIL $name"
    fi
done <"$folder/cases"
echo "$failures failed"
[ $failures -eq 0 ]
