import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { locateEndpoint, parseHost } from '../../../src/lib/engine/endpoint'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'docker-bash-endpoint-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const locate = (choice: { host?: string; context?: string }, env: NodeJS.ProcessEnv = {}) =>
  locateEndpoint(choice, { env, home, uid: 1000 })
const write = (path: string, content: object | string) => {
  const file = join(home, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}
const context = (name: string, host: string, more: object = {}) => {
  const digest = createHash('sha256').update(name).digest('hex')
  const meta = { Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false, ...more } } }
  write(`.docker/contexts/meta/${digest}/meta.json`, meta)
  return digest
}

describe("Docker's own order", () => {
  test('-H, --context, DOCKER_HOST, DOCKER_CONTEXT, current context, default socket', () => {
    context('one', 'unix:///one')
    context('two', 'unix:///two')
    context('three', 'unix:///three')
    write('.docker/config.json', { currentContext: 'three' })
    const env = { DOCKER_HOST: 'unix:///env', DOCKER_CONTEXT: 'two' }
    expect(locate({ host: 'unix:///flag' }, env)).toMatchObject({ path: '/flag', from: '-H' })
    expect(locate({ context: 'one' }, env)).toMatchObject({ path: '/one', from: '--context one' })
    expect(locate({}, env)).toMatchObject({ path: '/env', from: 'DOCKER_HOST' })
    expect(locate({}, { DOCKER_CONTEXT: 'two' })).toMatchObject({ path: '/two', from: 'DOCKER_CONTEXT two' })
    expect(locate({})).toMatchObject({ path: '/three', from: 'current context three' })
    rmSync(join(home, '.docker/config.json'))
    expect(locate({})).toMatchObject({ kind: 'unix', from: 'the default socket' })
  })
  test('a rootless socket is found where there is no other', () => {
    write('run/docker.sock', '')
    const { host } = locate({}, { XDG_RUNTIME_DIR: join(home, 'run') })
    expect(['unix:///var/run/docker.sock', `unix://${join(home, 'run/docker.sock')}`]).toContain(host)
  })
  test('the context named default is not a context', () => {
    expect(locate({ context: 'default' }, { DOCKER_HOST: 'unix:///env' })).toMatchObject({ path: '/env' })
    write('.docker/config.json', { currentContext: 'default' })
    expect(locate({})).toMatchObject({ from: 'the default socket' })
  })
  test('DOCKER_CONFIG moves the store', () => {
    context('one', 'unix:///one')
    expect(() => locate({ context: 'one' }, { DOCKER_CONFIG: '/nowhere' })).toThrow('no Docker context named one')
  })
})

