import { contract } from '../contract/contract'

// Nothing inside but busybox: the watchdog and the barrier have only its sh.
contract({ via: 'exec', image: 'busybox' })
