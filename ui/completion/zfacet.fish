# fish completion of zfacet, which says itself what can follow: zfacet --complete WORD...

function __zfacet_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r -- '^~' $HOME $words[1])
    for line in ($program --complete $words[2..-1] $current 2>/dev/null)
        switch $line
            case \tfiles \tfolders
                set -l before (string match -r -- '^(?:@|--[^=]*=)' $current; or echo '')
                for file in (complete -C "'' "(string sub -s (math (string length -- $before) + 1) -- $current))
                    string match -q -- \tfolders $line
                    and not string match -qr -- '^[^\t]*/(\t|$)' $file
                    and continue
                    echo $before$file
                end
            case '*'
                echo $line
        end
    end
end

complete -c zfacet -f -a '(__zfacet_complete)'
