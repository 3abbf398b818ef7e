/**
 * The types at the centre. They follow the data's way: argv → Target → Probed → Plan → Session → Ending → exit code.
 * This file imports nothing of ours.
 */
import type { Readable, Writable } from 'node:stream'

/** A container's state, in the engine's words. */
export type State = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

/** What a container is, resolved once to its full ID: all that its inspection says, and nothing that was looked for. */
export interface Target {
  /** Full ID: 64 hex digits. Every later request uses it, never a name or an address. */
  readonly id: string
  readonly name: string
  /** As the container was made with, e.g. `nginx:1.29`. */
  readonly image: string
  /** PID of its first process as the engine sees it; 0 when it does not run. */
  readonly pid: number
  /**
   * The engine runs on this machine, and what it says of processes may be acted upon: it was reached by a Unix socket
   * that no desktop VM stands behind, and that is root's when we are.
   */
  readonly local: boolean
  /** Why it is not local although it may run here, as a clause: its socket is another user's. */
  readonly foreign?: string
  readonly state: State
  /** When it was started and when it last ended, as the engine tells it (RFC 3339), if it ever did. */
  readonly startedAt?: string
  readonly finishedAt?: string
  /** How it last ended; absent while it runs and when it never ran. */
  readonly exit?: { readonly code: number; readonly oom: boolean }
  /** `Config.User`: empty for root. */
  readonly user: string
  /** `Config.WorkingDir`: empty for /. */
  readonly workdir: string
  /** `Config.Env`, each `K=V`. */
  readonly env: readonly string[]
  /** `HostConfig.GroupAdd`: names or numbers. */
  readonly groupAdd?: readonly string[]
  /** Its PIDs are the host's, or another container's. */
  readonly sharesPids?: boolean
  /** Another container may join its IPC namespace. */
  readonly sharesIpc?: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly addresses: readonly Address[]
  /** Ports of its own that the engine's host hands on to it. */
  readonly published: readonly Published[]
}

/**
 * What is looked at late, and only where a verdict needs it. That nobody looked is a value of its own and not
 * `undefined`, which a `?.` takes for "there is none": what was found is out of reach until `looked` has been asked.
 */
export type Probe<T> = { readonly looked: true; readonly found: T } | { readonly looked: false }

export const notLooked: { readonly looked: false } = { looked: false }

export function looked<T>(found: T): Probe<T> {
  return { looked: true, found }
}

/**
 * A target, and what was looked at of it: what a transport judges. Whoever makes one says of all four what became of
 * them, so that a look that was forgotten is not taken for one that found nothing.
 */
export interface Probed extends Target {
  /** What holds it on this host, or why that is not known; only root there can look. */
  readonly runtime: Probe<Runtime | { readonly missing: string }>
  /** What root on the engine's host sees of its first process. */
  readonly onHost: Probe<OnHost>
  /** Absolute paths of usable login shells, best first; looked for where the request needs one. */
  readonly shells: Probe<readonly string[]>
  /** What became of looking for a way to its SSH server; looked for where SSH was asked for or a key is enrolled. */
  readonly sshd: Probe<Sshd>
}

/** The runtime that holds it, where somebody looked and found it. */
export function knownRuntime({ runtime }: Pick<Probed, 'runtime'>): Runtime | undefined {
  return runtime.looked && !('missing' in runtime.found) ? runtime.found : undefined
}

/** The shells that are known, for whoever can do without: none of them, too, where nobody looked. */
export function knownShells({ shells }: Pick<Probed, 'shells'>): readonly string[] {
  return shells.looked ? shells.found : []
}

export interface OnHost {
  /** The process is certain to be the container's: its supervisor or its control group names the container. */
  readonly certain: boolean
  /** It runs behind a seccomp filter. */
  readonly seccomp: boolean
  /** How many processes and threads its limit still allows; absent without a limit. */
  readonly room?: number
}

