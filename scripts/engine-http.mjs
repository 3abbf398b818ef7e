// The engine's HTTP API with nothing but node:http: enough to make images and containers without a docker client.
import { request as httpRequest } from 'node:http'
import { pipeline } from 'node:stream/promises'

/**
 * One request. `host` is `unix:///path` or `tcp://name:port` (no TLS); `body` is sent as JSON, or as it is when it is a
 * stream. Resolves with the status and the whole answer, parsed if it is JSON; rejects only if there is no answer
 * within `timeoutMs` (default 60,000).
 */
export async function request(host, method, path, { body, timeoutMs = 60_000, signal } = {}) {
  const isStream = typeof body?.pipe === 'function'
  const json = body === undefined || isStream ? undefined : Buffer.from(JSON.stringify(body))
  const headers = {
    // Some engines (Podman) insist on a Host header without a path in it.
    Host: 'engine',
    ...(isStream && { 'Content-Type': 'application/x-tar' }),
    ...(json && { 'Content-Type': 'application/json', 'Content-Length': json.length }),
  }
  const abort = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])])
  const sent = httpRequest({ ...whereabouts(host), method, path, headers, agent: false, signal: abort })
  const answered = new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject))
  if (isStream) await Promise.race([pipeline(body, sent), answered])
  else sent.end(json)
  const response = await answered
  const chunks = []
  for await (const chunk of response) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const text = bytes.toString()
  return { status: response.statusCode, bytes, text, json: parsed(text) }
}

/** As `request`, but an answer of 400 or above is thrown, with the engine's own words. Returns the parsed answer. */
export async function call(host, method, path, options) {
  const { status, text, json } = await request(host, method, path, options)
  if (status >= 400) throw new Error(`${method} ${path}: HTTP ${status}: ${(json?.message ?? text).trim()}`)
  return json
}

/** Whether an engine answers at `host` within `timeoutMs`. */
export async function answers(host, timeoutMs = 2_000) {
  try {
    return (await request(host, 'GET', '/_ping', { timeoutMs })).status === 200
  } catch {
    return false
  }
}

function whereabouts(host) {
  const url = new URL(host)
  if (url.protocol === 'unix:') return { socketPath: decodeURIComponent(url.pathname) }
  if (url.protocol === 'tcp:' || url.protocol === 'http:') return { host: url.hostname, port: url.port || 2375 }
  throw new Error(`no plain HTTP to ${host}`)
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
