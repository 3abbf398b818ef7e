/** What each transport says of a target, from what is known of it alone: no engine, no process. */
import {
  type Judge,
  looked,
  type OnHost,
  type Probed,
  type Request,
  type Runtime,
  type Sshd,
  type TransportName,
  transportNames,
} from '../../../src/lib/model'
import { judges } from '../../../src/lib/transport/order'
import { request, target } from '../../support/targets'

const ways = Object.fromEntries(judges().map((one) => [one.name, one])) as Record<TransportName, Judge>

const crun: Runtime = {
  kind: 'crun',
  program: '/usr/bin/crun',
  file: '/proc/self/fd/9',
  root: '/run/crun',
  bundle: '/run/bundle',
  systemd: false,
}
const certain: OnHost = { certain: true, seccomp: true }
const [runtime, onHost] = [looked(crun), looked(certain)]
const address: Sshd = { roads: [{ name: 'address', where: '172.17.0.3:22' }], enrolled: ['default'] }
const byAddress = looked(address)
const byExec = looked<Sshd>({
  roads: [
    { name: 'address', where: '', refusal: 'no address' },
    { name: 'exec', where: '/usr/sbin/sshd -i' },
  ],
  enrolled: [],
})
const shell = request({ command: [] })
const noShell = { shells: looked<string[]>([]) }

type Row = [case_: string, way: Judge, target: Partial<Probed>, request: Request, fits: boolean, because: RegExp]
const rows: Row[] = [
  ...Object.values(ways).map(
    (way): Row => [
      'one that does not run',
      way,
      { state: 'paused', runtime, onHost, sshd: byAddress },
      request({ via: way.name }),
      false,
      /^the container is paused/,
    ],
  ),
  ...[ways.runc, ways.exec, ways.ssh, ways.nsenter].map(
    (way): Row => [
      'a shell where there is none',
      way,
      { ...noShell, runtime, onHost, sshd: byAddress },
      shell,
      false,
      /^there is no shell in the container$/,
    ],
  ),
  ...[ways.runc, ways.exec, ways.ssh, ways.nsenter].map(
    (way): Row => [
      'a program where there is no shell',
      way,
      { ...noShell, runtime, onHost, sshd: byAddress },
      request(),
      true,
      /./,
    ],
  ),
  ...[ways.runc, ways.exec].flatMap((way): Row[] => [
    [
      'little room, unasked',
      way,
      { runtime, onHost: looked({ ...certain, room: 6 }) },
      request(),
      false,
      /limit of processes leaves no room/,
    ],
    [
      'little room, asked for',
      way,
      { runtime, onHost: looked({ ...certain, room: 6 }) },
      request({ via: way.name }),
      true,
      /./,
    ],
    ['just room', way, { runtime, onHost: looked({ ...certain, room: 7 }) }, request(), true, /./],
  ]),
  ['an engine elsewhere', ways.runc, { local: false, runtime }, request(), false, /the engine is not on this host/],
  ['another user’s', ways.runc, { local: false, foreign: 'it is eve’s', runtime }, request(), false, /^it is eve’s$/],
  ['not root', ways.runc, {}, request(), false, /only root on the engine’s host can run the runtime/],
  ['no runtime found', ways.runc, { runtime: looked({ missing: 'kata' }) }, request(), false, /^kata$/],
  ['its runtime', ways.runc, { runtime }, request(), true, /^root on this host, crun’s state found$/],
  ['an engine elsewhere', ways.nsenter, { local: false, onHost }, request(), false, /the engine is not on this host/],
  ['not root', ways.nsenter, {}, request(), false, /only root on the engine’s host can enter namespaces/],
  [
    'a process that may be another’s',
    ways.nsenter,
    { onHost: looked({ ...certain, certain: false }) },
    request(),
    false,
    /nothing here says that the process/,
  ],
  ['seccomp', ways.nsenter, { onHost }, request(), true, /confinement but seccomp/],
  [
    'no seccomp',
    ways.nsenter,
    { onHost: looked({ ...certain, seccomp: false }) },
    request(),
    true,
    /with its confinement$/,
  ],
  ['by a helper', ways.nsenter, { local: false }, request({ helper: true }), true, /privileged container/],
  ['an engine elsewhere', ways.exec, { local: false }, request(), true, /the engine’s own exec/],
  ['nobody looked', ways.ssh, {}, request(), false, /no key of yours is enrolled/],
  [
    'no road',
    ways.ssh,
    { sshd: looked<Sshd>({ roads: [], enrolled: [], refusal: 'no sshd' }) },
    request({ via: 'ssh' }),
    false,
    /^no sshd$/,
  ],
  ['a key', ways.ssh, { sshd: byAddress }, request(), true, /^its sshd at 172\.17\.0\.3:22, with default$/],
  ['no key, unasked', ways.ssh, { sshd: byExec }, request(), false, /over an exec .*but no key of yours is enrolled$/],
  [
    'no key, asked for',
    ways.ssh,
    { sshd: byExec },
    request({ via: 'ssh' }),
    true,
    /^\/usr\/sbin\/sshd -i over an exec \(address: no address\)$/,
  ],
  [
    'a long command',
    ways.ssh,
    { sshd: byAddress },
    request({ command: ['x'.repeat(130_000)] }),
    false,
    /a login takes no command as long as this/,
  ],
  ['a shell', ways.debug, { shells: looked(['/bin/sh']) }, shell, true, /^not needed: there is a shell$/],
  ['no shell', ways.debug, { ...noShell, onHost }, shell, true, /private copy of its mounts/],
  ['no shell, from elsewhere', ways.debug, noShell, shell, true, /container beside it/],
]

