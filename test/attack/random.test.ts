/**
 * What nobody thought of: attacks drawn at random, each followed by what must hold after any of them. A few of each
 * kind here; `npm run attack -- --for 10m` for as long as it is told. A failure names its attempt, and
 * `npm run attack -- --only kills/SEED/17` makes the same one again.
 */
import { random } from '../support/random'
import { descriptors } from './random/descriptors'
import { engines } from './random/engines'
import { frozen } from './random/frozen'
import { kills } from './random/kills'
import { servers } from './random/servers'

/** Each draws one attempt, makes it, and checks. It returns what it tried; `prepare` runs once before. */
const attacks = { kills, descriptors, engines, frozen, servers }

const {
  // The same few attempts at every run, unless `npm run attack` says how long.
  DOCKER_BASH_ATTACK_SEED: seed = 'few',
  DOCKER_BASH_ATTACK_SECONDS: seconds = '2',
  DOCKER_BASH_ATTACK_ONLY: only = '',
} = process.env
const [onlyKind = '', onlySeed, onlyNumber] = only.split('/')
const forMs = Number(seconds) * 1000

for (const [kind, { prepare, attempt }] of Object.entries(attacks)) {
  if (onlyKind !== '' && onlyKind !== kind) continue
  describe(kind, () => {
    beforeAll(prepare, 300_000)
    test(
      `whatever is drawn, nothing gets out and nothing stays (${onlySeed ?? seed})`,
      async () => {
        const end = performance.now() + forMs
        let number = Number(onlyNumber ?? 0)
        do {
          const name = `${kind}/${onlySeed ?? seed}/${number}`
          const tried: string[] = []
          try {
            await attempt(random(name), (text) => tried.push(text))
          } catch (error) {
            throw new Error(`npm run attack -- --only ${name}\n${tried.join(', ')}`, { cause: error })
          }
          if (process.env.DOCKER_BASH_ATTACK_PRINT) process.stderr.write(`${name}  ${tried.join(', ')}\n`)
          number++
        } while (onlyNumber === undefined && performance.now() < end)
      },
      forMs + 120_000,
    )
  })
}
