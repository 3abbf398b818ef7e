import { once } from 'node:events'
import type { ChalkInstance } from 'chalk'
import { frames } from '../engine/frames'
import { Spool } from '../session/spool'
import { safe } from '../text/escape-controls'
import type { Outcome } from './outcome'
import type { Member } from './select'
import { descriptorOf, type Paper, type Stream, type View } from './view'

/** Each member's output in one piece, under its name, as soon as it has ended. */
export class Grouped implements View {
  readonly #paper: Paper
  readonly #paint: ChalkInstance
  /** Both go to one place: a name above stderr's part would stand there twice. */
  readonly #together: boolean
  readonly #groups = new Map<string, Group>()
  #turn: Promise<void> = Promise.resolve()
  #first = true

  constructor(paper: Paper, paint: ChalkInstance, together: boolean) {
    this.#paper = paper
    this.#paint = paint
    this.#together = together
  }

  async output(member: Member, stream: Stream, bytes: Buffer): Promise<void> {
    const group = this.#groupOf(member)
    group.put(stream, bytes)
    if (!group.spool.full) return
    // Past what may be kept its output goes out while it runs; all others wait for their turn.
    const printed = this.#print(member, group)
    await Promise.race([once(group.spool, 'room'), printed])
  }

  async ended(member: Member, outcome: Outcome): Promise<void> {
    const group = this.#groupOf(member)
    group.spool.finish()
    await this.#print(member, group, outcome)
    this.#groups.delete(member.id)
  }

  #groupOf({ id }: Member): Group {
    const group = this.#groups.get(id) ?? new Group()
    this.#groups.set(id, group)
    return group
  }

  #print(member: Member, group: Group, outcome?: Outcome): Promise<void> {
    if (group.printed) return group.printed
    const before = this.#turn
    group.printed = before.then(() => this.#write(member, group, outcome))
    // The next one's turn comes whatever became of this one, which hears of it where it waits.
    this.#turn = group.printed.catch(() => undefined)
    return group.printed
  }

  async #write(member: Member, { spool }: Group, outcome: Outcome | undefined): Promise<void> {
    const code = outcome && outcome.code !== 0 ? `: code ${outcome.code}` : ''
    const head = `==> ${safe(member.name)}${code} <==`
    await this.#paper.write(1, Buffer.from(`${this.#first ? '' : '\n'}${this.#paint.bold(head)}\n`))
    this.#first = false
    const last: Record<Stream, number> = { stdout: 0x0a, stderr: 0x0a }
    let named = this.#together
    const parts: { stream: Stream; bytes: Buffer }[] = []
    const split = frames((stream, bytes) => void parts.push({ stream, bytes }))
    for await (const chunk of spool) {
      split(chunk)
      for (const { stream, bytes } of parts.splice(0)) {
        if (stream === 'stderr' && !named) await this.#paper.write(2, Buffer.from(`==> ${safe(member.name)} <==\n`))
        named ||= stream === 'stderr'
        last[stream] = bytes.at(-1) ?? last[stream]
        await this.#paper.write(descriptorOf(stream), bytes)
      }
    }
    for (const stream of ['stdout', 'stderr'] as const) {
      if (last[stream] !== 0x0a) await this.#paper.write(descriptorOf(stream), Buffer.from('\n'))
    }
  }
}

/** What one member printed so far, both streams in the order in which they came, framed as the engine frames them. */
class Group {
  readonly spool = new Spool({ memory: 1024 * 1024 })
  printed: Promise<void> | undefined

  put(stream: Stream, bytes: Buffer): void {
    const head = Buffer.alloc(8)
    head[0] = stream === 'stdout' ? 1 : 2
    head.writeUInt32BE(bytes.length, 4)
    this.spool.put(Buffer.concat([head, bytes]))
  }
}
