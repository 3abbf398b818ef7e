import { expand, matcher } from '../../../src/lib/copy/glob'
import { parseCopy, parseMode, parsePlace } from '../../../src/lib/copy/words'
import { byteName } from '../../../src/lib/text/byte-names'

test.each([
  ['web:/etc', { kind: 'inside', target: 'web', path: '/etc' }],
  ['web:etc', { kind: 'inside', target: 'web', path: 'etc' }],
  ['service:web#2:/etc', { kind: 'inside', target: 'service:web#2', path: '/etc' }],
  ['label:tier=front:/etc', { kind: 'inside', target: 'label:tier=front', path: '/etc' }],
  ['web:/a:b', { kind: 'inside', target: 'web', path: '/a:b' }],
  ['web:/caf\u00e9', { kind: 'inside', target: 'web', path: '/caf\u00c3\u00a9' }],
  ['./a:b', { kind: 'here', path: './a:b' }],
  ['/a:b', { kind: 'here', path: '/a:b' }],
  ['../a:b', { kind: 'here', path: '../a:b' }],
  ['file', { kind: 'here', path: 'file' }],
  [':x', { kind: 'here', path: ':x' }],
  ['/dev/stdin', { kind: 'here', path: '/dev/stdin' }],
  ['-', { kind: 'stream' }],
])('%s', (word, place) => {
  expect(parsePlace(byteName(word))).toEqual({ ...place, word })
})

test('a path need not be UTF-8: it keeps its bytes, and is shown with them written out', () => {
  expect(parsePlace('web:/caf\xe9\xff')).toEqual({
    ...{ kind: 'inside', target: 'web', path: '/caf\xe9\xff', word: 'web:/caf\\xe9\\xff' },
  })
  expect(parsePlace('./\xff:x')).toMatchObject({ kind: 'here', path: './\xff:x' })
})

test.each([
  [[], 'nothing to copy'],
  [['a'], 'no destination'],
  [['a', 'b'], 'no path of a container'],
  [['web:', 'b'], 'no path behind "web:"'],
  [['-', 'a', 'web:/b'], 'a stream and other sources'],
])('%j is refused', (words, message) => {
  expect(() => parseCopy(words)).toThrow(message)
})

test('modes are octal', () => {
  expect(parseMode('0644')).toBe(0o644)
  expect(() => parseMode('u+x')).toThrow('invalid mode "u+x"')
})

test.each([
  ['*.log', ['a.log', 'b.log'], ['a.txt', '.c.log', 'alog']],
  ['.*', ['.c'], ['c']],
  ['?', ['a'], ['ab', '.']],
  ['[a-c]x', ['bx'], ['dx', 'x']],
  ['[!a]x', ['bx'], ['ax']],
  ['[', ['['], ['x']],
  ['a+(b)$', ['a+(b)$'], ['aab']],
  ['[z-a]', [], ['b']],
])('the pattern %s', (pattern, fits, others) => {
  expect([...fits, ...others].filter(matcher(pattern))).toEqual(fits)
})

test('a pattern in any part of a path; what is there by that very name is itself', async () => {
  const files: Record<string, string[]> = {
    '/': ['var', 'etc'],
    '/var/': ['log', 'lib'],
    '/var/log/': ['b.log', 'a.log'],
    '/var/lib/': ['c.log'],
  }
  const there = new Set(['/var/log/a.log', '/var/log/b.log', '/var/lib/c.log', '/odd[1]', '/var/log/x', '/etc'])
  const list = {
    names: async (folder: string) => files[folder] ?? [],
    lstat: async (path: string) => (there.has(path) ? ({ kind: 'file' } as const) : undefined),
  }
  expect(await expand(list, '/var/l*/*.log')).toEqual(['/var/lib/c.log', '/var/log/a.log', '/var/log/b.log'])
  expect(await expand(list, '/var/*/x')).toEqual(['/var/log/x'])
  expect(await expand(list, '/odd[1]')).toEqual(['/odd[1]'])
  expect(await expand(list, '/*')).toEqual(['/etc'])
  expect(await expand(list, '/none*')).toEqual([])
})
