// After the tests: `count-tests.mjs RESULTS…`, each written by `jest --json --outputFile`. Prints the slowest, and as its
// last line the count of all: `N passed, N failed`. Ends with 0 only if every run left its results and nothing failed.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const runs = process.argv.slice(2).map(read)
const files = runs.flatMap(({ testResults }) => testResults)
const tests = files.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ fullName, duration, status }) => ({ name, fullName, status, ms: duration ?? 0 })),
)

slowest(
  'files',
  files.map(({ name, startTime, endTime }) => ({ ms: endTime - startTime, text: short(name) })),
)
slowest(
  'tests',
  tests.map(({ ms, name, fullName }) => ({ ms, text: `${short(name)}: ${fullName}` })),
)

const passed = tests.filter(({ status }) => status === 'passed').length
const failures = tests.filter(({ status }) => status !== 'passed')
// A file that could not even be loaded has no tests to count, and is no success. Nor is a test that was skipped.
const unread = files.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
const missing = runs.filter(({ success }) => success === undefined)
for (const { fullName, status, name } of failures) console.log(`${status}: ${short(name)}: ${fullName}`)
for (const { name } of unread) console.log(`not run: ${short(name)}`)
const failed = failures.length + unread.length + missing.length
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    console.log('a run of the tests left no results: it did not come to its end')
    return { testResults: [] }
  }
}

function slowest(what, list) {
  console.log(`the slowest 20 ${what}:`)
  for (const { ms, text } of list.toSorted((one, other) => other.ms - one.ms).slice(0, 20)) {
    console.log(`${(ms / 1000).toFixed(1).padStart(7)} s  ${text}`)
  }
}

function short(file) {
  return relative(process.cwd(), file)
}
