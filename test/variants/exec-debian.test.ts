import { variant } from '../contract/contract'

variant({ via: 'exec', image: 'debian' })
