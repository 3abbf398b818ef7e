import { safeJson } from '../text/escape-controls'
import type { Line } from './lines'
import type { Outcome } from './outcome'
import { PerMember } from './per-member'
import type { Member } from './select'
import type { Paper, Stream, View } from './view'

/**
 * An object a line on stdout. For each line of output: `container`, `id`, `stream` and `line`, or `base64` for what is
 * no UTF-8; `partial` when no newline followed. At the end of each container: `code`, `seconds`, `error` if there is
 * more to say.
 */
export class JsonLines implements View {
  readonly #paper: Paper
  readonly #lines = new PerMember()

  constructor(paper: Paper) {
    this.#paper = paper
  }

  async output(member: Member, stream: Stream, bytes: Buffer): Promise<void> {
    await this.#print(member, stream, this.#lines.of(member)[stream].take(bytes))
  }

  async ended(member: Member, { code, seconds, why }: Outcome): Promise<void> {
    const lines = this.#lines.end(member)
    for (const stream of ['stdout', 'stderr'] as const) await this.#print(member, stream, lines[stream].rest())
    const end = {
      ...whose(member),
      code,
      seconds: Number(seconds.toFixed(3)),
      ...(why !== undefined && { error: why }),
    }
    await this.#paper.write(1, Buffer.from(`${safeJson(end)}\n`))
  }

  async #print(member: Member, stream: Stream, lines: readonly Line[]): Promise<void> {
    const text = lines.map((line) => `${safeJson({ ...whose(member), stream, ...contentOf(line) })}\n`).join('')
    if (text !== '') await this.#paper.write(1, Buffer.from(text))
  }
}

function whose({ name, id }: Member) {
  return { container: name, id }
}

function contentOf({ bytes, whole }: Line): object {
  const line = bytes.toString()
  // A piece of a long line may be cut within a character.
  const content = Buffer.from(line).equals(bytes) ? { line } : { base64: bytes.toString('base64') }
  return whole ? content : { ...content, partial: true }
}
