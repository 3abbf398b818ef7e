import type { Fields } from '../ssh/server/fields'

/** Opcodes of RFC 4254, section 8, and IUTF8 of RFC 8160: the character's name for stty, and its value in a new terminal. */
const characters = new Map<number, readonly [name: string, fresh: number]>([
  ...([
    [1, ['intr', 3]],
    [2, ['quit', 28]],
    [3, ['erase', 127]],
    [4, ['kill', 21]],
    [5, ['eof', 4]],
  ] as const),
  ...([
    [8, ['start', 17]],
    [9, ['stop', 19]],
    [10, ['susp', 26]],
  ] as const),
])

/** By opcode: the flag's name for stty, and whether a new terminal has it. */
const flags = new Map<number, readonly [name: string, fresh: boolean]>([
  ...([
    [30, ['ignpar', false]],
    [32, ['inpck', false]],
    [33, ['istrip', false]],
    [34, ['inlcr', false]],
  ] as const),
  ...([
    [35, ['igncr', false]],
    [36, ['icrnl', true]],
    [38, ['ixon', true]],
    [39, ['ixany', false]],
  ] as const),
  ...([
    [40, ['ixoff', false]],
    [42, ['iutf8', false]],
    [50, ['isig', true]],
    [51, ['icanon', true]],
  ] as const),
  ...([
    [53, ['echo', true]],
    [54, ['echoe', true]],
    [55, ['echok', true]],
    [56, ['echonl', false]],
  ] as const),
  ...([
    [57, ['noflsh', false]],
    [58, ['tostop', false]],
    [70, ['opost', true]],
    [72, ['onlcr', true]],
  ] as const),
  ...([
    [73, ['ocrnl', false]],
    [75, ['onlret', false]],
  ] as const),
])

/** The first opcode whose argument is not a number of four bytes: the rest cannot be read. */
const firstUnknown = 160

/**
 * What of a client's terminal modes is not as in a new terminal, as words for stty.
 * @param encoded pairs of opcode and value, up to a zero
 */
export function modeWords(encoded: Fields): string[] {
  const words: string[] = []
  while (encoded.left >= 5) {
    const opcode = encoded.byte()
    if (opcode === 0 || opcode >= firstUnknown) break
    const value = encoded.number()
    const character = characters.get(opcode)
    if (character && value !== character[1]) {
      const written = writtenAs(value)
      if (written !== undefined) words.push(character[0], written)
    }
    const flag = flags.get(opcode)
    if (flag && (value !== 0) !== flag[1]) words.push(value === 0 ? `-${flag[0]}` : flag[0])
  }
  return words
}

/** As every stty reads it: a number would be read as different things. */
function writtenAs(character: number): string | undefined {
  if (character === 0 || character === 255) return 'undef'
  if (character === 127) return '^?'
  if (character > 127 || character === 32) return undefined
  return character < 32 ? `^${String.fromCharCode(character + 64)}` : String.fromCharCode(character)
}
