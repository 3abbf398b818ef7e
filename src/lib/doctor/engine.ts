import { inspectContainer, listContainers } from '../engine/containers'
import type { Engine } from '../engine/engine'
import { type EngineVersion, engineVersion } from '../engine/system'
import { perl } from '../host/perl'
import { findRuntime } from '../host/runtime'
import { type Finding, failed, pass, warn } from './finding'
import { checkPlaces } from './places'
import { findInPath, isProgram } from './programs'

/** Is there an engine, and what can we do with it from here? */
export async function checkEngine(reach: () => Promise<Engine>, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  let engine: Engine
  let version: EngineVersion
  try {
    engine = await reach()
    version = await engineVersion(engine)
  } catch (error) {
    return [failed('engine', error), versions(undefined, undefined)]
  }
  const { host, from } = engine.endpoint
  const name = version.Components?.[0]?.Name === 'Engine' ? 'Docker' : (version.Components?.[0]?.Name ?? 'Docker')
  return [
    pass('engine', `${name.replace(/ Engine$/, '')} ${version.Version} at ${host}, by ${from}`),
    versions(engine, version),
    // It may have gone, or stopped, meanwhile.
    ...(await hostFindings(engine, env).catch((error: unknown) => [failed('engine', error)])),
  ]
}

function versions(engine: Engine | undefined, version: EngineVersion | undefined): Finding {
  const node = process.versions.node
  const api = engine?.api()?.join('.')
  const runtime = version?.Components?.find(({ Name }) => /^(runc|crun)$/.test(Name))
  const all = [
    `node ${node}`,
    ...(api ? [`API ${api}`] : []),
    ...(runtime ? [`${runtime.Name} ${runtime.Version}`] : []),
  ]
  const [major = 0, minor = 0] = node.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
    ? pass('versions', all.join(', '))
    : warn('versions', `${all.join(', ')}: docker-bash is tested on Node 20.19 and newer`, 'install a newer Node')
}

/** What the ways by this host want: root, the runtime's state, programs. */
async function hostFindings(engine: Engine, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  if (engine.foreign !== undefined) {
    const hint = 'runc and nsenter are for an engine whose socket is root’s, in folders that are root’s'
    return [warn('host', `${engine.foreign}: by exec, ssh and debug only`, hint)]
  }
  if (!engine.local) return [pass('host', 'the engine is not on this host: by exec, ssh and debug only')]
  if (process.getuid?.() !== 0) {
    return [warn('rights', 'not root: runc and nsenter are closed, exec is open', 'sudo docker-bash doctor')]
  }
  return [
    pass('rights', 'root on the engine’s host: every way is open'),
    await runtimeState(engine),
    ...tools(env),
    await checkPlaces(),
  ]
}

async function runtimeState(engine: Engine): Promise<Finding> {
  const running = await listContainers(engine, { limit: 5, filters: { status: ['running'] } })
  const looks = running.map(async ({ Id }) => {
    const { State } = await inspectContainer(engine, Id)
    return { id: Id, runs: State.Running, found: findRuntime({ id: Id, pid: State.Pid }) }
  })
  const seen = (await Promise.all(looks.map((look) => look.catch(() => undefined)))).filter((one) => one?.runs)
  // One that ended meanwhile says nothing of the others.
  const [one] = [...seen.filter((look) => look && !('missing' in look.found)), ...seen]
  if (!one) return pass('runtime', 'nothing runs whose runtime could be looked at')
  const { id, found } = one
  return 'missing' in found
    ? warn('runtime', `no state of ${id.slice(0, 12)}: ${found.missing}`, `docker-bash explain ${id.slice(0, 12)}`)
    : pass('runtime', `${found.program}, its state in ${found.root}`)
}

function tools(env: NodeJS.ProcessEnv): Finding[] {
  const names = ['nsenter', 'setpriv', 'script']
  const missing = names.filter((name) => findInPath(name, env) === undefined)
  return [
    missing.length === 0
      ? pass('util-linux', names.join(', '))
      : warn('util-linux', `no ${missing.join(', no ')} in PATH`, 'sudo apt-get install util-linux bsdutils'),
    isProgram(perl)
      ? pass('perl', `${perl}, for --via nsenter`)
      : warn('perl', `no ${perl}: --via nsenter is closed`, 'sudo apt-get install perl-base'),
  ]
}
