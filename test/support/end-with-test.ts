/** Children that a test began and did not see the end of: they go with it, whatever became of it. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const begun = new Set<ChildProcess>()
let isInTest = false

/** To be called for each child. One that begins outside of a test is its file's to end. */
export function endWithTest(child: ChildProcess): void {
  if (!isInTest || child.pid === undefined) return
  begun.add(child)
  child.once('exit', () => begun.delete(child))
}

beforeEach(() => {
  isInTest = true
})
afterEach(async () => {
  isInTest = false
  const left = [...begun]
  const gone = left.map((child) => once(child, 'exit'))
  for (const child of left) child.kill('SIGKILL')
  await Promise.all(gone)
})
