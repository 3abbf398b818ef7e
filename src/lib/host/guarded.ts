import { type ChildProcess, type IOType, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { allProcesses, type ProcessStat } from './proc'

/**
 * What a guarded child starts as: a shell that puts a guard beside itself and becomes the program.
 *
 * The guard's input is a socket that we hold; the kernel closes it when we die, however. It then ends what the program
 * started inside: each child of the program that leads a session of its own, with everything in that session, first by
 * SIGHUP, within a second by SIGKILL. A program that is still getting there is waited for: killed half way it could
 * leave behind what nobody can find any more.
 *
 * $1: `tty` when the program's stdout is a terminal that it is to copy to unchanged.
 */
const script = `
saved=
if [ "$1" = tty ]; then exec 8>&1; saved=$(stty -g <&8); fi
{
  exec <&7 7<&- 3<&- 4<&- 5<&- 6<&- >/dev/null 2>&1
  trap '' HUP INT TERM QUIT PIPE
  read -r self rest </proc/self/stat
  while read -r verb; do [ "$verb" = done ] && exit 0; done
  look() {
    leaders= alive=
    for d in /proc/[0-9]*; do
      { read -r line <"$d/stat"; } 2>/dev/null || continue
      pid=\${d#/proc/} name=\${line#*"("}
      set -- \${line##*") "}
      [ "$pid" = $$ ] && [ "$1" != Z ] && alive=1
      [ "$2" = $$ ] && [ "$pid" != "$self" ] && [ "$4" = "$pid" ] || continue
      case \${name%")"*} in 'runc:['*|runc|crun) ;; *) leaders="$leaders $pid" ;; esac
    done
  }
  each() {
    found=
    for d in /proc/[0-9]*; do
      { read -r line <"$d/stat"; } 2>/dev/null || continue
      set -- \${line##*") "}
      [ "$1" = Z ] || [ "$1" = X ] && continue
      case " $leaders " in *" $4 "*) found=1; kill "-$k" "\${d#/proc/}" ;; esac
    done
    [ -n "$found" ]
  }
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    look
    [ -z "$leaders" ] && [ -n "$alive" ] || break
    sleep 0.05
  done
  k=HUP; each; k=CONT; each
  for try in 1 2 3; do
    k=0; each || break
    sleep 0.2
  done
  k=KILL; each
  # What it may be stuck in is then its own matter; we are gone, and so is what it was for.
  look; [ -n "$alive" ] && kill -KILL $$
  [ -n "$saved" ] && stty "$saved" <&8
  exit 0
} &
if [ "$1" = tty ]; then stty -onlcr tab0 <&8; fi
exec 7<&- 8>&-
shift
exec "$@"
`

export interface GuardedOptions {
  /** Descriptors 0 to 6 of the program. 7 is the guard's. */
  readonly stdio: readonly (IOType | number)[]
  /** It copies to a terminal: the one that its stdout is, or a new one of its own (by util-linux' `script`). */
  readonly terminal?: 'ours' | 'new' | undefined
}

/** A program of the host's that runs something inside a container; what it runs ends when we do. */
export class Guarded {
  readonly child: ChildProcess
  readonly #link: Writable
  readonly #isBelow: boolean

  constructor(words: readonly string[], { stdio, terminal }: GuardedOptions) {
    const padded = Array.from({ length: 7 }, (_, fd) => stdio[fd] ?? 'ignore')
    const guarded = ['/bin/sh', '-c', script, 'docker-bash', terminal ? 'tty' : '', ...words]
    this.#isBelow = terminal === 'new'
    const [program = '', ...args] = this.#isBelow ? inNewTerminal(guarded) : guarded
    this.child = spawn(program, args, {
      stdio: [...padded, 'pipe'],
      // A session of its own: what is typed at our terminal, ctrl-c too, is for the command and goes its way.
      detached: true,
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', SHELL: '/bin/sh' },
    })
    this.#link = this.stream(7)
    this.#link.on('error', () => undefined)
    this.child.once('exit', () => this.#leave('done\n'))
  }

  /** The program's own, once it has become one. */
  get pid(): number {
    const { pid = 0 } = this.child
    return this.#isBelow ? (allProcesses().find(({ parent }) => parent === pid)?.pid ?? 0) : pid
  }

  /** One of the descriptors given as `pipe`, from our side. */
  stream(fd: number): Readable & Writable {
    return (this.child.stdio as unknown as (Readable & Writable)[])[fd] as Readable & Writable
  }

  /** The process inside, as soon as it is there; undefined when the program ended before. */
  async inner(): Promise<ProcessStat | undefined> {
    for (;;) {
      const found = innerOf(this.pid)
      if (found) return found
      if (this.child.exitCode !== null || this.child.signalCode !== null) return undefined
      await new Promise((go) => setTimeout(go, 3))
    }
  }

  /** To the process group inside, and to the one that its terminal has in front. */
  async signal(name: NodeJS.Signals): Promise<void> {
    const inner = await this.inner()
    if (!inner) return
    if (inner.foreground > 0 && inner.foreground !== inner.group) send(-inner.foreground, name)
    send(-inner.group, name)
  }

  /** Ends what runs inside as if we were gone. */
  release(): void {
    this.#leave('')
  }

  /** What was said stays readable; the guard's own end must not keep us. */
  #leave(word: string): void {
    if (!this.#link.writableEnded) this.#link.end(word, () => this.#link.destroy())
  }
}

/** A child of the program that leads a session of its own, and is no longer the runtime on its way in. */
function innerOf(program: number): ProcessStat | undefined {
  return allProcesses().find(
    ({ parent, session, pid, name, state }) =>
      parent === program && session === pid && state !== 'Z' && !/^(?:runc:\[.*|runc|crun)$/.test(name),
  )
}

/** `script` makes a terminal, runs a command line in it, and copies; what is written to no file is kept nowhere. */
function inNewTerminal(words: readonly string[]): string[] {
  return ['script', '--quiet', '--return', '--command', `exec ${words.map(quoted).join(' ')}`, '/dev/null']
}

/** A word of a shell's command line. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended meanwhile.
  }
}
