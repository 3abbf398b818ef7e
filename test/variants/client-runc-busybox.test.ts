import { byClient } from '../contract/by-client'
import { variant } from '../contract/contract'

variant({ ...byClient('runc'), image: 'busybox' })
