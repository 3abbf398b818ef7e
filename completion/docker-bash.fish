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

# ssh, scp and sftp: what fish has for them, and the containers that run as NAME.docker, once docker-bash ssh-config install
# has set that up.
function __docker_bash_hosts
    set -l config $XDG_CONFIG_HOME
    test -n "$config"; or set config ~/.config
    test -r $config/docker-bash/ssh_config; or return
    set -l word (commandline --current-token --cut-at-cursor)
    set -l user (string match --regex '^[^@]*@' -- $word)
    set -l name (string replace --regex '^[^@]*@' '' -- $word | string replace --regex '\.d.*$' '')
    string match --quiet --regex '^[-./~]|:' -- $name; and return
    for reply in (docker-bash __complete proxy "$name" 2>/dev/null)
        set -l host (string split \t -- $reply)[1]
        # What fish has for scp takes ssh's hosts, and puts a colon in the place of what is said of them.
        string match --quiet '*:*' -- $host; or printf '%s\tcontainer\n' "$user$host.docker$argv"
    end
end

complete --command ssh --condition 'test (__fish_number_of_cmd_args_wo_opts) -lt 2' --arguments '(__docker_bash_hosts)'
complete --command scp --arguments '(__docker_bash_hosts :)'
complete --command sftp --arguments '(__docker_bash_hosts)'
