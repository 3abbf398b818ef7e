import { OfEngine } from '../errors'
import type { Endpoint } from './endpoint'

export type ApiVersion = readonly [number, number]

/** The newest API that this code was written for, and the oldest it works with (Docker 17.09, 2017). */
const newest: ApiVersion = [1, 47]
const oldest: ApiVersion = [1, 32]

/**
 * The API version that questions are asked in. It is agreed on by the first answer, whatever was asked: every answer
 * names the engine's own version in its header. Before that, a question goes without one, and the engine takes its own.
 */
export class Agreement {
  readonly #endpoint: Endpoint
  #version: ApiVersion | undefined

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
  }

  get version(): ApiVersion | undefined {
    return this.#version
  }

  /** @param header `api-version` of any answer */
  hear(header: string | undefined): void {
    this.#version ??= earlier(newest, parse(header) ?? newest)
  }

  /** @throws DockerBashError when it is too old for us */
  requireNewEnough(): void {
    const version = this.#version
    if (!version || !isEarlier(version, oldest)) return
    throw new OfEngine(`the engine at ${this.#endpoint.host} speaks API ${version.join('.')}, which is too old`, {
      hint: `docker-bash needs ${oldest.join('.')} (Docker 17.09) or newer`,
    })
  }

  /** A path of the API with the version in front, once there is one. */
  path(path: string): string {
    return this.#version ? `/v${this.#version.join('.')}${path}` : path
  }
}

function parse(header: string | undefined): ApiVersion | undefined {
  const version = /^(\d+)\.(\d+)$/.exec(header ?? '')
  return version ? [Number(version[1]), Number(version[2])] : undefined
}

function earlier(a: ApiVersion, b: ApiVersion): ApiVersion {
  return isEarlier(a, b) ? a : b
}

function isEarlier(a: ApiVersion, b: ApiVersion): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])
}