test.each(rows)('%s: %p', (_, way, found, asked, fits, because) => {
  const verdict = way.judge(target(found), asked)
  expect(verdict).toMatchObject({ transport: way.name, fits, because: expect.stringMatching(because) })
})

test('what does not fit and can be mended says how', () => {
  const remedyOf = (way: Judge, found: Partial<Probed>) => way.judge(target(found), request()).remedy
  expect(remedyOf(ways.ssh, {})).toBe('docker-bash key install web')
  expect(remedyOf(ways.nsenter, {})).toMatch('docker-bash --via nsenter --helper web')
  expect(remedyOf(ways.debug, { state: 'exited' })).toBe('docker-bash debug web')
})

test('what a way costs is said', () => {
  const costsOf = (way: Judge, found: Partial<Probed>, asked = request()) =>
    way.judge(target(found), asked).costs.join('\n')
  expect(costsOf(ways.nsenter, { onHost })).toMatch(/no seccomp filter/)
  expect(costsOf(ways.nsenter, { onHost: looked({ ...certain, seccomp: false }) })).not.toMatch(/seccomp/)
  expect(costsOf(ways.nsenter, {}, request({ helper: true }))).toMatch(/as good as root there/)
  expect(costsOf(ways.exec, { local: false })).toMatch(/twice: a watchdog beside the command/)
  expect(costsOf(ways.ssh, { sshd: byExec })).toMatch(/an exec carries it/)
  expect(costsOf(ways.debug, { onHost })).toMatch(/no seccomp filter/)
  expect(costsOf(ways.debug, {})).toMatch(/SYS_PTRACE/)
})

test('the order of all of them is that of the verdicts', () => {
  expect(judges().map(({ name }) => name)).toEqual(transportNames)
})

test('that nobody looked is not that nothing is there', () => {
  const because = (way: Judge, found: Partial<Probed>, asked = request()) => way.judge(target(found), asked).because
  const held = { runtime, onHost, sshd: byAddress }
  for (const way of [ways.ssh, ways.runc, ways.exec, ways.nsenter]) {
    expect([way.name, way.judge(target(held), shell).fits]).toEqual([way.name, true])
    expect([way.name, way.judge(target({ ...held, ...noShell }), shell).fits]).toEqual([way.name, false])
  }
  expect(because(ways.ssh, {})).not.toBe(
    because(ways.ssh, { sshd: looked<Sshd>({ roads: [], enrolled: [] }) }, request()),
  )
  expect(because(ways.debug, {}, shell)).toBe(because(ways.debug, noShell, shell))
})
