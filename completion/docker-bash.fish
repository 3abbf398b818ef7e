# Completion of docker-bash for fish 3 and newer.
#   docker-bash completion fish | source      or, for good: docker-bash completion install fish

function __docker_bash_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l word (commandline --current-token --cut-at-cursor | string replace --all --regex '[\'"\\\\]' '')
    set -l program $words[1]
    type --query -- $program; or set program docker-bash
    set --erase words[1]

    set -l directive 4
    for reply in ($program __complete $words "$word" 2>/dev/null)
        if string match --quiet --regex '^:\d+$' -- $reply
            set directive (string sub --start 2 -- $reply)
        else
            echo -- $reply
        end
    end

    if test (math "bitand($directive, 16)") -ne 0
        __fish_complete_directories $word
    else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path $word
    end
end

complete --command docker-bash --no-files --keep-order --arguments '(__docker_bash_complete)'
