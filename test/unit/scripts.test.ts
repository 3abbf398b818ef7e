/** The programs for a perl, whole, as they go into the words of a process. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runnerScript } from '../../src/lib/fleet/runc-supervisor-script'
import { wayScript } from '../../src/lib/namespaces/enter'
import { holderWords, keeperWords } from '../../src/lib/namespaces/remote'
import { serverScript } from '../../src/lib/sftp/server-script'
import { makerScript } from '../../src/lib/sockets/maker-script'

const programs = {
  'that enters namespaces': wayScript,
  'that holds a helper container': holderWords(1)[6] ?? '',
  'that keeps a command from there': keeperWords(1, { uid: 0, gid: 0 })[6] ?? '',
  'that supervises a fleet': runnerScript,
  'that makes sockets': makerScript,
  'that serves files': serverScript,
}

test.each(Object.entries(programs))('the program %s is one for every perl', (_, program) => {
  const { stderr } = spawnSync('perl', ['-wc', '-e', program], { encoding: 'utf8' })
  expect(stderr).toBe('-e syntax OK\n')
})

test('their comments stay here', () => {
  expect(wayScript).not.toMatch(/^\s*# /m)
  expect(wayScript).not.toMatch(/\n\n/)
})

test('each file of a script is used', () => {
  const src = join(__dirname, '../../src')
  const names = readdirSync(src, { recursive: true }).map(String)
  const sources = names.filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(src, name), 'utf8'))
  for (const name of names.filter((one) => one.endsWith('.pl'))) {
    const file = name.split('/').at(-1) ?? ''
    expect([name, sources.some((text) => text.includes(`/${file}'`))]).toEqual([name, true])
  }
})
