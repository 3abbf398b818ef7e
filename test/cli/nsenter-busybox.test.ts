import { contract } from '../contract/contract'

contract({ via: 'nsenter', image: 'busybox' })
