/** Folders for tests that need no engine; gone after the file's last test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

export function temporary(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `docker-bash-${name}-`))
  made.push(folder)
  return folder
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})
