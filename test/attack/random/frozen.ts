/** The engine stops or dies while a session moves data. */
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { start } from '../../support/cli'
import { type Container, container } from '../../support/containers'
import { docker } from '../../support/docker-api'
import { type Engine, privateEngine } from '../../support/engine'
import { type Attack, unforeseen } from './attack'

let engine: Engine
let box: Container

const size = 4 << 20
const whole = createHash('sha256').update(Buffer.alloc(size, 'abcdefg\n')).digest('hex')

export const frozen: Attack = {
  async prepare() {
    engine = await privateEngine(['busybox'], { args: ['--live-restore'] })
    box = await container({ image: 'busybox', on: docker(engine.host) })
  },

  async attempt(draw, say) {
    const via = draw.pick(['exec', 'runc', 'nsenter'])
    const dies = draw.int(0, 3) === 0
    const [after, length] = [draw.int(0, 1_500), draw.int(100, 1_500)]
    say(`${via}: the engine ${dies ? 'dies' : `stops for ${length} ms`} after ${after} ms`)

    const script = `yes abcdefg | head -c ${size}; sleep 0.5; exit 9`
    const running = start(['--via', via, box.name, 'sh', '-c', script], { place: engine, timeoutMs: 120_000 })
    await wait(after)
    if (dies) await engine.kill()
    else process.kill(engine.pid ?? 0, 'SIGSTOP')
    await wait(length)
    if (dies) await engine.restart()
    else process.kill(engine.pid ?? 0, 'SIGCONT')
    const { code, stdout, stderr } = await running.ended
    expect(stderr).not.toMatch(unforeseen)
    expect(dies ? [9, 125, 255] : [9]).toContain(code)
    if (code === 9) expect(createHash('sha256').update(stdout).digest('hex')).toBe(whole)
  },
}
