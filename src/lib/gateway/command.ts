import { isUtf8 } from 'node:buffer'

/**
 * A client's command as a script. A shell's words are UTF-8 on our way to it; where the command is not, the shell makes
 * its bytes anew.
 */
export function scriptOf(command: Buffer): string {
  if (isUtf8(command)) return command.toString()
  const written = Array.from(command, (byte) => {
    const character = String.fromCharCode(byte)
    return /[\w ./:=+@,-]/.test(character) && byte < 128 ? character : `\\${byte.toString(8).padStart(3, '0')}`
  })
  return `eval "$(printf '${written.join('')}')"`
}

/**
 * The words of a command for which there is no shell: such as every shell would take it apart.
 * @returns undefined when it takes a shell to understand it
 */
export function plainWords(command: Buffer): string[] | undefined {
  if (!isUtf8(command)) return undefined
  const words: string[] = []
  let rest = command.toString().trim()
  while (rest !== '') {
    const [word] = /^(?:[^\s'"\\$`|&;<>()*?[\]{}~#!]|'[^']*'|"[^"\\$`]*")+/.exec(rest) ?? []
    if (word === undefined) return undefined
    words.push(word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''))
    const behind = rest.slice(word.length)
    if (behind !== '' && !/^[ \t]/.test(behind)) return undefined
    rest = behind.replace(/^[ \t]+/, '')
  }
  // A variable in front is the shell's business, too.
  return words.length === 0 || /^\w+=/.test(words[0] ?? '') ? undefined : words
}
