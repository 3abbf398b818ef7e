import * as Flags from '@oclif/core/flags'
import { Command } from '../../cli/base-command'
import { engineFlags, jsonFlag } from '../../cli/flags'
import { buildBase } from '../../cli/image-build'

export default class ImageBuild extends Command {
  static override summary = 'make the base image: an init, services, an sshd that is off until asked for'
  static override usage = 'image build [FLAGS]'
  static override examples = [
    'docker-bash image build',
    'docker-bash image build --from ubuntu:24.04 --tag my/base',
    'docker-bash image build --from rootfs.tar --without cron,syslog',
  ]
  static override description =
    'Goes through the engine’s API, without its command line. Nothing is fetched when what it is built on is there and\n' +
    'has the packages. Prints the name and the ID of the image.'
  static override flags = {
    from: Flags.string({
      helpValue: 'IMAGE|TAR',
      description: 'build on this image, or on this archive of a root filesystem; default: Debian 12',
    }),
    tag: Flags.string({ helpValue: 'NAME', description: 'its name; default: docker-bash-base' }),
    without: Flags.string({ helpValue: 'PART,…', description: 'leave out any of sshd, cron, syslog' }),
    ...jsonFlag,
    ...engineFlags,
  }

  async run(): Promise<number> {
    const { flags } = await this.parse(ImageBuild)
    return buildBase(flags)
  }
}
