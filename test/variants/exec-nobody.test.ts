import { variant } from '../contract/contract'
import { asNobody } from '../support/nobody'

// Who is not root on the host has the watchdog inside, as an exec of its own.
variant({ via: 'exec', image: 'busybox', under: asNobody })
