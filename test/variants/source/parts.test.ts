import { codes } from '../../contract/codes'
import { inside } from '../../contract/way'
import { fromSource } from '../../support/source'

// What starts a process on the host is put to the whole contract by runc: here is only what each has for itself.
fromSource()
describe.each(['nsenter', 'debug'] as const)('%s', (via) => codes(inside({ via, image: 'busybox' })))
