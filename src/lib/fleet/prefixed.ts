import type { ChalkInstance } from 'chalk'
import { cut, padded, widthOf } from '../terminal/width'
import { safe } from '../text/escape-controls'
import type { Line } from './lines'
import { PerMember } from './per-member'
import type { Member } from './select'
import { descriptorOf, type Paper, type Stream, type View } from './view'

const colours = ['cyan', 'yellow', 'green', 'magenta', 'blue', 'cyanBright', 'yellowBright', 'greenBright'] as const
/** Puts back what the command's own escapes may have left on; the next line's prefix must not look like it. */
const plain = Buffer.from('\x1b[0m')
const newline = Buffer.from('\n')

/**
 * Each line behind its container's name, `web | …`; what continues a line that was too long to be held, behind
 * `web + …`. The bytes of the line itself are as they came.
 */
export class Prefixed implements View {
  readonly #paper: Paper
  readonly #prefixes: Readonly<Record<Stream, (member: Member, mark: string) => Buffer>>
  readonly #lines = new PerMember()
  readonly #terminal: Readonly<Record<Stream, boolean>>

  /** @param paints the colours of stdout and stderr */
  constructor(members: readonly Member[], paper: Paper, paints: Readonly<Record<Stream, ChalkInstance>>) {
    this.#paper = paper
    const width = Math.min(32, Math.max(...members.map(({ name }) => widthOf(safe(name)))))
    const places = new Map(members.map(({ id }, index) => [id, index]))
    const prefix = (paint: ChalkInstance) => (member: Member, mark: string) => {
      const colour = colours[(places.get(member.id) ?? 0) % colours.length] ?? 'cyan'
      return Buffer.from(`${paint[colour](`${padded(cut(safe(member.name), width), width)} ${mark}`)} `)
    }
    this.#prefixes = { stdout: prefix(paints.stdout), stderr: prefix(paints.stderr) }
    this.#terminal = { stdout: paints.stdout.level > 0, stderr: paints.stderr.level > 0 }
  }

  async output(member: Member, stream: Stream, bytes: Buffer): Promise<void> {
    await this.#print(member, stream, this.#lines.of(member)[stream].take(bytes))
  }

  async ended(member: Member): Promise<void> {
    const lines = this.#lines.end(member)
    await this.#print(member, 'stdout', lines.stdout.rest())
    await this.#print(member, 'stderr', lines.stderr.rest())
  }

  async #print(member: Member, stream: Stream, lines: readonly Line[]): Promise<void> {
    if (lines.length === 0) return
    const begins = this.#prefixes[stream](member, '|')
    const goesOn = this.#prefixes[stream](member, '+')
    const parts = lines.flatMap(({ bytes, continues }) => {
      const isPainted = this.#terminal[stream] && bytes.includes(0x1b)
      return [continues ? goesOn : begins, bytes, ...(isPainted ? [plain] : []), newline]
    })
    await this.#paper.write(descriptorOf(stream), Buffer.concat(parts))
  }
}
