/** Reaching an engine: every way there is, and what is said when there is none. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { dl, run } from '../support/cli'
import { container } from '../support/containers'
import { dockerConfig } from '../support/contexts'
import { scratch, sharedEngine } from '../support/engine'
import { openTerminal } from '../support/tmux'

const { host } = sharedEngine()
let name: string
beforeAll(async () => {
  name = (await container({ image: 'busybox' })).name
})
const hello = (flags: string[], env: Record<string, string | undefined> = {}) =>
  run([...flags, name, 'echo', 'hello'], { env: { DOCKER_HOST: undefined, ...env } })

test('-H, --context, DOCKER_HOST, DOCKER_CONTEXT, the current context', async () => {
  const config = dockerConfig({ here: host })
  const store = { DOCKER_CONFIG: config }
  for (const [flags, env] of [
    [['-H', host], { DOCKER_HOST: 'unix:///nowhere' }],
    [['--context', 'here'], { ...store, DOCKER_HOST: 'unix:///nowhere' }],
    [[], { DOCKER_HOST: host }],
    [[], { ...store, DOCKER_CONTEXT: 'here' }],
  ] as const) {
    expect((await hello([...flags], env)).stdout.toString()).toBe('hello\n')
  }
  writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext: 'here' }))
  expect((await hello([], store)).stdout.toString()).toBe('hello\n')
  expect((await dl(['--context', 'here'], { env: { ...store, DOCKER_HOST: undefined } })).code).toBe(0)
})

describe('no engine', () => {
  const refused = async (env: Record<string, string | undefined>) => {
    const { code, stdout, stderr } = await hello([], env)
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    return stderr
  }
  test('no such socket', async () => {
    expect(await refused({ DOCKER_HOST: 'unix:///nowhere.sock' })).toBe(
      'docker-bash: no engine at unix:///nowhere.sock (from DOCKER_HOST): there is no such socket\n' +
        '  start it: sudo systemctl start docker; or name another with -H or --context\n',
    )
  })
  test('nothing listens', async () => {
    expect(await refused({ DOCKER_HOST: 'tcp://127.0.0.1:1' })).toMatch('nothing listens there')
  })
  test('permission denied, for somebody who is not in the docker group', async () => {
    const terminal = await openTerminal({
      columns: 120,
      command: ['setpriv', '--reuid=65534', '--clear-groups', 'docker-bash', 'web', 'true'],
      env: { HOME: '/nonexistent' },
    })
    const screen = await terminal.until(/usermod|sudo/)
    expect(screen).toMatch(/permission denied/)
    expect(screen).toMatch(/docker group/)
    expect((await terminal.exit()).code).toBe(125)
  })
  test('something else listens', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-nonsense\r\n'))
    const path = join(scratch('other'), 'socket')
    await new Promise<void>((ready) => server.listen(path, ready))
    expect(await refused({ DOCKER_HOST: `unix://${path}` })).toMatch(/no engine at unix:/)
    server.close()
  })
  test('an engine of long ago', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nApi-Version: 1.24\r\nContent-Length: 2\r\n\r\nOK'))
    })
    const path = join(scratch('old'), 'socket')
    await new Promise<void>((ready) => server.listen(path, ready))
    expect(await refused({ DOCKER_HOST: `unix://${path}` })).toMatch('speaks API 1.24, which is too old')
    server.close()
  })
})
