import type { Outcome } from './outcome'
import type { Member } from './select'

export type Stream = 'stdout' | 'stderr'

/** Where the output of a fleet goes. A call settles when its bytes are out, so that nothing heaps up here. */
export interface View {
  output(member: Member, stream: Stream, bytes: Buffer): Promise<void>
  ended(member: Member, outcome: Outcome): Promise<void>
}

/** What a view writes to: descriptor 1 or 2. */
export interface Paper {
  write(fd: 1 | 2, bytes: Buffer): Promise<void>
}

export const descriptorOf = (stream: Stream): 1 | 2 => (stream === 'stdout' ? 1 : 2)
