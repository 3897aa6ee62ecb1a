# SPDX-License-Identifier: Apache-2.0
# Completion for fish: fethctl itself knows what may follow.
function __fethctl_complete
    set -l words (commandline -opc)
    set -l found ($words[1] complete $words[2..] (commandline -ct) 2>/dev/null)
    if test "$found[1]" = :files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete -c fethctl -f -a '(__fethctl_complete)'
