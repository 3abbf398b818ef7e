/** A folder to begin in is the container's, whatever its image, its label or the caller's own descriptors say. */
import { run } from '../support/cli'
import { container } from '../support/containers'
import { asNobody } from '../support/nobody'

const ways = ['nsenter', 'debug', 'runc'] as const

/** Has a descriptor open at `/` that every child gets, as a script's `exec 99</` has. */
const withRoot = ['sh', '-c', 'exec bash -c \'exec 99</ 17</ 3</; exec "$@"\' bash "$@"', 'sh']

/** The host’s, seen from the folder that a command begins in. */
const marker = __dirname.slice(1)

test.each(ways)('%s: not a folder that the caller has open', async (via) => {
  const labels = { 'docker-bash.workdir': '/proc/self/fd/99' }
  const labelled = await container({ image: 'debian', labels })
  const linked = await container({ image: 'debian', labels: { 'docker-bash.workdir': '/out' } })
  await run(['--via', 'exec', '-w', '/', linked.name, 'ln', '-s', '/proc/self/fd/17', '/out'])
  for (const words of [[labelled.name], [linked.name], ['-w', '/proc/self/fd/3', linked.name]]) {
    const { code, stdout, stderr } = await run(['--via', via, ...words, 'ls', '-d', marker, '.'], { under: withRoot })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(/there is no folder/)
  }
})

test.each(ways)('%s: not one that a link of the kernel’s leads to, out of the root', async (via) => {
  const { name } = await container({ image: 'debian', hostConfig: { PidMode: 'host', CapAdd: ['SYS_PTRACE'] } })
  const folder = `/proc/${process.pid}/cwd`
  const { code, stdout } = await run(['--via', via, '-w', folder, name, 'ls', '-d', 'package.json', '.'])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
})

test.each(['0', '4711'])('debug by a container beside, as %s: not out of the root either', async (user) => {
  const { name } = await container({ image: 'debian', hostConfig: { PidMode: 'host' } })
  const folder = `/proc/${process.pid}/cwd`
  const words = ['--via', 'debug', '-u', user, '-w', folder, name, 'ls', '-d', 'package.json', '.']
  const { code, stdout, stderr } = await run(words, { under: asNobody(), cwd: '/' })
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
  expect(stderr).toMatch(/there is no folder/)
})
