#!/bin/sh
# Nothing mutable is global: check_state.sh LIBRARY...
# Two machines run in one process, so no library has a variable that is shared by machines. What is
# allowed: the thread-local pointers with which a signal handler finds its CPU and guest, and the
# flag that the fault handler is installed.
allowed='cpus.c.o .tbss current
linear.c.o .bss *once*
signal.c.o .tbss attached'

found=$(objdump -t "$@" | awk '
    / file format / { sub(/:$/, "", $1); member = $1 }
    $0 ~ /\.(data|bss|tdata|tbss|ldata|lbss)([.][^ ]*)?\t/ || /\*COM\*/ {
        section = name = ""
        for (i = 2; i <= NF; i++) {
            if ($i ~ /^\.(t|l)?(data|bss)/ || $i == "*COM*") { section = $i; break }
        }
        name = $NF
        size = $(i + 1)
        if (section !~ /^\.data\.rel\.ro/ && name !~ /^\./ && size !~ /^0*$/) {
            print member, section, name
        }
    }')
printf '%s\n' "$found" | grep -q 'cpus.c.o .tbss current' || {
    echo "the objects could not be read: current of cpus.c is not among the symbols"
    exit 1
}
rest=$(printf '%s\n' "$found" | grep -v -x -F -e '' | while read -r member section name; do
    known=
    for i in 1 2 3; do
        # shellcheck disable=SC2254 # a pattern
        case "$member $section $name" in $(printf '%s\n' "$allowed" | sed -n ${i}p)) known=1 ;; esac
    done
    [ "$known" ] || echo "$member: $name in $section"
done)
[ -z "$rest" ] || {
    echo "mutable at file scope:"
    echo "$rest"
    exit 1
}
