# In the target's root by now, and not its user yet: as with the engine's runtime, root may enter a folder that the user
# may not. $1 the folder, $2 the user, $3 the program and words that go on.

cd "$1" 2>/dev/null && export _dbr=1
uid=$2 p=$3
shift 2
exec "$p" nsenter -S "$uid" "$@"
