import { formatPublic } from '../ssh/fingerprint'
import { type Entrance, phusion, unfit } from './project'
import type { Offered } from './public-key'

/** Thrown when they leave at a question: ctrl-c, or the terminal is gone. */
export class Left extends Error {}

export interface Asker {
  text(what: 'name' | 'service' | 'command', question: string, usual: string): Promise<string>
  base(ours: string): Promise<string>
  entrance(offered: readonly Offered[]): Promise<Entrance>
}

/** Questions at the terminal that we read from and speak to. */
export async function asker(): Promise<Asker> {
  const { input, select } = await import('@inquirer/prompts')
  const at = { input: process.stdin, output: process.stderr }
  const fits = (what: keyof typeof unfit) => (text: string) => unfit[what](text) ?? true
  const other = ''
  return {
    text: (what, message, usual) => leave(input({ message, default: usual, validate: fits(what) }, at)),
    async base(ours) {
      const choices = [
        { name: `${ours}, made by docker-bash image build`, value: ours },
        { name: phusion, value: phusion },
        { name: 'another', value: other },
      ]
      const chosen = await leave(select({ message: 'built on', choices }, at))
      return chosen === other ? leave(input({ message: 'which image', validate: fits('base') }, at)) : chosen
    },
    entrance(offered) {
      const choices = [
        ...offered.map(({ from, key }) => ({ name: from, value: { key } as Entrance, description: formatPublic(key) })),
        { name: 'whoever has the image: its insecure key', value: 'insecure' as Entrance },
        { name: 'nobody: no sshd', value: 'none' as Entrance },
      ]
      return leave(select({ message: 'who logs in by SSH', choices }, at))
    },
  }
}

async function leave<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new Left('left', { cause: error })
    throw error
  }
}
