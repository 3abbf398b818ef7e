import { readdirSync } from 'node:fs'
import type { Engine } from '../../engine/engine'
import { ContainerRoot } from '../../host/container-rootfs'
import type { Request, Target } from '../../model'
import { mergedEnv, usualPath } from '../../text/env-entries'
import { headSize, type Looked, type Obstacle, obstacleOf, type ProgramFiles } from './obstacle'

/** ELF's numbers for what a processor runs, its own and that of its 32-bit predecessor, by Node's name for it. */
const machines: Partial<Record<string, readonly number[]>> = { x64: [62, 3], arm64: [183, 40] }

/** Whether its files and processes are to be seen from here, as root on the engine's host. */
export function isSeen({ local, pid }: Target): boolean {
  return local && pid > 0 && process.getuid?.() === 0
}

/** By the PID of a container's first process. */
export function filesOnHost(pid: number): ProgramFiles {
  const root = new ContainerRoot(pid)
  const own = machines[process.arch]
  return {
    look: (path) => {
      const looked = root.head(path, headSize)
      return looked && { ...kindOf(looked.stat), head: looked.head }
    },
    ...(own && { machines: own }),
    get taught() {
      return isTaught()
    },
  }
}

function kindOf(stat: { mode: number; isFile(): boolean; isDirectory(): boolean }): Omit<Looked, 'head'> {
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other'
  return { kind, executable: (stat.mode & 0o111) !== 0 }
}

function isTaught(): boolean {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').some((name) => name !== 'register' && name !== 'status')
  } catch {
    return false
  }
}

/** Through the engine: what is mounted inside only, it does not see. */
export function filesByEngine(engine: Engine, id: string): ProgramFiles {
  return {
    look: async (path) => {
      const { readHead, statPath } = await import('../../engine/archive')
      const stat = await statPath(engine, id, path)
      const end = stat?.kind === 'link' && stat.leadsTo ? stat.leadsTo : path
      const there = end === path ? stat : await statPath(engine, id, end)
      if (!there || there.kind === 'link') return undefined
      const head = there.kind === 'file' ? await readHead(engine, id, end, headSize) : undefined
      return { kind: there.kind, executable: there.executable, head: head ?? Buffer.alloc(0) }
    },
  }
}

/** What keeps the kernel from running a command in a target, as far as that can be seen; without the engine, from the host. */
export async function obstacleIn(
  target: Target,
  request: Request,
  program: string,
  engine?: Engine,
): Promise<Obstacle | undefined> {
  const files = isSeen(target) ? filesOnHost(target.pid) : engine && filesByEngine(engine, target.id)
  const cwd = request.workdir || target.workdir || '/'
  try {
    return files && (await obstacleOf(files, program, mergedEnv([usualPath, ...target.env], request.env), cwd))
  } catch {
    // The engine went, or does not let us look: then that much is not known.
    return undefined
  }
}
