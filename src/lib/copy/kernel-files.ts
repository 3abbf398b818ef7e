import type { Handle, SftpClient } from '../sftp/client'

/** statfs(2)'s f_type (linux/magic.h) of /proc, /sys, both kinds of control groups, and what is mounted in these and /dev. */
const kernels: ReadonlySet<bigint> = new Set([
  ...[0x9fa0n, 0x62656572n, 0x27e0ebn, 0x63677270n, 0x1cd1n],
  ...[0x19800202n, 0x64626720n, 0x74726163n, 0x73636673n, 0xcafe4a11n],
])

/**
 * Says which folders on the way are of the kernel's own file systems, such as /proc: in a copy of a tree they are empty, as
 * in one of docker cp's. One that is named itself is copied.
 */
export class KernelFiles {
  readonly #client: SftpClient
  readonly #known = new Map<bigint, boolean>()

  constructor(client: SftpClient) {
    this.#client = client
  }

  /** @param device that it is on: asked about once */
  async has(folder: Handle, device: bigint): Promise<boolean> {
    const known = this.#known.get(device)
    if (known !== undefined) return known
    // The first is that of what was named.
    const is = this.#known.size > 0 && kernels.has(await this.#client.fileSystemType(folder))
    this.#known.set(device, is)
    return is
  }
}
