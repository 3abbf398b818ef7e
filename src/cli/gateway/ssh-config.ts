import { realpathSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import { hostKey } from '../../lib/gateway/host-key'
import { blockOf, install, isInstalled, sshConfig, useOf } from '../../lib/gateway/ssh-config'
import { oneKey } from '../../lib/terminal/key'
import { safe } from '../../lib/text/escape-controls'
import { say } from '../output/errors'
import { print } from '../output/print'
import { packaged } from '../package-path'

/** The block, for whoever puts it somewhere himself. */
export async function printBlock(engine: EndpointChoice): Promise<void> {
  hostKey()
  await print(`${blockFor(engine).join('\n')}\n`)
}

/**
 * Says what it is going to write, asks, and writes it.
 * @param isAgreed nobody is asked
 * @returns the exit code
 */
export async function installConfig(engine: EndpointChoice, isAgreed: boolean): Promise<number> {
  const config = sshConfig()
  hostKey()
  const block = blockFor(engine)
  const isNew = !isInstalled(config)
  const shown = isNew ? [`${config.main} gets this line, in front:`, `  ${config.include}`] : []
  await print([...shown, `${config.own}:`, ...block.map((line) => `  ${line}`), ''].map(safe).join('\n'))
  if (isNew && !isAgreed && !(await agrees())) {
    say('nothing was changed')
    return 1
  }
  install(config, block)
  await print(`${safe(useOf(config))} works from now on, with the NAME of any container\n`)
  return 0
}

async function agrees(): Promise<boolean> {
  if (!isatty(0) || !isatty(2)) {
    throw new DockerBashError('nothing was changed: nobody is here to agree', {
      hint: 'docker-bash ssh-config install --yes',
    })
  }
  const key = await oneKey(() => say('write it? y, or any other key for no'))
  return key?.toLowerCase() === 'y'
}

function blockFor({ host, context }: EndpointChoice): string[] {
  const engine = [...(host ? ['-H', host] : []), ...(context ? ['--context', context] : [])]
  // An engine is a flag of proxy's; ssh starts it anywhere, so the program is named by its path.
  return blockOf(realpathSync(packaged('bin/run.js')), engine)
}
