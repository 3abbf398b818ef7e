#compdef docker-bash
# Completion of docker-bash for zsh 5 and newer.
#   source <(docker-bash completion zsh)      or, for good: docker-bash completion install zsh

_docker_bash() {
  local program=${(Q)words[1]}
  (( $+commands[$program] )) || [[ -x $program ]] || program=docker-bash

  # Without their quotes, and nothing in them expanded: a key press runs nothing.
  local -a replies plain described
  replies=("${(@f)$("$program" __complete "${(@Q)words[2,CURRENT-1]}" "${IPREFIX}${(Q)PREFIX}" 2>/dev/null)}")
  local reply
  integer directive=4
  for reply in "${replies[@]}"; do
    case $reply in
      :<->) directive=${reply#:} ;;
      *$'\t'*) described+=("${${reply%%$'\t'*}//:/\\:}:${reply#*$'\t'}") ;;
      ?*) plain+=("${reply//:/\\:}") ;;
    esac
  done

  local -a options
  (( directive & 2 )) && options=(-S '')
  if (( directive & 16 )); then
    _files -/
  elif (( ! (directive & 4) )) && (( $#described + $#plain == 0 )); then
    _files
  else
    _describe -t docker-bash 'docker-bash' described -- plain "${options[@]}"
  fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _docker_bash "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _docker_bash docker-bash

  # ssh, scp and sftp: the hosts that zsh has for them, and the containers that run as NAME.docker, once
  # docker-bash ssh-config install has set that up. Who has hosts of his own there keeps them.
  if [[ ${functions[_ssh_hosts]-} == (|'builtin autoload'*) ]]; then
    _ssh_hosts() {
      local -a hosts expl
      local own=$functions[_ssh_hosts]
      if (( ! $+functions[_docker_bash_before_ssh_hosts] )); then
        unfunction _ssh_hosts
        autoload -Uz +X _ssh_hosts && functions[_docker_bash_before_ssh_hosts]=$functions[_ssh_hosts]
        functions[_ssh_hosts]=$own
      fi
      if [[ $PREFIX != [-./~]* && $PREFIX != *:* && -r ${XDG_CONFIG_HOME:-$HOME/.config}/docker-bash/ssh_config ]]; then
        hosts=("${(@)${(@f)$(docker-bash __complete proxy "${PREFIX%.d*}" 2>/dev/null)}%%$'\t'*}")
        hosts=("${(@)hosts:#(|*:*)}")
        (( $#hosts )) && _wanted hosts expl container compadd "$@" -- "${(@)^hosts}.docker"
      fi
      _docker_bash_before_ssh_hosts "$@" || (( $#hosts ))
    }
  fi
fi
