import { homedir } from 'node:os'
import { ownFolder } from '../../src/lib/paths'

test.each([
  ['config', 'XDG_CONFIG_HOME', '/home/a/.config/docker-bash'],
  ['data', 'XDG_DATA_HOME', '/home/a/.local/share/docker-bash'],
  ['state', 'XDG_STATE_HOME', '/home/a/.local/state/docker-bash'],
  ['cache', 'XDG_CACHE_HOME', '/home/a/.cache/docker-bash'],
] as const)('%s is below HOME, or where %s says', (kind, variable, below) => {
  expect(ownFolder(kind, { HOME: '/home/a' })).toBe(below)
  expect(ownFolder(kind, { HOME: '/home/a', [variable]: '/x' })).toBe('/x/docker-bash')
  expect(ownFolder(kind, { HOME: '/home/a', [variable]: 'x' })).toBe(below)
  expect(ownFolder(kind, { HOME: '/home/a', [variable]: '' })).toBe(below)
})

test('without HOME it is below the home that the system knows, unless that is not to be made up for', () => {
  expect(ownFolder('cache', {})).toBe(`${homedir()}/.cache/docker-bash`)
  expect(ownFolder('cache', {}, '')).toBe('.cache/docker-bash')
})
