/** `npm ci` refuses a lock file that lacks a package of some platform, and `npm install` may write one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const text = readFileSync(join(__dirname, '..', '..', 'package-lock.json'), 'utf8')
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> }

test('the lock file holds the optional packages of every platform', () => {
  const held = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  expect(wanted.filter((name) => !held.has(name))).toEqual([])
})

test('the lock file names no registry, so that each machine uses its own', () => {
  expect(text).not.toMatch(/"resolved": "http/)
})
