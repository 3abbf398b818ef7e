import setTerminal from './set-terminal.sh'

/**
 * Words that a shell runs when it has set its terminal.
 * @param modes words for stty; without any the words are as they were @param shell a POSIX one, by its path
 */
export function withModes(modes: readonly string[], words: readonly string[], shell: string): readonly string[] {
  return modes.length === 0 ? words : [shell, '-c', setTerminal, shell, modes.join(' '), ...words]
}
