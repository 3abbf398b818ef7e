/** Which shell, in containers that make it hard. */
import { run } from '../support/cli'
import { type ContainerOptions, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { asNobody } from '../support/nobody'
import { openTerminal } from '../support/tmux'

/** What a login shell in it says of itself, by its input and at a terminal. */
async function shellIn(options: ContainerOptions, flags: string[] = [], before = '') {
  const { id, name } = await container(options)
  if (before) expect((await docker().inside(id, ['sh', '-c', before])).code).toBe(0)
  const { code, stdout, stderr } = await run([...flags, name], {
    input: 'echo "$0"; command -v echo >/dev/null && exit 8\n',
  })
  expect({ code, stderr }).toEqual({ code: 8, stderr: '' })
  return stdout.toString().trim()
}

test('bash where there is one, ash or sh where there is none', async () => {
  expect(await shellIn({ image: 'debian' })).toBe('/bin/bash')
  expect(await shellIn({ image: 'busybox' }, ['-u', '4711'])).toBe('/bin/ash')
  expect(await shellIn({ image: 'busybox' }, [], 'rm /bin/ash /etc/passwd')).toBe('/bin/sh')
})
test("the user's own, if it is there and is one", async () => {
  const own = 'echo "app:x:1000:1000::/tmp:/bin/zsh" >>/etc/passwd; echo "ghost:x:1001:1001::/:/opt/fish" >>/etc/passwd'
  expect(await shellIn({ image: 'debian' }, ['-u', 'app'], own)).toBe('/bin/zsh')
  expect(await shellIn({ image: 'debian' }, ['-u', '1000'], own)).toBe('/bin/zsh')
  expect(await shellIn({ image: 'debian' }, ['-u', 'ghost'], own)).toBe('/bin/bash')
})
test('nologin and false are not shells', async () => {
  const locked = 'sed -i "s,^root:.*,root:x:0:0::/root:/usr/sbin/nologin," /etc/passwd'
  expect(await shellIn({ image: 'debian' }, [], locked)).toBe('/bin/bash')
})
test('the label docker-bash.shell', async () => {
  expect(await shellIn({ image: 'debian', labels: { 'docker-bash.shell': '/bin/dash' } })).toBe('/bin/dash')
  expect(await shellIn({ image: 'debian', labels: { 'docker-bash.shell': '/no/such' } })).toBe('/bin/bash')
})
test('a numeric user whom no passwd file knows', async () => {
  expect(await shellIn({ image: 'debian', user: '4711:4711' })).toBe('/bin/bash')
})
test('no passwd file at all, or one that is none', async () => {
  expect(await shellIn({ image: 'debian' }, [], 'rm /etc/passwd')).toBe('/bin/bash')
  expect(await shellIn({ image: 'debian' }, [], 'head -c 100000 /dev/urandom >/etc/passwd')).toBe('/bin/bash')
})
test('a broken PATH, and a preloaded library that is not there', async () => {
  const { name } = await container({
    image: 'debian',
    cmd: ['/bin/sleep', '1000'],
    env: ['PATH=/nowhere', 'LD_PRELOAD=/nowhere.so'],
  })
  const { code, stdout } = await run([name], { input: 'echo "$0"; exit 8\n' })
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 8, stdout: '/bin/bash\n' })
  expect((await run([name, 'true'])).code).toBe(127)
  const terminal = await openTerminal({ command: ['docker-bash', name] })
  await terminal.until(/[#$] ?$/)
  await terminal.type('echo $0; exit 3')
  await terminal.keys('Enter')
  expect(await terminal.exit()).toEqual({ code: 3 })
})
test('shells only where they are unusual', async () => {
  const moved =
    'mkdir /busybox && cp /bin/busybox /busybox/sh && cp /bin/busybox /busybox/busybox && /busybox/busybox rm -r /bin'
  const { id, name } = await container({ image: 'busybox', cmd: ['/bin/busybox', 'sleep', '1000'] })
  expect((await docker().inside(id, ['sh', '-c', moved])).code).toBe(0)
  const { code, stdout } = await run([name], { input: 'echo "$0"; exit 8\n' })
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 8, stdout: '/busybox/sh\n' })
  expect((await run([name, '/busybox/busybox', 'true'])).code).toBe(0)
})
describe('shells only in the folders of the image’s own PATH', () => {
  const store = '/nix/store/abc-busybox/bin'
  const moved = [
    `mkdir -p ${store} && cp /bin/busybox ${store}/busybox && ln -s busybox ${store}/sh`,
    // Neither a file where a folder was meant nor a link to itself is in the way.
    `${store}/busybox rm -r /bin /sbin; ${store}/busybox touch /busybox; ${store}/busybox ln -s sbin /sbin`,
  ]
  test.each(['runc', 'nsenter', 'exec'])('by %s', async (via) => {
    const { id, name } = await container({
      image: 'busybox',
      cmd: ['/bin/busybox', 'sleep', '1000'],
      env: [`PATH=${store}`],
    })
    expect((await docker().inside(id, ['/bin/sh', '-c', moved.join(' && ')])).code).toBe(0)
    const { code, stdout, stderr } = await run(['--via', via, name], { input: 'echo "$0"; exit 8\n' })
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 8, stdout: `${store}/sh\n`, stderr: '' })
    for (const under of [undefined, asNobody()]) {
      const listed = await run(['ls', '--json', '--filter', `name=${name}`], { ...(under && { under, cwd: '/' }) })
      expect(JSON.parse(listed.stdout.toString())).toMatchObject([{ shell: `${store}/sh` }])
    }
  })
  test('not as root, where only the engine is asked', async () => {
    const { id, name } = await container({
      image: 'busybox',
      cmd: ['/bin/busybox', 'sleep', '1000'],
      env: [`PATH=${store}`],
    })
    expect((await docker().inside(id, ['/bin/sh', '-c', moved.join(' && ')])).code).toBe(0)
    const said = await run(['-c', 'echo "$0 $1"; exit 8', name, 'word'], { under: asNobody(), cwd: '/' })
    expect({ ...said, stdout: said.stdout.toString() }).toMatchObject({ code: 8, stdout: `${store}/sh word\n` })
  })
})
test('a read-only root, no network, all capabilities dropped, no new privileges', async () => {
  const hostConfig = { ReadonlyRootfs: true, NetworkMode: 'none', CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] }
  expect(await shellIn({ image: 'debian', hostConfig })).toBe('/bin/bash')
  expect(await shellIn({ image: 'busybox', hostConfig, user: '1000' })).toBe('/bin/ash')
})
test('it is a login shell: what the image wants of its logins holds', async () => {
  const { id, name } = await container({ image: 'debian' })
  await docker().inside(id, ['sh', '-c', 'echo "export FROM_PROFILE=yes" >/etc/profile.d/x.sh'])
  expect((await run([name], { input: 'echo "$FROM_PROFILE"\n' })).stdout.toString()).toBe('yes\n')
})

describe('no shell at all', () => {
  test('is said, with what to do; a program still runs', async () => {
    const { name } = await container({ image: 'bare' })
    const { code, stdout, stderr } = await run(['--via', 'exec', name])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch('no shell')
    const program = await run(['--via', 'exec', '-v', name, '/bare', 'exit', '7'])
    expect(program.code).toBe(7)
    expect(program.stderr).toMatch('may outlive us')
    const missing = await run(['--via', 'exec', name, '/nosuch'])
    expect(missing).toMatchObject({
      code: 127,
      stdout: Buffer.alloc(0),
      stderr: expect.stringMatching('there is no /nosuch'),
    })
  })
})
