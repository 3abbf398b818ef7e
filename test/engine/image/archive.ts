/** Files as the engine takes them: a tar archive, all owned by root. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'

/** A file's content, or that and its mode. One that starts with `#!` is executable. */
export type File = string | Buffer | { content: string | Buffer; mode: number }
/** By absolute path. */
export type Files = Record<string, File>

export function archiveOf(files: Files): Readable {
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-files-'))
  try {
    for (const [path, file] of Object.entries(files)) {
      const { content, mode } = withMode(file)
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, path), content)
      chmodSync(join(folder, path), mode)
    }
    // Named one by one, so that folders which exist in the container keep their modes.
    return archive(
      folder,
      Object.keys(files).map((path) => `.${path}`),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A folder, or some of what is in it. */
export function archive(folder: string, names: readonly string[] = ['.']): Readable {
  const words = ['-C', folder, '--owner=0', '--group=0', '--numeric-owner', '-cf', '-', ...names]
  const { status, stdout, stderr } = spawnSync('tar', words, { maxBuffer: 64 * 1024 * 1024 })
  if (status !== 0) throw new Error(`tar: ${stderr}`)
  return Readable.from([stdout])
}

function withMode(file: File): { content: string | Buffer; mode: number } {
  if (typeof file === 'string') return { content: file, mode: file.startsWith('#!') ? 0o755 : 0o644 }
  return Buffer.isBuffer(file) ? { content: file, mode: 0o644 } : file
}
