import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { since } from '../text/time'

/** @throws DockerBashError unless a process can be started in the container now; says why not and what to do */
export function requireRunning(target: Target): void {
  if (target.state === 'running') return
  const { name } = target
  const task = target.labels['com.docker.swarm.task.name']
  const fail = (what: string, hint: string) => new DockerBashError(`${name} ${what}`, { hint })
  switch (target.state) {
    case 'paused':
      throw fail('is paused: nothing in it can run', `docker unpause ${name}`)
    case 'restarting':
      throw fail(
        `is restarting: it keeps ending${target.exit ? ` with code ${target.exit.code}${oom(target)}` : ''}`,
        `docker logs ${name} says why, or look around in a copy of it: docker-bash debug ${name}`,
      )
    case 'removing':
      throw fail('is being removed', 'docker-bash ls shows what runs')
    case 'created':
      if (task) throw fail('was never started', successor(task))
      throw fail('was never started', `docker start ${name}, or look around in a copy of it: docker-bash debug ${name}`)
    case 'exited':
    case 'dead':
      throw fail(
        `is not running${ending(target)}`,
        task ? successor(task) : `docker start ${name}, or look around in a copy of it: docker-bash debug ${name}`,
      )
  }
}

/** What the swarm has given up, nobody starts again. */
function successor(task: string): string {
  return `it was a task of a swarm: docker-bash ${task.replace(/\.[0-9a-z]{25}$/, '')} enters the one that runs now`
}

function ending(target: Target): string {
  if (!target.exit) return ''
  const when = target.finishedAt ? ` ${since(Date.parse(target.finishedAt))} ago` : ''
  return `: it exited${when} with code ${target.exit.code}${oom(target)}`
}

function oom({ exit }: Target): string {
  return exit?.oom ? ' (out of memory)' : ''
}
