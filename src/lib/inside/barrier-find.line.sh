# The barrier: looks for the command. $0 the tag, $1 the command's name, $2 variables to unset, $3 how many entries
# env(1) has to set, which are in variables of ours, `_dbv0` on: everybody can read the words of a process, and the engine
# notes them in its events. Then the command's words.
# _dbs: 0, or what a shell would end with: 127 not found, 126 not runnable. _dbp: the command's path.

if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
# shellcheck disable=SC2034 # _dbu and _dbe are for the next part
_dbn=$1 _dbp=$1 _dbu=$2 _dbe=$3
shift 3
_dbs=0
case $_dbn in
  */*) if [ ! -e "$_dbn" ]; then _dbs=127; elif [ -d "$_dbn" ] || [ ! -x "$_dbn" ]; then _dbs=126; fi ;;
  *)
    _dbs=127
    set -f
    IFS=:
    for _dbd in $PATH; do
      if [ -f "${_dbd:-.}/$_dbn" ]; then
        # shellcheck disable=SC2034 # _dbp is for the part that looks
        if [ -x "${_dbd:-.}/$_dbn" ]; then
          _dbs=0 _dbp=${_dbd:-.}/$_dbn
          break
        fi
        _dbs=126
      fi
    done
    unset IFS
    set +f
    ;;
esac
