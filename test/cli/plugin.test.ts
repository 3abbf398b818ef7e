/** `docker bash`: run by Docker's own client, as its plugin. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensurePackages, findProgram } from '../../scripts/packages.mjs'
import { launch } from '../support/child'
import { type RunOptions, run, shell } from '../support/cli'
import { container } from '../support/containers'
import { dockerConfig } from '../support/contexts'
import { docker } from '../support/docker-api'
import { type Engine, privateEngine, root, scratch } from '../support/engine'
import { surroundings, within } from '../support/environment'
import { nodeOf } from '../support/nodes'
import { waitGone } from '../support/processes'
import { openTerminal } from '../support/tmux'

ensurePackages({ docker: 'docker.io' })
/** Every client there is: the newest one in PATH, and the distribution's. What each can do is asserted, never left out. */
const clients = [...new Set([findProgram('docker') ?? '', '/usr/bin/docker'])]
  .filter((path) => existsSync(path))
  .map((path) => ({ path, major: Number(/version (\d+)/.exec(execFileSync(path, ['--version']).toString())?.[1]) }))

const bashCompletion = '/usr/share/bash-completion/bash_completion'

let engine: Engine
/** Docker's config folder with the plugin in it, and a context called `here`. */
let DOCKER_CONFIG: string
beforeAll(async () => {
  ensurePackages({ zsh: 'zsh', fish: 'fish', [bashCompletion]: 'bash-completion' })
  engine = await privateEngine(['busybox'], { tls: true })
  const on = docker(engine.host)
  for (const name of ['web', 'bash']) {
    await container({ image: 'busybox', name, on, more: { Hostname: `${name}-host` } })
  }
  DOCKER_CONFIG = dockerConfig({ here: engine.host })
  expect((await run(['plugin', 'install'], { place: engine, env: { DOCKER_CONFIG } })).code).toBe(0)
})

/** A line as typed, and what it printed, in which nothing failed. */
async function typed(line: string, options: RunOptions = {}) {
  const { code, stdout, stderr } = await inBash(line, options)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.toString()
}
const inBash = (line: string, options: RunOptions = {}) =>
  shell(line, { ...options, place: engine, env: { DOCKER_CONFIG, ...options.env } })

describe('plugin install', () => {
  const plugin = (words: string[], config: string) =>
    run(['plugin', ...words], { place: engine, env: { DOCKER_CONFIG: config } })

  test('is a link where Docker looks, once; remove takes it away', async () => {
    const config = join(scratch('config'), 'made')
    const link = join(config, 'cli-plugins', 'docker-bash')
    expect((await plugin(['install'], config)).stdout.toString()).toMatch('docker bash works')
    expect(readlinkSync(link)).toBe(join(root, 'bin', 'run.js'))
    expect((await plugin(['install'], config)).stdout.toString()).toMatch('there already')
    expect((await plugin(['remove'], config)).stdout.toString()).toMatch('is gone')
    expect(lstatSync(link, { throwIfNoEntry: false })).toBeUndefined()
    expect((await plugin(['remove'], config)).stdout.toString()).toMatch('there is no')
  })
  test('lies in ~/.docker by itself', async () => {
    const HOME = scratch('home')
    const { code } = await run(['plugin', 'install'], { place: engine, env: { HOME } })
    expect([code, existsSync(join(HOME, '.docker/cli-plugins/docker-bash'))]).toEqual([0, true])
  })
  test("leaves another's program alone, and takes the place of a docker-bash that is gone", async () => {
    const config = scratch('config')
    const link = join(config, 'cli-plugins', 'docker-bash')
    mkdirSync(dirname(link))
    writeFileSync(link, 'mine')
    for (const word of ['install', 'remove']) {
      expect(await plugin([word], config)).toMatchObject({
        code: 125,
        stderr: expect.stringMatching(/is not of docker-bash\n {2}look at it, then move it away: mv /),
      })
    }
    expect(readFileSync(link, 'utf8')).toBe('mine')
    const other = scratch('config')
    mkdirSync(join(other, 'cli-plugins'))
    symlinkSync('/nowhere/bin/run.js', join(other, 'cli-plugins', 'docker-bash'))
    expect((await plugin(['install'], other)).code).toBe(0)
    expect(readlinkSync(join(other, 'cli-plugins', 'docker-bash'))).toBe(join(root, 'bin', 'run.js'))
  })
  test('says what it can do', async () => {
    expect(await plugin([], DOCKER_CONFIG)).toMatchObject({
      code: 125,
      stderr: expect.stringMatching('install or remove'),
    })
  })
})

