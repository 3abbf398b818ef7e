import { variant } from '../contract/contract'

variant({ via: 'nsenter', image: 'busybox', flags: ['--helper'] })
