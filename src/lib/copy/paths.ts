/** Paths as they are typed: what the end of one says. */

export interface Typed {
  /** To be looked at, without slashes at the end. */
  readonly path: string
  /** The name that a copy has; undefined where the contents are meant: `dir/.`, `/`, `..`. */
  readonly name: string | undefined
  /** Ends as only a folder's may. */
  readonly asFolder: boolean
}

export function typed(path: string): Typed {
  const cut = withoutSlashes(path)
  const last = cut.slice(cut.lastIndexOf('/') + 1)
  const isContents = last === '' || last === '.' || last === '..'
  return {
    path: cut === '' ? '/' : cut,
    name: isContents ? undefined : last,
    asFolder: isContents || cut.length < path.length,
  }
}

/** The folder that a path's last name is in, and that name. */
export function split(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf('/')
  return { folder: at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at), name: path.slice(at + 1) }
}

/** Where a link leads that stands at a path. */
export function linked(path: string, to: string): string {
  if (to.startsWith('/')) return to
  const { folder } = split(path)
  return folder === '/' ? `/${to}` : `${folder}/${to}`
}

/** Without those at its end. */
export function withoutSlashes(path: string): string {
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end--
  return path.slice(0, end)
}
