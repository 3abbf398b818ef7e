import { errno } from '../errors'
import type { Handle, SftpClient } from '../sftp/client'

/** Extended attributes that belong to where a file is, not to the file. */
const ofPlace = /^(?:security\.(?:selinux|ima|evm|apparmor|SMACK)|trusted\.overlay)/
/** The other side takes none of that name. */
const untaken = ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL']

/** Gives a file the extended attributes of another, as far as the other side takes them. */
export async function copyAttributes(
  { client: from, handle: of }: { readonly client: SftpClient; readonly handle: Handle },
  { client: to, handle }: { readonly client: SftpClient; readonly handle: Handle },
): Promise<void> {
  for (const [name, value] of await from.attributesOf(of)) {
    if (ofPlace.test(name)) continue
    await to.setAttribute(handle, name, value).catch((error: unknown) => {
      if (!untaken.includes(errno(error) ?? '')) throw error
    })
  }
}
