/** A few of OpenSSH's own tests, of each kind; `npm run interop` runs all of them. */
import { opensshTests } from '../support/openssh-suite'
import { listening, proxied } from '../support/openssh-tests'

opensshTests([...listening, ...proxied].filter(({ isQuick }) => isQuick))