describe("Docker's client", () => {
  test('lists it', async () => {
    expect(await typed('docker --help')).toMatch(/^ {2}bash\*\s+One command into any container/m)
  })
  test('shows its help', async () => {
    expect(await typed('docker bash --help')).toMatch(/^docker-bash: one command into any container/)
    expect(await typed('docker help bash')).toMatch(/^docker-bash: one command into any container/)
    expect(await typed('docker bash key install --help')).toMatch(/EXAMPLES.*key install/s)
    expect(await typed('docker help bash key install')).toMatch(/EXAMPLES.*key install/s)
  })
  test('asks it for its metadata without a Node', async () => {
    const link = join(DOCKER_CONFIG, 'cli-plugins', 'docker-bash')
    const words = [link, 'docker-cli-plugin-metadata']
    const told = execFileSync(words[0] ?? '', words.slice(1), { env: { PATH: '/usr/bin:/bin' } }).toString()
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(JSON.parse(told)).toMatchObject({ SchemaVersion: '0.1.0', Vendor: expect.any(String), Version: version })
  })
  test('runs commands in a container, also in one called bash', async () => {
    expect(await typed('docker bash web hostname')).toBe('web-host\n')
    expect(await typed('docker bash bash hostname')).toBe('bash-host\n')
    expect(await typed('docker-bash bash hostname')).toBe('bash-host\n')
    expect(await typed('docker bash -c "hostname | tr a-z A-Z" web')).toBe('WEB-HOST\n')
    expect(await typed('docker bash ls')).toMatch(/^web /m)
  })
  test('leaves the words behind TARGET alone', async () => {
    expect(await typed('docker bash web echo -u --help -- -t a b a')).toBe('-u --help -- -t a b a\n')
    expect(await typed('docker bash web echo --context bash -H')).toBe('--context bash -H\n')
  })
  test('is not a parent of what the session starts: bash stays a TARGET there', async () => {
    expect(await typed('DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND=x docker-bash web hostname')).toBe('web-host\n')
  })
})

describe("Docker's own flags", () => {
  const nowhere = { env: { DOCKER_HOST: 'unix:///nowhere' } }
  test.each(['--context here', '--context=here', '-c here', '-c=here', '-D --context here --log-level error'])(
    '%s',
    async (flags) => {
      expect(await typed(`docker ${flags} bash web hostname`, nowhere)).toBe('web-host\n')
    },
  )
  test('-H', async () => {
    expect(await typed(`docker -H ${engine.host} bash web hostname`, nowhere)).toBe('web-host\n')
    expect(await typed(`docker --host=${engine.host} bash web hostname`, nowhere)).toBe('web-host\n')
  })
  test('--config', async () => {
    const options = { env: { DOCKER_CONFIG: undefined, DOCKER_HOST: undefined } }
    expect(await typed(`docker --config ${DOCKER_CONFIG} --context here bash web hostname`, options)).toBe('web-host\n')
  })
  test('--tls…', async () => {
    const { host = '', certPath = '' } = engine.tls ?? {}
    // Under names of their own, so that no folder is enough.
    const folder = scratch('tls')
    for (const name of ['ca', 'cert', 'key']) symlinkSync(join(certPath, `${name}.pem`), join(folder, `my-${name}`))
    const files = `--tlscacert ${folder}/my-ca --tlscert ${folder}/my-cert --tlskey ${folder}/my-key`
    expect(await typed(`docker --tlsverify ${files} -H ${host} bash web hostname`, nowhere)).toBe('web-host\n')
    const env = { DOCKER_CERT_PATH: certPath, DOCKER_HOST: 'unix:///nowhere' }
    expect(await typed(`docker --tls -H ${host} bash web hostname`, { env })).toBe('web-host\n')
    expect((await inBash(`docker -H ${host} bash web hostname`, nowhere)).code).toBe(125)
    const asked = await typed(`docker-bash __complete -H ${host} we`, { env: { ...env, DOCKER_TLS_VERIFY: '1' } })
    expect(asked).toMatch(/^web\t/)
  })
  test('ours count, too', async () => {
    expect(await typed('docker bash --context here web hostname', nowhere)).toBe('web-host\n')
  })
})

