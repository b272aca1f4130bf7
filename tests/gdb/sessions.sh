#!/bin/sh
# shellcheck disable=SC2016 # gdb has dollars too
# gdb debugs a bare-metal guest and a Linux program: sessions.sh ZFACET IMAGES
set -u
zfacet=$1
images=$2
here=$(dirname "$0")
# shellcheck source=tests/gdb/session.sh
. "$here/session.sh"
compiled subject
compiled threads -pthread
compiled signals -pthread
compiled signal_thread -pthread
compiled interrupted
compiled waiters -pthread
"$cc" -g -O1 -static -pthread -o "$work/crowd" "$here/crowd.c" || exit 1
"$cc" -march=z14 -nostdlib -static -Wl,--omagic,--no-warn-rwx-segments -o "$work/watched" "$here/watched.S" || exit 1
"$cc" -march=z14 -nostdlib -static -no-pie -DBARE -Wl,-T"$here/../system/bare.ld" -o "$work/watched-bare" \
    "$here/watched.S" || exit 1
"$cc" -g -O2 -march=z14 -mno-vx -msoft-float -ffreestanding -fno-pic -no-pie -fno-stack-protector \
    -fno-asynchronous-unwind-tables -nostdlib -static -Wl,-T"$here/../system/bare.ld" -o "$work/smp" "$here/../system/smp.c" || exit 1

session bare 0 "--quiet --model z14 --cpus 2 $images/hello.elf" "$images/hello.elf" <<'EOF'
info threads
break print
continue
bt
print/x $r15
print $cr0
print/x $prefix
print $v17.uint128
set var *(long *)0x30000 = 42
print *(long *)0x30000
set $r7 = 0x1234
stepi
print/x $r7
x/i $pc
delete
continue
EOF
said gdb '2 .*CPU 1, stopped' 'Breakpoint 1, .* in print' '#1 .* in main' '\$2 = 224' '\$5 = 42' '\$6 = 0x1234' 'exited normally'
said out 'Hello from z/Architecture'

# A repeatable guest goes back, through waits and interruptions, and forth again; it writes nothing twice.
session back 0 "--quiet --deterministic --model z14 $images/timer.elf" "$images/timer.elf" <<'EOF'
break on_external
continue
print *(int *)&rom_externals
continue
continue
print *(int *)&rom_externals
stepi 4
reverse-stepi 4
print $pc == 0x200bc
reverse-continue
print *(int *)&rom_externals
delete
watch *(int *)&rom_externals
reverse-continue
reverse-continue
print *(int *)&rom_externals
reverse-continue
delete
continue
EOF
said gdb '\$1 = 0' '\$2 = 2' '\$3 = 1' '\$4 = 1' 'Old value = 1' 'New value = 0' '\$5 = 0' 'No more reverse-execution history' \
    'exited normally'
[ "$(grep -c PASS "$work/out")" = 1 ] || fail "it wrote something twice"

# Of several CPUs as well: each at its breakpoint, in the order in which they came there.
session 'back with CPUs' 0 "--quiet --deterministic --bare --cpus 4 --model z14 $work/smp" "$work/smp" <<'EOF'
break count
continue
continue
continue
reverse-continue
print self
reverse-continue
print self
info threads
delete
thread 2
awatch counted
continue
reverse-continue
reverse-stepi
stepi
x/i $pc
delete
continue
EOF
said gdb 'Thread 2 hit Breakpoint 1, count (self=1)' 'Thread 3 hit Breakpoint 1, count (self=2)' '\$1 = 1' '\$2 = 0' \
    '\* 1 .*CPU 0, operating) count' 'hit Hardware access' 'exited normally'

# From its failure, too: the end comes when it goes on.
session 'back from its end' 112 "--quiet --deterministic --model z13 --on-blocked stop $images/z14-on-z13.elf" "$images/z14-on-z13.elf" <<'EOF'
continue
reverse-stepi
x/i $pc
stepi
reverse-continue
print $pc == 0x20000
continue
continue
EOF
said gdb 'received signal SIGILL' 'brasl' 'No more reverse-execution history' '\$1 = 1' 'exited with code 0160'

session 'no way back' 0 "--quiet --model z14 $images/hello.elf" "$images/hello.elf" <<'EOF'
break print
continue
stepi
reverse-stepi
delete
continue
EOF
said gdb 'only a repeatable run can go back: give --deterministic' 'exited normally'

# The registers of a guest that failed can be looked at before its end is told.
session blocked 112 "--quiet --model z13 --on-blocked stop $images/z14-on-z13.elf" "$images/z14-on-z13.elf" <<'EOF'
continue
x/i $pc
continue
EOF
said gdb 'received signal SIGILL' 'msgrkc' 'exited with code 0160'

