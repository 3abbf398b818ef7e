import { variant } from '../contract/contract'

variant({ via: 'nsenter', image: 'debian' })