describe('the session is as without it', () => {
  test('exit codes', async () => {
    for (const code of [0, 1, 42, 125, 126, 127, 137, 255]) {
      expect((await inBash(`docker bash web sh -c 'exit ${code}'`)).code).toBe(code)
    }
    expect((await inBash("docker bash web sh -c 'kill -KILL $$'")).code).toBe(137)
    expect((await inBash('docker bash web nosuch')).code).toBe(127)
    expect(await inBash('docker bash nosuch true')).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/^docker-bash: no container named nosuch\n {2}\S/),
    })
  })
  test('bytes, both ways', async () => {
    const input = randomBytes(3_000_000)
    const { code, stdout, stderr } = await inBash('docker bash web sh -c "cat; echo err >&2"', { input })
    expect({ code, stderr, same: stdout.equals(input) }).toEqual({ code: 0, stderr: 'err\n', same: true })
  })
  test('a terminal: its size, its keys, and its settings afterwards', async () => {
    const terminal = await openTerminal({ columns: 90, rows: 30, place: engine, env: { DOCKER_CONFIG } })
    const line = async (text: string) => {
      await terminal.type(text)
      await terminal.keys('Enter')
    }
    const settings = async (tag: string) => {
      await line(`clear; stty -g; echo ${tag}`)
      return /^[0-9a-f:]{20,}/m.exec((await terminal.until(new RegExp(`^${tag}$`, 'm'))).replaceAll('\n', ' \n'))?.[0]
    }
    const before = await settings('before')
    await line(`clear; docker bash web sh -c 'trap "echo caught; exit 33" INT; stty size; while :; do sleep 0.1; done'`)
    await terminal.until(/^30 90$/m)
    await terminal.keys('C-c')
    await terminal.until(/caught/)
    await line('echo code $?')
    await terminal.until(/^code 33$/m)
    expect(await settings('after')).toBe(before)
  })
})

