/** OpenSSH's own tests that start the server themselves, as a proxy command. */
import { opensshTests } from '../support/openssh-suite'
import { proxied } from '../support/openssh-tests'

opensshTests(proxied)
