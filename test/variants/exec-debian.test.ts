import { contract } from '../contract/contract'

contract({ via: 'exec', image: 'debian' })
