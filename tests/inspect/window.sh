#!/usr/bin/env bash
# A real window on a virtual screen, used with keys and pointer: window.sh ZFACET COMPARE
# What the screen shows is held against the picture of the same view made without a screen.
set -u
zfacet=$1 compare=$2
folder=$(mktemp -d)
failures=0
export XDG_RUNTIME_DIR=$folder XDG_STATE_HOME=$folder/state SDL_RENDER_DRIVER=software
command -v Xvfb >/dev/null && command -v xdotool >/dev/null || exit 77

stop() {
    [ -z "${window_pid-}" ] || kill "$window_pid" 2>/dev/null
    [ -z "${screen_pid-}" ] || kill "$screen_pid" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$folder"
}
trap stop EXIT

# without -noreset the screen begins anew whenever its last client has gone, perhaps when the next one has just come
exec 3>"$folder/number"
Xvfb -displayfd 3 -noreset -screen 0 1000x700x24 -fbdir "$folder" >"$folder/xvfb.log" 2>&1 &
screen_pid=$!
for _ in $(seq 100); do
    [ -s "$folder/number" ] && break
    sleep 0.1
done
DISPLAY=:$(cat "$folder/number")
export DISPLAY

fail() {
    failures=$((failures + 1))
    echo "FAIL $*"
}

# The window that was just opened has the keyboard. A search fails when a window goes while it looks, and the screen may
# not give the keyboard at once, so both are tried again.
take_focus() {
    local id
    for _ in $(seq 300); do
        id=$(xdotool search --onlyvisible --name 'zfacet inspect' 2>/dev/null | head -n 1)
        [ -z "$id" ] || xdotool windowmove "$id" 0 0 windowfocus "$id" 2>/dev/null
        sleep 0.1
        [ -z "$id" ] || [ "$(xdotool getwindowfocus -f 2>/dev/null)" != "$id" ] || break
    done
    echo "$id" >"$folder/id"
    sleep 0.4
}

open_window() {
    "$zfacet" inspect --size 1000x700 "$@" 2>"$folder/stderr" &
    window_pid=$!
    take_focus
    xdotool mousemove 999 699
}

# The pointer lies in the last corner, where nothing is pointed at.
screen_is() {
    local name=$1
    shift
    "$zfacet" inspect --screenshot "$folder/$name.png" --size 1000x700 "$@" || fail "$name: no picture"
    for _ in $(seq 20); do
        sleep 0.25
        "$compare" "$folder/$name.png" "$folder/Xvfb_screen0" 5 >"$folder/$name.log" && return
    done
    fail "$name: $(cat "$folder/$name.log")"
}

close_window() {
    xdotool key ctrl+q
    for _ in $(seq 150); do
        kill -0 "$window_pid" 2>/dev/null || break
        sleep 0.1
    done
    kill "$window_pid" 2>/dev/null && fail "Ctrl-Q does not end it"
    wait "$window_pid" || fail "ended with status $?: $(cat "$folder/stderr")"
    window_pid=
}

models=z10..z16
here=$(dirname "$0")
open_window --models $models --findings "$here/findings.json" --coverage "$here/counts.mix" --view models
screen_is models --models $models
xdotool key 2
screen_is matrix --models $models --view matrix
xdotool key slash
xdotool type --delay 20 vector
xdotool key Escape Escape Tab Tab Tab
xdotool key ctrl+t
screen_is light --models $models --view matrix --theme light
xdotool key ctrl+t
xdotool key alt+4
screen_is insns --models $models --view insns
xdotool key alt+7
screen_is findings --models $models --findings "$here/findings.json" --view findings
xdotool key alt+8
screen_is coverage --models $models --coverage "$here/counts.mix" --view coverage
xdotool key alt+9
screen_is migration --models $models --view migration

# the pointer: a tab is clicked, the wheel turns and turns back
xdotool mousemove 130 15 click 1
xdotool mousemove 500 400 click 5 click 4
xdotool mousemove 999 699
screen_is clicked --models $models --view matrix

# nothing happens: no time is used
before=$(cut -d ' ' -f 14,15 "/proc/$window_pid/stat")
sleep 2
after=$(cut -d ' ' -f 14,15 "/proc/$window_pid/stat")
[ "$before" = "$after" ] || fail "works while idle: $before, $after"

# the view into files
for kind in json csv png txt; do
    xdotool key ctrl+s
    xdotool key BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace
    xdotool type --delay 20 "$folder/saved.$kind"
    xdotool key Return
    for _ in $(seq 20); do
        [ -s "$folder/saved.$kind" ] && break
        sleep 0.1
    done
    [ -s "$folder/saved.$kind" ] || fail "nothing saved as $kind"
done
close_window

# without a wish, the window is as large as the screen but for a margin, and then as it was the last time
size_of() { xdotool getwindowgeometry "$(head -n 1 "$folder/id")" | sed -n 's/.*Geometry: //p'; }
open_window_as_usual() {
    "$zfacet" inspect --models z13 "$@" 2>"$folder/stderr" &
    window_pid=$!
    take_focus
}
rm -f "$folder/state/zfacet/inspect"
open_window_as_usual --view run
[ "$(size_of)" = 952x652 ] || fail "first size: $(size_of)"
# a guest that is typed, chosen from the list, stepped, and remembered
xdotool type --delay 20 rom:z14
xdotool key Down Return
sleep 0.5
xdotool key F11 F11
xdotool windowsize --sync "$(head -n 1 "$folder/id")" 800 600
sleep 0.5
close_window
grep -qx 'size 800 600' "$folder/state/zfacet/inspect" || fail "size is not remembered: $(cat "$folder/state/zfacet/inspect")"
grep -qx 'guest rom:z14-on-z13' "$folder/state/zfacet/inspect" || fail "guest is not remembered"
open_window_as_usual --view run
[ "$(size_of)" = 800x600 ] || fail "size of the last time: $(size_of)"
xdotool key Down Return
sleep 0.5
xdotool key ctrl+s
xdotool key BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace
xdotool type --delay 20 "$folder/recent.txt"
xdotool key Return
sleep 0.5
grep -q 'paused.*rom:z14-on-z13' "$folder/recent.txt" || fail "recent guest: $(head -n 3 "$folder/recent.txt")"
close_window

# a guest
open_window --models z13 --view run --guest rom:z14-on-z13
xdotool key F11 F11 F11
sleep 0.5
xdotool key ctrl+s
xdotool key BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace
xdotool type --delay 20 "$folder/run.txt"
xdotool key Return
sleep 0.5
grep -q '▶ *20012 .*lg %r2,8(%r1)' "$folder/run.txt" || fail "three steps: $(head -n 8 "$folder/run.txt")"
# a step back, then with the time line dragged to its left end
back() {
    xdotool key ctrl+s
    xdotool key BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace BackSpace
    xdotool type --delay 20 "$folder/$1.txt"
    xdotool key Return
    sleep 0.5
    grep -q "^instruction $2 of 3" "$folder/$1.txt" || fail "$1: $(head -n 6 "$folder/$1.txt")"
}
xdotool key shift+F11
sleep 0.5
back stepped 2
y=103
xdotool mousemove 660 $y mousedown 1 mousemove 500 $y mousemove 272 $y mouseup 1 mousemove 999 699
sleep 0.5
back dragged 0
close_window

unset DISPLAY
message=$("$zfacet" inspect 2>&1)
[ $? -eq 1 ] || fail "no display: status"
grep -q -e '--text.*--screenshot' <<<"$message" || fail "no display: $message"
echo "$failures failed"
[ $failures -eq 0 ]
