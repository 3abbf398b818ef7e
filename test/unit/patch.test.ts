/** What the build changes in libraries: it ends with an error when there is nothing to change any more. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { patch, requireChanges } from '../../scripts/patch.mjs'

const folder = mkdtempSync(join(tmpdir(), 'docker-bash-patch-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'library.js')

test('every place of a text is changed, and what is put there is taken as it is', () => {
  writeFileSync(file, 'a(x); b; a(y)')
  expect(patch(file, ['a(', '$&('])).toBe('$&(x); b; $&(y)')
})

test('a text that is not there any more is an error that names the file and it', () => {
  writeFileSync(file, 'a(x)')
  expect(() => patch(file, ['c(', 'd('])).toThrow(`${file} has no "c(" any more`)
})

test('a change that was never made is an error, too', () => {
  expect(() => requireChanges(['dockerode/lib/util.js'])).toThrow('nothing to change for dockerode/lib/util.js')
})