describe('a host', () => {
  test.each([
    ['unix:///x.sock', { kind: 'unix', path: '/x.sock' }],
    ['/x.sock', { kind: 'unix', path: '/x.sock' }],
    ['unix://', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['unix://path/to/socket', { kind: 'unix', path: 'path/to/socket' }],
    ['tcp://box', { kind: 'tcp', hostname: 'box', port: 2375 }],
    // The port of HTTP is a port like any other here.
    ['tcp://box:80', { kind: 'tcp', hostname: 'box', port: 80 }],
    ['tcp://box:', { kind: 'tcp', hostname: 'box', port: 2375 }],
    ['tcp://', { kind: 'tcp', hostname: 'localhost', port: 2375 }],
    ['tcp://:2376', { kind: 'tcp', hostname: 'localhost', port: 2376 }],
    ['tcp://0.0.0.0:8080', { kind: 'tcp', hostname: '0.0.0.0', port: 8080 }],
    ['tcp://192.168:8080', { kind: 'tcp', hostname: '192.168', port: 8080 }],
    ['tcp://docker_host.example:1', { kind: 'tcp', hostname: 'docker_host.example', port: 1 }],
    ['tcp://[0:0:0:0:0:0:0:1]:', { kind: 'tcp', hostname: '0:0:0:0:0:0:0:1', port: 2375 }],
    ['tcp://[::1]', { kind: 'tcp', hostname: '::1', port: 2375 }],
    ['tcp://[fe80::1%25eth0]:80', { kind: 'tcp', hostname: 'fe80::1%eth0', port: 80 }],
    ['tcp://[fe80::1%eth0]:80', { kind: 'tcp', hostname: 'fe80::1%eth0', port: 80 }],
    [' tcp://box:99 \r\n', { kind: 'tcp', hostname: 'box', port: 99, host: 'tcp://box:99' }],
    ['\tunix:///x.sock\r', { kind: 'unix', path: '/x.sock', host: 'unix:///x.sock' }],
    [' ssh://box\n', { kind: 'ssh', sshArgs: ['--', 'box'] }],
    ['box:99', { kind: 'tcp', hostname: 'box', port: 99 }],
    ['tcp://[::1]:99', { kind: 'tcp', hostname: '::1', port: 99 }],
    ['ssh://box', { kind: 'ssh', sshArgs: ['--', 'box'] }],
    ['ssh://me@box:2222', { kind: 'ssh', sshArgs: ['-l', 'me', '-p', '2222', '--', 'box'] }],
    ['ssh://box/run/x.sock', { kind: 'ssh', sshArgs: ['--', 'box'], socket: '/run/x.sock' }],
  ])('%s', (host, endpoint) => {
    expect(parseHost(host, '-H')).toMatchObject(endpoint)
  })
  test.each([
    ...['ftp://box', 'tcp://bad host', 'ssh://', 'npipe:////./pipe/docker_engine', '://', 'unknown://', 'fd://'],
    ...['something with spaces', 'tcp://:port', 'tcp://box:port', 'tcp://box:99999', 'tcp://1:2:3', 'tcp://::1:99'],
    ...[
      'udp://127.0.0.1',
      'tcp://unix:///x.sock',
      'tcp:box',
      'tcp://me@box',
      'tcp://box:1/path',
      'http://box',
      'https://box',
    ],
    ...['tcp://box\n:1', 'tcp://[::1', 'tcp://[x]:1'],
  ])('%j is refused with a hint', (host) => {
    expect(() => parseHost(host, '-H')).toThrow(
      expect.objectContaining({ code: 125, hint: expect.stringMatching('unix://') }),
    )
  })
  test('a password in an ssh URL is refused, and not repeated', () => {
    const error = caught(() => parseHost('ssh://me:secret@box', 'DOCKER_HOST'))
    expect(`${error.message} ${error.hint}`).not.toMatch('secret')
  })
  test('a host that looks like an option of ssh cannot be one', () => {
    expect(parseHost('ssh://-oProxyCommand=x', '-H')).toMatchObject({ sshArgs: ['--', expect.any(String)] })
  })
})

describe('TLS', () => {
  test('DOCKER_TLS_VERIFY and DOCKER_CERT_PATH hold for DOCKER_HOST and -H', () => {
    for (const name of ['ca', 'cert', 'key']) write(`certs/${name}.pem`, name)
    const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(home, 'certs'), DOCKER_HOST: 'tcp://box' }
    const tls = { ca: join(home, 'certs/ca.pem'), key: join(home, 'certs/key.pem'), verify: true }
    expect(locate({}, env)).toMatchObject({ port: 2376, tls })
  })
  test("a context's own files and its SkipTLSVerify", () => {
    const digest = context('prod', 'tcp://box:2376', { SkipTLSVerify: true })
    const ca = write(`.docker/contexts/tls/${digest}/docker/ca.pem`, 'ca')
    expect(locate({ context: 'prod' })).toMatchObject({ tls: { ca, verify: false } })
    context('plain', 'tcp://box:2375')
    expect(locate({ context: 'plain' })).not.toHaveProperty('tls')
  })
})

describe('what is wrong is said', () => {
  test('an unknown context names those there are', () => {
    context('prod', 'unix:///x')
    expect(caught(() => locate({ context: 'prd' }))).toMatchObject({
      message: 'no Docker context named prd',
      hint: expect.stringMatching('prod'),
      code: 125,
    })
  })
  test('a damaged store or config', () => {
    const digest = context('prod', 'unix:///x')
    write(`.docker/contexts/meta/${digest}/meta.json`, '{')
    expect(() => locate({ context: 'prod' })).toThrow('damaged')
    write(`.docker/contexts/meta/${digest}/meta.json`, '{}')
    expect(() => locate({ context: 'prod' })).toThrow('no Docker endpoint')
  })
  test.each([
    ['empty', '', undefined],
    ['blank', ' \n', undefined],
    ['no JSON', '{"currentContext": "prod"', /config.json: it is not valid JSON/],
    ['with a BOM', '\ufeff{"currentContext": "prod"}', /it is not valid JSON/],
    ['a folder', undefined, /config.json: it is (?:a folder|no regular file)|not a regular file|directory/],
  ])('a config file that is %s is worth a warning at most, as for docker', (_, text, warning) => {
    if (text === undefined) mkdirSync(join(home, '.docker/config.json'), { recursive: true })
    else write('.docker/config.json', text)
    const warn = jest.fn()
    expect(locateEndpoint({}, { env: {}, home, uid: 1000, warn })).toMatchObject({ from: 'the default socket' })
    expect(warn.mock.calls).toEqual(warning ? [[expect.stringMatching(warning)]] : [])
  })
  test('-H and --context together', () => {
    expect(() => locate({ host: 'unix:///x', context: 'y' })).toThrow('both')
  })
})

function caught(body: () => unknown): { message: string; hint?: string } {
  try {
    body()
  } catch (error) {
    return error as { message: string; hint?: string }
  }
  throw new Error('nothing was thrown')
}
