# Bash completion of zfacet. Commands and options are read from its own help, machines from
# `zfacet models` and ROMs from `zfacet suite --list`, so that none is named here a second time.
# shellcheck shell=bash

_zfacet_models() {
    "$1" models 2>/dev/null | awk 'NR > 1 && NF == 0 { exit } NR > 1 { print $1 }'
    echo recommended max qemu
}

_zfacet_offer() {
    mapfile -t COMPREPLY < <(compgen "${@:2}" -- "$1")
}

# Models by name, or after @ files that tell one.
_zfacet_offer_models() {
    if [[ $2 == @* ]]; then
        mapfile -t COMPREPLY < <(compgen -P @ -f -- "${2#@}")
    else
        _zfacet_offer "$2" -W "$(_zfacet_models "$1")"
    fi
}

_zfacet_value() {
    local zfacet=$1 option=$2 current=$3 # and the command
    case $option in
    --model | --host | --models | --ibc | --lowest-ibc | --since)
        _zfacet_offer_models "$zfacet" "$current"
        ;;
    --policy) _zfacet_offer "$current" -W "model ibc audit" ;;
    --on-blocked) _zfacet_offer "$current" -W "trap stop warn" ;;
    --on-unimplemented) _zfacet_offer "$current" -W "stop trap" ;;
    --view) _zfacet_offer "$current" -W "$("$zfacet" help inspect | sed -n 's/^  --view VIEW  *//p' | tr -d ,)" ;;
    --theme) _zfacet_offer "$current" -W "dark light" ;;
    --engine) _zfacet_offer "$current" -W "goto switch" ;;
    --format)
        case $4 in
        suite) _zfacet_offer "$current" -W "text tap junit" ;;
        *) _zfacet_offer "$current" -W "text json qemu libvirt hercules stfle" ;;
        esac
        ;;
    --trace) _zfacet_offer "$current" -W "insn ops blocks exceptions calls" ;;
    --qmp) _zfacet_offer "$current" -W "unix:" ;;
    --sysroot | --debug-dir) _zfacet_offer "$current" -d ;;
    --report | --manifest | --allow | --baseline | --output | --junit | --sarif | --html | --trace-file | --initrd | --socket | --screenshot | --save | --restore | --incoming) _zfacet_offer "$current" -f ;;
    *) return 1 ;;
    esac
}

_zfacet_argument() {
    local zfacet=$1 command=$2 current=$3
    case $command in
    help)
        _zfacet_offer "$current" -W "$("$zfacet" --help | sed -n 's/^  \([a-z-]\+\)  .*/\1/p')"
        ;;
    models | explain | expand | compare | baseline | migrate | check-model | deprecated)
        _zfacet_offer_models "$zfacet" "$current"
        ;;
    run | check) _zfacet_offer "$current" -f -W "rom:" ;;
    qmp) COMPREPLY=() ;;
    *) _zfacet_offer "$current" -f ;;
    esac
}

_zfacet() {
    local zfacet=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]}
    local before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    # the shell takes = and : for words of their own
    [[ $current == = || $current == : ]] && current=
    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD - 2]}
    if [ "$COMP_CWORD" -eq 1 ]; then
        _zfacet_argument "$zfacet" help "$current"
        [[ $current != -* ]] || _zfacet_offer "$current" -W "--help --version"
    elif [[ ${COMP_WORDS[COMP_CWORD]} == : || $before == : ]]; then
        _zfacet_offer "$current" -W "$("$zfacet" suite --list | awk '{ print $1 }')"
    elif _zfacet_value "$zfacet" "$before" "$current" "$command"; then
        :
    elif [[ $current == -* ]]; then
        _zfacet_offer "$current" -W "$("$zfacet" help "$command" 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)"
    else
        _zfacet_argument "$zfacet" "$command" "$current"
    fi
}

complete -o filenames -F _zfacet zfacet

_zfacet_qemu() {
    case ${COMP_WORDS[COMP_CWORD - 1]} in
    -machine | -M) _zfacet_offer "${COMP_WORDS[COMP_CWORD]}" -W "none" ;;
    -qmp) _zfacet_offer "${COMP_WORDS[COMP_CWORD]}" -W "stdio unix:" ;;
    -display) _zfacet_offer "${COMP_WORDS[COMP_CWORD]}" -W "none" ;;
    -pidfile) _zfacet_offer "${COMP_WORDS[COMP_CWORD]}" -f ;;
    *) _zfacet_offer "${COMP_WORDS[COMP_CWORD]}" -W "$("${COMP_WORDS[0]}" -help | grep -o -- ' -[a-zS][a-z-]*' | sort -u)" ;;
    esac
}

complete -o filenames -F _zfacet_qemu zfacet-qemu
