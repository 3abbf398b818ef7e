import { Command } from '../../cli/base-command'
import { DockerBashError } from '../../lib/errors'

export default class Plugin extends Command {
  static override summary = "docker bash web: as a plugin of Docker's own client"
  static override usage = 'plugin install | remove'
  static override examples = [
    "docker-bash plugin install            a link where Docker's client looks for plugins",
    'docker bash web                       from then on',
    'docker --context prod bash web ls /   with the flags of docker before, ours behind',
    'docker-bash plugin remove             as it was',
  ]
  static override strict = false

  run(): Promise<void> {
    throw new DockerBashError('plugin needs to know what to do', {
      hint: 'install or remove: docker-bash plugin --help',
    })
  }
}
