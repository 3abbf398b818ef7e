export interface EngineOptions {
  /** The folder all of it lies in; made if missing, removed at the end. Default: a temporary one. */
  dir?: string
  /** Default true: a network namespace of its own. */
  netns?: boolean
  /** The file of a mount namespace to run in; default: our own. */
  mounts?: string
  /** More arguments for dockerd. */
  args?: string[]
  /** Listens on a TCP port as well, with certificates of its own. */
  tls?: boolean
  /** What it takes its machine to be called. Default: what it is called. */
  hostname?: string
}

export interface Engine {
  /** `unix:///…/docker.sock` */
  readonly host: string
  readonly dir: string
  /** dockerd's process ID; another one after `restart()`. */
  readonly pid: number
  /** For `nsenter --net=PATH`; only in there are the containers' addresses reached. */
  readonly netns?: string
  /** `tcp://127.0.0.1:PORT`, inside the namespace if there is one; the folder is what DOCKER_CERT_PATH wants. */
  readonly tls?: { readonly host: string; readonly certPath: string }
  /** Takes the engine down with its containers and removes all it has. May be called twice. */
  stop(): Promise<void>
  /** dockerd ends with no chance to say goodbye; its containers live on. `stop()` or `restart()` must follow. */
  kill(): Promise<void>
  /** dockerd ends (and, without `--live-restore`, its containers) and starts again on the same folder and socket. */
  restart(): Promise<void>
}

export function startEngine(options?: EngineOptions): Promise<Engine>
