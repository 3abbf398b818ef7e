import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DockerBashError, errno, messageOf } from '../errors'
import { type TarEntry, tar } from '../toolbox/tar'

/** Of the recipe's folder, what its Dockerfile takes. */
const wanted = ['Dockerfile', 'build', 'rootfs']

/**
 * The recipe as the engine takes it: a tar, everything root's.
 * @param folder `image/`, as it lies in the package
 */
export async function buildContext(folder: string): Promise<Buffer> {
  try {
    return await tar(wanted.flatMap((name) => entries(folder, name)))
  } catch (cause) {
    throw new DockerBashError(`cannot read the image's recipe in ${folder}: ${errno(cause) ?? messageOf(cause)}`, {
      hint: 'docker-bash is not installed as a whole: install it again',
      cause,
    })
  }
}

function entries(folder: string, name: string): TarEntry[] {
  const path = join(folder, name)
  const found = statSync(path)
  if (!found.isDirectory()) return [{ path: name, mode: found.mode & 0o111 ? 0o755 : 0o644, bytes: readFileSync(path) }]
  const inside = readdirSync(path).sort()
  return [{ path: `${name}/`, mode: 0o755 }, ...inside.flatMap((one) => entries(folder, `${name}/${one}`))]
}
