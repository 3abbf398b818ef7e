// npm run attack: every attack of test/attack, and attempts drawn at random for as long as it is told.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const usage = `npm run attack -- [--for 10m] [--seed WORD] [--only KIND[/SEED/NUMBER]]

  --for    how long attempts of each kind are drawn: 30s, 10m, 2h; default 30s
  --seed   the same word draws the same attempts; it is printed
  --only   the random part alone, of one kind; with seed and number, one attempt again`

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    for: { type: 'string', default: '30s' },
    seed: { type: 'string', default: randomBytes(4).toString('hex') },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
})
const [, count, unit] = /^(\d+)(s|m|h)$/.exec(values.for) ?? []
if (values.help || count === undefined) {
  console.log(usage)
  process.exit(values.help ? 0 : 2)
}
console.log(`seed ${values.seed}`)
const jest = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--selectProjects=attack',
    ...(values.only === undefined ? [] : ['random']),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      DOCKER_BASH_ATTACK_SEED: values.seed,
      DOCKER_BASH_ATTACK_SECONDS: String(Number(count) * { s: 1, m: 60, h: 3600 }[unit]),
      DOCKER_BASH_ATTACK_PRINT: '1',
      ...(values.only !== undefined && { DOCKER_BASH_ATTACK_ONLY: values.only }),
    },
  },
)
jest.on('exit', (code) => {
  process.exitCode = code ?? 1
})
