#!/bin/sh
# Writes the manual page from what the programs say of themselves: build.sh ZFACET ZFACET-QEMU >zfacet.1
set -eu
zfacet=$1
qemu=$2

# verbatim text: backslashes, and dots and quotes that begin a line, mean something to roff
verbatim() {
    echo ".nf"
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"
    echo ".fi"
}

version=$("$zfacet" --version)
cat <<END_OF_HEAD
.\" Written by ui/man/build.sh from the program's own help.
.TH ZFACET 1 "" "$version" "User Commands"
.SH NAME
zfacet \- run and examine s390x programs on any z/Architecture CPU model
.SH SYNOPSIS
.B zfacet
.I COMMAND
.RI [ ARGUMENT ...]
.br
.B zfacet \-\-help
|
.B \-\-version
.SH DESCRIPTION
zfacet executes s390x programs and bare-metal guests on a CPU model from z900 to z17.
Instructions, operand forms and function codes that the model, or the IBC value (instruction
blocking control) in force, does not have are blocked as on that machine, and reported with
the facility that they need and the first machine that has it.
It also answers questions about models, facilities and instructions.
.SH COMMANDS
END_OF_HEAD
"$zfacet" --help | sed -n 's/^  \([a-z-]\{1,\}\)  .*/\1/p' | while read -r command; do
    [ "$command" != help ] || continue
    echo ".SS $command"
    "$zfacet" help "$command" | verbatim
done
echo ".SH ZFACET\\-QEMU"
"$qemu" -help | verbatim
cat <<'END_OF_TAIL'
.SH EXIT STATUS
0 fine, 1 it could not be done, or its output not be written, 2 wrong command line, 3 something was blocked.
.B zfacet run
passes on the exit status of the guest; its own are listed above.
.SH ENVIRONMENT
.TP
.B NO_COLOR
When set and not empty, the output has no colour. It has none either unless it goes to a terminal.
.SH EXAMPLES
.nf
zfacet run \-\-model z13 \-\-check ./program
zfacet suite \-\-models z13..
zfacet explain vfasb
zfacet inspect \-\-text \-\-view matrix \-\-models z13,z16
.fi
END_OF_TAIL
