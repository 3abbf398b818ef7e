/** How a container of the image ends: everything gets its TERM, in order, and KILL only when its time is over. */

import { docker } from '../../support/docker-api'
import { slowness } from '../../support/pace'
import type { Files } from './archive'
import { box, oneShot } from './box'
import { sentence } from './sentence'

const KILLED_BY_ENGINE = 137

/** Says that it is up; at TERM, works for some seconds and says that it is done. */
const takesTime = (name: string, seconds: number) =>
  `#!/bin/sh\ntrap "sleep ${seconds}; echo ${name} done; exit 0" TERM\necho ${name} up\nwhile :; do sleep 0.1; done\n`

const ignores = (name: string) => `#!/bin/sh\ntrap "" TERM\necho ${name} up\nwhile :; do sleep 0.1; done\n`

/** A process that is no service: a start-up script leaves it behind. */
const stray = (program: string): Files => ({
  '/usr/local/bin/stray': program,
  '/etc/my_init.d/90_stray': '#!/bin/sh\n/usr/local/bin/stray &\n',
})

describe('docker stop', () => {
  sentence('gives a service the 2 s it needs, and ends with 0', async () => {
    const { said, stop, logs } = await box({ files: { '/etc/service/slow/run': takesTime('slow', 2) } })
    await said(/slow up/)
    const { code, ms } = await stop()
    expect(code).toBe(0)
    expect(ms).toBeGreaterThan(2_000)
    expect(ms).toBeLessThan(5_000 * (await slowness()))
    expect((await logs()).stdout).toContain('slow done')
  })

  sentence('ends a service that ignores TERM within the 10 s of the engine, with no KILL from it', async () => {
    const { said, stop } = await box({ files: { '/etc/service/deaf/run': ignores('deaf') } })
    await said(/deaf up/)
    expect((await stop()).code).not.toBe(KILLED_BY_ENGINE)
  })

  sentence('keeps within the 10 s when a service and another process ignore TERM', async () => {
    const files = { '/etc/service/deaf/run': ignores('deaf'), ...stray(ignores('stray')) }
    const { said, stop } = await box({ files })
    await said(/deaf up/)
    expect((await stop()).code).not.toBe(KILLED_BY_ENGINE)
  })

  sentence('KILL_PROCESS_TIMEOUT and KILL_ALL_PROCESSES_TIMEOUT set the limits', async () => {
    const { said, stop } = await box({
      env: ['KILL_PROCESS_TIMEOUT=1', 'KILL_ALL_PROCESSES_TIMEOUT=1'],
      files: { '/etc/service/deaf/run': ignores('deaf'), ...stray(ignores('stray')) },
    })
    await said(/deaf up/)
    const { code, ms } = await stop()
    expect(code).not.toBe(KILLED_BY_ENGINE)
    expect(ms).toBeGreaterThan(2_000)
    expect(ms).toBeLessThan(4_500 * (await slowness()))
  })

  sentence('runs pre_shutdown.d, stops services, runs post_shutdown.d, then stops all else', async () => {
    const say = (what: string) => `#!/bin/sh\necho ${what} done\n`
    const { said, stop, logs } = await box({
      files: {
        '/etc/my_init.pre_shutdown.d/20': say('pre 20'),
        '/etc/my_init.pre_shutdown.d/10': say('pre 10'),
        '/etc/my_init.pre_shutdown.d/15': { content: say('not executable'), mode: 0o644 },
        '/etc/my_init.post_shutdown.d/10': say('post 10'),
        '/etc/service/one/run': takesTime('service', 0),
        ...stray(takesTime('stray', 0)),
      },
    })
    await said(/service up/)
    expect((await stop()).code).toBe(0)
    const { stdout } = await logs()
    expect(stdout.match(/.* done/g)).toEqual([
      'pre 10 done',
      'pre 20 done',
      'service done',
      'post 10 done',
      'stray done',
    ])
  })

  sentence('goes on to the end when a shutdown script fails, and tells by its code', async () => {
    const { said, stop, logs } = await box({
      files: {
        '/etc/my_init.pre_shutdown.d/10': '#!/bin/sh\nexit 9\n',
        '/etc/service/one/run': takesTime('service', 0),
      },
    })
    await said(/service up/)
    expect((await stop()).code).toBe(1)
    const { stdout, stderr } = await logs()
    expect(stdout).toContain('service done')
    expect(stderr).toMatch(/pre_shutdown\.d\/10.*\b9\b/)
  })

  sentence('sends TERM only once to each service', async () => {
    const counts =
      '#!/bin/sh\nn=0\ntrap "n=\\$((n+1))" TERM\necho up\ni=0\nwhile [ $n -eq 0 ] || [ $i -lt 10 ]; do sleep 0.1; [ $n -eq 0 ] || i=$((i+1)); done\necho "$n TERM"\n'
    const { said, stop, logs } = await box({ files: { '/etc/service/one/run': counts } })
    await said(/^up/m)
    await stop()
    expect((await logs()).stdout).toContain('1 TERM')
  })

  sentence('ends a start-up script that hangs', async () => {
    const { said, stop } = await box({
      files: { '/etc/my_init.d/50_hangs': '#!/bin/sh\necho hangs\nexec sleep 1000\n' },
    })
    await said(/hangs/)
    const { code, ms } = await stop()
    expect(code).toBe(2)
    expect(ms).toBeLessThan(5_000 * (await slowness()))
  })

  sentence('lets the log service of a service read all of it', async () => {
    const { said, stop, logs } = await box({
      files: {
        '/etc/service/one/run': takesTime('service', 0),
        '/etc/service/one/log/run': '#!/bin/sh\nwhile read -r line; do echo "log: $line"; done\necho log done\n',
      },
    })
    await said(/log: service up/)
    await stop()
    expect((await logs()).stdout).toMatch(/log: service done\nlog done/)
  })
})

