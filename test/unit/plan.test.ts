import type { Request, Target, Transport, TransportName } from '../../src/lib/model'
import { judgeAll, plan, planWithout } from '../../src/lib/plan'
import { request, target } from '../support/targets'

/** A transport that fits or gives a reason, and keeps what it was asked. */
function transport(name: TransportName, refusal?: string, remedy?: string) {
  const asked: Request[] = []
  const judge = (_: Target, request: Request) => {
    asked.push(request)
    return { transport: name, fits: !refusal, because: refusal ?? 'it fits', costs: [], ...(remedy && { remedy }) }
  }
  return { name, judge, open: () => Promise.reject(new Error('nothing is opened')), asked } satisfies Transport & {
    asked: Request[]
  }
}

const no = 'the container is paused'

test('the first that fits, in the order given; every verdict is kept', () => {
  const planned = plan(target(), request(), [transport('ssh', no), transport('runc'), transport('exec')])
  expect(planned.transport).toBe('runc')
  expect(planned.verdicts.map(({ transport, fits }) => [transport, fits])).toEqual([
    ['ssh', false],
    ['runc', true],
    ['exec', true],
  ])
})

test('the one asked for and no other, all being judged', () => {
  const ways = [transport('ssh'), transport('runc'), transport('exec')]
  const planned = plan(target(), request({ via: 'exec' }), ways)
  expect([planned.transport, planned.verdicts.length]).toEqual(['exec', 3])
})

test('the one asked for that does not fit: its reason and its remedy, although others fit', () => {
  const ways = [transport('ssh', 'no key', 'docker-bash key install web'), transport('exec')]
  const asked = request({ via: 'ssh' })
  expect(() => plan(target(), asked, ways)).toThrow(
    expect.objectContaining({ message: 'web cannot be entered by ssh: no key', hint: 'docker-bash key install web' }),
  )
  expect(judgeAll(target(), asked, ways)).not.toHaveProperty('transport')
})

test('none fits: the reason of the last resort', () => {
  const ways = [transport('ssh', 'no key'), transport('exec', no)]
  expect(() => plan(target(), request(), ways)).toThrow(
    expect.objectContaining({
      message: `web cannot be entered by any way: ${no}`,
      hint: 'docker-bash explain web shows every way and why',
    }),
  )
})

test('one that is preferred comes first, judged as if it had been asked for; the others are not', () => {
  const [runc, exec] = [transport('runc'), transport('exec')]
  const planned = plan(target(), request({ prefer: 'exec' }), [runc, exec])
  expect([planned.transport, planned.request.via]).toEqual(['exec', 'exec'])
  expect([runc.asked[0]?.via, exec.asked[0]?.via]).toEqual([undefined, 'exec'])
})

test('one that is preferred and does not fit gives way to the usual order', () => {
  const planned = plan(target(), request({ prefer: 'ssh' }), [transport('ssh', no), transport('runc')])
  expect([planned.transport, planned.request.via]).toEqual(['runc', undefined])
})

test('a flag is stronger than what is preferred', () => {
  const ways = [transport('runc'), transport('exec')]
  expect(plan(target(), request({ via: 'runc', prefer: 'exec' }), ways).transport).toBe('runc')
})

test('one that could not begin gives way to the next that fits, with its reason; one asked for does not', () => {
  const ways = [transport('ssh', no), transport('runc'), transport('exec'), transport('nsenter')]
  const next = planWithout(plan(target(), request(), ways), 'its runtime needs /proc')
  expect(next).toMatchObject({ transport: 'exec' })
  expect(next?.verdicts[1]).toMatchObject({ transport: 'runc', fits: false, because: 'its runtime needs /proc' })
  const last = next && planWithout(next, 'no')
  expect(last?.transport).toBe('nsenter')
  expect(last && planWithout(last, 'no')).toBeUndefined()
  expect(planWithout(plan(target(), request({ via: 'runc' }), ways), 'no')).toBeUndefined()
  // A setting is not an order: what fits is taken, from the first on.
  const preferred = planWithout(plan(target(), request({ prefer: 'exec' }), ways), 'no')
  expect(preferred?.transport).toBe('runc')
  expect(preferred?.request.via).toBeUndefined()
})
