import { errno } from '../errors'
import { below, type SftpClient } from '../sftp/client'
import type { Wanted } from '../sftp/packet'
import type { Into } from './writing'

/** The folders of a tar: made as it names or needs them; what they are to be like they are once all is in them. */
export class MadeFolders {
  readonly #client: SftpClient
  readonly #made: { readonly path: string; readonly to: Wanted }[] = []

  constructor(client: SftpClient) {
    this.#client = client
  }

  /** @param always that it is like that, one that was there before, too */
  async make(into: Into, name: string, to: Wanted, always: boolean): Promise<void> {
    const path = below(into.handle, name)
    const isNew = await this.within(into, () => this.#isMade(path, 0o700))
    // No link to one.
    if (!isNew) await this.#client.close(await this.#client.openFolder(path))
    if (isNew || always) this.#made.push({ path, to })
  }

  /** Does something in a folder, whose own are made first where an archive does not name them. */
  async within<T>({ handle }: Into, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw error
      const [top = '', ...names] = handle.split('/')
      for (const count of names.keys()) await this.#isMade(below(top, ...names.slice(0, count + 1)), 0o755)
      return work()
    }
  }

  /** The innermost first. */
  async end(): Promise<void> {
    for (const { path, to } of this.#made.reverse()) {
      try {
        const handle = await this.#client.openFolder(path)
        // Refused: it may be another user's.
        await this.#client.setFolderStat(handle, to).catch(() => undefined)
        await this.#client.close(handle)
      } catch (error) {
        if (errno(error) === undefined) throw error
      }
    }
  }

  /** @returns whether it was not there */
  async #isMade(path: string, mode: number): Promise<boolean> {
    try {
      await this.#client.makeFolder(path, mode)
      return true
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw error
      return false
    }
  }
}
