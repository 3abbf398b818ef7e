import type { ContainerInfo } from 'dockerode'
import { matches } from '../../../src/lib/fleet/select'
import { parseTarget } from '../../../src/lib/target/parse'

const compose = (service: string, number: number, project = 'shop', more = {}) => ({
  'com.docker.compose.service': service,
  'com.docker.compose.project': project,
  'com.docker.compose.container-number': String(number),
  ...more,
})

function listed(name: string, id: string, more: Partial<ContainerInfo> = {}): ContainerInfo {
  const known = {
    Id: id.padEnd(64, '0'),
    Names: [`/${name}`],
    Image: 'nginx:1.29',
    ImageID: `sha256:${'a'.repeat(64)}`,
  }
  return { ...known, State: 'running', Labels: {}, ...more } as ContainerInfo
}

const list = [
  listed('web', 'abc1'),
  listed('web-2', 'abc2', { Image: 'nginx@sha256:1234' }),
  listed('feed', 'feed', { Image: 'redis', ImageID: `sha256:beef${'0'.repeat(60)}` }),
  listed('shop-api-1', 'd1', { Labels: compose('api', 1) }),
  listed('shop-api-2', 'd2', { Labels: compose('api', 2), State: 'exited' }),
  listed('shop-api-run', 'd3', { Labels: compose('api', 1, 'shop', { 'com.docker.compose.oneoff': 'True' }) }),
  listed('other-api-1', 'e1', { Labels: compose('api', 1, 'other') }),
  listed('labelled', 'f1', { Labels: { tier: 'front', empty: '' } }),
]

// No compose file is in the root folder: services of every project fit.
const nowhere = { cwd: '/', env: {} }
const fits = (text: string) => matches(list, parseTarget(text), nowhere).map(({ Names }) => Names[0]?.slice(1))

test.each([
  ['web', ['web']],
  ['web*', ['web', 'web-2']],
  ['name:web*', ['web', 'web-2']],
  ['name:abc1', []],
  [`${'abc1'.padEnd(64, '0')}`, ['web']],
  ['abc1', ['web']],
  ['abc', []],
  ['id:abc2', ['web-2']],
  ['id:web', []],
  ['id:abc', []],
  ['feed', ['feed']],
  ['image:nginx', list.filter(({ Image }) => Image.startsWith('nginx')).map(({ Names }) => Names[0]?.slice(1))],
  ['image:nginx:1', []],
  ['image:redis', ['feed']],
  ['image:beef00', ['feed']],
  ['image:beef', []],
  ['label:tier', ['labelled']],
  ['label:tier=front', ['labelled']],
  ['label:tier=back', []],
  ['label:empty=', ['labelled']],
  ['label:toString', []],
  ['service:api', ['shop-api-1', 'shop-api-2', 'other-api-1']],
  ['service:api#2', ['shop-api-2']],
  ['task:web.1', []],
  ['api', []],
])('%s fits %j', (text, names) => {
  expect(fits(text)).toEqual(names)
})
