import { messageOf } from '../errors'

/** The HTTP status of an engine's refusal; undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined
}

/** The engine's own words in a refusal. */
export function refusalOf(error: unknown): string {
  if (error instanceof Error && 'json' in error) {
    const { json } = error
    if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
      return json.message
    }
  }
  return messageOf(error).trim()
}
