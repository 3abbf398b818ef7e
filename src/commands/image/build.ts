import * as Flags from '@oclif/core/flags'
import { untilSignal } from '../../cli/abort-on-signal'
import { Command } from '../../cli/base-command'
import { reachEngine } from '../../cli/engine'
import { engineFlags, jsonFlag } from '../../cli/flags'
import { BuildProgress } from '../../cli/output/build-progress'
import { print, printJson } from '../../cli/output/print'
import { packaged } from '../../cli/package-path'
import { safe } from '../../lib/text/escape-controls'

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
    const { parseBase, parseWithout } = await import('../../lib/image/base')
    const { parseTag, usualImage } = await import('../../lib/image/reference')
    const { buildContext } = await import('../../lib/image/context')
    const { buildImage } = await import('../../lib/image/build')
    const { repo, tag } = parseTag(flags.tag ?? usualImage)
    const name = `${repo}:${tag}`
    const recipe = {
      tag: name,
      base: flags.from === undefined ? undefined : parseBase(flags.from),
      without: parseWithout(flags.without ?? ''),
      context: buildContext(packaged('image')),
    }
    const engine = await reachEngine(flags)
    const progress = new BuildProgress()
    const said = progress.said.bind(progress)
    return untilSignal(async (signal) => {
      let ok = false
      try {
        const id = await buildImage(engine, recipe, { signal, said })
        ok = true
        progress.ended(ok)
        await (flags.json ? printJson({ name, id }) : print(`${safe(name)}  ${safe(id)}\n`))
      } finally {
        if (!ok) progress.ended(false)
      }
    })
  }
}
