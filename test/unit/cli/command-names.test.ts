import { commandNames, isCommandName, startsCommand } from '../../../src/cli/command-names'
import { rootHelp } from '../../../src/cli/help/root'

/** For a host without a registry; docs/debug.md says when. */
const unsaid = ['toolbox']
const topics = new Set(commandNames.map((name) => name.split(' ')[0] ?? ''))

test.each([...topics].filter((topic) => !unsaid.includes(topic)))('the help at the root names %s', (topic) => {
  expect(rootHelp).toMatch(new RegExp(`\\b${topic}\\b`))
})

test('a name is a whole one; a container may not be called like its first word', () => {
  expect(isCommandName('key install')).toBe(true)
  expect(isCommandName('toolbox')).toBe(false)
  expect(startsCommand('toolbox')).toBe(true)
  expect(startsCommand('web')).toBe(false)
})
