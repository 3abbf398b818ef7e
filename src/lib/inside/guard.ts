/**
 * The guard: a second exec beside the command's own that ends what we started when we are gone, however we went.
 *
 * Engines leave an exec running when its client dies, and have no call to signal or end one (moby#9098, #35703). The
 * guard's stdin is held open by us; the kernel closes it when we die, kill -9 included, and the engine hands that on.
 * It needs nothing but a POSIX shell: every tool it uses is a builtin, `sleep` only if there is one.
 *
 * It is told, a line each: `pid N` (the command, by the container's PIDs), `kill NAME` (a signal for its process
 * group, and for the terminal's foreground group), `done` (it ended by itself: leave).
 */
// $0 the gate's tag. A session's processes are found by field 6 of /proc/PID/stat, behind the name in parentheses.
const script = `
p=
each() {
  found=
  for d in /proc/[0-9]*; do
    { read -r line < "$d/stat"; } 2>/dev/null || continue
    set -- \${line##*") "}
    [ "$4" = "$p" ] && [ "$1" != Z ] && [ "$1" != X ] && found=1 && kill "-$k" "\${d#/proc/}" 2>/dev/null
  done
  [ -n "$found" ]
}
foreground() {
  { read -r line < "/proc/$p/stat"; } 2>/dev/null || return
  set -- \${line##*") "}
  [ "$6" -gt 0 ] && [ "$6" != "$p" ] && kill "-$k" "-$6" 2>/dev/null
}
rest() { sleep 0.2 2>/dev/null || sleep 1 2>/dev/null; }
trap '' HUP INT TERM PIPE
while read -r verb word; do
  case $verb in
    pid) p=$word ;;
    kill) k=$word; foreground; kill "-$k" "-$p" 2>/dev/null ;;
    done) exit 0 ;;
  esac
done
for try in 1 2 3 4; do
  if [ -z "$p" ]; then
    for d in /proc/[0-9]*; do
      { IFS= read -r line < "$d/cmdline"; } 2>/dev/null
      case $line in *"$0"*) [ "\${d#/proc/}" = "$$" ] || kill -KILL "\${d#/proc/}" 2>/dev/null ;; esac
      line=
    done
  elif [ $try = 1 ]; then
    k=HUP; each; k=CONT; each; kill -HUP "-$p" 2>/dev/null; kill -CONT "-$p" 2>/dev/null
  else
    k=0; each || exit 0
  fi
  rest || break
done
[ -n "$p" ] || exit 0
k=KILL; each; kill -KILL "-$p" 2>/dev/null
exit 0
`

/** argv of the guard's exec. */
export function guard(shell: string, tag: string): readonly string[] {
  return [shell, '-c', script, tag]
}

/** The guard's orders. */
export const orders = {
  watch: (pid: number) => `pid ${pid}\n`,
  signal: (name: NodeJS.Signals) => `kill ${name.replace(/^SIG/, '')}\n`,
  done: 'done\n',
}
