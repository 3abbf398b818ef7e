import { variant } from '../contract/contract'

variant({ via: 'runc', image: 'debian' })
