// After the tests: `count-tests.mjs WHOLE VARIANTS [AGAIN]`, each written by `jest --json --outputFile`. Prints the
// slowest, what failed and why, and as its last line the count of all: `N passed, N failed`. Ends with 0 only if every
// run left its results and nothing failed, or what failed passed when its file was run again, alone.
// `count-tests.mjs --few WHOLE VARIANTS` prints the files to run again: those in which something failed, if they are few.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** More than so many is no accident of a busy machine. */
const few = 5
const onlyAgain = 'passed only when run again, alone'

if (process.argv[2] === '--few') toRunAgain(process.argv.slice(3).map(read))
else count(process.argv.slice(2).map(read))

function toRunAgain(runs) {
  const files = runs.flatMap(filesOf).filter(hasFailed)
  if (runs.every(isWhole) && files.length <= few) for (const { name } of files) console.log(short(name))
}

function count([whole, variants, again]) {
  const files = [whole, variants].flatMap(filesOf)
  const tests = files.flatMap(testsOf)
  slowest(
    'files',
    files.map(({ name, startTime, endTime }) => ({ ms: endTime - startTime, text: short(name) })),
  )
  slowest(
    'tests',
    tests.map(({ duration, name }) => ({ ms: duration ?? 0, text: name })),
  )

  const second = new Map((again ? filesOf(again) : []).map((file) => [file.name, file]))
  const rows = files.flatMap((file) => judge(file, second.get(file.name)))
  for (const { verdict, name, reason } of rows.filter(({ verdict }) => verdict !== 'passed')) {
    console.log(`${verdict}: ${name}`)
    console.log(reason)
  }
  const missing = [whole, variants, again].filter((run) => run && !isWhole(run)).length
  const failed = rows.filter(({ verdict }) => verdict !== 'passed' && verdict !== onlyAgain).length + missing
  console.log(`${rows.length + missing - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

/** What to say of each test of a file, by its first run and the second, if there was one. */
function judge(file, again) {
  // A file that could not even be loaded, or whose worker crashed, has no tests to count, and is no success.
  if (file.status === 'failed' && file.assertionResults.length === 0) {
    const row = { name: short(file.name), reason: reasonOf([file.message]) }
    if (again?.status !== 'passed') return [{ ...row, verdict: 'not run' }]
    const [first, ...others] = testsOf(again)
    return [
      { ...row, name: first.name, verdict: onlyAgain },
      ...others.map(({ name }) => ({ name, verdict: 'passed' })),
    ]
  }
  const passedAgain = new Set(
    again
      ? testsOf(again)
          .filter(hasPassed)
          .map(({ name }) => name)
      : [],
  )
  const rows = testsOf(file).map((test) => ({
    name: test.name,
    // One that was skipped is no success either.
    verdict: !hasPassed(test) && passedAgain.has(test.name) ? onlyAgain : test.status,
    reason: reasonOf(test.failureMessages),
  }))
  // Each test passed, and what cleans up after all of them did not.
  if (file.status === 'failed' && testsOf(file).every(hasPassed)) {
    const verdict = again?.status === 'passed' ? onlyAgain : 'failed'
    rows.push({ name: `${short(file.name)}: its end`, verdict, reason: reasonOf([file.message]) })
  }
  return rows
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    console.error('a run of the tests left no results: it did not come to its end')
    return { testResults: [] }
  }
}

function isWhole({ success }) {
  return success !== undefined
}

function filesOf({ testResults }) {
  return testResults
}

function hasFailed({ status }) {
  return status === 'failed'
}

function hasPassed({ status }) {
  return status === 'passed'
}

function testsOf({ name: file, assertionResults }) {
  return assertionResults.map((test) => ({ ...test, name: `${short(file)}: ${test.fullName}` }))
}

function reasonOf(messages) {
  const lines = stripVTControlCharacters(messages.join('\n')).split('\n')
  return lines
    .slice(0, 30)
    .map((line) => `  ${line}`)
    .join('\n')
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
