import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requestedEnv } from '../../src/lib/env'
import { mergedEnv } from '../../src/lib/text/env-entries'

test('as docker exec: a name alone takes our value, or, by -e, takes the variable away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-env-'))
  const file = join(folder, 'vars')
  writeFileSync(file, 'HOME\nNONE\nA=from file\n')
  expect(requestedEnv(['HOME', 'NONE', 'A=1'], [file], { HOME: '/me' })).toEqual([
    ...['HOME=/me', 'A=from file'],
    ...['HOME=/me', 'NONE', 'A=1'],
  ])
  rmSync(folder, { recursive: true })
})

test('what was asked for is put in as the engine does it', () => {
  expect(mergedEnv(['A=1', 'B=2', 'C=3'], ['B=x', 'D=4', 'A', 'NONE', 'B=y'])).toEqual(['B=y', 'C=3', 'D=4'])
})
