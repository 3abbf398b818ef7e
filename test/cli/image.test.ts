/** `docker-bash image build`, and the whole way from there: init, build, run, install a key, log in, stop. */
import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../../scripts/engine-http.mjs'
import { archive, archiveOf, type Files } from '../engine/image/archive'
import { rootfs } from '../engine/image/rootfs'
import { run } from '../support/cli'
import { container, uniqueName } from '../support/containers'
import { docker } from '../support/docker-api'
import { images, scratch, sharedEngine } from '../support/engine'
import { keyring } from '../support/keyring'
import { openTerminal } from '../support/tmux'
import { until } from '../support/until'

const firstTime = 300_000
const made: string[] = []
afterAll(async () => {
  for (const tag of made) await request(sharedEngine().host, 'DELETE', `/images/${tag}`)
})

function uniqueTag(): string {
  const tag = `test/${uniqueName()}:latest`
  made.push(tag)
  return tag
}

async function build(tag: string, context: ReturnType<typeof archive>): Promise<void> {
  const { status, text } = await request(sharedEngine().host, 'POST', `/build?t=${tag}&forcerm=1`, {
    body: context,
    timeoutMs: firstTime,
  })
  if (status !== 200 || text.includes('{"error')) throw new Error(text.slice(-2000))
}

const derive = (tag: string, lines: readonly string[], files: Files = {}) =>
  build(tag, archiveOf({ '/Dockerfile': `${lines.join('\n')}\n`, ...files }))

/** What `--from rootfs.tar` makes for the time of the build. */
async function imported(): Promise<string[]> {
  const query = new URLSearchParams({ filters: JSON.stringify({ reference: ['docker-bash-import'] }) })
  const found = (await docker().call('GET', `/images/json?${query}`)) as Array<{ RepoTags: string[] | null }>
  return found.flatMap(({ RepoTags }) => RepoTags ?? [])
}

test(
  'from nothing to a session and its end',
  async () => {
    const user = keyring()
    const tag = uniqueTag()
    const built = await user.run(['image', 'build', '--from', await rootfs(), '--tag', tag], { timeoutMs: firstTime })
    expect(built).toMatchObject({ code: 0, stderr: '' })
    expect(built.stdout.toString()).toMatch(new RegExp(`^${tag}  sha256:[0-9a-f]{64}\n$`))
    expect(await imported()).toEqual([])

    await user.run(['key', 'generate', 'default'])
    const name = uniqueName()
    const folder = join(user.home, name)
    const line = 'echo "it is \'up\'" >/run/said; exec sleep 1000'
    const begun = await user.run(['init', folder, '--base', tag, '--service', 'web-1', '--command', line])
    expect(begun).toMatchObject({ code: 0, stderr: '' })
    expect(begun.stdout.toString()).toMatch(
      `docker build -t ${name} ${folder}\n  docker run -d --name ${name} ${name}\n`,
    )

    const image = uniqueTag()
    await build(image, archive(folder))
    const api = docker()
    const id = await api.create(name, { Image: image, Labels: { 'docker-bash.test': name } })
    try {
      await api.act('start', id)
      const said = async () => (await api.inside(id, ['cat', '/run/said'])).stdout
      await until(async () => (await said()) === "it is 'up'\n", 10_000, said)

      const installed = await user.run(['key', 'install', name])
      expect(installed).toMatchObject({ code: 0, stderr: '' })
      expect(installed.stdout.toString()).toMatch(/was there already, .*login proved/)
      const entered = await user.run(['--via', 'ssh', name, 'id', '-un'])
      expect([entered.code, entered.stdout.toString(), entered.stderr]).toEqual([0, 'root\n', ''])

      await api.act('stop', id, 't=10')
      expect((await api.inspect(id)).State).toMatchObject({ Running: false, ExitCode: 0 })
    } finally {
      await api.remove(id)
    }
  },
  firstTime,
)

/** Our image on one that has its packages, by its name. */
async function buildOn(base: string, ...words: string[]): Promise<string> {
  const tag = uniqueTag()
  const { stdout } = await run(['image', 'build', '--from', base, '--tag', tag, '--json', ...words], {
    timeoutMs: firstTime,
  })
  expect(JSON.parse(stdout.toString())).toEqual({ name: tag, id: expect.stringMatching(/^sha256:/) })
  return tag
}

/** What its first process says. */
async function saidBy(Image: string, ...Cmd: string[]): Promise<string> {
  const id = await docker().create(uniqueName(), { Image, Cmd })
  try {
    await docker().act('start', id)
    await docker().wait(id)
    return await docker().logs(id)
  } finally {
    await docker().remove(id)
  }
}

