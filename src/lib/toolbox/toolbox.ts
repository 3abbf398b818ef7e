import { DockerBashError } from '../errors'

/** Programs that need nothing but a kernel, in one folder, with a shell among them. */
export interface Toolbox {
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[]
  /** More names, each with the file's. */
  readonly links: readonly (readonly [name: string, file: string])[]
  /** The name of the most comfortable shell. */
  readonly shell: string
}

/** What was found in an image, before a shell was looked for in it. */
export interface Collected extends Omit<Toolbox, 'shell'> {
  /** Programs that stay behind: what each needs. */
  readonly dynamic: ReadonlyMap<string, string>
}

const shells = ['bash', 'zsh', 'ash', 'sh']

/** @throws DockerBashError when no shell is among them that runs by itself, saying what the image's own one lacks */
export function withShell(image: string, { files, links, dynamic }: Collected): Toolbox {
  const names = new Set([...files.map(({ name }) => name), ...links.map(([name]) => name)])
  const hasBusybox = names.has('busybox') && !names.has('sh')
  const all = hasBusybox ? [...links, ['sh', 'busybox'] as const] : links
  const shell = shells.find((name) => names.has(name)) ?? (hasBusybox ? 'sh' : undefined)
  if (shell) return { files, links: all, shell }
  const lacks = shells.map((name) => dynamic.get(name)).find((loader) => loader !== undefined)
  throw new DockerBashError(
    lacks === undefined
      ? `the toolbox ${image} has no shell`
      : `the shell of the toolbox ${image} cannot be brought along: it needs ${lacks}`,
    { hint: 'name an image with static programs, such as busybox:musl; without --toolbox the built-in one serves' },
  )
}
