import { letters, padding, type TarHead } from './tar-format'

const letterOf = Object.fromEntries(Object.entries(letters).map(([letter, kind]) => [kind, letter]))
letterOf.file = '0'

/** An entry's header, with an extended one in front where it takes that. */
export function writeHead(head: TarHead): Buffer {
  const more: [string, Buffer][] = []
  const bytes = (text: string | number) => Buffer.from(String(text), 'latin1')
  if (head.name.length > 100) more.push(['path', bytes(head.name)])
  if (head.to.length > 100) more.push(['linkpath', bytes(head.to)])
  if (head.size > 0o77777777777) more.push(['size', bytes(head.size)])
  if (head.uid > 0o7777777) more.push(['uid', bytes(head.uid)])
  if (head.gid > 0o7777777) more.push(['gid', bytes(head.gid)])
  for (const [name, value] of head.attributes) more.push([`SCHILY.xattr.${name}`, value])
  if (more.length === 0) return block(head, letterOf[head.kind] ?? '0')
  const records = Buffer.concat(more.map(([key, value]) => record(key, value)))
  const front = { ...head, name: 'pax', to: '', mode: 0o600, size: records.length }
  return Buffer.concat([
    block(front, 'x'),
    records,
    Buffer.alloc(padding(records.length)),
    block(head, letterOf[head.kind] ?? '0'),
  ])
}

/** `LENGTH KEY=VALUE\n`, the length with its own digits. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`, 'latin1'), value, Buffer.from('\n')])
  let size = rest.length + 1
  while (String(size).length + rest.length !== size) size = String(size).length + rest.length
  return Buffer.concat([Buffer.from(String(size)), rest])
}

function block(head: TarHead, letter: string): Buffer {
  const bytes = Buffer.alloc(512)
  const octal = (value: number, at: number, digits: number) =>
    bytes.write(Math.max(0, value).toString(8).padStart(digits, '0').slice(-digits), at, 'latin1')
  bytes.write(head.name.slice(0, 100), 0, 'latin1')
  octal(head.mode, 100, 7)
  octal(head.uid <= 0o7777777 ? head.uid : 0, 108, 7)
  octal(head.gid <= 0o7777777 ? head.gid : 0, 116, 7)
  octal(head.size <= 0o77777777777 ? head.size : 0, 124, 11)
  octal(Math.floor(head.mtime), 136, 11)
  bytes.write('        ', 148)
  bytes.write(letter, 156, 'latin1')
  bytes.write(head.to.slice(0, 100), 157, 'latin1')
  bytes.write('ustar\x0000', 257, 'latin1')
  octal(head.device[0], 329, 7)
  octal(head.device[1], 337, 7)
  const sum = bytes.reduce((all, byte) => all + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}

/** What an archive ends with. */
export const tarEnd = Buffer.alloc(1024)
