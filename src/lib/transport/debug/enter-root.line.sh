# Changes over to the root of the target's first process, with the tools as descriptor 9. $0 the tag, $1 the target's ID
# when its processes are to be told from others', $2 the folder of the tools, $3 the busybox to do it with; then the words
# to run behind it.

id=$1 tools=$2 busybox=$3
shift 3
pid=1
if [ -n "$id" ]; then
  pid='' oldest=''
  # The oldest process of its control group is its first.
  for d in /proc/[0-9]*; do
    while read -r line; do
      case $line in
        *"$id"*)
          read -r stat <"$d/stat" || break
          n=0
          for word in ${stat##*") "}; do
            n=$((n+1))
            [ $n = 20 ] && break
          done
          if [ -z "$oldest" ] || [ "$word" -lt "$oldest" ]; then oldest=$word pid=${d#/proc/}; fi
          break
          ;;
      esac
    done 2>/dev/null <"$d/cgroup"
  done
  [ -n "$pid" ] || {
    echo "Error: no process of the target"
    exit 1
  }
fi
exec 9<"$tools"
exec "$busybox" nsenter "-r/proc/$pid/root" "$@"
