#!/usr/bin/env bash
# A window of Wayland where a unit is two pixels each way: wayland.sh ZFACET COMPARE
# The compositor, whose only window is this one, is itself a window of a virtual screen. What that shows is held
# against the picture that is made at twice the scale; pointer and keys are the screen's.
set -u
zfacet=$1 compare=$2
folder=$(mktemp -d)
failures=0
export XDG_RUNTIME_DIR=$folder XDG_STATE_HOME=$folder/state
command -v Xvfb >/dev/null && command -v xdotool >/dev/null && command -v weston >/dev/null || exit 77

stop() {
    for pid in ${window_pid-} ${bare_pid-} ${compositor_pid-} ${screen_pid-}; do
        kill "$pid" 2>/dev/null
    done
    wait 2>/dev/null
    rm -rf "$folder"
}
trap stop EXIT

fail() {
    failures=$((failures + 1))
    echo "FAIL $*"
}

# until COMMAND...: waits for what must come
until_so() {
    for _ in $(seq 100); do
        "$@" && return
        sleep 0.1
    done
    return 1
}

exec 3>"$folder/number"
Xvfb -displayfd 3 -noreset -screen 0 2000x1400x24 -fbdir "$folder" >"$folder/xvfb.log" 2>&1 &
screen_pid=$!
until_so test -s "$folder/number"
DISPLAY=:$(cat "$folder/number")
export DISPLAY
weston --backend=x11-backend.so --shell=kiosk-shell.so --socket=wayland --scale=2 --width=1000 --height=700 \
    --use-pixman --no-config --idle-time=0 >"$folder/weston.log" 2>&1 &
compositor_pid=$!
until_so test -S "$folder/wayland" || fail "no compositor: $(tail -n 5 "$folder/weston.log")"

# the window is as large as the screen, and the pointer in the last corner, where nothing is pointed at
shows() {
    local name=$1
    shift
    "$zfacet" inspect --screenshot "$folder/$name.png" --size 2000x1400 --scale 2 --models z10..z16 "$@" ||
        fail "$name: no picture"
    until_so same "$name" || fail "$name: $(cat "$folder/$name.log")"
}
same() {
    "$compare" "$folder/$1.png" "$folder/Xvfb_screen0" 5 >"$folder/$1.log"
}

has_ended() {
    ! kill -0 "$window_pid" 2>/dev/null
}

WAYLAND_DISPLAY=wayland SDL_VIDEODRIVER=wayland "$zfacet" inspect --models z10..z16 2>"$folder/stderr" &
window_pid=$!
xdotool mousemove 1999 1399
shows models
xdotool mousemove 212 32 click 1 mousemove 1999 1399
shows clicked --view matrix
xdotool key 4
shows typed --view insns
xdotool key ctrl+s
xdotool key ctrl+a BackSpace
for _ in $(seq 12); do
    xdotool key BackSpace
done
xdotool type --delay 20 "$folder/saved.txt"
xdotool key Return
until_so test -s "$folder/saved.txt" || fail "nothing saved"
xdotool key ctrl+q
until_so has_ended || fail "Ctrl-Q does not end it"
wait "$window_pid" || fail "ended with status $?: $(cat "$folder/stderr")"
window_pid=
grep -qx 'size 1000 700' "$folder/state/zfacet/inspect" || fail "its size is remembered as $(cat "$folder/state/zfacet/inspect")"

# without keyboard and pointer, where SDL 2.26 crashes: a window, or a message
weston --backend=headless-backend.so --socket=bare --no-config --idle-time=0 >"$folder/bare.log" 2>&1 &
bare_pid=$!
until_so test -S "$folder/bare" || fail "no bare compositor: $(tail -n 5 "$folder/bare.log")"
WAYLAND_DISPLAY=bare SDL_VIDEODRIVER=wayland timeout -k 5 10 "$zfacet" inspect 2>"$folder/stderr"
status=$?
[ $status = 124 ] || { [ $status = 1 ] && grep -q '^zfacet: inspect: .*--text' "$folder/stderr"; } ||
    fail "bare: status $status: $(cat "$folder/stderr")"
echo "$failures failed"
[ $failures -eq 0 ]
