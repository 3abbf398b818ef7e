import { accessSync, closeSync, constants, openSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { messageOf } from '../errors'
import type { Runtime } from '../model'
import { readArgs, readProc, readStat } from './proc'

/** What a container is looked up by. */
export interface Held {
  readonly id: string
  readonly pid: number
}

/**
 * The OCI runtime that holds a container on this host, from what its own supervisor says: the parent of the
 * container's first process (containerd's shim, podman's conmon) names the container, its bundle, the runtime and
 * where its state is. The state must then name that first process, by PID and start time. Nothing is guessed.
 * @returns why not, when something on the way is unknown or does not fit
 */
export function findRuntime(held: Held): Runtime | { readonly missing: string } {
  try {
    const init = readStat(held.pid)
    if (!init) return missing('its first process is not to be seen from here')
    const args = readArgs(init.parent)
    const claim = shimClaim(init.parent, args, held.id) ?? conmonClaim(init.parent, args, held.id)
    if (typeof claim === 'string') return missing(claim)
    if (!claim) return missing('no supervisor of its own that is known')
    const kind = kindOf(claim.program)
    if (!kind) return missing(`its runtime is ${basename(claim.program)}, which is not known`)
    if (!sameMounts(init.parent)) return missing('the engine has a mount namespace of its own')
    const state = stateOf(kind, claim.root, held.id)
    if (state.pid !== init.pid || (state.start !== undefined && state.start !== init.start)) {
      return missing('the runtime’s state names another process')
    }
    return { ...claim, kind, program: trusted(claim.program, init.parent) }
  } catch (error) {
    return missing(messageOf(error))
  }
}

type Claim = Omit<Runtime, 'kind'>

/** containerd-shim-runc-v2, 1.3 and later: its working directory is the bundle, where it keeps its own options. */
function shimClaim(shim: number, args: readonly string[], id: string): Claim | string | undefined {
  if (!/^containerd-shim(?:-|$)/.test(basename(args[0] ?? '')) || after(args, '-id') !== id) return undefined
  const namespace = after(args, '-namespace')
  if (!/^containerd-shim-runc-v\d$/.test(basename(args[0] ?? '')) || !namespace) {
    return `its supervisor is ${basename(args[0] ?? '')}, which is not known`
  }
  const bundle = readlinkSync(`/proc/${shim}/cwd`)
  const options: unknown = JSON.parse(readFileSync(join(bundle, 'options.json'), 'utf8'))
  const root = text(options, 'root') ?? '/run/containerd/runc'
  return {
    program: text(options, 'binary_name') || 'runc',
    root: join(root, namespace),
    bundle,
    systemd: flag(options, 'systemd_cgroup'),
  }
}

/** conmon, podman's: everything stands in its arguments; the runtime's state is where the runtime has it by itself. */
function conmonClaim(_conmon: number, args: readonly string[], id: string): Claim | undefined {
  if (basename(args[0] ?? '') !== 'conmon' || (after(args, '-c') ?? after(args, '--cid')) !== id) return undefined
  const program = after(args, '-r') ?? after(args, '--runtime')
  const bundle = after(args, '-b') ?? after(args, '--bundle')
  if (!program || !bundle) return undefined
  const given = args.find((word) => word.startsWith('--root='))?.slice('--root='.length)
  return { program, bundle, root: given ?? `/run/${basename(program)}`, systemd: args.includes('-s') }
}

function kindOf(program: string): Runtime['kind'] | undefined {
  const name = basename(program)
  return name === 'runc' || name === 'crun' ? name : undefined
}

function stateOf(kind: Runtime['kind'], root: string, id: string): { pid: number; start?: number } {
  const file = join(root, id, kind === 'runc' ? 'state.json' : 'status')
  // So runc's begins; the thirty kilobytes behind it are the container's whole configuration.
  const begin = /^\{"id":"\w+","init_process_pid":(\d+),"init_process_start":(\d+),/
  const head = kind === 'runc' ? begin.exec(headOf(file)) : null
  if (head) return { pid: Number(head[1]), start: Number(head[2]) }
  const state: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const [pid, start] =
    kind === 'runc'
      ? [number(state, 'init_process_pid'), number(state, 'init_process_start')]
      : [number(state, 'pid'), number(state, 'process-start-time')]
  return { pid: pid ?? 0, ...(start !== undefined && { start }) }
}

function headOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(256)
    return head.toString('latin1', 0, readSync(file, head))
  } finally {
    closeSync(file)
  }
}

/** The runtime's file as its supervisor finds it; it runs as root, so nobody else may be able to write it. */
function trusted(program: string, supervisor: number): string {
  const path = (readProc(supervisor, 'environ') ?? '')
    .split('\0')
    .find((entry) => entry.startsWith('PATH='))
    ?.slice('PATH='.length)
  const folders = (path ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(delimiter)
  const candidates = program.startsWith('/') ? [program] : folders.map((folder) => join(folder, program))
  const found = candidates.find(isProgram)
  if (!found) throw new Error(`${program} is not to be found`)
  const { uid, mode } = statSync(found)
  if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${found} can be written by others than root`)
  return found
}

function isProgram(path: string): boolean {
  try {
    // An error that is thrown costs a look at the stack, and most folders of a PATH do not have it.
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function sameMounts(pid: number): boolean {
  return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt')
}

function missing(why: string): { missing: string } {
  return { missing: why }
}

function after(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name)
  return at < 0 ? undefined : args[at + 1]
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function text(value: unknown, key: string): string | undefined {
  const found = field(value, key)
  return typeof found === 'string' ? found : undefined
}

function number(value: unknown, key: string): number | undefined {
  const found = field(value, key)
  return typeof found === 'number' ? found : undefined
}

function flag(value: unknown, key: string): boolean {
  return field(value, key) === true
}
