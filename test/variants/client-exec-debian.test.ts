import { byClient } from '../contract/by-client'
import { variant } from '../contract/contract'

variant({ ...byClient('exec'), image: 'debian' })
