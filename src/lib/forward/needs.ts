/** What is to be done inside. */
export interface Needs {
  readonly reverse: boolean
  readonly udp: boolean
  /** Unix sockets, and among them paths of its files. */
  readonly unix: boolean
  readonly files: boolean
}
