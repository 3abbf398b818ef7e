/** Temporary places that are full, or from which nothing can be run: another is taken, or memory, and doctor says so. */
import { execFileSync } from 'node:child_process'
import { type RunOptions, run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { privateEngine } from '../support/engine'
import { mountSpace } from '../support/mounts'

const noexec = (folder: string) => `mount -t tmpfs -o noexec none ${folder}`
// As full as it gets: without a page, and without a name.
const full = (folder: string) => `mount -t tmpfs -o size=4k,nr_inodes=2 none ${folder}; : >${folder}/a || true`
const filled = (folder: string) =>
  `mount -t tmpfs -o size=8k none ${folder}; head -c 8192 /dev/zero >${folder}/full || true`
const readOnly = (folder: string) => `mount -t tmpfs -o ro none ${folder}`

const none = [filled('/dev/shm'), full('/run'), readOnly('/var/tmp')].join('; ')

const hosts: Readonly<Record<string, { mounts: string; tmp?: string; doctor: RegExp }>> = {
  'noexec /run': { mounts: noexec('/run'), doctor: /programs from \/dev\/shm; not in \/run: nothing can be run/ },
  'a full /dev/shm': {
    mounts: filled('/dev/shm'),
    doctor: /files in \/run, programs from \/run; not in \/dev\/shm: no room/,
  },
  'no place at all': {
    mounts: none,
    tmp: '/nowhere',
    doctor: /files in the kernel’s memory alone, programs from the kernel’s memory alone; not in \/dev\/shm: no room/,
  },
}

let made: Container
let space: string
let on: RunOptions

beforeAll(async () => {
  // What is mounted is the same for it and for us, or the runtime's state would not be where it says.
  space = await mountSpace('true')
  const place = await privateEngine(['busybox'], { mounts: space })
  on = { place, under: ['nsenter', `--mount=${space}`] }
  made = await container({ image: 'busybox', on: docker(place.host) })
})

/** Until the tests around it are over. */
function mounted(script: string): void {
  const within = (text: string) => execFileSync('nsenter', [`--mount=${space}`, 'sh', '-c', text])
  beforeAll(() => void within(script))
  afterAll(() => void within('for f in /run /dev/shm /var/tmp /usr/bin/perl; do umount $f 2>/dev/null; done; true'))
}

describe.each(Object.entries(hosts))('%s', (_, { mounts, tmp, doctor }) => {
  const inside = (): RunOptions => ({ ...on, ...(tmp && { env: { TMPDIR: tmp } }) })
  mounted(mounts)

  test.each([
    ['--via', 'runc'],
    ['--via', 'nsenter'],
    ['--via', 'debug'],
  ])('a session by %s %s', async (...flags) => {
    const { code, stdout, stderr } = await run([...flags, made.name, 'sh', '-c', 'cat; exit 3'], {
      ...inside(),
      input: 'hi',
    })
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 3, stdout: 'hi', stderr: '' })
    // What the runtime says of itself has to find its place, too.
    const none = await run([...flags, made.name, '/nosuch'], inside())
    expect(none).toMatchObject({ code: 127, stderr: expect.stringMatching(/there is no \/nosuch/) })
  })

  test('run', async () => {
    const { code, stdout } = await run(['run', made.name, '--', 'echo', 'hi'], inside())
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: expect.stringMatching(/hi/) })
  })

  test('doctor says so', async () => {
    const { stdout } = await run(['doctor', '--json'], inside())
    const findings = JSON.parse(stdout.toString()) as { what: string; verdict: string; found: string }[]
    expect(findings.find(({ what }) => what === 'places')).toMatchObject({
      verdict: 'warn',
      found: expect.stringMatching(doctor),
    })
  })
})

describe('no place and no perl either', () => {
  mounted(`${none}; mount --bind /dev/null /usr/bin/perl`)

  test('it says what was tried', async () => {
    const { code, stderr } = await run(['--via', 'runc', made.name, 'true'], { ...on, env: { TMPDIR: '/nowhere' } })
    expect(code).toBe(125)
    expect(stderr).toMatch(/^docker-bash: there is no place for a temporary file\n {2}\/dev\/shm: no room\n/)
    expect(stderr).toMatch(/TMPDIR=DIR/)
    expect(stderr).not.toMatch(/unexpected error/)
  })
})
