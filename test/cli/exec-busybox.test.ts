import { contract } from '../contract/contract'

// Nothing inside but busybox: the guard and the gate have only its sh.
contract({ via: 'exec', image: 'busybox' })
