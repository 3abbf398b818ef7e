/** Many small files in one question: extensions of our own servers (small-files.pl). */
import { type Entry, entriesOf, type Handle, type SftpClient } from './client'
import { type Attributes, Fields, number, text, type Wanted, wanted } from './packet'
import { SftpError } from './requests'

/** Read at once. */
export interface SmallFile {
  readonly attributes: Attributes
  readonly bytes: Buffer
}

/** Largest of files that go many in a packet, in bytes. */
export const largestSmall = 32 * 1024

/** What copies of files are to be like, whatever each of them is. */
export interface Likeness {
  /** undefined: whoever makes them. */
  readonly owner: 'theirs' | { readonly uid: number; readonly gid: number } | undefined
  readonly mode: number
  /** It is what may be left of theirs. */
  readonly isMask: boolean
}

export interface Portion {
  readonly entries: readonly Entry[]
  readonly isMore: boolean
}

/** Next to the entries there are those that were sent. */
export interface Sent extends Portion {
  /** With a slash between them. */
  readonly names: string
}

function portionIn(answer: Fields): Portion {
  const isMore = answer.byte() === 1
  return { isMore, entries: entriesOf(answer) }
}

/** What became of small files. */
export interface Small {
  /** With so many it went well, which have so many bytes. */
  readonly count: number
  readonly bytes: number
  readonly failed: readonly {
    /** Which it is of those that were meant. */
    readonly at: number
    readonly error: SftpError
    /** It is to be copied by itself. */
    readonly isUnsent: boolean
  }[]
}

function smallIn(answer: Fields): Small {
  const [count, bytes, list] = [answer.number(), Number(answer.long()), new Fields(answer.bytes())]
  const failed: Small['failed'][number][] = []
  while (list.left > 0) {
    const [at, code] = [list.number(), list.number()]
    failed.push({ at, error: new SftpError(code & 0x7fffffff, 'failed'), isUnsent: code >= 0x80000000 })
  }
  return { count, bytes, failed }
}

/**
 * Sends the next small files of a folder to the server that this one is joined to, which has to be asked to `takeSmall`
 * at the same time. Its names are those that it had at the first time.
 * @param bare those with extended attributes are not sent
 * @param few where there are no more small ones than these, none is sent
 */
export async function sendSmall(client: SftpClient, folder: Handle, bare: boolean, few: number): Promise<Sent> {
  const fields = [largestSmall, bare ? 1 : 0, few].map(number)
  const answer = await client.extended('send-small@docker-bash', text(folder), ...fields)
  return { names: answer.text(), ...portionIn(answer) }
}

/** The next entries of a folder, of those that it had at the first time. */
export async function portion(client: SftpClient, folder: Handle): Promise<Portion> {
  return portionIn(await client.extended('portion@docker-bash', text(folder)))
}

/**
 * Makes what the other one sends, in a folder, under names of its own.
 * @param batch a number for `nameSmall`
 */
export async function takeSmall(
  client: SftpClient,
  folder: Handle,
  batch: number,
  { owner, mode, isMask }: Likeness,
): Promise<Small> {
  const rule = (owner === 'theirs' ? 1 : owner ? 2 : 0) | (isMask ? 0 : 4)
  const { uid, gid } = typeof owner === 'object' ? owner : { uid: 0, gid: 0 }
  const fields = [batch, rule, uid, gid, mode].map(number)
  return smallIn(await client.extended('take-small@docker-bash', text(folder), ...fields))
}

/**
 * Small files of a folder, as many of the first as one answer takes; undefined for one that is to be read by itself.
 * @param bare one with extended attributes is
 */
export async function readSmall(
  client: SftpClient,
  folder: Handle,
  names: readonly string[],
  bare: boolean,
): Promise<(SmallFile | undefined)[]> {
  const fields = [text(folder), number(largestSmall), number(bare ? 1 : 0), ...names.map(text)]
  const list = await client.extended('small@docker-bash', ...fields)
  return Array.from({ length: list.number() }, () =>
    list.number() === 0 ? { attributes: list.attributes(), bytes: list.bytes() } : undefined,
  )
}

/** Makes small files in a folder, under names of its own; no more than 128. */
export async function makeSmall(
  client: SftpClient,
  folder: Handle,
  batch: number,
  files: readonly { readonly name: string; readonly to: Wanted; readonly bytes: Buffer }[],
): Promise<Small> {
  const fields = files.flatMap(({ name, to, bytes }) => [text(name), wanted(to), text(bytes)])
  return smallIn(await client.extended('make-small@docker-bash', text(folder), number(batch), ...fields))
}

/** Gives those of a batch that were made their names, whatever has them; one that cannot be goes. */
export async function nameSmall(client: SftpClient, batch: number): Promise<Small> {
  return smallIn(await client.extended('name-small@docker-bash', number(batch)))
}
