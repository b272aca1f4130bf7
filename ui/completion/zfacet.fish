# fish completion of zfacet. Commands and options are read from its own help, machines from
# `zfacet models`, so that none is named here a second time.

function __zfacet_commands
    zfacet --help | sed -n 's/^  \([a-z-]*\)  *\(.*\)/\1\t\2/p'
end

function __zfacet_options
    set -l words (commandline -opc)
    zfacet help $words[2] 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u
end

function __zfacet_models
    zfacet models 2>/dev/null | awk 'NR > 1 && NF == 0 { exit } NR > 1 { print $1 }'
    printf '%s\n' recommended max qemu
end

function __zfacet_roms
    zfacet suite --list | awk '{ print "rom:" $1 }'
end

function __zfacet_at
    set -l words (commandline -opc)
    set -q words[2]; and contains -- $words[2] $argv
end

function __zfacet_wants_model
    set -l words (commandline -opc)
    contains -- $words[-1] --model --host --models --ibc --lowest-ibc --since
    or begin
        not string match -q -- '-*' (commandline -ct)
        and __zfacet_at models explain expand compare baseline migrate check-model deprecated
    end
end

complete -c zfacet -f -n 'test (count (commandline -opc)) -eq 1' -a '(__zfacet_commands)'
complete -c zfacet -f -n '__zfacet_at help' -a '(__zfacet_commands)'
complete -c zfacet -f -n 'test (count (commandline -opc)) -gt 1; and string match -q -- "-*" (commandline -ct)' -a '(__zfacet_options)'
complete -c zfacet -f -n __zfacet_wants_model -a '(__zfacet_models)'
complete -c zfacet -n '__zfacet_at run check' -a '(__zfacet_roms)'
