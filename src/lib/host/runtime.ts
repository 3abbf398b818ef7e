import { readlinkSync, statSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { messageOf } from '../errors'
import type { Runtime } from '../model'
import { lookAtSupervisor, type Supervisor } from './container-shim'
import { readStat } from './proc'
import { readRoots, rootsFolder, rootsProgram } from './root-owned'

/** What a container is looked up by. */
export interface Held {
  readonly id: string
  readonly pid: number
}

/**
 * The OCI runtime that holds a container on this host, from what its own supervisor says: the parent of the
 * container's first process (containerd's shim, podman's conmon) names the container, its bundle, the runtime and
 * where its state is. The state must then name that first process, by PID and start time. Nothing is guessed, and
 * nothing is believed that another user than root could have said: the process, every file, every folder above them.
 * @returns why not, when something on the way is unknown or does not fit
 */
export function findRuntime(held: Held): Runtime | { readonly missing: string } {
  try {
    const init = readStat(held.pid)
    if (!init) return missing('its first process is not to be seen from here')
    return lookAtSupervisor(init.parent, (supervisor) => {
      const claim = shimClaim(supervisor, held.id) ?? conmonClaim(supervisor, held.id)
      if (typeof claim === 'string') return missing(claim)
      if (!claim) return missing('no supervisor of its own that is known')
      const kind = kindOf(claim.program)
      if (!kind) return missing(`its runtime is ${basename(claim.program)}, which is not known`)
      if (supervisor.link('ns/mnt') !== readlinkSync('/proc/self/ns/mnt')) {
        return missing('the engine has a mount namespace of its own')
      }
      const state = stateOf(kind, claim.root, held.id)
      if (state.pid !== init.pid || (state.start !== undefined && state.start !== init.start)) {
        return missing('the runtime’s state names another process')
      }
      const program = findProgram(claim.program, supervisor)
      return { ...claim, bundle: rootsFolder(claim.bundle), kind, program, file: rootsProgram(program) }
    })
  } catch (error) {
    return missing(messageOf(error))
  }
}

type Claim = Omit<Runtime, 'kind' | 'file'>

/** containerd-shim-runc-v2, 1.3 and later: its working directory is the bundle, where it keeps its own options. */
function shimClaim({ program, args, link }: Supervisor, id: string): Claim | string | undefined {
  if (!/^containerd-shim(?:-|$)/.test(program) || after(args, '-id') !== id) return undefined
  const namespace = after(args, '-namespace')
  if (!isKnownShim(program) || !namespace) return `its supervisor is ${program}, which is not known`
  const bundle = link('cwd')
  const options: unknown = JSON.parse(readRoots(join(bundle, 'options.json')).toString())
  const root = text(options, 'root') ?? '/run/containerd/runc'
  return {
    program: text(options, 'binary_name') || 'runc',
    root: join(root, namespace),
    bundle,
    systemd: flag(options, 'systemd_cgroup'),
  }
}

/** A shim that keeps its options where they are looked for here, and runs runc or what is called like it. */
export function isKnownShim(program: string): boolean {
  return /^containerd-shim-runc-v\d$/.test(program)
}

/** conmon, podman's: everything stands in its arguments; the runtime's state is where the runtime has it by itself. */
function conmonClaim({ program: name, args }: Supervisor, id: string): Claim | undefined {
  if (name !== 'conmon' || (after(args, '-c') ?? after(args, '--cid')) !== id) return undefined
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
  const bytes = readRoots(join(root, id, kind === 'runc' ? 'state.json' : 'status'))
  // So runc's begins; the thirty kilobytes behind it are the container's whole configuration.
  const begin = /^\{"id":"\w+","init_process_pid":(\d+),"init_process_start":(\d+),/
  const head = kind === 'runc' ? begin.exec(bytes.toString('latin1', 0, 256)) : null
  if (head) return { pid: Number(head[1]), start: Number(head[2]) }
  const state: unknown = JSON.parse(bytes.toString())
  const [pid, start] =
    kind === 'runc'
      ? [number(state, 'init_process_pid'), number(state, 'init_process_start')]
      : [number(state, 'pid'), number(state, 'process-start-time')]
  return { pid: pid ?? 0, ...(start !== undefined && { start }) }
}

/** The runtime's path as its supervisor finds it. */
function findProgram(program: string, supervisor: Supervisor): string {
  if (program.startsWith('/')) return program
  const path = supervisor
    .read('environ')
    .split('\0')
    .find((entry) => entry.startsWith('PATH='))
    ?.slice('PATH='.length)
  const folders = (path ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(delimiter)
  for (const folder of folders) {
    const path = join(folder, program)
    if (folder.startsWith('/') && isProgram(path)) return path
  }
  throw new Error(`${program} is not to be found`)
}

function isProgram(path: string): boolean {
  // An error that is thrown costs a look at the stack, and most folders of a PATH do not have it.
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true && (stat.mode & 0o111) !== 0
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
