import { existsSync } from 'node:fs'
import { isSetUp, type Setup } from '../complete/shells'
import { configFile } from '../config/file'
import { readSettings } from '../config/settings'
import { configState, sshConfig, useOf } from '../gateway/ssh-config'
import { type LinkState, linkState } from '../plugin/link'
import { quote } from '../text/quote'
import { type Finding, fail, failed, pass, warn } from './finding'
import { findInPath } from './programs'

/** @param needed the engine is reached by it */
export function checkSsh(env: NodeJS.ProcessEnv, needed: boolean): Finding {
  const ssh = findInPath('ssh', env)
  const install = 'sudo apt-get install openssh-client'
  if (ssh) return pass('ssh', `${ssh}, for engines behind ssh://`)
  return needed
    ? fail('ssh', 'no ssh client in PATH, and the engine is behind ssh://', install)
    : warn('ssh', 'no ssh client in PATH: no engine behind ssh:// can be reached', install)
}

export function checkConfig(env: NodeJS.ProcessEnv): Finding {
  const path = configFile(env)
  try {
    const { length } = Object.keys(readSettings(env))
    return pass('config', existsSync(path) ? `${path}, ${length} set` : 'none, and none is needed')
  } catch (error) {
    return failed('config', error)
  }
}

/** @param program what `ssh NAME.docker` has to lead to */
export function checkSshConfig(program: string, env: NodeJS.ProcessEnv): Finding {
  const [what, install] = ['ssh-config', 'docker-bash ssh-config install'] as const
  if (findInPath('ssh', env) === undefined) return pass(what, 'no ssh client here to set up')
  try {
    const config = sshConfig(env)
    const state = configState(config, program)
    switch (state.kind) {
      case 'ours':
        return pass(what, `${useOf(config)}, by ${config.own}`)
      case 'none':
        return warn(what, 'ssh NAME.docker is not set up', install)
      case 'other':
        return warn(what, `ssh NAME.docker is another docker-bash: ${state.leads}`, `${install} --yes`)
      case 'gone': {
        const gone =
          state.leads === undefined ? `${config.own} is not there` : `it leads to ${state.leads}, which is gone`
        return fail(what, `ssh NAME.docker does not work: ${gone}`, `${install} --yes`)
      }
    }
  } catch (error) {
    return failed(what, error)
  }
}

/** @param link where Docker's client looks @param program what it has to find there */
export function checkPlugin(link: string, program: string, env: NodeJS.ProcessEnv): Finding {
  const install = 'docker-bash plugin install'
  try {
    const state: LinkState = linkState(link, program)
    switch (state.kind) {
      case 'ours':
        return pass('plugin', `docker bash, by ${link}`)
      case 'dangling':
        return fail('plugin', `${link} leads to ${state.leads}, which is gone`, install)
      case 'other':
        return warn('plugin', `docker bash is another docker-bash: ${state.leads}`, install)
      case 'foreign':
        return warn('plugin', `${link} is not of docker-bash`, `mv ${quote(link)} ${quote(`${link}.old`)}`)
      case 'none':
        return findInPath('docker', env)
          ? warn('plugin', 'docker bash is not known to Docker’s client', install)
          : pass('plugin', 'no Docker client here to be a plugin of')
    }
  } catch (error) {
    return failed('plugin', error)
  }
}

/** @param setup the user's shell's; undefined for a shell that we do not complete for */
export function checkCompletion(setup: Setup | undefined): Finding {
  if (!setup) return pass('completion', 'not for this shell: bash, zsh and fish have it')
  try {
    return isSetUp(setup)
      ? pass('completion', `${setup.shell}, by ${setup.file}`)
      : warn('completion', `${setup.shell} does not complete docker-bash`, 'docker-bash completion install')
  } catch (error) {
    return failed('completion', error)
  }
}
