import { parseTaskName } from '../../../../src/lib/target/swarm/name'

const node = 't1jnxrovnbh6t9hal3zetk7ei'
const task = 'cs4b7lfe6o99e2s9ladrnm379'

test.each([
  ['web.2', { service: 'web', instance: '2' }],
  ['stack_web.10', { service: 'stack_web', instance: '10' }],
  [`web.${node}`, { service: 'web', instance: node }],
  // Their containers' names.
  [`web.2.${task}`, { service: 'web', instance: '2', id: task }],
  [`web.${node}.${task}`, { service: 'web', instance: node, id: task }],
  // No engine of today allows it; what is last is the slot.
  ['a.b.2', { service: 'a.b', instance: '2' }],
  ['web.1.2', { service: 'web.1', instance: '2' }],
  [`a.b.${node}.${task}`, { service: 'a.b', instance: node, id: task }],
])('%s', (text, expected) => {
  expect(parseTaskName(text)).toEqual(expected)
})

test.each([
  'web',
  'web.',
  '.2',
  'web.0',
  'web.02',
  'web.x',
  'web.2x',
  'a/b.2',
  '../info.1',
  'web.2\n',
  ' web.2',
  `web.${node}x`,
])('%j is none', (text) => {
  expect(parseTaskName(text)).toBeUndefined()
})
