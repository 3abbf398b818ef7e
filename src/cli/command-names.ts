/**
 * Every command, topics by a space. Which file each is in is in commands/registry.ts; here are the names alone, for
 * what must not load a command to know them.
 */
export const commandNames = [
  'completion',
  'completion install',
  'completion remove',
  'config',
  'cp',
  'debug',
  'doctor',
  'enter',
  'explain',
  'forward',
  'gateway',
  'image',
  'image build',
  'init',
  'ip',
  'key',
  'key generate',
  'key insecure',
  'key install',
  'key list',
  'key revoke',
  'key rotate',
  'key snippet',
  'ls',
  'plugin',
  'plugin install',
  'plugin remove',
  'proxy',
  'run',
  'ssh-config',
  'ssh-config install',
  'ssh-config remove',
  'sshd',
  'toolbox build',
] as const

export type CommandName = (typeof commandNames)[number]

export function isCommandName(text: string): text is CommandName {
  return commandNames.some((name) => name === text)
}

/** Whether a container of this name needs `name:` in front of it on a command line. */
export function startsCommand(word: string): boolean {
  return commandNames.some((name) => name.split(' ')[0] === word)
}
