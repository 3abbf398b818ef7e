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
