/** A TARGET of a command for several is resolved once, whether somebody may be asked or not. */
import { chosenTarget, unasked } from '../../../src/cli/find-target'
import { client } from '../../../src/lib/engine/client'
import type { Engine } from '../../../src/lib/engine/engine'

const id = 'a'.repeat(64)

/** An engine that has a container called web, and notes what it is asked. */
function engine(): { engine: Engine; asked: string[] } {
  const asked: string[] = []
  const ask = async ({ path }: { path: string }) => {
    asked.push(path)
    if (!['/containers/web/json', `/containers/${id}/json`].includes(path)) {
      throw Object.assign(new Error('No such container'), { statusCode: 404 })
    }
    return {
      Id: id,
      Name: '/web',
      State: { Status: 'running', Pid: 1 },
      Config: { Image: 'nginx', Labels: {} },
      HostConfig: {},
      NetworkSettings: { Networks: {}, Ports: {} },
    }
  }
  const endpoint = { kind: 'unix', path: '/nowhere', host: 'unix:///nowhere' }
  return {
    engine: { endpoint, [client]: { ask, docker: { listContainers: async () => [] } } } as unknown as Engine,
    asked,
  }
}

test('what was found before asking is what is used', async () => {
  const { engine: on, asked } = engine()
  const { name, found } = await chosenTarget(on, 'web', true)
  expect(asked).toEqual(['/containers/web/json'])
  expect([name, (await found()).target.id]).toEqual(['web', id])
  expect(asked).toEqual(['/containers/web/json'])
})

test('where nobody may be asked, it is resolved when its turn comes', async () => {
  const { engine: on, asked } = engine()
  for (const { name, found } of [await chosenTarget(on, 'web', false), unasked(on, 'web')]) {
    asked.length = 0
    expect([name, (await found()).target.id]).toEqual(['web', id])
    expect(asked).toEqual(['/containers/web/json'])
  }
})

test('what is wrong with it is said where it is used, and is not asked twice', async () => {
  const { engine: on, asked } = engine()
  const { name, found } = await chosenTarget(on, 'name:wbe', true)
  const before = asked.length
  expect(name).toBe('name:wbe')
  await expect(found()).rejects.toThrow('no container named wbe')
  expect(asked.length).toBe(before)
})
