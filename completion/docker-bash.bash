# Completion of docker-bash for bash 3.2 and newer; it needs no bash-completion.
#   . <(docker-bash completion bash)      or, for good: docker-bash completion install bash

_docker_bash() {
  COMPREPLY=()
  local program=$1
  type -P -- "$program" >/dev/null || program=docker-bash

  # bash takes words apart at : and = too; what no blank stands before belongs to the word in front.
  local line=${COMP_LINE:0:COMP_POINT} piece i
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if ((i == 0)) || [[ -z $line || $line == [[:space:]]* ]]; then
      line=${line#"${line%%[![:space:]]*}"}
      piece=${line:0:${#piece}}
      words+=("$piece")
    else
      piece=${line:0:${#piece}}
      words[${#words[@]} - 1]+=$piece
    fi
    line=${line:${#piece}}
  done
  # Without their quotes, and nothing in them expanded: a key press runs nothing.
  words=("${words[@]//[\"\'\\]/}")
  local word=${words[${#words[@]} - 1]}

  local reply directive=4
  while IFS= read -r reply; do
    case $reply in
      :*) directive=${reply#:} ;;
      *) COMPREPLY+=("${reply%%$'\t'*}") ;;
    esac
  done < <("$program" __complete "${words[@]:1}" 2>/dev/null)

  # readline replaces only what stands behind the last place where it takes words apart.
  local breaks="" character head
  for character in : = @; do
    [[ ${COMP_WORDBREAKS-} == *"$character"* ]] && breaks+=$character
  done
  if [[ -n $breaks && $word == *[$breaks]* ]]; then
    head=${word%"${word##*[$breaks]}"}
    COMPREPLY=("${COMPREPLY[@]#"$head"}")
    word=${word#"$head"}
  fi

  # bash 3 has no compopt: it offers files where there is nothing to offer.
  local options=compopt
  type compopt >/dev/null 2>&1 || options=:
  ((directive & 2)) && $options -o nospace
  if ((directive & 16)); then
    $options +o default +o bashdefault -o filenames
    while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -d -- "$word")
  elif ((directive & 4)); then
    $options +o default +o bashdefault
  elif ((${#COMPREPLY[@]} == 0)) && [[ -n ${head-} ]]; then
    $options -o filenames
    while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -f -- "$word")
  fi
}

complete -o bashdefault -o default -F _docker_bash docker-bash

# ssh, scp and sftp: what bash-completion has for them, and the containers that run as NAME.docker, once
# docker-bash ssh-config install has set that up.
_docker_bash_ssh() {
  local program=${1##*/} name spec
  if [[ -z ${_docker_bash_ssh_read-} ]]; then
    # It reads a file for them at the first key, and takes our place.
    _docker_bash_ssh_read=1
    declare -F _completion_loader >/dev/null && _completion_loader ssh
    for name in ssh scp sftp; do
      spec=$(complete -p "$name" 2>/dev/null)
      [[ $spec == *" -F "* ]] && spec=${spec##* -F } spec=${spec%% *} || spec=
      [[ $spec != _docker_bash_ssh ]] && printf -v "_docker_bash_before_$name" %s "$spec"
    done
    complete -o bashdefault -o default -F _docker_bash_ssh ssh scp sftp
    return 124
  fi
  COMPREPLY=()
  spec=_docker_bash_before_$program
  [[ -n ${!spec-} ]] && "${!spec}" "$@"

  local word=${COMP_WORDS[COMP_CWORD]} suffix=.docker user='' reply
  # With hostcomplete, bash takes the word apart behind the @, and replaces that, too.
  [[ $word != *@* && ${COMP_LINE:0:COMP_POINT} == *[![:space:]]@"$word" ]] && user=@
  [[ $word == *@* ]] && user=${word%@*}@ word=${word#*@}
  if [[ $word != [-./~]* && $word != *:* && -r ${XDG_CONFIG_HOME:-$HOME/.config}/docker-bash/ssh_config ]]; then
    [[ $program == scp ]] && suffix=.docker: && { compopt -o nospace; } 2>/dev/null
    while IFS= read -r reply; do
      reply=${reply%%$'\t'*}$suffix
      [[ $reply == *:*$suffix || $reply == :* || $reply != "$word"* ]] || COMPREPLY+=("$user$reply")
    done < <(docker-bash __complete proxy "${word%.d*}" 2>/dev/null)
  fi
}

# Who has set up something else keeps it.
complete -p ssh >/dev/null 2>&1 || complete -o bashdefault -o default -F _docker_bash_ssh ssh scp sftp
