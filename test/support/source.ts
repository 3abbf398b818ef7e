/** The program under test as it stands in src/, instead of the built one. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root, scratch } from './engine'

/** For all tests of a file. */
export function fromSource(): void {
  const folder = scratch('source')
  beforeAll(() => {
    execFileSync(process.execPath, [join(root, 'scripts', 'source.mjs'), folder])
    process.env.DOCKER_BASH_TEST_BIN = join(folder, 'bin')
    process.env.DOCKER_BASH_TEST_PROGRAM = join(folder, 'bin', 'docker-bash')
  })
}
