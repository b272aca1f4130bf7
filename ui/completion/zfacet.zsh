#compdef zfacet
# zsh completion of zfacet, which says itself what can follow: zfacet --complete WORD...

_zfacet() {
    local line files= program=${${(Q)words[1]}/#\~/$HOME}
    local -a names meanings
    for line in ${(f)"$($program --complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)"}; do
        if [[ $line == $'\t'* ]]; then
            files=${line#$'\t'}
        else
            names+=("${line%%$'\t'*}")
            meanings+=("${line/$'\t'/  -- }")
        fi
    done
    if [[ ${(j::)meanings} == *'  -- '* ]]; then
        compadd -l -d meanings -a names
    else
        compadd -a names
    fi
    if [[ -n $files ]]; then
        compset -P '@' || compset -P '--*='
        [[ $files == files ]] && _files || _files -/
    fi
}

[[ $zsh_eval_context[-1] == loadautofunc ]] && _zfacet "$@" || compdef _zfacet zfacet