describe('signals to the client', () => {
  const begin = (script: string, { node = process.execPath, client = 'docker' } = {}) => {
    const bin = scratch('bin')
    symlinkSync(node, join(bin, 'node'))
    const PATH = `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
    const { env, clear } = surroundings({ DOCKER_CONFIG, PATH }, engine)
    const running = launch(within(engine, [client, 'bash', 'web', 'sh', '-c', script]), env, {})
    running.ended.finally(clear).catch(() => undefined)
    return running
  }
  for (const { path, major } of clients) {
    const ofClient = `by ${path}, release ${major}`
    const ended = async (script: string, signal: NodeJS.Signals, node?: string) => {
      const running = begin(script, { client: path, ...(node && { node }) })
      await running.said(/ready/)
      running.kill(signal)
      const { code, stdout } = await running.ended
      return { code, stdout: stdout.toString() }
    }
    // Clients before 25 swallow what they are told to end by, and tell their plugins nothing.
    if (major < 25) {
      test(`SIGTERM and SIGINT never come as far as us, ${ofClient}`, async () => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) {
          const script = 'trap "echo got; exit 7" TERM INT; echo ready; sleep 1; echo on'
          expect(await ended(script, signal)).toEqual({ code: 0, stdout: 'ready\non\n' })
        }
      })
      continue
    }
    test.each([20, 22, 24])(
      `SIGTERM and SIGINT reach the command as SIGTERM, ${ofClient}, on Node %i`,
      async (node) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) {
          const script = 'trap "echo got; exit 7" TERM; echo ready; while :; do sleep 0.1; done'
          expect(await ended(script, signal, await nodeOf(node))).toEqual({ code: 7, stdout: 'ready\ngot\n' })
        }
      },
    )
  }
  test('one further up does not matter: what was left running goes on', async () => {
    const line = "{ docker-bash web sh -c 'sleep 2; echo done' & } 2>&1"
    expect(await typed(line, { env: { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' } })).toBe('done\n')
  })
  test('ctrl-c at a terminal whose output is piped comes once', async () => {
    const terminal = await openTerminal({ place: engine, env: { DOCKER_CONFIG } })
    const script = `trap "echo int >&2" INT; trap "echo term >&2" TERM; echo ready >&2; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; done; echo end >&2`
    await terminal.type(`clear; docker bash web sh -c '${script}' | cat`)
    await terminal.keys('Enter')
    await terminal.until(/^ready/m)
    await terminal.keys('C-c')
    const screen = await terminal.until(/^end/m, 15_000)
    expect(screen.match(/(int|term)$/gm)).toEqual(['int'])
  })
  test('kill -9 leaves nothing inside', async () => {
    const running = begin('trap "" HUP TERM INT; echo ready; sleep 7101; sleep 7102')
    await running.said(/ready/)
    running.kill('SIGKILL')
    const on = docker(engine.host)
    await waitGone((await on.inspect('web')).Id, /sleep 710[12]/, 30_000, on)
  })
})

describe('completion', () => {
  for (const { path: client, major } of clients) {
    // Before 23, Docker's client did not ask its plugins.
    if (major < 23) {
      test(`${client}, release ${major}, asks no plugin`, async () => {
        expect((await inBash(`${client} __complete bash we`)).stdout.toString()).toBe(':0\n')
      })
      continue
    }
    test(`${client}, release ${major}, asks us`, async () => {
      expect((await inBash(`${client} __complete bash we`)).stdout.toString()).toMatch(/^web\t.*\n:4\n$/s)
      const nowhere = { env: { DOCKER_HOST: 'unix:///nowhere' } }
      expect((await inBash(`${client} __complete --context here bash we`, nowhere)).stdout.toString()).toMatch(/^web\t/)
      expect((await inBash(`${client} __complete bash we`, nowhere)).stdout.toString()).toBe(':4\n')
      expect((await inBash(`${client} __completeNoDesc bash key inst`)).stdout.toString()).toMatch(/^install\b/)
      expect((await inBash(`${client} __complete bash ba`)).stdout.toString()).toMatch(/^bash\t/)
    })
    test.each(['bash', 'zsh', 'fish'])(`%s, by the script of \`${client} completion\``, async (name) => {
      const HOME = scratch(name)
      mkdirSync(join(HOME, '.config/fish'), { recursive: true })
      writeFileSync(join(HOME, '.config/fish/config.fish'), `set fish_greeting\n${client} completion fish | source\n`)
      writeFileSync(
        join(HOME, '.bashrc'),
        `PS1='> '\n. ${bashCompletion}\n. <(${client} completion bash)\nbind 'set enable-bracketed-paste off'\n`,
      )
      writeFileSync(join(HOME, '.zshrc'), `autoload -Uz compinit; compinit -u; source <(${client} completion zsh)\n`)
      const env = { HOME, DOCKER_CONFIG, PS1: 'ready> ' }
      const terminal = await openTerminal({ columns: 120, command: [name, '-i'], place: engine, env })
      const prompt = /[>#] *$/
      await terminal.until(prompt, 30_000)
      for (const [line, whole] of [
        ['docker bash we', 'docker bash web'],
        ['docker --context here bash we', 'docker --context here bash web'],
        ['docker bash --via ns', 'docker bash --via nsenter'],
      ] as const) {
        await terminal.type(line)
        await terminal.keys('Tab')
        await terminal.until(new RegExp(`[>#] ${whole}\\s*$`), 20_000)
        await terminal.keys('C-c')
        // What is typed before that may go to nobody.
        await terminal.until(prompt, 20_000)
      }
    })
  }
})
