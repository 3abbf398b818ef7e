import { contract } from '../contract/contract'

contract({ via: 'debug', image: 'busybox' })