session program 5 "--quiet --model z14 $work/subject" "$work/subject" <<'EOF'
info auxv
break main
continue
set var knob = 4
break factorial if n == 1
continue
bt
finish
delete
break half
continue
print d
up
print p
print factorial(5)
continue
EOF
said gdb 'AT_PLATFORM.*z14' 'Breakpoint 2, factorial (n=1)' '#4 .* in main' 'Value returned is \$1 = 1' \
    'Breakpoint 3, half (d=5)' '\$3 = {x = 1, y = 7}' '\$4 = 120' 'exited with code 05'
said out 'factorial 24, point 1 7, half 2.5'

# A watchpoint stops after the instruction that changes what it watches, however far away that is.
session watch 5 "--quiet --model z14 $work/subject" "$work/subject" <<'EOF'
break main
continue
watch knob
watch counter if counter == 300
continue
print counter
bt 1
delete
info proc
info proc mappings
continue
EOF
said gdb "exe = '$work/subject'" "cmdline = '$work/subject'" ' r-xp .*/subject' \
    'Hardware watchpoint 2: knob' 'Hardware watchpoint 3: counter' 'New value = 300' '\$1 = 300' '#0 .* count ()' \
    'exited with code 05'

# Watchpoints for reading and for any access: each instruction that makes one, and no other. The labels say which.
# accesses COMMAND LETTERS GUEST ['RUN ARGUMENTS']
accesses() {
    session "$1 $3 ${4-}" 0 "--quiet --model z14 ${4-} $work/$3" "$work/$3" <<EOT
$1 *(long *)&data
$1 *(long *)&edge
$1 *(char[16] *)&edge
while 1
continue
printf "AT "
output/a \$pc
echo \\n
end
EOT
    # the loop comes by three doublewords
    grep -o "^[$2]_[a-z_]*" "$here/watched.S" | sed 's/^r_near$/&\n&\n&/' >"$work/wanted"
    [ "$1" = rwatch ] || sed -i '1,/w_near/d; 5i r_near\nw_near\nr_near\nw_near\nr_near\nw_near' "$work/wanted"
    sed -n 's/^AT .*<\(.*\)>$/\1/p' "$work/gdb" >"$work/met"
    cmp -s "$work/wanted" "$work/met" || fail "$(diff "$work/wanted" "$work/met")"
}
for program in watched watched-bare; do
    accesses rwatch ra $program
    for engine in $engines; do
        accesses awatch raw $program "--engine $engine"
    done
done

# They stop steps, too, and going back comes to before the access.
session 'accesses before' 0 "--quiet --deterministic --model z14 $work/watched-bare" "$work/watched-bare" <<'EOF'
break *(&r_again - 6)
continue
rwatch *(long *)&data
awatch *(char *)&data
stepi
stepi
reverse-continue
print $pc == (long)&r_again
reverse-continue
reverse-continue
print $pc == (long)&a_ni
delete
continue
EOF
said gdb 'read watchpoint 2' 'acc.* watchpoint 3' '\$1 = 1' '\$2 = 1' 'exited normally'

# A breakpoint in what a child executes does not stop it, and a program that becomes another goes on.
session fork 24 "--quiet --model z14 $work/subject exec" "$work/subject" <<'EOF'
break factorial if n == 4
continue
continue
EOF
said gdb 'exited with code 030'

session crash 139 "--quiet --model z14 $work/subject crash" "$work/subject" <<'EOF'
continue
bt
print p
continue
EOF
said gdb 'received signal SIGSEGV' 'main (argc=2' 'y = 7' 'terminated with signal SIGSEGV'

# Threads of a program are threads of gdb; a breakpoint stops whichever comes there.
session threads 0 "--quiet --model z14 $work/threads" "$work/threads" <<'EOF'
break work if n == 2
continue
info threads
print n
bt
delete
continue
EOF
said gdb 'Thread [0-9]*[.][2-4] .*CPU [1-3], operating' '\$1 = 2' '#1 .* in run' 'exited normally'
said out 'total 18'

# Each of them stops there each time: while one leaves the breakpoint, which gdb takes away for that, the others
# stand still, and who stood there, too, is told next.
for way in "" "--deterministic"; do
    session "crowd $way" 0 "--quiet $way --model z14 $work/crowd" "$work/crowd" <<'EOF'
break pass
ignore 1 1000
continue
info breakpoints
EOF
    said gdb 'already hit 100 times' 'exited normally'
    said out '25 25 25 25'
done
session "crowd with signals" 0 "--quiet --model z14 $work/crowd signals" "$work/crowd" <<'EOF'
break pass
while 1
continue
end
EOF
said out '25 25 25 25, signals 100'
[ "$(grep -c 'received signal SIGUSR1' "$work/gdb")" = 100 ] || fail "another number than 100 of signals"
# after a signal that comes while it steps over a breakpoint, gdb stops there once more
[ "$(grep -c 'hit Breakpoint 1, pass' "$work/gdb")" -ge 100 ] || fail "less than 100 stops at the breakpoint"

# Signals are told of before handlers get them, in whichever thread; some are kept from it, and some are not told of.
for way in "" "--deterministic"; do
    session "signals $way" 0 "--quiet $way --model z14 $work/signals" "$work/signals" <<'EOF'
