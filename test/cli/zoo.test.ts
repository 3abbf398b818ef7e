/** A usable shell in every kind of container there is: by the plain command, or by the one that it names. */

import { call } from '../../scripts/engine-http.mjs'
import { processes } from '../../scripts/proc.mjs'
import { run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { images, type Place, sharedEngine } from '../support/engine'
import { processesOf, waitForProcess } from '../support/processes'
import { openTerminal } from '../support/tmux'
import { until } from '../support/until'
import { zoo } from '../support/zoo'

const kinds = [...zoo]

test('there are at least 35 kinds', () => {
  // And an image that never ran.
  expect(kinds.length + 1).toBeGreaterThanOrEqual(35)
})

/** A shell at a terminal, by the words that are typed; it has to answer. */
async function answers(words: readonly string[], place: Place = sharedEngine()): Promise<void> {
  const terminal = await openTerminal({ command: ['docker-bash', ...words], place })
  await terminal.until(/[#$] ?$/, 20_000)
  await terminal.type('echo answer $((6 * 7))')
  await terminal.keys('Enter')
  await terminal.until(/^answer 42$/m)
  await terminal.type('exit 6')
  await terminal.keys('Enter')
  expect(await terminal.exit()).toEqual({ code: 6 })
  await terminal.kill()
}

describe('what runs is entered by docker-bash TARGET', () => {
  const running = kinds.filter(([, { via }]) => via !== 'copy' && via !== 'unpause')
  test.each(running)('%s', async (_, { via, make, place: where }) => {
    const { name, id } = await make()
    const place = (await where?.()) ?? sharedEngine()
    const api = docker(place.host)
    // All of them do nothing but sleep, once they have come so far.
    await waitForProcess(id, /sleep/, 5_000, api)
    const before = (await processesOf(id, api)).length
    const script = 'echo "in $((6 * 7)) $1"; exit 5'
    const { code, stdout, stderr } = await run(['-v', '-c', script, name, 'word'], { place })
    expect({ code, stdout: stdout.toString(), stderr }).toMatchObject({ code: 5, stdout: 'in 42 word\n' })
    expect(stderr).toMatch(`by ${via},`)
    expect(/has no shell: tools are brought along/.test(stderr)).toBe(via === 'debug')
    await answers([name], place)
    const inspected = await api.inspect(id)
    expect(inspected.State.Running).toBe(true)
    // The host's processes come and go as they like.
    const left = async () => (await processesOf(id, api)).map(({ line }) => line)
    if (!/^host PIDs/.test(_)) {
      // What watched over the session goes a moment after it.
      await until(
        async () => (await left()).length === before,
        2_500,
        async () => (await left()).join('\n'),
      )
    }
    if (via === 'debug') expect(await call(place.host, 'GET', `/containers/${id}/changes`)).toBeNull()
  })
})

describe('what does not run is looked at in a copy, which the plain command names', () => {
  const still = kinds.filter(([, { via }]) => via === 'copy')
  test.each(still)('%s', async (_, { make }) => {
    const made = await make()
    const { name } = made
    const refused = await run([name, 'true'])
    expect(refused).toMatchObject({ code: 125, stdout: Buffer.alloc(0) })
    expect(refused.stderr).toMatch(`docker-bash debug ${name}`)
    const before = await snapshot(made)
    const { code, stdout } = await run(['debug', '-c', 'echo "in $((6 * 7)) $1"; exit 5', name, 'word'])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 5, stdout: 'in 42 word\n' })
    await answers(['debug', name])
    expect(await snapshot(made)).toEqual(before)
    expect(await copiesOf(made)).toEqual([])
  })

  test('one that keeps ending, at whatever moment it is found: in it or in a copy', async () => {
    const cmd = ['sh', '-c', 'sleep 0.3; exit 9']
    const { name } = await container({ image: 'busybox', cmd, hostConfig: { RestartPolicy: { Name: 'always' } } })
    for (let moment = 0; moment < 4; moment++) {
      const { code, stderr } = await run(['debug', '-c', 'exit 5', name])
      // What runs in the container ends with it.
      if (code !== 137) expect({ code, stderr }).toEqual({ code: 5, stderr })
    }
  })

  test('at a terminal with one key, and not with another', async () => {
    const exited = zoo.get('exited')
    if (!exited) throw new Error('no such kind')
    const { name } = await exited.make()
    const yes = await openTerminal({ command: ['docker-bash', name] })
    await yes.until(/look around in a copy now\?/)
    await yes.keys('y')
    await yes.until(/last words[\s\S]*[#$] ?$/, 20_000)
    await yes.type('exit 8')
    await yes.keys('Enter')
    expect(await yes.exit()).toEqual({ code: 8 })
    const no = await openTerminal({ command: ['docker-bash', name] })
    await no.until(/look around in a copy now\?/)
    await no.keys('n')
    expect(await no.exit()).toEqual({ code: 125 })
  })

  test('what was typed before the question is not an answer, and nobody’s command; ctrl-c and signals leave the terminal as it was', async () => {
    const exited = zoo.get('exited')
    if (!exited) throw new Error('no such kind')
    const { name } = await exited.make()
    const terminal = await openTerminal({ command: ['sh', '-i'] })
    const enter = async (line: string) => {
      await terminal.type(line)
      await terminal.keys('Enter')
    }
    const asked = async (line: string) => {
      await enter(`clear; ${line}; echo "ended $?"`)
      await terminal.until(/look around in a copy now\?/)
    }
    const modes = async () => {
      await enter('clear; echo "modes $(stty -g)"')
      return /modes .*/.exec(await terminal.until(/modes \S+:\S/))?.[0]
    }
    const before = await modes()
    await enter(`sleep 1; docker-bash ${name}; echo "ended $?"`)
    await enter('yes; touch ahead')
    await terminal.until(/look around in a copy now\?/)
    await terminal.keys('C-c')
    // A shell leaves the rest of its line undone, too.
    await terminal.until(/for no\s+\$$/)
    await enter('echo "ended $?"')
    await terminal.until(/ended 130/)
    await asked(`docker-bash ${name}`)
    const asking = processes().find(({ args }) => args[0] === 'node' && args.includes(name))
    process.kill(asking?.pid ?? Number.NaN, 'SIGTERM')
    await terminal.until(/ended 143/)
    await asked(`docker-bash ${name}`)
    await terminal.keys('C-z')
    await terminal.until(/ended 125/)
    await enter('clear; ls; echo listed')
    expect(await terminal.until(/^listed/m)).not.toMatch('ahead')
    expect(await modes()).toBe(before)
    await terminal.kill()
  })
})

test('an image that never ran', async () => {
  const { code, stdout } = await run(['debug', '-c', 'ls /bare; exit 5', images.bare])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 5, stdout: '/bare\n' })
  await answers(['debug', images.bare])
})

test('paused: says so; with --unpause for the length of the session', async () => {
  const paused = zoo.get('paused')
  if (!paused) throw new Error('no such kind')
  const { name, id } = await paused.make()
  const refused = await run(['debug', name])
  expect(refused.stderr).toMatch(/is paused[\s\S]*--unpause/)
  expect((await run([name, 'true'])).code).toBe(125)
  const { code, stdout } = await run(['debug', '--unpause', '-c', 'echo in', name])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
  expect((await docker().inspect(id)).State.Paused).toBe(true)
  const copy = await run(['debug', '--copy', '-c', 'echo copy', name])
  expect(copy.stdout.toString()).toBe('copy\n')
  await docker().act('unpause', id)
})

/** What must not change; a container that keeps crashing changes by itself. */
async function snapshot({ id }: Container) {
  const { State, Config, Created } = await docker().inspect(id)
  return { Config, Created, status: State.Status === 'running' ? 'restarting' : State.Status }
}

async function copiesOf({ id }: Container): Promise<unknown> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`docker-bash.debug=${id}`] }))
  return call(docker().host, 'GET', `/containers/json?all=1&filters=${filters}`)
}
