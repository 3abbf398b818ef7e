/**
 * What is there and the kernel does not run: one answer by every way, with the code that execve's errno has for the
 * engine (ENOENT 127, all else 126). Nothing of it runs by a shell's own rules.
 */
import { processes } from '../../scripts/proc.mjs'
import { run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { asNobody } from '../support/nobody'
import { processesOf } from '../support/processes'
import { sshdContainer, testKey } from '../support/sshd'
import { until } from '../support/until'

const gone = (name: string) => ({ code: 127, says: `its interpreter ${name} is not there` })
const closed = (name: string) => ({ code: 126, says: `its interpreter ${name} may not be run` })
const format = (why: string) => ({ code: 126, says: `exec format error: ${why}` })
const noLine = format('it is a script without #! and an interpreter in its first line')

interface Kind {
  readonly file: string
  /** As printf takes it. */
  readonly text: string
  readonly code: number
  readonly says: string
}

const kinds: readonly Kind[] = [
  { file: 'no-interpreter', text: '#!/nosuch/sh\\necho ran\\n', ...gone('/nosuch/sh') },
  { file: 'carriage-returns', text: '#!/bin/sh\\r\\necho ran\\r\\n', ...gone('/bin/sh\\r') },
  { file: 'with-a-word', text: '#! \\t/nosuch/env -S sh\\necho ran\\n', ...gone('/nosuch/env') },
  { file: 'by-a-folder', text: '#!/etc\\necho ran\\n', ...closed('/etc') },
  { file: 'by-no-program', text: '#!/etc/passwd\\necho ran\\n', ...closed('/etc/passwd') },
  {
    file: 'by-itself',
    text: '#!/not-run/by-itself\\n',
    code: 126,
    says: 'its interpreters are more than five scripts',
  },
  { file: 'by-a-script', text: '#!/not-run/no-line\\necho ran\\n', ...noLine },
  { file: 'no-line', text: 'echo ran\\n', ...noLine },
  { file: 'blank-line', text: '#!  \\necho ran\\n', ...noLine },
  { file: 'empty', text: '', ...format('it is empty') },
  { file: 'elf', text: '\\177ELFbroken\\n', ...format('its ELF header is broken') },
  { file: 'cut', text: '\\177ELF\\002\\001\\001', ...format('its ELF header is broken') },
]
/** A dynamic program whose loader is not there, made of one of Debian's. */
const noLoader: Kind = { file: 'no-loader', text: '', ...gone('/lib64/ld-linux-x86-64.so.9') }

const made = (text: string, file: string) => `printf '${text}' >${file}; chmod 755 ${file};`
const all = `mkdir /not-run; cd /not-run; ${kinds.map(({ text, file }) => made(text, file)).join(' ')}`
const loaderless =
  "sed 's,/lib64/ld-linux-x86-64.so.2,/lib64/ld-linux-x86-64.so.9,' /bin/true >no-loader; chmod 755 no-loader"

const key = testKey()
const boxes: Record<'busybox' | 'sshd', Container | undefined> = { busybox: undefined, sshd: undefined }
beforeAll(async () => {
  boxes.busybox = await container({ image: 'busybox' })
  boxes.sshd = await sshdContainer({ key })
  expect(await docker().inside(boxes.busybox.id, ['sh', '-c', all])).toMatchObject({ code: 0, stderr: '' })
  expect(await docker().inside(boxes.sshd.id, ['sh', '-c', `${all} ${loaderless}`])).toMatchObject({
    code: 0,
    stderr: '',
  })
})

interface Way {
  readonly flags: readonly string[]
  readonly box: keyof typeof boxes
  /** Not root on the engine's host. */
  readonly nobody?: boolean
  /** Default: all. */
  readonly only?: readonly string[]
}
const few = ['no-interpreter', 'carriage-returns', 'no-line', 'elf', 'no-loader']
const identity = ['--identity', key.path]
const ways: readonly Way[] = [
  { flags: ['--via', 'exec'], box: 'busybox' },
  { flags: ['--via', 'exec'], box: 'sshd', only: few },
  { flags: ['--via', 'exec', '-t'], box: 'busybox', only: few },
  { flags: ['--via', 'exec'], box: 'busybox', nobody: true },
  { flags: ['--via', 'exec'], box: 'sshd', nobody: true },
  { flags: ['--via', 'exec', '-t'], box: 'busybox', nobody: true, only: few },
  { flags: ['--via', 'runc'], box: 'busybox' },
  { flags: ['--via', 'runc', '-n'], box: 'sshd', only: few },
  { flags: ['--via', 'runc', '-t'], box: 'busybox', only: few },
  { flags: ['--via', 'nsenter'], box: 'busybox' },
  { flags: ['--via', 'nsenter'], box: 'sshd', only: few },
  { flags: ['--via', 'nsenter', '--helper'], box: 'busybox', only: few },
  { flags: ['--via', 'debug'], box: 'busybox', only: few },
  { flags: ['--via', 'debug'], box: 'sshd', nobody: true, only: few },
  { flags: [...identity, '--via', 'ssh'], box: 'sshd', only: few },
]

async function watchdogsOf(id: string): Promise<string[]> {
  const here = processes().filter(({ args }) => args.some((word) => word.includes(id)))
  return [...here.map(({ args }) => args.join(' ')), ...(await processesOf(id)).map(({ line }) => line)].filter(
    (line) => /docker-bash:[0-9a-f]{12}/.test(line),
  )
}

const titled = ways.map((way) => {
  const flags = way.flags.filter((word) => !identity.includes(word))
  return [`${flags.join(' ')} into ${way.box}${way.nobody ? ', not as root' : ''}`, way] as const
})

describe.each(titled)('%s', (_, { flags, box, nobody, only }) => {
  const own = box === 'sshd' ? [...kinds, noLoader] : kinds
  const wanted = own.filter(({ file }) => only?.includes(file) ?? true)
  test('says what is wrong, with the code that execve has for it, and runs nothing', async () => {
    const { name, id } = boxes[box] as Container
    for (const { file, code, says } of wanted) {
      const program = `/not-run/${file}`
      const ran = await run([...flags, name, program], { ...(nobody && { under: asNobody(), cwd: '/' }) })
      const stderr = expect.stringContaining(`docker-bash: ${program} in ${name} cannot be run: ${says}`) as string
      expect({ file, code: ran.code, stdout: ran.stdout.toString(), stderr: ran.stderr }).toEqual({
        ...{ file, code, stdout: '', stderr },
      })
      // One line, and one that says what to do.
      expect(ran.stderr).toMatch(/^docker-bash: [^\n]+\n {2}\S[^\n]+\n$/)
      expect(ran.stderr).not.toMatch(/docker-bash:[0-9a-f]{12}/)
    }
    // Nor does what watched over it look for it any longer, on the host or inside.
    await until(
      async () => (await watchdogsOf(id)).length === 0,
      2_000,
      async () => (await watchdogsOf(id)).join('\n'),
    )
  })
})

test('a command that says such words itself has said them: at once, with its own code', async () => {
  const words = 'exec /x: no such file or directory'
  const { name } = boxes.busybox as Container
  const bare = await container({ image: 'busybox', cmd: ['/bin/busybox', 'sleep', '1000'] })
  expect((await docker().inside(bare.id, ['sh', '-c', 'cd /bin; rm ash hush lash bash zsh sh'])).code).toBeLessThan(2)
  const awk = ['awk', `BEGIN { print "${words}" >"/dev/stderr"; exit 3 }`]
  for (const [flags, box] of [
    [['--via', 'exec'], bare.name],
    [['--via', 'exec'], name],
    [['--via', 'runc'], name],
    [['--via', 'nsenter'], name],
  ] as const) {
    const { code, stderr } = await run([...flags, box, ...awk])
    expect({ flags, box, code, stderr }).toEqual({ flags, box, code: 3, stderr: `${words}\n` })
  }
  for (const via of ['exec', 'runc', 'nsenter']) {
    const running = start(['--via', via, '-n', name, 'sh', '-c', `echo "${words}" >&2; exec sleep 7721`])
    await running.said(/exec \/x/, 'stderr')
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(143)
  }
  const many = start(['run', name, '--', 'sh', '-c', `echo "${words}" >&2; exec sleep 7721`])
  await many.said(/exec \/x/, 'stderr')
  many.kill('SIGTERM')
  expect((await many.ended).code).toBe(143)
})

test('run says so of each container, and by a name in PATH it is the same', async () => {
  const { name, id } = boxes.busybox as Container
  await docker().inside(id, ['cp', '/not-run/no-interpreter', '/bin/in-path'])
  for (const words of [
    ['run', name, '--', 'in-path'],
    [name, 'in-path'],
    ['--via', 'nsenter', name, 'in-path'],
  ]) {
    const { code, stderr } = await run(words)
    expect({ code, stderr }).toEqual({
      ...{ code: 127, stderr: expect.stringContaining(`in-path in ${name} cannot be run: its interpreter /nosuch/sh`) },
    })
  }
})

test('carriage returns are named, with what takes them away', async () => {
  const { name } = boxes.busybox as Container
  const { stderr } = await run([name, '/not-run/carriage-returns'])
  expect(stderr).toBe(
    `docker-bash: /not-run/carriage-returns in ${name} cannot be run: its interpreter /bin/sh\\r is not there\n` +
      `  its lines end with a carriage return; take them away: docker-bash ${name} sed -i 's/\\r$//' /not-run/carriage-returns\n`,
  )
})
