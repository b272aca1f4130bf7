# Bash completion of zfacet, which says itself what can follow: zfacet --complete WORD...
# shellcheck shell=bash

_zfacet_offer() {
    mapfile -t COMPREPLY < <(compgen "${@:2}" -- "$1")
}

# The words after the program up to the cursor, those that the shell has split at =, : and @ as they were.
_zfacet_words() {
    local i piece joined=no
    words=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if [[ $piece == [=:]* || $joined == yes ]] && [ ${#words[@]} -gt 0 ]; then
            words[-1]+=$piece
        else
            words+=("$piece")
        fi
        [[ $piece == *[=:@] ]] && joined=yes || joined=no
    done
    # what the candidates replace: the last piece, with an @ before it
    piece=${COMP_WORDS[COMP_CWORD]}
    case $piece in
    *@) replaced=@ ;;
    *[=:]) replaced= ;;
    *) [[ ${COMP_WORDS[COMP_CWORD - 1]} == *@ ]] && replaced=@$piece || replaced=$piece ;;
    esac
}

_zfacet() {
    local words current line before replaced files=()
    _zfacet_words
    current=${words[-1]-}
    before=${current%"$replaced"}
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        $'\t'files)
            if [[ $replaced == @* ]]; then
                mapfile -t files < <(compgen -P @ -f -- "${replaced#@}")
            else
                mapfile -t files < <(compgen -f -- "$replaced")
            fi
            ;;
        $'\t'folders) mapfile -t files < <(compgen -d -- "$replaced") ;;
        *)
            line=${line%%$'\t'*}
            COMPREPLY+=("${line#"$before"}")
            ;;
        esac
    done < <("${COMP_WORDS[0]/#\~/$HOME}" --complete "${words[@]}" 2>/dev/null)
    COMPREPLY+=("${files[@]}")
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
