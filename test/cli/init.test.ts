/** `docker-bash init`: files, flags, questions; never over what is there. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../support/cli'
import { scratch } from '../support/engine'
import { keyring, modeOf } from '../support/keyring'
import { openTerminal, type Terminal } from '../support/tmux'

/** All files below a folder. */
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

const begin = (folder: string, ...words: string[]) => run(['init', folder, ...words])

function newKey(path: string, comment = 'me@here'): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path])
  return readFileSync(`${path}.pub`, 'utf8').trim()
}

test('a Dockerfile, a service and a start-up script, and what to type next', async () => {
  const folder = join(scratch('init'), 'My Web')
  const { code, stdout, stderr } = await begin(folder, '--no-ssh')
  expect([code, stderr]).toEqual([0, ''])
  expect(filesIn(folder)).toEqual(['Dockerfile', 'my_init.d/10_app.sh', 'service/app/run'])
  expect([modeOf(join(folder, 'service/app/run')), modeOf(join(folder, 'my_init.d/10_app.sh'))]).toEqual([0o755, 0o755])
  expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toMatch(
    /^FROM docker-bash-base\n[\s\S]*RUN rm -rf \/etc\/service\/sshd /,
  )
  expect(readFileSync(join(folder, 'service/app/run'), 'utf8')).toMatch(/^#!\/bin\/sh\n[\s\S]*\nexec sleep infinity\n$/)
  expect(stdout.toString().split('next\n')[1]).toBe(
    `  docker-bash image build\n  docker build -t my-web '${folder}'\n  docker run -d --name my-web my-web\n  docker-bash my-web\n`,
  )
})

test('every answer as a flag', async () => {
  const folder = scratch('init')
  const key = newKey(join(scratch('keys'), 'id'), "it's $(me) \\n `here`")
  const file = join(scratch('keys'), 'other.pub')
  writeFileSync(file, `${key}\n`)
  const flags = ['--name', 'shop', '--base', 'my/base:1', '--service', 'api-2', '--command', 'node x.js', '--key', file]
  const { code, stdout } = await begin(folder, ...flags, '--yes')
  expect(code).toBe(0)
  expect(stdout.toString()).not.toMatch(/image build/)
  const Dockerfile = readFileSync(join(folder, 'Dockerfile'), 'utf8')
  expect(Dockerfile).toMatch(/^FROM my\/base:1\n/)
  const [type, blob] = key.split(' ')
  expect(Dockerfile).toContain(`echo '${type} ${blob} it_s _me_ _n _here_' >>/root/.ssh/authorized_keys`)
  expect(readFileSync(join(folder, 'service/api-2/run'), 'utf8')).toMatch(/\nexec node x\.js\n$/)
  const insecure = scratch('init')
  await begin(insecure, '--insecure-key')
  expect(readFileSync(join(insecure, 'Dockerfile'), 'utf8')).toMatch(
    /\/sshd\/down\nRUN \/usr\/sbin\/enable_insecure_key/,
  )
})

test('a command of any kind arrives in the shell as it was', async () => {
  const command = `printf '%s\\n' "it's" '$HOME' "a;b" | tr a-z A-Z; exit 3`
  const folder = scratch('init')
  await begin(folder, '--no-ssh', '--command', command)
  const ran = spawnSync(join(folder, 'service/app/run'), { encoding: 'utf8' })
  expect([ran.status, ran.stdout]).toEqual([3, "IT'S\n$HOME\nA;B\n"])
})

test('the key: ours, else one of ~/.ssh, else an error that names the flags', async () => {
  const user = keyring()
  const env = { HOME: user.home }
  const made = async () => {
    const folder = scratch('init')
    const { code, stderr } = await user.run(['init', folder], { env })
    return code === 0 ? readFileSync(join(folder, 'Dockerfile'), 'utf8') : stderr
  }
  expect(await made()).toMatch(/no public key of yours[\s\S]*--key FILE\.pub[\s\S]*--insecure-key, or --no-ssh\n$/)
  mkdirSync(join(user.home, '.ssh'))
  newKey(join(user.home, '.ssh', 'a'), 'a')
  writeFileSync(join(user.home, '.ssh', '0.pub'), 'no key\n')
  const theirs = newKey(join(user.home, '.ssh', 'id_ed25519'), 'theirs')
  expect(await made()).toContain(theirs)
  await user.run(['key', 'generate', 'default'])
  expect(await made()).toMatch(/ docker-bash_? default /)
})

describe('never overwrites', () => {
  test('all that is there is named, and nothing written', async () => {
    const folder = scratch('init')
    writeFileSync(join(folder, 'Dockerfile'), 'mine')
    mkdirSync(join(folder, 'my_init.d'))
    symlinkSync('/nowhere', join(folder, 'my_init.d', '10_app.sh'))
    const { code, stdout, stderr } = await begin(folder, '--no-ssh')
    expect([code, stdout.toString()]).toEqual([125, ''])
    expect(stderr).toMatch(
      /2 files are there already, and nothing was written\n {2}Dockerfile\n {2}my_init\.d\/10_app\.sh\n/,
    )
    expect(filesIn(folder)).toEqual(['Dockerfile', 'my_init.d/10_app.sh'])
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe('mine')
  })

  test('what was begun goes again when it cannot be finished', async () => {
    const folder = scratch('init')
    writeFileSync(join(folder, 'my_init.d'), 'a file')
    const { code, stderr } = await begin(folder, '--no-ssh')
    expect([code, stderr]).toEqual([125, expect.stringMatching(/cannot write to .*: E[A-Z]+\n/)])
    expect(filesIn(folder)).toEqual(['my_init.d'])
    expect(readdirSync(folder)).toEqual(['my_init.d'])
  })
})

test.each([
  [['--service', '../x'], /invalid value "\.\.\/x" for --service/],
  [['--service', 'a b'], /invalid value "a b" for --service/],
  [['--name', '-x$(id)'], /invalid value .* for --name/],
  [['--base', 'x\nRUN id'], /invalid value .* for --base/s],
  [['--command', 'a\nb'], /invalid value .* for --command/s],
  [['--command', ''], /invalid value "" for --command/],
  [['--key', '/nowhere.pub'], /cannot read \/nowhere\.pub: there is no such file/],
  [['--key', 'x', '--no-ssh'], /--no-ssh/],
])('%j is refused, and nothing written', async (flags, said) => {
  const folder = scratch('init')
  const { code, stderr } = await begin(folder, ...flags)
  expect([code, stderr]).toEqual([125, expect.stringMatching(said)])
  expect(readdirSync(folder)).toEqual([])
})

test('a private key is not taken, and not shown', async () => {
  const path = join(scratch('keys'), 'id')
  newKey(path)
  const { code, stderr } = await begin(scratch('init'), '--key', path)
  expect([code, stderr]).toEqual([
    125,
    `docker-bash: ${path} is a private key\n  name its public half: --key ${path}.pub\n`,
  ])
})

describe('at a terminal', () => {
  const typed = async (line: string): Promise<Terminal> => {
    const terminal = await openTerminal({ columns: 100 })
    await terminal.type(`${line}; echo "code $?"`)
    await terminal.keys('Enter')
    return terminal
  }

  test('asks for what no flag said', async () => {
    const folder = join(scratch('init'), 'web')
    const terminal = await typed(`docker-bash init ${folder} --command true`)
    await terminal.until(/name of the image and the container \(?web\)?/)
    await terminal.keys('Enter')
    await terminal.until(/built on/)
    await terminal.keys('Down', 'Enter')
    await terminal.until(/name of the service/)
    await terminal.type('No')
    await terminal.keys('Enter')
    await terminal.until(/called by small letters/)
    await terminal.keys('BSpace', 'BSpace')
    await terminal.type('jobs')
    await terminal.keys('Enter')
    await terminal.until(/who logs in by SSH/)
    await terminal.keys('Enter')
    expect(await terminal.until(/^code 0$/m)).not.toMatch(/what it runs/)
    expect(filesIn(folder)).toEqual(['Dockerfile', 'my_init.d/10_jobs.sh', 'service/jobs/run'])
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toMatch(
      /^FROM phusion\/baseimage:[\s\S]*enable_insecure_key/,
    )
  })

  test('ctrl-c at a question: 130, and nothing written', async () => {
    const folder = join(scratch('init'), 'web')
    mkdirSync(folder)
    const terminal = await typed(`docker-bash init ${folder}`)
    await terminal.until(/name of the image/)
    await terminal.keys('Enter')
    await terminal.until(/built on/)
    await terminal.keys('C-c')
    await terminal.until(/^code 130$/m)
    expect(readdirSync(folder)).toEqual([])
  })

  test('what is in the way is said before the first question', async () => {
    const folder = scratch('init')
    writeFileSync(join(folder, 'Dockerfile'), '')
    const terminal = await typed(`docker-bash init ${folder}`)
    expect(await terminal.until(/^code 125$/m)).toMatch(/Dockerfile is there already/)
  })

  test('--yes asks nothing', async () => {
    const folder = scratch('init')
    const terminal = await typed(`docker-bash init --yes --no-ssh ${folder}`)
    expect(await terminal.until(/^code 0$/m)).not.toMatch(/^(\?|✔)/m)
    expect(filesIn(folder)).toHaveLength(3)
  })
})
