import { homedir } from 'node:os'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { print } from '../cli/output/print'
import { safe } from '../lib/text/escape-controls'

export default class Init extends Command {
  static override summary = 'a project on the base image: Dockerfile, one service, one start-up script, your key'
  static override usage = 'init [FLAGS] [DIR]'
  static override examples = [
    'docker-bash init web',
    "docker-bash init web --service api --command 'node /srv/api.js'",
    'docker-bash init --yes --base phusion/baseimage:jammy-1.0.4 --no-ssh',
  ]
  static override description =
    'At a terminal it asks for what no flag says; elsewhere it takes what is usual. It never overwrites a file.'
  static override args = { dir: Args.string({ ignoreStdin: true, default: '.', description: 'where; default: here' }) }
  static override flags = {
    name: Flags.string({ helpValue: 'NAME', description: 'of the image and the container; default: as the folder' }),
    base: Flags.string({ helpValue: 'IMAGE', description: 'built on this; default: docker-bash-base' }),
    service: Flags.string({ helpValue: 'NAME', description: 'of the service; default: app' }),
    command: Flags.string({ helpValue: 'LINE', description: 'what it runs, a line for sh; default: sleep infinity' }),
    key: Flags.string({
      helpValue: 'FILE.pub',
      description: 'this key logs in as root; default: one of ours, or of ~/.ssh',
      exclusive: ['insecure-key', 'no-ssh'],
    }),
    'insecure-key': Flags.boolean({ description: 'whoever has the image logs in as root', exclusive: ['no-ssh'] }),
    'no-ssh': Flags.boolean({ description: 'no sshd at all' }),
    yes: Flags.boolean({ char: 'y', description: 'ask nothing' }),
  }

  async run(): Promise<number> {
    const { args, flags } = await this.parse(Init)
    const { complete } = await import('../lib/image/answers')
    const { nextSteps, projectFiles, usualPaths } = await import('../lib/image/project')
    const { isThere, requireFree, writeProject } = await import('../lib/image/write')
    const { usualImage } = await import('../lib/image/reference')
    const { asker, Left } = await import('../lib/image/ask')
    // Nobody is asked five questions only to hear that it was in vain.
    if (isThere(args.dir, 'Dockerfile')) requireFree(args.dir, usualPaths(flags.service))
    try {
      const ask = !flags.yes && isatty(0) && isatty(2) ? await asker() : undefined
      const project = await complete(flags, args.dir, homedir(), ask)
      const files = projectFiles(project)
      writeProject(args.dir, files)
      const made = files.map(({ path }) => `  ${join(args.dir, path)}`)
      const next = nextSteps(project, args.dir, usualImage).map((line) => `  ${line}`)
      await print(`${['made', ...made, 'next', ...next].map(safe).join('\n')}\n`)
      return 0
    } catch (error) {
      if (error instanceof Left) return 130
      throw error
    }
  }
}