test(
  'two builds have two keys; what is left out is not there; as JSON',
  async () => {
    const base = uniqueTag()
    const into = new URLSearchParams({ fromSrc: '-', repo: base.split(':')[0] ?? '', tag: 'latest' })
    const options = { body: createReadStream(await rootfs()), timeoutMs: firstTime }
    await request(sharedEngine().host, 'POST', `/images/create?${into}`, options)
    const keyOf = (image: string) => saidBy(image, 'cat', '/etc/insecure_key.pub')
    const keys = [await keyOf(await buildOn(base)), await keyOf(await buildOn(base))]
    expect(keys[0]).toMatch(/^ssh-ed25519 /)
    expect(keys[1]).toMatch(/^ssh-ed25519 /)
    expect(keys[0]).not.toBe(keys[1])
    expect(await keyOf(await buildOn(base, '--without', 'sshd,cron'))).toMatch(/No such file/)
  },
  firstTime,
)

describe('what does not work', () => {
  const refused = async (words: readonly string[]) => {
    const tag = uniqueTag()
    const { code, stdout, stderr } = await run(['image', 'build', '--tag', tag, ...words], { timeoutMs: 60_000 })
    expect([code, stdout.toString()]).toEqual([125, ''])
    expect(await docker().hasImage(tag)).toBe(false)
    return stderr
  }

  test.each([
    ['--without sshd,cups', /no part called cups\n {2}--without takes sshd, cron, syslog\n$/],
    ['--tag No/Name', /invalid image name "No\/Name"\n/],
    ['--from a:b:c', /invalid image name "a:b:c"\n/],
    ['--from nosuch.tar', /invalid root filesystem "nosuch\.tar": no such file\n/],
    ['--from /tmp', /invalid root filesystem "\/tmp": not a file/],
  ])('is found before the engine is asked: %s', async (words, said) => {
    const { code, stderr } = await run(['image', 'build', ...words.split(' ')], { env: { DOCKER_HOST: 'unix:///no' } })
    expect([code, stderr]).toEqual([125, expect.stringMatching(said)])
  })

  test('no such image, and no registry', async () => {
    const said = await refused(['--from', 'test/nosuch:1'])
    expect(said).toMatch(
      /^docker-bash: the image to build on, test\/nosuch:1, is not here: .*\n {2}docker pull it; or, /,
    )
  })

  test('an archive that is none', async () => {
    const file = join(scratch('rootfs'), 'rootfs.tar')
    writeFileSync(file, 'not an archive\n'.repeat(100))
    expect(await refused(['--from', file])).toMatch(
      /^docker-bash: the engine cannot import \S+: .*\n {2}it must be a tar/,
    )
    expect(await imported()).toEqual([])
  })

  test('a step that fails: the last of its log', async () => {
    const said = await refused(['--from', images.busybox])
    expect(said).toMatch(/^docker-bash: the image could not be built: .*non-zero code: 1\n/)
    expect(said).toMatch(/\n {2}\S+packages: line \d+: can't create \S+: nonexistent directory\n {2}if no mirror/)
  })
})

describe('given up at a terminal', () => {
  // Its packages are looked for without end.
  const slow = { '/dpkg-query': '#!/bin/sh\nexec sleep 1000\n' }
  const running = (filter: object) => docker().list(`filters=${encodeURIComponent(JSON.stringify(filter))}`)

  test('ctrl-c: 130, no image, no container, no imported file system', async () => {
    const base = uniqueTag()
    await derive(base, [`FROM ${images.busybox}`, 'COPY dpkg-query /bin/dpkg-query'], slow)
    const { id } = await container({ image: 'busybox', start: false, more: { Image: base } })
    const file = join(scratch('rootfs'), 'rootfs.tar')
    writeFileSync(file, (await request(sharedEngine().host, 'GET', `/containers/${id}/export`)).bytes)

    const tag = uniqueTag()
    const terminal = await openTerminal({ columns: 100 })
    await terminal.type(`docker-bash image build --from ${file} --tag ${tag}; echo "code $?"`)
    await terminal.keys('Enter')
    const seen = await terminal.until(/· 5\/\d+ {2}RUN/, 30_000)
    expect(seen).toMatch(/^ {2}✓ 2\/\d+ {2}FROM \S+ {2}[\d.]+ s$/m)
    const [from = ''] = await imported()
    const step = await until(
      async () => (await running({ ancestor: [from] }))[0],
      10_000,
      () => 'no container of the build',
    )
    await terminal.keys('C-c')
    await terminal.until(/^code 130$/m)
    expect(await docker().hasImage(tag)).toBe(false)
    expect(await imported()).toEqual([])
    await until(
      async () => (await running({ id: [step.Id] })).length === 0,
      10_000,
      () => 'the container of the build still runs',
    )
  })
})
