#compdef zfacet
# zsh completion of zfacet. Commands and options are read from its own help, machines from
# `zfacet models`, so that none is named here a second time.

_zfacet_models() {
    compadd -- ${(f)"$($1 models 2>/dev/null | awk 'NR > 1 && NF == 0 { exit } NR > 1 { print $1 }')"} recommended max qemu
}

_zfacet_commands() {
    local -a commands
    commands=(${(f)"$($1 --help | sed -n 's/^  \([a-z-]*\)  *\(.*\)/\1:\2/p')"})
    _describe command commands
}

_zfacet() {
    local zfacet=$words[1] command=$words[2]
    if ((CURRENT == 2)) || [[ $command == help ]]; then
        _zfacet_commands $zfacet
    elif [[ $words[CURRENT-1] == (--model|--host|--models|--ibc|--lowest-ibc|--since) ]]; then
        _zfacet_models $zfacet
    elif [[ $words[CURRENT] == -* ]]; then
        compadd -- ${(f)"$($zfacet help $command 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)"}
    elif [[ $command == (models|explain|expand|compare|baseline|migrate|check-model|deprecated) ]]; then
        _zfacet_models $zfacet
    else
        _files
        [[ $command != (run|check) ]] || compadd -- ${(f)"$($zfacet suite --list | awk '{ print "rom:" $1 }')"}
    fi
}

[[ $zsh_eval_context[-1] == loadautofunc ]] && _zfacet "$@" || compdef _zfacet zfacet
