import { contract } from '../contract/contract'

// Nothing inside but busybox: the terminal's barrier has only its sh.
contract({ via: 'runc', image: 'busybox' })
