import { contract } from '../contract/contract'

contract({ via: 'runc', image: 'debian' })
