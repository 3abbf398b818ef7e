# Sets the positional parameters to the words that come in, as `asLines` writes them. Ends with 129 when the input ends
# before.

_dbw='' _dbo=''
set --
while IFS= read -r _dbl; do
  case $_dbl in
    +*) _dbw=$_dbw${_dbl#+} ;;
    # What $() takes away at the end is kept by a letter behind it.
    %*)
      _dbl=$(printf %b. "${_dbl#%}")
      _dbw=$_dbw${_dbl%.}
      ;;
    ,)
      set -- "$@" "$_dbw"
      _dbw=
      ;;
    .)
      _dbo=1
      break
      ;;
  esac
done
[ -n "$_dbo" ] || exit 129
