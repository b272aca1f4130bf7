#!/bin/sh
# Builds the ROMs anew and compares them with the committed images: check_images.sh ROMS
# Another compiler makes other bytes, so a difference in bytes only counts when the compiler is the
# one that made the committed images. Sizes and sums are always checked.
set -eu
roms=$1
cd "$roms/image"
sha256sum -c --quiet SHA256SUMS
for image in *.elf; do
    if [ "$(wc -c <"$image")" -gt 65536 ]; then
        echo "$image has more than 64 KiB"
        exit 1
    fi
done
command -v s390x-linux-gnu-gcc >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$roms/build.sh" "$work"
if [ "$(head -n 1 COMPILER)" != "$(head -n 1 "$work/COMPILER")" ]; then
    echo "another compiler than $(cat COMPILER)"
    exit 77
fi
cmp "$work/SHA256SUMS" SHA256SUMS
