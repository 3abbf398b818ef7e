import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { connect } from 'node:net'
import { parseHost } from '../../src/lib/engine/endpoint'
import { unreachable } from '../../src/lib/engine/engine'
import { DockerBashError } from '../../src/lib/errors'
import { explainSystem, isOfConnection } from '../../src/lib/system-errors'

const failed = (code: string, syscall: string, more: object = {}) =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, errno: -1, syscall, ...more })
const words = (error: unknown) => explainSystem(error)?.message

test.each([
  [failed('ENOSPC', 'write'), 'no room is left on the disk (write)'],
  [failed('ENOSPC', 'open', { path: '/dev/shm/x' }), 'no room is left on the disk (open /dev/shm/x)'],
  [failed('EMFILE', 'spawn /bin/sh', { path: '/bin/sh' }), 'too many files are open (spawn /bin/sh)'],
  [failed('EAGAIN', 'spawn runc'), 'no further process can be started (spawn runc)'],
  [failed('EACCES', 'open', { path: '/x' }), 'permission denied (open /x)'],
  [failed('ECONNREFUSED', 'connect', { address: '10.0.0.1', port: 22 }), 'nothing listens at 10.0.0.1:22'],
  [failed('ENOENT', 'spawn ssh'), 'there is no program ssh'],
])('%s is said as it is', (error, text) => {
  expect(words(error)).toBe(text)
  expect(explainSystem(error)?.hint).toBeTruthy()
})

test('an error of ours is none of the system’s', () => {
  expect(words(new TypeError('x is not a function'))).toBeUndefined()
  expect(words(Object.assign(new TypeError('bad'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined()
  expect(words('text')).toBeUndefined()
})

test('what Node really throws is known', async () => {
  const refused = await new Promise((settle) => connect({ port: 1, host: '127.0.0.1' }).once('error', settle))
  expect(words(refused)).toBe('nothing listens at 127.0.0.1:1')
  const missing = await new Promise((settle) => spawn('/no/such').once('error', settle))
  expect(words(missing)).toBe('there is no program /no/such')
  expect(() => openSync('/no/such', 'r')).toThrow('ENOENT')
})

test('“no engine” is said of what its connection failed in, and of nothing else', () => {
  const there = parseHost('tcp://engine:2375', '-H')
  const said = (error: unknown) => unreachable(error, there, 0)
  const ours = [
    new TypeError('x is not a function'),
    Object.assign(new TypeError('bad'), { code: 'ERR_INVALID_ARG_TYPE' }),
    failed('ENOSPC', 'write'),
    failed('EMFILE', 'connect'),
    failed('EAGAIN', 'spawn /bin/sh'),
    failed('ENOENT', 'open', { path: '/etc/x' }),
    new DockerBashError('its own words'),
  ]
  for (const error of ours) expect(said(error)).toBe(error)
  const its = [failed('ECONNRESET', 'read'), Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })]
  const tls = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  for (const error of [...its, tls]) {
    expect(isOfConnection(error)).toBe(true)
    expect(String(said(error))).toContain('no engine at tcp://engine:2375')
  }
})
