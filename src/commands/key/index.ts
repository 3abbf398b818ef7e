import { Command } from '../../cli/base-command'
import { DockerBashError } from '../../lib/errors'

export default class Key extends Command {
  static override summary = 'who may log in by SSH'
  static override usage = 'key list|generate|install|rotate|revoke|insecure|snippet'
  static override examples = [
    'docker-bash key install web            authorise a key of yours, made at first use',
    'docker-bash key list web               who may log in',
    'docker-bash key rotate --all           new keys in, tried, old ones out',
    'docker-bash key revoke web             yours out, proved by a refused login',
    'docker-bash key insecure --disable web the image’s own key out',
    'docker-bash key generate work          a key of yours by another name',
    'docker-bash key snippet                Dockerfile lines for it',
  ]
  static override strict = false

  run(): Promise<void> {
    throw new DockerBashError('key needs to know what to do', {
      hint: 'list, generate, install, rotate, revoke, insecure or snippet: docker-bash key --help',
    })
  }
}
