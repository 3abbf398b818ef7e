import { Command } from '../../cli/base-command'
import { DockerBashError } from '../../lib/errors'

export default class Image extends Command {
  static override summary = 'a base image for containers that are good to be in'
  static override usage = 'image build'
  static override examples = [
    'docker-bash image build                make it, on Debian 12',
    'docker-bash init web                   a project on it',
  ]
  static override strict = false

  run(): Promise<void> {
    throw new DockerBashError('image needs to know what to do', { hint: 'build: docker-bash image build --help' })
  }
}
