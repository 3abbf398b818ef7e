/**
 * The guard: a second exec beside the command's own that ends what we started when we are gone, however we went.
 *
 * Engines leave an exec running when its client dies, and have no call to signal or end one (moby#9098, #35703). The
 * guard's stdin is held open by us; the kernel closes it when we die, kill -9 included, and the engine hands that on.
 * It needs nothing but a POSIX shell: every tool it uses is a builtin, `sleep` only if there is one. So is `dd`, because
 * a process may say that its words go on for ever, and a shell would read them byte by byte.
 *
 * It is told, a line each: `pid N START` (the command, by the PIDs where the guard is, and in which of the kernel's ticks
 * it was started, if that is known: then another process of that number is not taken for it), `kill NAME` (a signal for its process
 * group, and for the terminal's foreground group), `done` (it ended by itself: leave).
 */
// $0 the gate's tag, $1 where to look first, $2 the ways out of our control groups. A session's processes are found by field 6 of /proc/PID/stat, behind the name in parentheses.
const script = `
for out in $2; do echo 0 >"$out"; done 2>/dev/null
p= s= list=$1
gone() {
  [ -n "$s" ] || return
  { read -r line < "/proc/$p/stat"; } 2>/dev/null || return
  set -- \${line##*") "}
  [ "\${20}" = "$s" ] || exit 0
}
one() {
  { read -r line < "/proc/$1/stat"; } 2>/dev/null || return
  n=$1
  set -- \${line##*") "}
  [ "$4" = "$p" ] && [ "$1" != Z ] && [ "$1" != X ] && found=1 && kill "-$k" "$n" 2>/dev/null
}
each() {
  gone
  found=
  if [ -n "$list" ]; then
    while read -r n; do one "$n"; done < "$list"
  else
    for d in /proc/[0-9]*; do one "\${d#/proc/}"; done
  fi
  [ -n "$found" ]
}
foreground() {
  { read -r line < "/proc/$p/stat"; } 2>/dev/null || return
  set -- \${line##*") "}
  [ "$6" -gt 0 ] && [ "$6" != "$p" ] && kill "-$k" "-$6" 2>/dev/null
}
words() {
  if command -v dd >/dev/null 2>&1; then dd "if=$1/cmdline" bs=8192 count=1
  else IFS= read -r line < "$1/cmdline"; echo "$line"; fi 2>/dev/null
}
rest() { sleep 0.2 2>/dev/null || sleep 1 2>/dev/null; }
trap '' HUP INT TERM PIPE
while read -r verb word start; do
  case $verb in
    pid) p=$word s=$start ;;
    kill) k=$word; gone; foreground; kill "-$k" "-$p" 2>/dev/null ;;
    done) exit 0 ;;
  esac
done
for try in 1 2 3 4; do
  if [ -z "$p" ]; then
    for d in /proc/[0-9]*; do
      line=$(words "$d") 2>/dev/null
      case $line in *"$0"*) [ "\${d#/proc/}" = "$$" ] || kill -KILL "\${d#/proc/}" 2>/dev/null ;; esac
    done
  elif [ $try = 1 ]; then
    k=HUP; each; k=CONT; each; kill -HUP "-$p" 2>/dev/null; kill -CONT "-$p" 2>/dev/null
  else
    k=0; each || { list=; each; } || exit 0
  fi
  rest || break
done
[ -n "$p" ] || exit 0
list= k=KILL; each; kill -KILL "-$p" 2>/dev/null
exit 0
`

/**
 * argv of the guard.
 * @param list a control group's `cgroup.procs`, to look there before all of /proc is looked through
 * @param out files to leave its control groups by, so that it is not killed together with us
 */
export function guard(shell: string, tag: string, list = '', out: readonly string[] = []): readonly string[] {
  return [shell, '-c', script, tag, list, ...(out.length > 0 ? [out.join(' ')] : [])]
}

/** The guard's orders. */
export const orders = {
  watch: (pid: number, start?: number) => `pid ${pid} ${start ?? ''}\n`,
  signal: (name: NodeJS.Signals) => `kill ${name.replace(/^SIG/, '')}\n`,
  done: 'done\n',
}
