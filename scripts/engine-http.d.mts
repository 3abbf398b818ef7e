import type { Readable } from 'node:stream'

export interface RequestOptions {
  /** Sent as JSON, or as it is when it is a stream. */
  body?: object | Readable
  /** Default 60,000. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface Answer {
  status: number
  bytes: Buffer
  text: string
  /** `undefined` if the answer is not JSON. */
  json: unknown
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'

export function request(host: string, method: Method, path: string, options?: RequestOptions): Promise<Answer>
export function call(host: string, method: Method, path: string, options?: RequestOptions): Promise<unknown>
export function answers(host: string, timeoutMs?: number): Promise<boolean>
