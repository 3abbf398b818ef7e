import * as Flags from '@oclif/core/flags'

/** Which tools, and what may be done to a copy. */
export const debugFlags = {
  tools: Flags.string({
    helpValue: 'DIR',
    description: 'a folder of your own static programs to bring along',
  }),
  toolbox: Flags.string({
    helpValue: 'IMAGE',
    description: 'an image of the engine’s: its static programs instead of the built-in busybox',
  }),
  copy: Flags.boolean({ description: 'a copy, even of one that runs' }),
  unpause: Flags.boolean({ description: 'unpause a paused one while the session lasts' }),
  writable: Flags.boolean({ description: 'what is read-only may be written: the root, and the mounts of a copy' }),
  keep: Flags.boolean({ description: 'keep the copy' }),
  entrypoint: Flags.boolean({ description: 'run in the copy what the container would have started' }),
}
