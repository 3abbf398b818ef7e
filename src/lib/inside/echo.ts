/**
 * Takes the echo of the line that opens the barrier out of a terminal's output; it is not the command's.
 * @param done called once it is out, or something else stood there: from then on all is output
 */
export function withoutEcho(done: () => void): (bytes: Buffer) => Buffer | undefined {
  const echo = Buffer.from('\r\n')
  let seen = 0
  return (bytes) => {
    let at = 0
    while (seen < echo.length && at < bytes.length && bytes[at] === echo[seen]) {
      at++
      seen++
    }
    if (seen === echo.length || at < bytes.length) done()
    return at < bytes.length ? bytes.subarray(at) : undefined
  }
}
