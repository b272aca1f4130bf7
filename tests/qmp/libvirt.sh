#!/usr/bin/env bash
# libvirt asks zfacet-qemu: libvirt.sh ZFACET ZFACET-QEMU
#
# A libvirtd of its own, with socket, configuration and state in a folder that is removed at the
# end; the system's is not touched. It runs as an ordinary user, so that it is a session's.
# shellcheck disable=SC2317 # finish is called by a trap
set -euo pipefail
zfacet=$(realpath "$1")
emulator=$(realpath "$2")

skip() {
    echo "skipped: $1"
    exit 77
}
PATH=$PATH:/usr/sbin
command -v libvirtd >/dev/null || skip "libvirtd is not there (package libvirt-daemon)"
command -v virsh >/dev/null || skip "virsh is not there (package libvirt-clients)"
find /usr/lib -name libvirt_driver_qemu.so | grep -q . || skip "no package libvirt-daemon-driver-qemu"

folder=$(mktemp -d /tmp/zfacet-libvirt.XXXXXX)
mkdir "$folder"/{run,config,cache,state,bin}
cp "$emulator" "$folder/bin/qemu-system-s390x" # where the user can read it, under a name of QEMU's
as_user=(env -i "PATH=/usr/sbin:/usr/bin:/sbin:/bin" "HOME=$folder" "XDG_RUNTIME_DIR=$folder/run"
    "XDG_CONFIG_HOME=$folder/config" "XDG_CACHE_HOME=$folder/cache" "XDG_STATE_HOME=$folder/state" LC_ALL=C)
if [ "$(id -u)" -eq 0 ]; then
    chown -R nobody "$folder"
    chmod 755 "$folder" "$folder/bin"
    as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups "${as_user[@]}")
fi
emulator=$folder/bin/qemu-system-s390x
"${as_user[@]}" sh -c ': <>/dev/null' || {
    echo "FAIL: libvirt needs /dev/null, and an ordinary user cannot use it here: $(ls -l /dev/null)"
    rm -rf "$folder"
    exit 1
}

"${as_user[@]}" libvirtd --timeout 120 >"$folder/log" 2>&1 &
daemon=$!
finish() {
    set +e
    kill "$daemon" 2>/dev/null
    wait "$daemon"
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

virsh() {
    timeout -k 5 60 "${as_user[@]}" virsh -q -c qemu:///session "$@"
}
for _ in $(seq 100); do
    [ ! -S "$folder/run/libvirt/libvirt-sock" ] || break
    sleep 0.1
done

failed=0
fail() {
    echo "FAIL: $1"
    failed=1
}
# expect WHAT EXPECTED GOT
expect() {
    if [ "$2" != "$3" ]; then
        fail "$1"
        diff <(echo "$2") <(echo "$3") | head -n 40 || true
    fi
}
options=(--arch s390x --virttype qemu --emulator "$emulator")

# All models, each of them usable.
capabilities=$(virsh domcapabilities --arch s390x --virttype qemu --emulatorbin "$emulator") ||
    { cat "$folder/log" && fail "domcapabilities"; }
models=$(sed -n "s/.*<model usable='yes'[^>]*>\(.*\)<.*/\1/p" <<<"$capabilities" | sort)
printf '%s\n' '{"execute": "qmp_capabilities"}' '{"execute": "query-cpu-definitions"}' | "$zfacet" qmp |
    grep -o '"name": "[^"]*"' | cut -d'"' -f4 | sort >"$folder/definitions"
expect "domcapabilities: usable models" "$(cat "$folder/definitions")" "$models"
[ "$(wc -l <<<"$models")" -eq 83 ] || fail "83 models"
! grep -q "usable='no'" <<<"$capabilities" || fail "a model is not usable"

if virsh help hypervisor-cpu-models >/dev/null 2>&1; then # libvirt 11 has it
    expect "hypervisor-cpu-models" "$(cat "$folder/definitions")" \
        "$(virsh hypervisor-cpu-models "${options[@]}" | sort)"
fi

# Lines "model NAME" and "on NAME" of libvirt's answer and of zfacet's. What is switched off libvirt
# leaves out of a host's CPU, which is what it calls a baseline.
of_libvirt() {
    sed -n -e "s/.*<model[^>]*>\(.*\)<.*/model \1/p" -e "s/.*<feature name='\(.*\)'.*/on \1/p" | sort
}
of_zfacet() {
    python3 -c 'import json, sys
model = json.load(sys.stdin)["model"]
print("model", model["name"])
for name, on in model.get("props", {}).items():
    if on:
        print("on", name)' | sort
}
# The model of zfacet's answer as a model text, without what is off: what libvirt asks about when it
# is to name the features.
as_text() {
    of_zfacet | awk '$1 == "model" { name = $2 } $1 == "on" { on = on "," $2 "=on" } END { print name on }'
}
for models in "z14 z13" "z15 z13,vx=off zEC12.2" "z196 z196.2 z114" "recommended z17 z16" "z14-base z14" \
    "z13,nonqks=off z14" "z10EC"; do
    read -ra list <<<"$models"
    for model in "${list[@]}"; do
        "$zfacet" expand "$model" --format libvirt
    done >"$folder/cpus.xml" # as a user would collect them from hosts
    answer=$("$zfacet" baseline "${list[@]}" "${list[0]}" --json)
    expect "hypervisor-cpu-baseline $models" "$(of_zfacet <<<"$answer")" \
        "$(virsh hypervisor-cpu-baseline "${options[@]}" "$folder/cpus.xml" | of_libvirt)"
    answer=$("$zfacet" expand "$(as_text <<<"$answer")" full --json)
    expect "hypervisor-cpu-baseline --features $models" "$(of_zfacet <<<"$answer")" \
        "$(virsh hypervisor-cpu-baseline "${options[@]}" "$folder/cpus.xml" --features | of_libvirt)"
done

# README.md's example
readme=$(dirname "$0")/../../README.md
awk '/^```xml/ { on = 1; next } /^```/ { on = 0 } on' "$readme" >"$folder/cpus.xml"
expect "the example in README.md" "$(awk '/^\$ virsh hypervisor-cpu-baseline/ { on = 1; next } /^```/ { on = 0 } on' "$readme")" \
    "$(virsh hypervisor-cpu-baseline "${options[@]}" "$folder/cpus.xml")"

# libvirt compares with the host's CPU alone, and here that is of another architecture.
! virsh hypervisor-cpu-compare "${options[@]}" "$folder/cpus.xml" >"$folder/compare" 2>&1 ||
    fail "hypervisor-cpu-compare"
grep -q "does not support reporting CPU model" "$folder/compare" || fail "$(cat "$folder/compare")"
exit $failed
