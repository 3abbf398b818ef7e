import type { Interfaces } from '@oclif/core'
import { parse } from '@oclif/core/parser'
import type { CommandShape } from '../lib/argv'

/**
 * What oclif wants of a command, parsed by oclif's own parser, without its base class and Config: those read files,
 * load plugins and touch process.stdout (which makes a pipe non-blocking for everybody who shares it) before anything
 * of ours runs. Help and manifest still come from oclif, and read the same static properties.
 */
export abstract class Command {
  static args: Interfaces.ArgInput = {}
  static flags: Interfaces.FlagInput = {}
  static summary: string
  static description?: string
  static usage?: string | string[]
  static examples: string[]
  static hidden?: boolean
  /** False: words beyond `args` are taken too. */
  static strict = true
  /** Takes TARGET and then the user's own words: see argv.ts. */
  static takesWords = false
  /** Takes SELECTORs up to `--` and then the user's own words. */
  static takesMany = false
  /** What completion takes its words for: `places` are TARGET:PATH or ours, `ports` a TARGET and then ports of it. */
  static words?: 'places' | 'ports'
  /** Its TARGET may be one that does not run; completion offers those, too. */
  static anyState = false
  /** Flags that stand in for TARGET. */
  static targetFlags: readonly string[] = []

  protected readonly argv: readonly string[]

  constructor(argv: readonly string[]) {
    this.argv = argv
  }

  /** @returns the exit code as a number; whatever else is 0 */
  abstract run(): Promise<unknown>

  /** What oclif takes a command by. */
  static run(this: new (argv: readonly string[]) => Command, argv: readonly string[] = []) {
    return new this(argv).run()
  }

  /** @throws oclif's CLIError for words that do not fit */
  protected parse<F extends Interfaces.OutputFlags<F>, A extends Interfaces.OutputArgs<A>>(command: {
    flags?: Interfaces.FlagInput<F>
    args?: Interfaces.ArgInput<A>
    strict?: boolean
  }): Promise<Interfaces.ParserOutput<F, object, A>> {
    // Its types want oclif's own base class as the context, which our flags do not look at.
    const input = { context: this, ...command } as unknown as Interfaces.Input<F, object, A>
    return parse([...this.argv], input) as Promise<Interfaces.ParserOutput<F, object, A>>
  }
}

/** A command's class: its static properties, and how one is made of its words. */
export type CommandClass = Omit<typeof Command, 'prototype'> & (new (argv: readonly string[]) => Command)

/** What the shield has to know of a command, from the flags that oclif will parse. */
export function shapeOf(command: CommandClass): CommandShape {
  return {
    flags: Object.entries(command.flags).map(([name, flag]) => ({
      name,
      value: flag.type === 'option',
      ...(flag.char && { char: flag.char }),
    })),
    takesWords: command.takesWords,
    takesMany: command.takesMany,
    targetFlags: command.targetFlags,
  }
}