describe('a command that is stopped', () => {
  sentence('gets the TERM, and the container ends with its code', async () => {
    const script = 'trap "echo command done; exit 6" TERM; echo command up; while :; do sleep 0.1; done'
    const { said, stop, logs } = await box({ args: ['--', 'sh', '-c', script] })
    // Not what the init says of the command, in which these words stand, too.
    await said(/^command up/m)
    expect((await stop()).code).toBe(6)
    expect((await logs()).stdout).toContain('command done')
  })

  sentence('is killed when it ignores TERM, within the 10 s of the engine', async () => {
    const { said, stop } = await box({ args: ['--', 'sh', '-c', 'trap "" TERM; echo up; while :; do sleep 0.1; done'] })
    await said(/^up/m)
    const { ms } = await stop()
    expect(ms).toBeLessThan(9_500 * (await slowness()))
  })
})

sentence('INT stops as TERM does, and signals that mean nothing here change nothing', async () => {
  const { id, said, ended } = await box({ files: { '/etc/service/one/run': takesTime('service', 0) } })
  await said(/service up/)
  for (const signal of ['HUP', 'USR1', 'USR2', 'QUIT', 'WINCH']) await docker().act('kill', id, `signal=${signal}`)
  expect((await docker().inspect(id)).State.Running).toBe(true)
  await docker().act('kill', id, 'signal=INT')
  expect(await ended()).toBe(0)
})

sentence('--no-kill-all-on-exit leaves what is not a service without a TERM', async () => {
  const run = (...flags: string[]) =>
    oneShot({
      args: [...flags, '--skip-runit', '--', 'sh', '-c', 'until [ -e /stray ]; do sleep 0.05; done'],
      files: stray('#!/bin/sh\ntrap "echo stray done; exit 0" TERM\n: >/stray\nwhile :; do sleep 0.1; done\n'),
    })
  expect((await run()).stdout).toContain('stray done')
  expect((await run('--no-kill-all-on-exit')).stdout).not.toContain('stray done')
})

sentence('a container that was stopped boots again', async () => {
  const { id, said, stop } = await box({ files: { '/etc/service/one/run': takesTime('service', 0) } })
  await said(/service up/)
  await stop()
  await docker().act('start', id)
  await said(/service done(?:.|\n)*service up/)
  expect((await stop()).code).toBe(0)
})
