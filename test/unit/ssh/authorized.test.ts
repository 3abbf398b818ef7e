import fc from 'fast-check'
import { add, holds, remove, takeBack } from '../../../src/lib/keys/lines'
import { authorizedPaths, parseAuthorized, parseLine } from '../../../src/lib/ssh/authorized'
import { formatPublic } from '../../../src/lib/ssh/fingerprint'
import { newPair } from '../../../src/lib/ssh/openssh-format'
import { readSurvey } from '../../../src/lib/ssh/survey'

const one = newPair('one').public
const two = newPair('two').public
const login = { name: 'app', uid: 1000, gid: 1000, home: '/home/app', shell: '/bin/sh' }

test('lines with options, quoted blanks and comments are read as sshd does', () => {
  const options = 'from="10.0.0.1,\\"a b\\"",command="echo # $HOME",no-pty'
  const text = [
    '# comment',
    '',
    `  ${formatPublic(one)}`,
    `${options} ${formatPublic(two)}\r`,
    'ssh-rsa not-a-key',
    'garbage',
    'ssh-rsa AAAA',
  ].join('\n')
  expect(parseAuthorized(text).map(({ line, options, key }) => [line, options, key.comment])).toEqual([
    [3, '', 'one'],
    [4, options, 'two'],
  ])
})

test('any text is read without an error, and no line twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const found = parseAuthorized(text)
      expect(new Set(found.map(({ line }) => line)).size).toBe(found.length)
    }),
  )
  expect(parseLine('x'.repeat(1_000_000))).toBeUndefined()
})

test('a key is added once, behind a last line that does not end too; other bytes stay', () => {
  const line = formatPublic(one)
  const put = add(line, one)
  expect(put('')).toBe(`${line}\n`)
  expect(put('# last')).toBe(`# last\n${line}\n`)
  expect(put(put('a\r\n\n\xff\n'))).toBe(`a\r\n\n\xff\n${line}\n`)
  // One under a condition does not count: ours must not have it.
  expect(put(`from="10.0.0.1" ${line}\n`)).toBe(`from="10.0.0.1" ${line}\n${line}\n`)
})

test('a key is taken out wherever it stands; all else stays byte for byte', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('# c', '', 'x\r', formatPublic(two), `no-pty ${formatPublic(one)}`, formatPublic(one))),
      fc.boolean(),
      (lines, ended) => {
        const text = lines.join('\n') + (ended ? '\n' : '')
        const left = remove([one])(text)
        expect(holds(left, one)).toBe(false)
        const kept = text.split(/(?<=\n)/).filter((line) => !line.includes(one.blob.toString('base64')))
        expect(left).toBe(kept.join(''))
      },
    ),
  )
})

test('the files that sshd reads, with its tokens', () => {
  const paths = (value: string) => authorizedPaths({ settings: new Map([['authorizedkeysfile', [value]]]) }, login)
  expect(paths('.ssh/authorized_keys .ssh/authorized_keys2')).toEqual([
    '/home/app/.ssh/authorized_keys',
    '/home/app/.ssh/authorized_keys2',
  ])
  expect(paths('/etc/ssh/keys/%u %h/k/%U/%%')).toEqual(['/etc/ssh/keys/app', '/home/app/k/1000/%'])
  expect(paths('none')).toEqual([])
})

test('a survey: the running server’s port before the configured one', () => {
  const text = [
    'user app:1000:1000:/home/app:/bin/sh',
    'program /usr/sbin/sshd',
    'says port 22',
    'says authorizedkeysfile .ssh/authorized_keys',
    `key ${formatPublic(one)}`,
    'key garbage',
    'server sshd: /usr/sbin/sshd -D -p 2222 [listener] 0 of 10-100 startups',
    'listens 00000000:08AE',
    'runit down',
  ].join('\n')
  expect(readSurvey(text)).toMatchObject({
    program: '/usr/sbin/sshd',
    port: 2222,
    listening: true,
    login: { name: 'app', uid: 1000 },
    runit: 'down',
    regenerates: false,
  })
  expect(readSurvey(text).hostKeys).toHaveLength(1)
  expect(readSurvey('program /usr/sbin/sshd\nsays sshd: no hostkeys available -- exiting.\r\n')).toMatchObject({
    port: 22,
    listening: false,
    hostKeys: [],
    complaint: 'sshd: no hostkeys available -- exiting.',
  })
  expect(readSurvey('')).toMatchObject({ port: 22, listening: false, hostKeys: [] })
})

test('what was added is taken back, and no other line of the same key', () => {
  const { public: key } = newPair('ours')
  const line = formatPublic(key)
  const forced = `command="uptime" ${line}\n`
  for (const before of ['', forced, `# a comment\n${forced}`, 'no end']) {
    const added = add(line, key)(before)
    expect(holds(added, key)).toBe(true)
    expect(takeBack(line)(added)).toBe(before === 'no end' ? 'no end\n' : before)
  }
  expect(takeBack(line)(forced)).toBe(forced)
})
