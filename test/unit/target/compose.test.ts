import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeProject } from '../../../src/lib/target/compose'

let top: string
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'docker-bash-compose-'))
})
afterEach(() => rmSync(top, { recursive: true }))

const write = (path: string, text: string) => {
  mkdirSync(join(top, path, '..'), { recursive: true })
  writeFileSync(join(top, path), text)
}
const project = (folder: string, env: NodeJS.ProcessEnv = {}) => composeProject({ cwd: join(top, folder), env })

test('is the folder of the file, here or above, as compose writes it', () => {
  write('My App_1/compose.yaml', 'services: {}\n')
  mkdirSync(join(top, 'My App_1/src/deep'), { recursive: true })
  expect(project('My App_1')).toBe('myapp_1')
  expect(project('My App_1/src/deep')).toBe('myapp_1')
})

test('every usual file name counts', () => {
  for (const name of ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']) {
    const folder = name.replace(/\W/g, '')
    write(`${folder}/${name}`, '')
    expect(project(folder)).toBe(folder)
  }
})

test.each([
  ['name: shop\n', 'shop'],
  ['services:\n  web:\n    name: inner\nname: "shop" # ours\n', 'shop'],
  ["name: 'shop'", 'shop'],
  ['name: ${STAGE:-dev}-shop', 'dev-shop'],
  ['name: ${STAGE}-shop', 'blue-shop'],
  ['  name: nested\n', 'app'],
  ['\ufeffname: shop\n', 'shop'],
  ['{"name": "shop", "services": {}}', 'shop'],
  ['"name": shop', 'shop'],
  ['name: >-\n  shop\n', 'shop'],
  ['x: &n shop\nname: *n\n', 'app'],
  ['name: ${STAGE:?is needed}-shop', 'blue-shop'],
  ['name: a${NONE+x}$$b${STAGE:+c}', 'abc'],
  ['name: [not, a, name]', 'app'],
  ['name: "unclosed', 'app'],
])('a top-level name in the file wins: %j', (text, name) => {
  write('app/compose.yaml', text)
  expect(project('app', name !== 'dev-shop' ? { STAGE: 'blue' } : {})).toBe(name)
})

test('COMPOSE_PROJECT_NAME wins over the file, the environment over .env', () => {
  write('app/compose.yaml', 'name: file\n')
  write('app/.env', 'A=1\nCOMPOSE_PROJECT_NAME="dotted"\n')
  expect(project('app')).toBe('dotted')
  expect(project('app', { COMPOSE_PROJECT_NAME: 'Env' })).toBe('env')
})

test('COMPOSE_FILE names the files; the last name wins', () => {
  write('a/one.yaml', 'name: one\n')
  write('a/two.yaml', 'name: two\n')
  write('a/three.yaml', '')
  expect(project('a', { COMPOSE_FILE: 'one.yaml:two.yaml:three.yaml' })).toBe('two')
  expect(project('a', { COMPOSE_FILE: '../a/three.yaml' })).toBe('a')
})

test('COMPOSE_PROJECT_NAME needs no file', () => {
  mkdirSync(join(top, 'a'))
  expect(project('a', { COMPOSE_PROJECT_NAME: 'shop' })).toBe('shop')
  write('a/.env', 'COMPOSE_PROJECT_NAME=dotted\n')
  expect(project('a')).toBe('dotted')
})

test('.env may name the files; its lines have comments, quotes and a mark of their order', () => {
  write('a/.env', '\ufeffCOMPOSE_FILE="one.yaml" # not two\nexport STAGE=blue # the stage\n')
  write('a/one.yaml', 'name: $STAGE-shop\n')
  write('a/compose.yaml', 'name: two\n')
  expect(project('a')).toBe('blue-shop')
  expect(project('a', { COMPOSE_FILE: 'compose.yaml' })).toBe('two')
})

test('.env beside the file counts, and .env here before it', () => {
  write('a/.env', 'STAGE=above\nOTHER=x\n')
  write('a/compose.yaml', 'name: $STAGE$OTHER\n')
  write('a/sub/.env', 'STAGE=here\n')
  expect(project('a/sub')).toBe('herex')
})

test('there is none without a file', () => {
  expect(project('.')).toBeUndefined()
})

test('where there is no folder any more, only the environment tells', () => {
  expect(composeProject({ cwd: undefined, env: {} })).toBeUndefined()
  expect(composeProject({ cwd: undefined, env: { COMPOSE_PROJECT_NAME: 'shop' } })).toBe('shop')
})

test('a file that would keep a parser busy does not keep us', () => {
  const many = Array.from({ length: 100_000 }, (_, key) => `k${key}: 1`).join('\n')
  const from = performance.now()
  for (const text of [`name: shop\n${many}`, `name: shop\na: ${'['.repeat(900_000)}`, `{"a": ${'['.repeat(900_000)}`]) {
    write('app/compose.yaml', text)
    expect(project('app')).toBe(text.startsWith('{') ? 'app' : 'shop')
  }
  expect(performance.now() - from).toBeLessThan(2000)
})
