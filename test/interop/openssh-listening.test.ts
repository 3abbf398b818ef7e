/** OpenSSH's own tests that ask a server on a port. */
import { opensshTests, suiteNames } from '../support/openssh-suite'
import { leftOut, listening, proxied } from '../support/openssh-tests'

opensshTests(listening)

test('each test of the package is run, or left out for a reason', () => {
  const run = [...listening, ...proxied].map(({ name }) => name)
  expect([...run, ...Object.keys(leftOut)].sort()).toEqual(suiteNames().sort())
})
