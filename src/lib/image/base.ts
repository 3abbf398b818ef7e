import { statSync } from 'node:fs'
import { DockerBashError } from '../errors'
import { requireImageName } from './reference'

/** What the image is built on. */
export type Base =
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'rootfs'; readonly path: string }

/** What can be left out of the image. */
export const parts = ['sshd', 'cron', 'syslog'] as const

/**
 * What `--from` means: an archive by its ending or by being written as a path, else an image.
 * @throws DockerBashError when there is no such file, or it is not a name
 */
export function parseBase(word: string): Base {
  if (!/\.(tar|tgz|tar\.(gz|xz|bz2|zst))$/.test(word) && !/^\.{0,2}\//.test(word)) {
    return { kind: 'image', name: requireImageName(word) }
  }
  const found = statSync(word, { throwIfNoEntry: false })
  if (!found?.isFile() || found.size === 0) {
    throw new DockerBashError(`invalid root filesystem "${word}": ${found ? 'not a file, or empty' : 'no such file'}`, {
      hint: 'an archive as mmdebstrap --variant=minbase bookworm rootfs.tar makes it',
    })
  }
  return { kind: 'rootfs', path: word }
}

/** @throws DockerBashError for a part that the image does not have */
export function parseWithout(words: string): string[] {
  const named = words.split(',').map((word) => word.trim())
  const unknown = named.find((word) => word !== '' && !parts.some((part) => part === word))
  if (unknown === undefined) return parts.filter((part) => named.includes(part))
  throw new DockerBashError(`the image has no part called ${unknown}`, { hint: `--without takes ${parts.join(', ')}` })
}
