import { parseTarget } from '../../../src/lib/target/parse'
import { loginShell } from '../../../src/lib/target/shells'
import { nearest } from '../../../src/lib/text/nearest'

describe('TARGET', () => {
  test.each([
    ['web', { kind: 'any', text: 'web' }],
    ['name:web', { kind: 'name', text: 'web' }],
    ['id:3f9c', { kind: 'id', text: '3f9c' }],
    ['image:nginx:1.29', { kind: 'image', text: 'nginx:1.29' }],
    ['service:web', { kind: 'service', service: 'web' }],
    ['service:web#2', { kind: 'service', service: 'web', number: 2 }],
    ['label:a.b=c=d', { kind: 'label', key: 'a.b', value: 'c=d' }],
    ['label:a', { kind: 'label', key: 'a' }],
    ['other:web', { kind: 'any', text: 'other:web' }],
  ])('%s', (text, ref) => {
    expect(parseTarget(text)).toMatchObject(ref)
  })
  test.each(['', 'name:', 'label:'])('%j is refused with a hint', (text) => {
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: 125, hint: expect.any(String) }))
  })
})

describe('did you mean', () => {
  const names = ['web', 'worker', 'web-db', 'postgres', 'redis']
  test.each([
    ['wbe', ['web']],
    ['WEB', ['web', 'web-db']],
    ['postgers', ['postgres']],
    ['redi', ['redis']],
    ['zzz', []],
    ['work', ['worker']],
  ])('%s: %j', (word, near) => {
    expect(nearest(word, names)).toEqual(near)
  })
})

describe('the login shell', () => {
  const passwd =
    'root:x:0:0:root:/root:/bin/bash\nwww:x:33:33::/var/www:/usr/sbin/nologin\napp:x:1000:1000::/:/usr/bin/fish\n'
  test.each([
    ['root', '/bin/bash'],
    ['0', '/bin/bash'],
    ['0:0', '/bin/bash'],
    ['app', '/usr/bin/fish'],
    ['1000:5', '/usr/bin/fish'],
    ['www', undefined],
    ['nobody', undefined],
    ['4711', undefined],
  ])('of %s is %s', (user, shell) => {
    expect(loginShell(passwd, user)).toBe(shell)
  })
  test('is none in no passwd file, or a broken one', () => {
    expect(loginShell('', 'root')).toBeUndefined()
    expect(loginShell('root\n::\n', 'root')).toBeUndefined()
  })
})
