import { userErrorOf } from '../../../src/lib/host/user-errors'
import { resolveUser } from '../../../src/lib/host/users'

const files = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/srv/app:/bin/sh\n1234:x:77:77::/odd:/bin/sh\n',
  group: 'root:x:0:\napp:x:1001:\naudio:x:29:app,other\nvideo:x:44:app\n',
}
const who = (spec: string, added: readonly string[] = []) => resolveUser(spec, files, added, 'web')

test('by the rules of the engine’s exec', () => {
  expect(who('app')).toEqual({ uid: 1000, gid: 1001, groups: [29, 44], home: '/srv/app' })
  expect(who('1000')).toEqual({ uid: 1000, gid: 1001, groups: [29, 44], home: '/srv/app' })
  expect(who('app:audio')).toEqual({ uid: 1000, gid: 29, groups: [], home: '/srv/app' })
  expect(who('app:4242')).toEqual({ uid: 1000, gid: 4242, groups: [], home: '/srv/app' })
  expect(who('4711')).toEqual({ uid: 4711, gid: 0, groups: [], home: '/' })
  expect(who('4711:29')).toEqual({ uid: 4711, gid: 29, groups: [], home: '/' })
  // A name that looks like a number is none.
  expect(who('1234')).toEqual({ uid: 1234, gid: 0, groups: [], home: '/' })
  for (const one of ['01000', '+1000']) expect(who(one)).toEqual(who('1000'))
  expect(who('app:001001')).toMatchObject({ uid: 1000, gid: 1001 })
  expect(who('root', ['audio', '99'])).toEqual({ uid: 0, gid: 0, groups: [29, 99], home: '/root' })
})

test('HOME is that of the number’s first line, which may have none', () => {
  const twins = {
    passwd: 'app:x:1000:1::/srv/app:/x\ntwin:x:1000:2::/srv/twin:/x\nnone:x:5:5\n',
    group: '',
  }
  expect(resolveUser('twin', twins, [], 'web')).toEqual({ uid: 1000, gid: 2, groups: [], home: '/srv/app' })
  expect(resolveUser('none', twins, [], 'web').home).toBe('')
})

test('a comment is a line to the engine where it reads passwd, and none where it reads groups', () => {
  const commented = {
    passwd: '# all of them\nroot:x:0:0::/root:/x\napp:x:7:8::/:/x\n',
    group: '#old:x:44:app\nwheel:x:10:root\n',
  }
  expect(resolveUser('0', commented, [], 'web')).toEqual({ uid: 0, gid: 0, groups: [], home: '' })
  expect(resolveUser('root', commented, [], 'web')).toEqual({ uid: 0, gid: 0, groups: [10], home: '' })
  expect(resolveUser('app', commented, [], 'web').groups).toEqual([])
  expect(() => resolveUser('app:#old', commented, [], 'web')).toThrow('there is no group #old')
})

test('a line of passwd that the engine cannot read', () => {
  const long = (length: number) => `root:x:0:0::/root:/x\nlong:${'x'.repeat(length - 5)}\n`
  expect(resolveUser('root', { passwd: long(65_535), group: '' }, [], 'web').uid).toBe(0)
  expect(() => resolveUser('root', { passwd: long(65_536), group: '' }, [], 'web')).toThrow('longer than 64 KiB')
  expect(resolveUser('0', { passwd: '', group: long(70_000) }, [], 'web').uid).toBe(0)
})

test.each([
  ['unable to find user nosuch: no matching entries in passwd file', 'nosuch', 'there is no user nosuch in web'],
  ['unable to find group g: no matching entries in group file', 'app:g', 'there is no group g in web'],
  ['uids and gids must be in range 0-2147483647', '-5', 'invalid user or group number "-5" in web'],
  ['unable to find user 0: bufio.Scanner: token too long', '', 'longer than 64 KiB'],
])('what an engine says of it: %s', (text, user, message) => {
  expect(userErrorOf(text, 'web', user)?.message).toMatch(message)
  expect(userErrorOf(text, 'web', user)?.code).toBe(125)
})

test('what it says of other things', () => {
  expect(userErrorOf('exec: "nosuch": executable file not found in $PATH', 'web', 'app')).toBeUndefined()
})

test('names that are not there', () => {
  expect(() => who('nosuch')).toThrow('there is no user nosuch in web')
  expect(() => who('app:nosuch')).toThrow('there is no group nosuch in web')
  expect(() => who('app', ['nosuch'])).toThrow('there is no group nosuch in web')
})

test('numbers that are none, or would be cut to another’s', () => {
  const lies = { passwd: 'big:x:4294967296:0::/:/x\nempty:x::0::/:/x\nneg:x:-1:0::/:/x\n', group: 'g:x:4294967296:\n' }
  const groups = { passwd: 'a:x:5:5::/:/x\n', group: 'g:x\nlisted:x::a\n' }
  for (const spec of ['0:g', 'a']) {
    expect(() => resolveUser(spec, groups, [], 'web')).toThrow('invalid user or group number')
  }
  const lied = (spec: string) => () => resolveUser(spec, lies, [], 'web')
  for (const spec of ['big', 'empty', 'neg', '0:g', '4294967296', '-1', '99999999999'])
    expect(lied(spec)).toThrow('invalid user or group number')
})
