import type { Readable } from 'node:stream'

/** What a server says before its first packet; undefined when it ends without. What comes behind it is not read yet. */
export function firstLine(output: Readable): Promise<string | undefined> {
  return new Promise((settle) => {
    let said = Buffer.alloc(0)
    const hear = (chunk: Buffer) => {
      said = Buffer.concat([said, chunk])
      const end = said.indexOf('\n')
      if (end < 0) return
      output.off('data', hear)
      output.pause()
      settle(said.toString('latin1', 0, end))
    }
    output.on('data', hear)
    for (const event of ['end', 'error', 'close']) output.once(event, () => settle(undefined))
  })
}
