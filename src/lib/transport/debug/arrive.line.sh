# As its user. $1 the folder, $2 how many variables `_dbw0` on hold the environment's entries, $3 the program and words
# that set them. A link of the kernel's could have led out of the root, where there is no name for it.

# shellcheck disable=SC2015 # it fails if the folder is not to be had, and if it is nowhere below the root
cd "$1" 2>/dev/null || [ -n "${_dbr-}" ] && case $(pwd -P 2>/dev/null) in /*) ;; *) false ;; esac || {
  echo "Error: chdir to cwd"
  exit 1
}
n=$2 p=$3
shift 3
while [ "$n" -gt 0 ]; do
  n=$((n-1))
  eval "set -- \"\$_dbw$n\" \"\$@\""
done
exec "$p" env -i "$@"