continue
continue
signal 0
continue
info threads
continue
print got[12]
continue
handle SIGUSR1 nopass
continue
EOF
    said gdb 'SIG40, Real-time event 40' 'Thread 2 received signal SIGUSR2' '\* 2 .*CPU 1, operating' \
        'Thread 1 received signal SIGSEGV' '\$1 = 1' 'exited normally'
    [ "$(grep -c 'received signal SIGUSR1' "$work/gdb")" = 3 ] || fail "SIGUSR1 was told of another number of times"
    said out '^1 1 1 1 1 1, child 2$' '^1$'
done
session 'signals passed' 0 "--quiet --model z14 $work/signals" "$work/signals" <<'EOF'
handle SIGUSR1 SIGUSR2 SIGSEGV SIG40 nostop noprint pass
break note if number == 10
continue
signal SIGUSR2
delete
continue
EOF
said gdb 'note (number=10)' 'exited normally'
said out '^2 2 1 1 1 1, child 3$' '^3$'
# a thread's signal waits while another one is stepped alone
session 'signal of another thread' 0 "--quiet --model z14 $work/signal_thread" "$work/signal_thread" <<'EOF'
continue
thread 1
set scheduler-locking on
stepi
stepi
set scheduler-locking off
continue
EOF
said gdb 'Thread 2 received signal SIGUSR1' 'exited normally'
said out '^1 in the second, 0 in the first, by itself$'

# A call that a signal has interrupted is made again when the program does not get the signal, as on Linux. Each signal
# of several is told of once, also when another one comes while it is told.
for way in "" "--deterministic"; do
    session "interrupted calls $way" 0 "--quiet $way --model z14 $work/interrupted" "$work/interrupted" <<'EOF'
handle SIGALRM stop print pass
continue
signal 0
signal SIGALRM
continue
continue
continue
EOF
    said gdb 'received signal SIGUSR1' 'exited normally'
    said out '^0 -1, 1$'
    [ "$(grep -c 'received signal SIGALRM' "$work/gdb")" = 2 ] || fail "SIGALRM was told of another number of times"
done
session 'interrupted again and again' 0 "--quiet --model z14 $work/interrupted often" "$work/interrupted" <<'EOF'
handle SIGALRM nostop noprint nopass
continue
EOF
said out 'wait 0: 0, good' 'wait 1: 0, good' 'wait 2: 0, good' 'wait 3: -1, good'
session 'signals at once' 0 "--quiet --model z14 $work/interrupted" "$work/interrupted" <<'EOF'
break raise
continue
continue
continue
continue
continue
continue
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGUSR1)
shell sleep 0.2
continue
continue
continue
EOF
said gdb 'exited normally'
said out '^6$'
[ "$(grep -o 'received signal SIGUSR[12]' "$work/gdb" | tr -dc '12')" = 1221 ] || fail "signals were told in another order"

# Who waits for a word keeps its place, for others that requeue and wake, while the program stands still.
session waiters 0 "--quiet --deterministic --model z14 $work/waiters" "$work/waiters" <<'EOT'
handle SIGUSR1 stop print pass
break mark
while 1
continue
end
EOT
said out '^1 1 1 1 requeued 4, then 0, signal 10, order 1342$'
[ "$(grep -c 'hit Breakpoint 1, mark' "$work/gdb")" = 11 ] || fail "another number than 11 of stops"
session 'waiters and back' 0 "--quiet --deterministic --model z14 $work/waiters" "$work/waiters" <<'EOT'
handle SIGUSR1 stop print pass
break mark
continue
continue
continue
continue
reverse-continue
reverse-continue
reverse-continue
delete
stepi
continue
continue
EOT
said out '^1 1 1 1 requeued 4, then 0, signal 10, order 1342$'

# Whichever thread gets the signal that the program dies of is shown.
session 'death by a thread' 139 "--quiet --model z14 $work/signal_thread crash" "$work/signal_thread" <<'EOF'
continue
info threads
EOF
said gdb 'Thread 2 received signal SIGSEGV' '\* 2 .* run '

# A client of "extended-remote" has the guest begin anew.
session 'begin anew' 0 "--quiet --model z14 $images/hello.elf" "$images/hello.elf" extended- <<'EOF'
set remote exec-file anything
break print
continue
run
print $pc == 0x20160
print *(char *)$r2
delete
continue
break print
run
print $pc == 0x20160
kill
run
print $pc == 0x20160
delete
continue
EOF
said gdb 'Breakpoint 1, .* in print' '\$1 = 1' '\$3 = 1' '\$4 = 1' 'exited normally'
[ "$(grep -c PASS "$work/out")" = 2 ] || fail "another number of runs than 2"

# Who detaches leaves a guest that runs to its end; who kills ends it.
session detach 5 "--quiet --model z14 $work/subject" "$work/subject" <<'EOF'
break factorial
continue
detach
EOF
said out 'factorial 6'
session kill 130 "--quiet --model z14 $work/subject" "$work/subject" <<'EOF'
kill
EOF

done_with sessions