/** A container's OCI runtime on this host, as its supervisor names it. */
export interface Runtime {
  readonly kind: 'runc' | 'crun'
  /** Absolute: for people. */
  readonly program: string
  /** What is run: a path to the very file that was looked at, for as long as we live. */
  readonly file: string
  /** The folder with the runtime's state (`--root`), one folder a container in it. */
  readonly root: string
  /** The container's bundle: the folder with its config.json. */
  readonly bundle: string
  readonly systemd: boolean
}

/** TCP only: nothing here speaks anything else. */
export interface Published {
  /** Inside. */
  readonly port: number
  /** On the engine's host: an address, or `0.0.0.0` and `::` for every one. */
  readonly hostAddress: string
  readonly hostPort: number
}

export interface Sshd {
  /** Why no road leads to it; absent when one does. */
  readonly refusal?: string
  readonly remedy?: string
  /** The roads that were tried, in order; the last one is the one taken when there is no refusal. */
  readonly roads: readonly Road[]
  /** The names of our keys that are enrolled for this container. */
  readonly enrolled: readonly string[]
}

export interface Road {
  readonly name: 'address' | 'published' | 'exec'
  /** `172.17.0.3:22`, or what carries it. */
  readonly where: string
  /** Why it does not lead there; absent when it does. */
  readonly refusal?: string
}

export interface Address {
  readonly network: string
  readonly ipv4?: string
  readonly ipv6?: string
}

/** What is to be done inside: the flags and the words behind TARGET. */
export interface Request {
  /** Empty: a login shell. */
  readonly command: readonly string[]
  /** Run by the container's shell; `command` then holds its positional parameters. */
  readonly script?: string
  readonly user?: string
  readonly workdir?: string
  /** Each `K=V`; a `K` alone takes that variable away. */
  readonly env: readonly string[]
  /** Our own kind of terminal, for containers whose image names none. */
  readonly term?: string
  readonly tty: boolean
  readonly stdin: boolean
  readonly via?: TransportName
  /** The way in to take if it fits, before the usual order; by the user's own settings only. */
  readonly prefer?: TransportName
  /** The shell to take if the container has it: a path, or a name wherever it is. */
  readonly shell?: string
  /** By way of a privileged container on the engine's host. */
  readonly helper?: boolean
}

export const transportNames = ['ssh', 'runc', 'exec', 'nsenter', 'debug'] as const
export type TransportName = (typeof transportNames)[number]

/** One transport's judgement; every one is kept, so that `explain` can tell the truth. */
export interface Verdict {
  readonly transport: TransportName
  readonly fits: boolean
  readonly because: string
  /** The trade-offs of using it, each a short clause. */
  readonly costs: readonly string[]
  /** The command that would make it fit, if there is one. */
  readonly remedy?: string
}

export interface Plan {
  readonly target: Probed
  readonly request: Request
  readonly transport: TransportName
  readonly verdicts: readonly Verdict[]
}

/** What a transport says of a target. It is pure, and needs nothing that opening needs. */
export interface Judge {
  readonly name: TransportName
  judge(target: Probed, request: Request): Verdict
}

export interface Transport extends Judge {
  /** @param abort ends the wait for it; what was begun by then is undone */
  open(plan: Plan, abort: AbortSignal): Promise<Session>
}

/** A process inside, joined to streams. */
export interface Session {
  /** Absent when the process was given our own descriptor, and no byte passes through us; so with stdout. */
  readonly stdin?: Writable
  readonly stdout?: Readable
  /** Absent with a terminal: there both come as one. */
  readonly stderr?: Readable
  resize?(columns: number, rows: number): Promise<void>
  /** To the remote process group. */
  signal?(name: NodeJS.Signals): Promise<void>
  /**
   * Settles once all output was handed over and the ending is known. Rejects only when it turns out that the command
   * never began, with the error that says why.
   */
  readonly ended: Promise<Ending>
  /** Ends the remote process and frees all that the session holds. May be called twice. */
  close(): Promise<void>
}

/** `lost`: the connection went; the code is unknown, and the text says how it went. */
export type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals } | { readonly lost: string }
