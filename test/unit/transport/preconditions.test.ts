/** What stands in the way, for every transport in the same words, and which of it is said first. */
import { type Judge, looked, notLooked, type Probed, type Request, type Runtime } from '../../../src/lib/model'
import { judges } from '../../../src/lib/transport/order'
import {
  engineHere,
  newPrivileges,
  type Precondition,
  preconditions,
  roomFor,
  runs,
  shellIfNeeded,
  verdictOf,
} from '../../../src/lib/transport/shared/preconditions'
import { request, target } from '../../support/targets'

const shell = request({ command: [] })
const noShell = { shells: looked<string[]>([]) }
const withRoom = (room: number) => ({ onHost: looked({ certain: true, seccomp: true, room }) })

type Row = [precondition: Precondition, target: Partial<Probed>, request: Request, because: string | undefined]

test.each<Row>([
  [runs, {}, request(), undefined],
  [runs, { state: 'paused' }, request(), 'the container is paused'],
  [engineHere, { local: true }, request(), undefined],
  [engineHere, { local: false }, request(), 'the engine is not on this host'],
  [engineHere, { local: false, foreign: 'its socket is eve’s' }, request(), 'its socket is eve’s'],
  [roomFor('exec'), {}, request(), undefined],
  [roomFor('exec'), { onHost: looked({ certain: true, seccomp: true }) }, request(), undefined],
  [roomFor('exec'), withRoom(7), request(), undefined],
  [
    roomFor('exec'),
    withRoom(6),
    request({ via: 'runc' }),
    'its limit of processes leaves no room for the threads of the runtime',
  ],
  [roomFor('exec'), withRoom(6), request({ via: 'exec' }), undefined],
  [shellIfNeeded, { shells: notLooked }, shell, undefined],
  [shellIfNeeded, { shells: looked(['/bin/sh']) }, shell, undefined],
  [shellIfNeeded, noShell, shell, 'there is no shell in the container'],
  [shellIfNeeded, noShell, request({ script: 'true' }), 'there is no shell in the container'],
  [shellIfNeeded, noShell, request(), undefined],
  [newPrivileges, {}, request(), undefined],
])('%p of %p', (precondition, found, asked, because) => {
  expect(precondition(target(found), asked)?.because).toBe(because)
})

test('the first one in the list that is not met is the one that is said; none, where all are', () => {
  const found = target({ state: 'exited', local: false, ...noShell })
  expect(preconditions(found, shell, [engineHere, runs])).toEqual({ because: 'the engine is not on this host' })
  expect(preconditions(found, shell, [runs, engineHere])).toEqual({ because: 'the container is exited' })
  expect(preconditions(found, shell, [shellIfNeeded, runs])).toEqual({ because: 'there is no shell in the container' })
  expect(preconditions(target(), request(), [runs, engineHere, shellIfNeeded])).toBeUndefined()
  expect(preconditions(target(), request(), [])).toBeUndefined()
})

test('nothing is asked behind the first that is not met', () => {
  const never: Precondition = () => {
    throw new Error('asked')
  }
  expect(preconditions(target({ state: 'dead' }), request(), [runs, never])).toBeDefined()
})

test('a verdict has a remedy only where there is one', () => {
  expect(verdictOf('exec', ['a cost'], 'it fits')).toEqual({
    transport: 'exec',
    fits: true,
    because: 'it fits',
    costs: ['a cost'],
  })
  expect(verdictOf('exec', [], { because: 'no' })).toEqual({ transport: 'exec', fits: false, because: 'no', costs: [] })
  expect(verdictOf('exec', [], { because: 'no', remedy: 'do' })).toMatchObject({ fits: false, remedy: 'do' })
})

describe('of several things in the way, each transport says', () => {
  const runtime = (found: Runtime | { missing: string }) => ({ runtime: looked(found) })
  const crun: Runtime = { kind: 'crun', program: '', file: '', root: '', bundle: '', systemd: false }
  const sshd = looked({ roads: [], enrolled: [], refusal: 'no sshd' })
  const all = { ...noShell, ...withRoom(6), sshd }
  const told = (name: string, found: Partial<Probed>) => {
    const judge = judges().find((one) => one.name === name) as Judge
    return judge.judge(target(found), shell).because
  }
  test.each([
    ['ssh', 'that it does not run', { ...all, state: 'paused' }, /^the container is paused$/],
    ['ssh', 'that nobody looked', { ...all, sshd: notLooked }, /^no key of yours is enrolled$/],
    ['ssh', 'that no road leads there', all, /^no sshd$/],
    ['runc', 'that it does not run', { ...all, state: 'paused', local: false }, /^the container is paused$/],
    ['runc', 'that it is elsewhere', { ...all, local: false }, /^the engine is not on this host$/],
    ['runc', 'that we are not root', all, /^only root on the engine’s host can run the runtime$/],
    ['runc', 'what is wrong with its runtime', { ...all, ...runtime({ missing: 'kata' }) }, /^kata$/],
    ['runc', 'that there is no room', { ...all, ...runtime(crun) }, /leaves no room/],
    ['runc', 'that there is no shell', { ...noShell, ...runtime(crun) }, /no shell/],
    ['exec', 'that it does not run', { ...all, state: 'paused' }, /^the container is paused$/],
    ['exec', 'that there is no room', all, /leaves no room/],
    ['exec', 'that there is no shell', noShell, /no shell/],
    ['nsenter', 'that it does not run', { ...all, state: 'paused', local: false }, /^the container is paused$/],
    ['nsenter', 'that it is elsewhere', { ...all, local: false }, /^the engine is not on this host$/],
    ['nsenter', 'that we are not root', noShell, /^only root on the engine’s host can enter namespaces$/],
    ['nsenter', 'that there is no shell; it needs no room', all, /no shell/],
    ['debug', 'that it does not run', { ...all, state: 'paused' }, /^the container is paused; a copy of it can be/],
  ] as [string, string, Partial<Probed>, RegExp][])('%s: %s', (name, _, found, because) => {
    expect(told(name, found)).toMatch(because)
  })
})
