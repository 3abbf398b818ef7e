# The barrier: finds out what the kernel does not run while it would wait. A shell runs a script without `#!` itself, or
# says in its own words what is wrong. _dbw is then the code, and what keeps the kernel from it
# (transport/shared/not-run.ts).

_dbw=
for _dbd in 1 2 3 4 5 6; do
  # shellcheck disable=SC2154 # _dbp comes from barrier-find.line.sh
  { [ -f "$_dbp" ] && [ -r "$_dbp" ]; } || break
  _dbl=
  IFS= read -r _dbl <"$_dbp"
  case $_dbl in
    '#!'*)
      _dbl=${_dbl#??}
      while :; do
        case $_dbl in
          [' 	']*) _dbl=${_dbl#?} ;;
          *) break ;;
        esac
      done
      _dbp=${_dbl%%[' 	']*}
      if [ -z "$_dbp" ]; then
        _dbw='126 script'
      elif [ ! -e "$_dbp" ]; then
        _dbw="127 gone $_dbp"
      elif [ -d "$_dbp" ] || [ ! -x "$_dbp" ]; then
        _dbw="126 closed $_dbp"
      elif [ "$_dbd" = 6 ]; then
        _dbw='126 loop'
      else
        continue
      fi
      ;;
    # Control characters behind the name: its class, order of bytes and version. Zero bytes do not arrive here.
    [!\ -~]ELF[!\ -~][!\ -~][!\ -~]?*) ;;
    [!\ -~]ELF*) _dbw='126 broken' ;;
    # What other kernels run, this one may have been taught to.
    MZ* | PK*) ;;
    *)
      _dbw='126 script'
      [ -s "$_dbp" ] || _dbw='126 empty'
      ;;
  esac
  break
done
