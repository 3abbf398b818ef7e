import { join } from 'node:path'

/** A file or folder of our package, beside `dist/`. */
export function packaged(name: string): string {
  return join(__dirname, '..', name)
}
