import { Lines } from './lines'
import type { Member } from './select'
import type { Stream } from './view'

/** The lines of each member's two streams, for as long as it runs. */
export class PerMember {
  readonly #lines = new Map<string, Readonly<Record<Stream, Lines>>>()

  of({ id }: Member): Readonly<Record<Stream, Lines>> {
    const known = this.#lines.get(id)
    if (known) return known
    const lines = { stdout: new Lines(), stderr: new Lines() }
    this.#lines.set(id, lines)
    return lines
  }

  /** No more will come. */
  end(member: Member): Readonly<Record<Stream, Lines>> {
    const lines = this.of(member)
    this.#lines.delete(member.id)
    return lines
  }
}
