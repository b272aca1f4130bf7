#!/bin/sh
# Builds the images of roms/ into DIRECTORY: build.sh DIRECTORY. Needs the cross compiler.
# The same compiler makes the same bytes, so the committed images can be checked.
set -eu
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/source"
flags="-march=z900 -m64 -O2 -ffreestanding -fno-builtin -fno-stack-protector -fno-pie -fno-asynchronous-unwind-tables
       -Wall -Wextra -Werror -nostdlib -static -no-pie -I lib"
link="-Wl,--build-id=none -Wl,-n -Wl,--no-warn-rwx-segments -T lib/rom.ld"
for source in *.S *.c; do
    name=${source%.*}
    case $source in
    *.c) with="lib/start.S lib/lib.c" ;;
    *.S) with= ;;
    esac
    [ -e "$source" ] || continue
    # shellcheck disable=SC2086 # the lists are meant to be split
    s390x-linux-gnu-gcc $flags $link -o "$out/$name.elf" $source $with
    chmod 644 "$out/$name.elf"
done
s390x-linux-gnu-gcc --version | head -n 1 >"$out/COMPILER"
(cd "$out" && sha256sum -- *.elf) >"$out/SHA256SUMS"
