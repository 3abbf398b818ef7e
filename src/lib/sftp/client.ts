import type { Readable, Writable } from 'node:stream'
import { type Attributes, type Fields, long, number, text, type Wanted, wanted } from './packet'
import { Requests, SftpError } from './requests'

export interface Entry {
  readonly name: string
  readonly attributes: Attributes
}

export type Handle = string

/** Most of a file in one packet, in bytes. */
export const block = 256 * 1024

const type = {
  ...{ open: 3, close: 4, read: 5, write: 6, lstat: 7, fstat: 8, setstat: 9, fsetstat: 10, opendir: 11 },
  ...{ readdir: 12, remove: 13, mkdir: 14, rmdir: 15, realpath: 16, stat: 17, rename: 18, readlink: 19, symlink: 20 },
  extended: 200,
}

/** A name beneath a folder that is open, on a way that follows no link. For servers of ours. */
export function below(folder: Handle, ...names: readonly string[]): string {
  return `\0${folder}/${names.join('/')}`
}

/** A list of names, with the attributes of each. */
export function entriesOf(names: Fields): Entry[] {
  return Array.from({ length: names.number() }, () => {
    const name = names.text()
    names.bytes()
    return { name, attributes: names.attributes() }
  })
}

/** What a server of files is asked, in its own words. */
export class SftpClient {
  readonly #requests: Requests

  constructor(into: Readable, out: Writable) {
    this.#requests = new Requests(into, out)
  }

  async open(path: string, how: 'read' | 'create', mode = 0o600): Promise<Handle> {
    // CREAT and EXCL: what is there is not written into.
    const flags = how === 'read' ? 1 : 2 | 8 | 32
    return (await this.#requests.ask(type.open, text(path), number(flags), wanted({ mode }))).text()
  }

  async openFolder(path: string): Promise<Handle> {
    return (await this.#requests.ask(type.opendir, text(path))).text()
  }

  async close(handle: Handle): Promise<void> {
    await this.#requests.ask(type.close, text(handle))
  }

  /** @returns undefined at the end of the file */
  async read(handle: Handle, at: number, size = block): Promise<Buffer | undefined> {
    return this.#unlessEnd(async () =>
      (await this.#requests.ask(type.read, text(handle), long(at), number(size))).bytes(),
    )
  }

  async write(handle: Handle, at: number, bytes: Buffer): Promise<void> {
    await this.#requests.ask(type.write, text(handle), long(at), text(bytes))
  }

  async list(folder: Handle): Promise<Entry[]> {
    const entries: Entry[] = []
    for (;;) {
      const names = await this.#unlessEnd(() => this.#requests.ask(type.readdir, text(folder)))
      if (!names) return entries
      for (const entry of entriesOf(names)) if (entry.name !== '.' && entry.name !== '..') entries.push(entry)
    }
  }

  /** @returns undefined when there is nothing */
  stat(path: string): Promise<Attributes | undefined> {
    return this.#ifThere(type.stat, text(path))
  }

  /** The same of a link itself. */
  lstat(path: string): Promise<Attributes | undefined> {
    return this.#ifThere(type.lstat, text(path))
  }

  async fstat(handle: Handle): Promise<Attributes> {
    return (await this.#requests.ask(type.fstat, text(handle))).attributes()
  }

  async setStat(path: string, to: Wanted): Promise<void> {
    await this.#requests.ask(type.extended, text('lsetstat@openssh.com'), text(path), wanted(to))
  }

  async setFolderStat(handle: Handle, to: Wanted): Promise<void> {
    await this.#requests.ask(type.fsetstat, text(handle), wanted(to))
  }

  async remove(path: string): Promise<void> {
    await this.#requests.ask(type.remove, text(path))
  }

  async makeFolder(path: string, mode: number): Promise<void> {
    await this.#requests.ask(type.mkdir, text(path), wanted({ mode }))
  }

  async readLink(path: string): Promise<string> {
    const names = await this.#requests.ask(type.readlink, text(path))
    names.number()
    return names.text()
  }

  async makeLink(path: string, to: string): Promise<void> {
    await this.#requests.ask(type.symlink, text(to), text(path))
  }

  /** @param replace what has the name already */
  async rename(from: string, to: string, replace: boolean): Promise<void> {
    if (replace) await this.#requests.ask(type.extended, text('posix-rename@openssh.com'), text(from), text(to))
    else await this.#requests.ask(type.rename, text(from), text(to))
  }

  async hardLink(there: string, path: string): Promise<void> {
    await this.#requests.ask(type.extended, text('hardlink@openssh.com'), text(there), text(path))
  }

  /** @param mode with the kind of file */
  async makeNode(path: string, mode: number, madeFor: bigint): Promise<void> {
    await this.#requests.ask(type.extended, text('mknod@docker-bash'), text(path), number(mode), long(madeFor))
  }

  /** Closes a file that was written, as it is to be. @throws when a write of it failed, whoever heard of that */
  async finish(handle: Handle, to: Wanted, through: boolean): Promise<void> {
    await this.#requests.ask(
      type.extended,
      text('finish@docker-bash'),
      text(handle),
      number(through ? 1 : 0),
      wanted(to),
    )
  }

  /** All of the file system that the folder is in, through to the disk. */
  async syncAll(folder: Handle): Promise<void> {
    await this.#requests.ask(type.extended, text('syncfs@docker-bash'), text(folder))
  }

  /** statfs(2)'s f_type of what the folder is in. */
  async fileSystemType(folder: Handle): Promise<bigint> {
    return (await this.#requests.ask(type.extended, text('fs-type@docker-bash'), text(folder))).long()
  }

  async attributesOf(handle: Handle): Promise<[name: string, value: Buffer][]> {
    const list = await this.#requests.ask(type.extended, text('xattrs@docker-bash'), text(handle))
    return Array.from({ length: list.number() }, () => [list.text(), list.bytes()])
  }

  async setAttribute(handle: Handle, name: string, value: Buffer): Promise<void> {
    await this.#requests.ask(type.extended, text('set-xattr@docker-bash'), text(handle), text(name), text(value))
  }

  /** Hands an open file to the server that this one is joined to, which has to be asked to `take` at the same time. */
  async give(handle: Handle): Promise<void> {
    await this.#requests.ask(type.extended, text('give@docker-bash'), text(handle))
  }

  async take(): Promise<Handle> {
    return (await this.#requests.ask(type.extended, text('take@docker-bash'))).text()
  }

  /** Between two files that are open here, at the same place. @returns how far it came: less at the end of `from` */
  async copy(from: Handle, to: Handle, at: number, size: number): Promise<number> {
    const words = [text('copy@docker-bash'), text(from), long(at), long(size), text(to)]
    return Number((await this.#requests.ask(type.extended, ...words)).long())
  }

  /** An extension that has no method here. */
  extended(name: string, ...fields: readonly Buffer[]): Promise<Fields> {
    return this.#requests.ask(type.extended, text(name), ...fields)
  }

  async #ifThere(kind: number, path: Buffer): Promise<Attributes | undefined> {
    try {
      return (await this.#requests.ask(kind, path)).attributes()
    } catch (error) {
      if (error instanceof SftpError && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  async #unlessEnd<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof SftpError && error.code === 'EOF') return undefined
      throw error
    }
  }
}
