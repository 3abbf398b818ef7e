import { resolveUser } from '../../../src/lib/host/users'

const files = {
  passwd: '# comment\nroot:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/srv/app:/bin/sh\n1234:x:77:77::/odd:/bin/sh\n',
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

test('names that are not there', () => {
  expect(() => who('nosuch')).toThrow('there is no user nosuch in web')
  expect(() => who('app:nosuch')).toThrow('there is no group nosuch in web')
  expect(() => who('app', ['nosuch'])).toThrow('there is no group nosuch in web')
})

test('numbers that are none, or would be cut to another’s', () => {
  const lies = { passwd: 'big:x:4294967296:0::/:/x\nempty:x::0::/:/x\nneg:x:-1:0::/:/x\n', group: 'g:x:4294967296:\n' }
  const groups = { passwd: 'a:x:5:5::/:/x\n', group: 'g:x\nlisted:x::a\n' }
  for (const spec of ['0:g', 'a']) {
    expect(() => resolveUser(spec, groups, [], 'web')).toThrow('is no user’s or group’s number')
  }
  const lied = (spec: string) => () => resolveUser(spec, lies, [], 'web')
  for (const spec of ['big', 'empty', 'neg', '0:g', '4294967296', '-1', '99999999999'])
    expect(lied(spec)).toThrow('is no user’s or group’s number')
})
